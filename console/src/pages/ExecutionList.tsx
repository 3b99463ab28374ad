// A table of executions, kept true by the stream; two can be chosen and compared.
import { type Signal, useSignal } from "@preact/signals";
import type { Item } from "../api/types";
import { go, paths } from "../router";
import { lastOf, safeText } from "../text";
import { Empty, Lasted, Name, StatusBadge, When } from "../ui/parts";

interface ExecutionListProps {
  items: Item[];
  showMachine?: boolean;
  selectable?: boolean;
  empty?: string;
}

export function ExecutionList({
  items,
  showMachine = true,
  selectable = false,
  empty = "There are none.",
}: ExecutionListProps) {
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  if (!items.length) return <Empty>{empty}</Empty>;
  return (
    <>
      {selectable && chosen.value.size > 0 && <Chosen chosen={chosen} />}
      <div class="table-box">
        <table class="executions">
          <thead>
            <tr>
              {selectable && (
                <th scope="col">
                  <span class="hidden">Choose</span>
                </th>
              )}
              <th scope="col">Status</th>
              <th scope="col">Execution</th>
              {showMachine && <th scope="col">State machine</th>}
              <th scope="col">Started</th>
              <th scope="col">Lasted</th>
              <th scope="col">Error</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Row key={item.executionArn} item={item} showMachine={showMachine} chosen={selectable ? chosen : null} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Chosen({ chosen }: { chosen: Signal<ReadonlySet<string>> }) {
  const [a, b] = [...chosen.value];
  return (
    <p class="chosen" role="status">
      {chosen.value.size} chosen{" "}
      <button type="button" disabled={chosen.value.size !== 2} onClick={() => a && b && go(paths.compare(a, b))}>
        Compare the two
      </button>
    </p>
  );
}

interface RowProps {
  item: Item;
  showMachine: boolean;
  chosen: Signal<ReadonlySet<string>> | null;
}

function Row({ item, showMachine, chosen }: RowProps) {
  return (
    <tr>
      {chosen && (
        <td class="choose">
          <input
            type="checkbox"
            aria-label={`Choose ${safeText(item.name)}`}
            checked={chosen.value.has(item.executionArn)}
            onChange={(event) => {
              const next = new Set(chosen.value);
              if (event.currentTarget.checked) next.add(item.executionArn);
              else next.delete(item.executionArn);
              chosen.value = next;
            }}
          />
        </td>
      )}
      <td class="state">
        <StatusBadge status={item.status} />
        {item.parked && <span class="bad"> parked</span>}
      </td>
      <td class="name">
        <a href={paths.execution(item.executionArn)}>
          <Name>{item.name}</Name>
        </a>
        {item.redrives > 0 && <span class="quiet"> redriven {item.redrives}×</span>}
      </td>
      {showMachine && (
        <td class="of">
          <a href={paths.machine(item.stateMachineArn)}>
            <Name>{item.stateMachine}</Name>
          </a>
          {item.alias ? (
            <span class="quiet"> {safeText(lastOf(item.alias))}</span>
          ) : item.version ? (
            <span class="quiet"> version {lastOf(item.version)}</span>
          ) : null}
        </td>
      )}
      <td class={showMachine ? "at" : "at alone"}>
        <When at={item.started} />
      </td>
      <td class="lasted">
        <Lasted from={item.started} to={item.stopped} />
      </td>
      <td class="error-cell" title={safeText(item.cause ?? "")}>
        {safeText(item.error ?? "")}
      </td>
    </tr>
  );
}
