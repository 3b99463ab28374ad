// The states as a tree: how one finds one's way in a large machine, by keys and by a screen reader as well.
import { useMemo } from "preact/hooks";
import type { Layout, Node, StateSummary } from "../api/types";
import { shortText } from "../text";
import { Icon } from "../ui/icons";
import { statusWord } from "../ui/parts";

interface OutlineProps {
  layout: Layout;
  states: Record<string, StateSummary>;
  selected: string | null;
  search: string;
  onSelect: (id: string) => void;
}

interface Branch {
  node: Node;
  inner: Branch[];
}

function tree(layout: Layout): Branch[] {
  const branches = new Map<string, Branch>();
  const roots: Branch[] = [];
  for (const node of layout.nodes) {
    if (node.kind === "start" || node.kind === "end") continue;
    const branch = { node, inner: [] };
    branches.set(node.id, branch);
    (branches.get(node.parent)?.inner ?? roots).push(branch);
  }
  const sort = (all: Branch[]) => {
    all.sort((a, b) => a.node.y - b.node.y || a.node.x - b.node.x);
    for (const each of all) sort(each.inner);
  };
  sort(roots);
  return roots;
}

export function Outline({ layout, states, selected, search, onSelect }: OutlineProps) {
  const roots = useMemo(() => tree(layout), [layout]);
  const wanted = search.toLowerCase();
  const matches = ({ node, inner }: Branch): boolean => node.name.toLowerCase().includes(wanted) || inner.some(matches);
  const item = (branch: Branch) => {
    const { node, inner } = branch;
    if (wanted && !matches(branch)) return null;
    const summary = states[node.id];
    return (
      <li key={node.id}>
        {node.kind === "scope" ? (
          <span class="quiet">{shortText(node.name || "branch", 40)}</span>
        ) : (
          <button
            type="button"
            class="outline-item"
            aria-current={node.id === selected}
            onClick={() => onSelect(node.id)}
          >
            {summary ? (
              <span class={`status s-${summary.status}`} title={statusWord(summary.status)}>
                <Icon name={summary.status} size={12} />
              </span>
            ) : (
              <span class="status none" />
            )}
            <bdi>{shortText(node.name, 60)}</bdi>
            {summary && summary.visits > 1 && <span class="quiet"> ×{summary.visits}</span>}
          </button>
        )}
        {inner.length > 0 && <ul>{inner.map(item)}</ul>}
      </li>
    );
  };
  return (
    <nav class="outline" aria-label="States">
      <ul>{roots.map(item)}</ul>
    </nav>
  );
}
