// What can be done in the graph: a state put on an edge, an edge led elsewhere, a state taken out.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { safeText } from "../text";
import { convert } from "./EditPage";
import {
  type Definition,
  insertOn,
  mayEnd,
  remove,
  retarget,
  STATE_TYPES,
  type StateType,
  targetOf,
  targetsOf,
} from "./edits";

type Change = (how: (definition: Definition) => Definition) => Promise<void>;

interface EdgeToolsProps {
  id: string;
  text: string;
  format: "json" | "yaml";
  change: Change;
}

const END = "\u0000end";

export function EdgeTools({ id, text, format, change }: EdgeToolsProps) {
  const definition = useSignal<Definition | null>(null);
  useEffect(() => {
    void (async () => {
      try {
        definition.value = JSON.parse(format === "yaml" ? await convert(text, "json") : text) as Definition;
      } catch {
        definition.value = null;
      }
    })();
  }, [text, format]);
  if (!definition.value) return null;
  const target = targetOf(definition.value, id);
  return (
    <div class="graph-edit" role="toolbar" aria-label="Edge">
      <label>
        Insert{" "}
        <select
          value=""
          onChange={(event) => {
            const type = event.currentTarget.value as StateType;
            void change((now) => insertOn(now, id, type, `New ${type}`));
          }}
        >
          <option value="">a state…</option>
          {STATE_TYPES.map((type) => (
            <option key={type}>{type}</option>
          ))}
        </select>
      </label>
      <label>
        Leads to{" "}
        <select
          value={target ?? END}
          onChange={(event) => {
            const name = event.currentTarget.value;
            void change((now) => retarget(now, id, name === END ? null : name));
          }}
        >
          {mayEnd(id) && <option value={END}>the end</option>}
          {targetsOf(definition.value, id).map((name) => (
            <option key={name} value={name}>
              {safeText(name)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

export function StateTools({ id, change }: { id: string; change: Change }) {
  return (
    <div class="graph-edit" role="toolbar" aria-label="State">
      <button type="button" class="danger" onClick={() => void change((now) => remove(now, id))}>
        Delete this state
      </button>
    </div>
  );
}
