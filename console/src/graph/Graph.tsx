// The graph of a state machine: drawn where the server has laid it out, coloured by what an execution has done.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Layout, Node, StateSummary } from "../api/types";
import { IconButton } from "../ui/parts";
import { useArea } from "./area";
import { BLOCKS_BELOW, type Camera, centre, first, fit, isInSight, kept, zoomAt } from "./camera";
import { useGestures } from "./gestures";
import type { Change } from "./pieces";
import { Scene } from "./Scene";

interface GraphProps {
  layout: Layout;
  states?: Record<string, StateSummary>;
  selected?: string | null;
  onSelect?: (id: string | null) => void;
  collapsed?: ReadonlySet<string>;
  onToggle?: (id: string) => void;
  changes?: ReadonlyMap<string, Change>;
  /** A part of a name: what doesn't have it is dimmed. */
  search?: string;
  /** Clicking an edge, for who edits. */
  onEdge?: (id: string) => void;
  selectedEdge?: string | null;
  label?: string;
}

const ALARMING = ["FAILED", "TIMED_OUT", "RETRYING", "WAITING", "RUNNING", "ABORTED"];
const NOTHING: Record<string, StateSummary> = {};
const NONE: ReadonlySet<string> = new Set();

/** The state to look at first: the innermost one that failed, or that goes on. */
function important(layout: Layout, states: Record<string, StateSummary>): Node | undefined {
  for (const status of ALARMING) {
    const found = layout.nodes.filter((node) => states[node.id]?.status === status);
    if (found.length) return found.reduce((a, b) => (b.children < a.children ? b : a));
  }
  return undefined;
}

export function Graph(props: GraphProps) {
  const { layout, states = NOTHING, selected = null, onSelect, collapsed = NONE, onToggle, search = "" } = props;
  const box = useRef<HTMLDivElement>(null);
  const camera = useSignal<Camera | null>(null);
  const blocks = useComputed(() => (camera.value?.zoom ?? 1) < BLOCKS_BELOW);
  const byId = useMemo(() => new Map(layout.nodes.map((node) => [node.id, node])), [layout]);
  const size = () => [box.current?.clientWidth ?? 800, box.current?.clientHeight ?? 600] as const;

  // The first look is taken once; a layout that takes the place of another leaves in sight what was looked at.
  const drawn = useRef<Layout | null>(null);
  const toggled = useRef<string | null>(null);
  useLayoutEffect(() => {
    const [before, now] = [drawn.current, camera.value];
    const stays = before && now && kept(now, before, layout, ...size(), toggled.current ?? selected);
    const begin = selected ? byId.get(selected) : important(layout, states);
    camera.value = stays || first(layout, ...size(), begin);
    drawn.current = layout;
    toggled.current = null;
  }, [layout]);

  // A state that was chosen elsewhere comes into sight.
  useEffect(() => {
    const node = selected ? byId.get(selected) : undefined;
    const now = camera.value;
    if (node && now && !isInSight(now, node, ...size())) camera.value = centre(node, ...size(), now.zoom);
  }, [selected]);

  const gestures = useGestures(box, camera);
  const keys = useArrows(layout, byId, selected, onSelect);
  const click = (event: MouseEvent) => {
    if (gestures.moved()) return;
    const target = event.target as Element;
    const toggle = target.closest("[data-toggle]")?.getAttribute("data-toggle");
    if (toggle && onToggle) {
      toggled.current = toggle;
      return onToggle(toggle);
    }
    const edge = props.onEdge && target.closest("[data-edge]")?.getAttribute("data-edge");
    if (edge) return props.onEdge?.(edge);
    onSelect?.(target.closest("[data-id]")?.getAttribute("data-id") ?? null);
  };
  const focused = selected && byId.has(selected) ? selected : layout.nodes.find((node) => node.kind === "state")?.id;
  const view = camera.value ?? { x: 0, y: 0, zoom: 1 };
  const area = useArea(layout, view, ...size());
  const change = (next: Camera) => {
    camera.value = next;
  };
  const zoomBy = (factor: number) => change(zoomAt(view, factor, size()[0] / 2, size()[1] / 2));
  return (
    <div class={`graph${blocks.value ? " blocks" : ""}`} ref={box}>
      <svg
        role="group"
        aria-label={props.label ?? "Graph of the state machine"}
        data-ready={camera.value ? "true" : "false"}
        onClick={click}
        onKeyDown={keys}
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.8 7.4 4 0 7.2z" />
          </marker>
          <marker id="arrow-catch" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.8 7.4 4 0 7.2z" />
          </marker>
        </defs>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.zoom})`}>
          <Scene
            layout={layout}
            area={area}
            plain={blocks.value}
            states={states}
            selected={selected}
            focused={focused}
            collapsed={collapsed}
            onToggle={onToggle}
            changes={props.changes}
            wanted={search.toLowerCase()}
            selectedEdge={props.selectedEdge}
          />
        </g>
      </svg>
      <div class="graph-tools">
        <IconButton name="plus" label="Zoom in" onClick={() => zoomBy(1.3)} />
        <IconButton name="minus" label="Zoom out" onClick={() => zoomBy(1 / 1.3)} />
        <IconButton name="fit" label="Fit the whole graph" onClick={() => change(fit(layout, ...size()))} />
      </div>
    </div>
  );
}

/** Arrows go to the nearest state in their direction; Enter and Space choose what has the focus. */
function useArrows(
  layout: Layout,
  byId: Map<string, Node>,
  selected: string | null,
  onSelect: ((id: string | null) => void) | undefined,
) {
  return (event: KeyboardEvent) => {
    const at = (event.target as Element).closest("[data-id]")?.getAttribute("data-id") ?? selected;
    const from = at ? byId.get(at) : undefined;
    if (!onSelect || !from) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return onSelect(from.id);
    }
    const to = nearest(layout, from, event.key);
    if (!to) return;
    event.preventDefault();
    onSelect(to.id);
    const svg = event.currentTarget as Element;
    requestAnimationFrame(() =>
      (svg.querySelector(`[data-id="${CSS.escape(to.id)}"] > [role="button"]`) as SVGElement | null)?.focus(),
    );
  };
}

function nearest(layout: Layout, from: Node, key: string): Node | undefined {
  const direction = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[key];
  if (!direction) return undefined;
  const [dx, dy] = direction as [number, number];
  let best: Node | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const node of layout.nodes) {
    if (node.id === from.id || (node.kind !== "state" && node.kind !== "unknown")) continue;
    const x = node.x + node.width / 2 - (from.x + from.width / 2);
    const y = node.y - from.y;
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead <= 1) continue;
    const distance = ahead + 2 * aside;
    if (distance < least) [best, least] = [node, distance];
  }
  return best;
}
