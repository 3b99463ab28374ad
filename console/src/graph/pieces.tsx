// The pieces of the drawing: states, containers, marks, edges.
import { memo } from "preact/compat";
import type { Edge, Node, StateSummary, VisitStatus } from "../api/types";
import { shortText } from "../text";
import { iconPath } from "../ui/icons";
import { statusWord } from "../ui/parts";

export type Change = "added" | "removed" | "changed";

const CHARACTER = 7.2;
const HEADER = 26;

interface NodeProps {
  node: Node;
  summary: StateSummary | undefined;
  selected: boolean;
  focusable: boolean;
  dimmed: boolean;
  change: Change | undefined;
  collapsed: boolean;
  onToggle: ((id: string) => void) | undefined;
  /** Nothing but the box. */
  plain: boolean;
}

export function describe(node: Node, summary: StateSummary | undefined): string {
  const words = [node.type || (node.kind === "unknown" ? "Unknown" : ""), shortText(node.name, 80)];
  if (node.kind === "scope") words.unshift("Branch");
  const state = summary
    ? `: ${statusWord(summary.status)}${summary.visits > 1 ? `, ${summary.visits} times` : ""}`
    : "";
  return words.filter(Boolean).join(" ") + state;
}

function Status({ status, x, y }: { status: VisitStatus; x: number; y: number }) {
  return (
    <g class={`mark s-${status}`} transform={`translate(${x} ${y})`}>
      <circle r={9} />
      <path d={iconPath(status)} transform="translate(-6.4 -6.4) scale(.8)" />
    </g>
  );
}

function counts(summary: StateSummary): string {
  const failed = (summary.counts.FAILED ?? 0) + (summary.counts.TIMED_OUT ?? 0);
  return failed ? `${failed}/${summary.visits} failed` : `×${summary.visits}`;
}

/** A round mark: where a scope starts or ends. */
export function Mark({ node }: { node: Node }) {
  const radius = node.width / 2;
  return (
    <g class={`terminal ${node.kind}`} transform={`translate(${node.x + radius} ${node.y + node.height / 2})`}>
      <circle r={Math.min(radius, node.height / 2)} />
      {node.width >= 30 && <text dy=".35em">{node.kind === "start" ? "Start" : "End"}</text>}
    </g>
  );
}

export const State = memo(function State(props: NodeProps) {
  const { node, summary, selected, focusable, dimmed, change, collapsed, plain } = props;
  const container = node.children > 0 && !collapsed;
  const classes = ["node", container ? "container" : "", node.kind, summary ? `s-${summary.status}` : ""];
  if (selected) classes.push("selected");
  if (dimmed) classes.push("dimmed");
  if (change) classes.push(`change-${change}`);
  return (
    <g class={classes.join(" ")} data-id={node.id} transform={`translate(${node.x} ${node.y})`}>
      {/* The box is the button, and has no text of its own to contradict its name. */}
      <rect
        width={node.width}
        height={node.height}
        rx={container ? 8 : 6}
        role="button"
        tabindex={focusable ? 0 : -1}
        aria-label={describe(node, summary)}
        aria-pressed={selected}
      />
      {!plain && <Inscription {...props} />}
    </g>
  );
});

function Inscription({ node, summary, collapsed, onToggle }: NodeProps) {
  const container = node.children > 0 && !collapsed;
  const title = shortText(node.name, Math.floor((node.width - 44) / CHARACTER));
  const labelY = container ? HEADER / 2 : node.label ? node.height / 2 - 9 : node.height / 2;
  return (
    <>
      {node.type && (
        <path
          class={`stripe t-${node.type}`}
          d={`M4 ${container ? 6 : 8}V${container ? HEADER - 4 : node.height - 8}`}
        />
      )}
      <text class="title" x={12} y={labelY} dy=".35em">
        {title || "?"}
      </text>
      {node.label && (
        <text
          class="label"
          x={container ? node.width - (onToggle ? 36 : 12) : 12}
          y={container ? labelY : node.height / 2 + 10}
          dy=".35em"
          text-anchor={container ? "end" : "start"}
        >
          {shortText(node.label, Math.floor((node.width - (container ? 130 : 34)) / 6.2))}
        </text>
      )}
      {summary && <Status status={summary.status} x={node.width} y={0} />}
      {summary && summary.visits > 1 && (
        <text class="count" x={node.width - 6} y={node.height + 11} text-anchor="end">
          {counts(summary)}
        </text>
      )}
      {node.children > 0 && onToggle && (
        <g class="toggle" data-toggle={node.id} transform={`translate(${node.width - 22} ${HEADER / 2})`}>
          <circle r={8} />
          <path d={collapsed ? "M-4 0h8M0-4v8" : "M-4 0h8"} />
        </g>
      )}
    </>
  );
}

interface LineProps {
  edge: Edge;
  taken: boolean;
  selected: boolean;
  /** Nothing but the line. */
  plain: boolean;
}

export const Line = memo(function Line({ edge, taken, selected, plain }: LineProps) {
  const text = !plain && edge.label && shortText(edge.label, 34);
  const arrow = edge.kind === "catch" ? "url(#arrow-catch)" : "url(#arrow)";
  return (
    <g class={`edge ${edge.kind}${taken ? " taken" : ""}${selected ? " selected" : ""}`} data-edge={edge.id}>
      {edge.label && <title>{shortText(edge.label, 300)}</title>}
      <path d={edge.path} marker-end={plain ? undefined : arrow} />
      {text && edge.labelAt && (
        <text x={edge.labelAt[0]} y={edge.labelAt[1]} dy=".35em" text-anchor="middle">
          {text}
        </text>
      )}
    </g>
  );
});
