// Editing a state machine, or making one: the text and the graph side by side, checked as one writes.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { aws, post, told } from "../api/client";
import type { Diagnostic, Layout, StateMachine } from "../api/types";
import { Editor } from "../editor/lazy";
import { Graph } from "../graph/Graph";
import { Undrawn } from "../graph/Undrawn";
import { go, paths } from "../router";
import { count, readable, safeText } from "../text";
import { useLoad } from "../ui/load";
import { Loading, Name, Problem } from "../ui/parts";
import { useTitle } from "../ui/title";
import { forget, useUnsaved } from "../unsaved";
import { type Definition, FIRST } from "./edits";
import { EdgeTools, StateTools } from "./GraphTools";

const PAUSE = 250;
const DEFAULT_ROLE = "arn:aws:iam::123456789012:role/stepwell";

export function EditPage({ arn }: { arn: string }) {
  const { data, error, reload } = useLoad(
    (signal) => aws<StateMachine>("DescribeStateMachine", { stateMachineArn: arn }, signal),
    [arn],
  );
  if (error) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  return <EditForm key={data.revisionId ?? arn} machine={data} />;
}

interface Checked {
  format: "json" | "yaml";
  diagnostics: Diagnostic[];
}

/** With no machine, one is made. */
export function EditForm({ machine }: { machine: StateMachine | null }) {
  const kept = useSignal(machine ? readable(machine.definition) : JSON.stringify(FIRST, null, 2));
  const text = useSignal(kept.peek());
  const replaced = useSignal<{ text: string } | null>(null);
  const name = useSignal(machine?.name ?? "");
  const type = useSignal<"STANDARD" | "EXPRESS">(machine?.type ?? "STANDARD");
  const role = useSignal(machine?.roleArn ?? DEFAULT_ROLE);
  const layout = useSignal<Layout | null>(null);
  const checked = useSignal<Checked>({ format: "json", diagnostics: [] });
  const selected = useSignal<string | null>(null);
  const edge = useSignal<string | null>(null);
  const line = useSignal<{ number: number } | null>(null);
  const problem = useSignal<string | null>(null);
  const unchecked = useSignal<string | null>(null);
  const undrawn = useSignal<string | null>(null);
  const saved = useSignal<string | null>(null);
  const publish = useSignal(false);
  const turn = useRef(0);
  const isChanged = text.value !== kept.value;
  useUnsaved(isChanged);
  const heading = machine ? `Edit ${safeText(machine.name)}` : "Create a state machine";
  useTitle(isChanged ? `• ${heading}` : heading);

  // Lint and graph follow the text after a short pause; an answer that is late is not shown.
  useEffect(() => {
    const timer = setTimeout(() => {
      turn.current += 1;
      const mine = turn.current;
      const definition = text.value;
      const ask = async <T,>(path: string, body: object, take: (found: T) => void, problem: Signal<string | null>) => {
        try {
          const found = await post<T>(path, body);
          if (mine !== turn.current) return;
          take(found);
          problem.value = null;
        } catch (failed) {
          if (mine === turn.current) problem.value = told(failed);
        }
      };
      const draw = (graph: Layout) => {
        // A text that can't be read has no graph: that of before stays meanwhile.
        if (graph.nodes.length || !layout.value) layout.value = graph;
      };
      const mark = (lint: Checked) => {
        checked.value = lint;
      };
      void ask("layout", { definition }, draw, undrawn);
      void ask("lint", { definition, type: type.value }, mark, unchecked);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text.value, type.value]);

  const change = async (how: (definition: Definition) => Definition) => {
    try {
      const yaml = checked.value.format === "yaml";
      const json = yaml ? await convert(text.value, "json") : text.value;
      const next = JSON.stringify(how(JSON.parse(json) as Definition), null, 2);
      replaced.value = { text: yaml ? await convert(next, "yaml") : next };
      edge.value = null;
      problem.value = null;
    } catch (failed) {
      problem.value = `The graph can be changed once the text can be read: ${told(failed)}`;
    }
  };
  const save = async () => {
    const definition = text.value;
    try {
      if (machine) {
        const request = {
          stateMachineArn: machine.stateMachineArn,
          definition,
          roleArn: role.value,
          publish: publish.value,
        };
        await aws("UpdateStateMachine", request);
        kept.value = definition;
        saved.value = "Saved. Executions that run go on with what they started with.";
      } else {
        const request = {
          name: name.value,
          definition,
          roleArn: role.value,
          type: type.value,
          publish: publish.value,
        };
        const made = await aws<{ stateMachineArn: string }>("CreateStateMachine", request);
        forget();
        go(paths.machine(made.stateMachineArn));
      }
      problem.value = null;
    } catch (refused) {
      saved.value = null;
      problem.value = told(refused);
    }
  };
  const switchFormat = async () => {
    try {
      replaced.value = { text: await convert(text.value, checked.value.format === "json" ? "yaml" : "json") };
    } catch (failed) {
      problem.value = told(failed);
    }
  };
  const select = (id: string | null) => {
    selected.value = id;
    edge.value = null;
    const found = layout.value?.nodes.find((node) => node.id === id)?.line;
    if (found) line.value = { number: found };
  };
  const errors = checked.value.diagnostics.filter((each) => each.severity === "ERROR").length;
  return (
    <div class="edit" data-ready={layout.value || undrawn.value ? "true" : "false"}>
      <header class="page-header">
        <div>
          <p class="crumbs">
            <a href={paths.machines()}>State machines</a> /{" "}
            {machine && (
              <a href={paths.machine(machine.stateMachineArn)}>
                <Name>{machine.name}</Name>
              </a>
            )}
          </p>
          <h1>{heading}</h1>
        </div>
        <div class="actions">
          <label>
            <input
              type="checkbox"
              checked={publish.value}
              onChange={(event) => {
                publish.value = event.currentTarget.checked;
              }}
            />{" "}
            publish a version
          </label>
          <button type="button" onClick={() => void switchFormat()}>
            As {checked.value.format === "json" ? "YAML" : "JSON"}
          </button>
          <button type="button" class="primary" disabled={!machine && !name.value} onClick={() => void save()}>
            {machine ? "Save" : "Create"}
          </button>
        </div>
      </header>
      {!machine && (
        <div class="filters">
          <label>
            Name{" "}
            <input
              required
              maxLength={80}
              value={name.value}
              onInput={(event) => {
                name.value = event.currentTarget.value;
              }}
            />
          </label>
          <label>
            Type{" "}
            <select
              value={type.value}
              onChange={(event) => {
                type.value = event.currentTarget.value as "STANDARD" | "EXPRESS";
              }}
            >
              <option value="STANDARD">Standard: durable, up to a year</option>
              <option value="EXPRESS">Express: in memory, up to five minutes</option>
            </select>
          </label>
          <label class="grow">
            Role{" "}
            <input
              value={role.value}
              onInput={(event) => {
                role.value = event.currentTarget.value;
              }}
            />
          </label>
        </div>
      )}
      {problem.value && <Problem>{safeText(problem.value)}</Problem>}
      {unchecked.value && <Problem>{safeText(unchecked.value)}</Problem>}
      {saved.value && (
        <p class="good" role="status">
          {saved.value}
        </p>
      )}
      <div class="edit-main">
        <section class="panel" aria-label="Definition">
          <Editor
            label="Definition"
            text={text.peek()}
            replaced={replaced.value}
            format={checked.value.format}
            diagnostics={checked.value.diagnostics}
            line={line.value}
            onChange={(next) => {
              text.value = next;
              saved.value = null;
            }}
          />
        </section>
        <section class="panel graph-panel" aria-label="Graph">
          {undrawn.value && <Undrawn why={undrawn.value} />}
          {layout.value ? (
            <Graph
              layout={layout.value}
              selected={selected.value}
              onSelect={select}
              onEdge={(id) => {
                edge.value = id;
                selected.value = null;
              }}
              selectedEdge={edge.value}
            />
          ) : (
            !undrawn.value && <Loading />
          )}
          {edge.value && <EdgeTools id={edge.value} text={text.value} format={checked.value.format} change={change} />}
          {selected.value && (
            <StateTools
              id={selected.value}
              change={async (how) => {
                await change(how);
                selected.value = null;
              }}
            />
          )}
        </section>
      </div>
      <Diagnostics
        diagnostics={checked.value.diagnostics}
        errors={errors}
        onChoose={(number) => {
          line.value = { number };
        }}
      />
    </div>
  );
}

interface DiagnosticsProps {
  diagnostics: Diagnostic[];
  errors: number;
  onChoose: (line: number) => void;
}

function Diagnostics({ diagnostics, errors, onChoose }: DiagnosticsProps) {
  return (
    <section class="panel diagnostics" aria-label="Problems">
      <p role="status" class={errors ? "bad" : "good"}>
        {errors ? count(errors, "error") : "No errors"}
        {diagnostics.length > errors ? `, ${count(diagnostics.length - errors, "warning")}` : ""}
      </p>
      <ul>
        {diagnostics.map((each) => (
          <li key={`${each.location} ${each.code} ${each.message}`} class={each.severity === "ERROR" ? "bad" : "quiet"}>
            <button type="button" class="link" onClick={() => onChoose(each.line)}>
              {each.line}:{each.column}
            </button>{" "}
            {safeText(each.message)} <code>{each.code}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

export async function convert(definition: string, to: "json" | "yaml"): Promise<string> {
  return (await post<{ definition: string }>("convert", { definition, to })).definition;
}
