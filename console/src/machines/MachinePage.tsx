// One state machine: its executions, its definition, its versions and aliases, its settings.
import { useSignal } from "@preact/signals";
import { aws, post, told } from "../api/client";
import type { Layout, StateMachine } from "../api/types";
import { Editor } from "../editor/lazy";
import { Graph } from "../graph/Graph";
import { Undrawn } from "../graph/Undrawn";
import { Filters, Results, useSearch } from "../pages/Executions";
import { go, paths, place, setQuery } from "../router";
import { lastOf, readable, safeText } from "../text";
import { useLoad } from "../ui/load";
import { CopyButton, Dialog, Json, Loading, Name, Problem, Tabs, When } from "../ui/parts";
import { useTitle } from "../ui/title";
import { StartDialog } from "./StartDialog";
import { Versions } from "./Versions";

export function MachinePage({ arn }: { arn: string }) {
  const about = place.value.query.get("tab");
  useTitle(lastOf(arn) + (about && about !== "executions" ? `: ${about}` : ""));
  const { data, error, reload } = useLoad(
    (signal) => aws<StateMachine>("DescribeStateMachine", { stateMachineArn: arn }, signal),
    [arn],
  );
  if (error) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  return <View key={arn} machine={data} />;
}

function View({ machine }: { machine: StateMachine }) {
  const definition = readable(machine.definition);
  const asked = useSignal<"start" | "delete" | null>(null);
  const tab = place.value.query.get("tab") ?? "executions";
  const close = () => {
    asked.value = null;
  };
  return (
    <div data-ready="true">
      <header class="page-header">
        <div>
          <p class="crumbs">
            <a href={paths.machines()}>State machines</a> /
          </p>
          <h1>
            <Name>{machine.name}</Name>
          </h1>
          <p class="header-facts quiet">
            {machine.type === "EXPRESS" ? "Express" : "Standard"} · created <When at={machine.creationDate * 1000} />
            <CopyButton text={machine.stateMachineArn} label="Copy ARN" />
          </p>
        </div>
        <div class="actions">
          <button
            type="button"
            class="primary"
            onClick={() => {
              asked.value = "start";
            }}
          >
            Start an execution…
          </button>
          <a class="button" href={paths.edit(machine.stateMachineArn)}>
            Edit
          </a>
          <button
            type="button"
            class="danger"
            onClick={() => {
              asked.value = "delete";
            }}
          >
            Delete…
          </button>
        </div>
      </header>
      <Tabs
        label="About the state machine"
        current={tab}
        tabs={[
          { id: "executions", label: "Executions" },
          { id: "definition", label: "Definition" },
          { id: "versions", label: "Versions and aliases" },
          { id: "settings", label: "Settings" },
        ]}
        onSelect={(id) => setQuery({ tab: id })}
      />
      <div role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "executions" && <Executions arn={machine.stateMachineArn} />}
        {tab === "definition" && <DefinitionView key={definition} definition={definition} />}
        {tab === "versions" && <Versions machine={machine} />}
        {tab === "settings" && <Settings machine={machine} />}
      </div>
      {asked.value === "start" && (
        <StartDialog stateMachineArn={machine.stateMachineArn} type={machine.type} onClose={close} />
      )}
      {asked.value === "delete" && <Delete machine={machine} onClose={close} />}
    </div>
  );
}

function Executions({ arn }: { arn: string }) {
  const found = useSearch(arn);
  return (
    <>
      <Filters />
      <Results found={found} showMachine={false} />
    </>
  );
}

export function DefinitionView({ definition }: { definition: string }) {
  const { data, error } = useLoad((signal) => post<Layout>("layout", { definition }, signal), [definition]);
  const selected = useSignal<string | null>(null);
  const found = data?.nodes.find((node) => node.id === selected.value)?.line;
  return (
    <div class="edit-main">
      <section class="panel" aria-label="Definition">
        <Editor
          key={definition}
          label="Definition"
          text={definition}
          readOnly
          line={found ? { number: found } : null}
        />
      </section>
      <section class="panel graph-panel" aria-label="Graph">
        {error && <Undrawn why={error} />}
        {data && (
          <Graph
            layout={data}
            selected={selected.value}
            onSelect={(id) => {
              selected.value = id;
            }}
          />
        )}
      </section>
    </div>
  );
}

function Settings({ machine }: { machine: StateMachine }) {
  const { definition: _, ...settings } = machine;
  return (
    <section class="panel padded">
      <Json text={JSON.stringify(settings)} label="settings" />
    </section>
  );
}

function Delete({ machine, onClose }: { machine: StateMachine; onClose: () => void }) {
  const typed = useSignal("");
  const problem = useSignal<string | null>(null);
  const run = async (event: Event) => {
    event.preventDefault();
    try {
      await aws("DeleteStateMachine", { stateMachineArn: machine.stateMachineArn });
      go(paths.machines());
    } catch (refused) {
      problem.value = told(refused);
    }
  };
  return (
    <Dialog title="Delete the state machine" onClose={onClose}>
      <form onSubmit={run}>
        <p>Its versions and aliases go with it. Executions that run go on to their end.</p>
        <label class="field">
          <span>
            Write its name, <strong>{safeText(machine.name)}</strong>, to be sure
          </span>
          <input
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
        {problem.value && <Problem>{safeText(problem.value)}</Problem>}
        <footer>
          <button type="submit" class="danger" disabled={typed.value !== machine.name}>
            Delete
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
