// The visits as a table: what the timeline shows, as text.
import { useMemo } from "preact/hooks";
import type { VisitRow, Visits } from "../api/types";
import { duration, shortText, stateName } from "../text";
import { StatusBadge, When } from "../ui/parts";
import { Rows } from "../ui/rows";

interface StepsProps {
  visits: Visits;
  selected: number | null;
  onSelect: (visit: number) => void;
}

function sum(row: VisitRow, kinds: string[]): number {
  const now = Date.now();
  return row[9].reduce((total, [kind, from, to]) => total + (kinds.includes(kind) ? (to ?? now) - from : 0), 0);
}

export function Steps({ visits, selected, onSelect }: StepsProps) {
  const index = useMemo(() => visits.rows.findIndex((row) => row[0] === selected), [visits, selected]);
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = by && visits.rows[index + by];
    if (!next) return;
    event.preventDefault();
    onSelect(next[0]);
  };
  return (
    <Rows
      count={visits.rows.length}
      rowHeight={28}
      label="Steps"
      current={index < 0 ? null : index}
      onKeyDown={keys}
      render={(at) => {
        const row = visits.rows[at] as VisitRow;
        const [visit, state, within, iteration, entered, exited, , status, attempts] = row;
        const [work, waiting, backoff] = [sum(row, ["work"]), sum(row, ["wait", "queue"]), sum(row, ["backoff"])];
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
          <div
            role="row"
            tabIndex={-1}
            key={visit}
            class="row step"
            aria-selected={visit === selected}
            onClick={() => onSelect(visit)}
          >
            <span role="gridcell">
              <bdi>{shortText(stateName(visits.states[state] ?? ""), 50)}</bdi>
              {within > 0 && <span class="quiet"> #{iteration}</span>}
            </span>
            <span role="gridcell">
              <StatusBadge status={status} />
            </span>
            <span role="gridcell">
              <When at={entered} short />
            </span>
            <span role="gridcell" class="number">
              {duration((exited ?? Date.now()) - entered)}
            </span>
            <span role="gridcell" class="quiet">
              {[
                work ? `work ${duration(work)}` : "",
                waiting ? `waiting ${duration(waiting)}` : "",
                backoff ? `back-off ${duration(backoff)}` : "",
                attempts > 1 ? `${attempts} attempts` : "",
              ]
                .filter(Boolean)
                .join(", ")}
            </span>
          </div>
        );
      }}
    />
  );
}
