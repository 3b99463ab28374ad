// Go anywhere by writing a part of its name.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { aws, get } from "../api/client";
import type { Item, StateMachineItem } from "../api/types";
import { go, paths } from "../router";
import { safeText } from "../text";
import { Dialog } from "../ui/parts";

interface Choice {
  label: string;
  what: string;
  to: string;
}

const PAGES: Choice[] = [
  { label: "Overview", what: "page", to: paths.overview() },
  { label: "Executions", what: "page", to: paths.executions() },
  { label: "Failed executions", what: "page", to: paths.executions({ status: "FAILED,TIMED_OUT" }) },
  { label: "State machines", what: "page", to: paths.machines() },
  { label: "Create a state machine", what: "page", to: paths.create() },
  { label: "Inbox", what: "page", to: paths.inbox() },
  { label: "Playground", what: "page", to: paths.playground() },
];
const SHOWN = 12;
const PAUSE = 200;

export function Palette({ onClose }: { onClose: () => void }) {
  const text = useSignal("");
  const machines = useSignal<Choice[]>([]);
  const executions = useSignal<Choice[]>([]);
  const chosen = useSignal(0);
  useEffect(() => {
    aws<{ stateMachines: StateMachineItem[] }>("ListStateMachines", { maxResults: 1000 }).then(
      (found) => {
        machines.value = found.stateMachines.map(({ name, stateMachineArn }) => ({
          label: name,
          what: "state machine",
          to: paths.machine(stateMachineArn),
        }));
      },
      () => undefined,
    );
  }, [machines]);
  useEffect(() => {
    const timer = setTimeout(() => {
      get<{ executions: Item[] }>("executions", { name: text.value, limit: 10 }).then(
        (found) => {
          executions.value = found.executions.map(({ name, executionArn, stateMachine }) => ({
            label: name,
            what: `execution of ${stateMachine}`,
            to: paths.execution(executionArn),
          }));
        },
        () => undefined,
      );
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text.value]);
  const wanted = text.value.toLowerCase();
  const shown = [...PAGES, ...machines.value, ...executions.value]
    .filter(({ label }) => label.toLowerCase().includes(wanted))
    .slice(0, SHOWN);
  const open = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    go(choice.to);
  };
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) chosen.value = (chosen.value + by + shown.length) % Math.max(1, shown.length);
    else if (event.key === "Enter") open(shown[chosen.value]);
    else return;
    event.preventDefault();
  };
  const combobox: object = {
    role: "combobox",
    "aria-expanded": true,
    "aria-controls": "palette-list",
    "aria-activedescendant": `palette-${chosen.value}`,
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <div class="palette">
        <input
          type="text"
          autofocus
          aria-label="Go to"
          {...combobox}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            chosen.value = 0;
          }}
          onKeyDown={keys}
        />
        <div id="palette-list" role="listbox" aria-label="Where to">
          {shown.map((choice, index) => (
            <div
              role="option"
              id={`palette-${index}`}
              key={choice.to}
              tabIndex={-1}
              aria-selected={index === chosen.value}
              onClick={() => open(choice)}
              onKeyDown={keys}
            >
              <bdi>{safeText(choice.label)}</bdi> <span class="quiet">{safeText(choice.what)}</span>
            </div>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
