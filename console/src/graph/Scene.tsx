// What is drawn of a graph. It stays as it is while the camera moves over it.
import { memo } from "preact/compat";
import { useMemo } from "preact/hooks";
import type { Edge, Layout, Node, StateSummary } from "../api/types";
import { type Area, overlaps } from "./area";
import { type Change, Line, Mark, State } from "./pieces";

interface SceneProps {
  layout: Layout;
  /** The part that is drawn; null for all of it. */
  area: Area | null;
  /** Names can't be read: boxes alone are drawn. */
  plain: boolean;
  states: Record<string, StateSummary>;
  selected: string | null;
  /** The state that the Tab key leads to: it is there wherever one looks. */
  focused: string | undefined;
  collapsed: ReadonlySet<string>;
  onToggle: ((id: string) => void) | undefined;
  changes: ReadonlyMap<string, Change> | undefined;
  wanted: string;
  selectedEdge: string | null | undefined;
}

export const Scene = memo(function Scene(props: SceneProps) {
  const { layout, area, states, focused, collapsed, selectedEdge } = props;
  const ways = useMemo(() => layout.edges.map(bounds), [layout]);
  const nodes = layout.nodes.filter(
    ({ id, x, y, width, height }) => id === focused || overlaps(area, x, y, x + width, y + height),
  );
  const edges = layout.edges.filter((_, index) => overlaps(area, ...(ways[index] as Bounds)));
  const isContainer = (node: Node) => node.kind === "scope" || (node.children > 0 && !collapsed.has(node.id));
  // Containers lie below the edges, all else above them.
  return (
    <>
      {nodes.filter(isContainer).map((node) => drawn(node, props))}
      {edges.map((edge) => (
        <Line
          key={edge.id}
          edge={edge}
          taken={isTaken(edge, states)}
          selected={selectedEdge === edge.id}
          plain={props.plain}
        />
      ))}
      {nodes.filter((node) => !isContainer(node)).map((node) => drawn(node, props))}
    </>
  );
});

function drawn(node: Node, { states, selected, focused, collapsed, onToggle, changes, wanted, plain }: SceneProps) {
  if (node.kind === "start" || node.kind === "end") return <Mark key={node.id} node={node} />;
  if (node.kind === "scope") {
    const { id, x, y, width, height } = node;
    return <rect key={id} class="scope" x={x} y={y} width={width} height={height} rx={6} />;
  }
  return (
    <State
      key={node.id}
      node={node}
      summary={states[node.id]}
      selected={node.id === selected}
      focusable={node.id === focused}
      dimmed={wanted !== "" && !node.name.toLowerCase().includes(wanted)}
      change={changes?.get(node.id)}
      collapsed={collapsed.has(node.id)}
      onToggle={onToggle}
      plain={plain}
    />
  );
}

type Bounds = [left: number, top: number, right: number, bottom: number];

function bounds({ points }: Edge): Bounds {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Whether an execution has gone this way, as far as the states tell: a catcher's only where something was caught. */
function isTaken(edge: Edge, states: Record<string, StateSummary>): boolean {
  if (edge.kind === "start") return edge.to in states;
  const { SUCCEEDED = 0, FAILED = 0, CAUGHT = 0 } = states[edge.from]?.counts ?? {};
  if (edge.kind === "end") return SUCCEEDED + FAILED > 0;
  return (edge.kind === "catch" ? CAUGHT : SUCCEEDED) > 0 && edge.to in states;
}
