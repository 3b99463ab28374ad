// A fork: a new execution that begins at any state of an old one, with what went in there, changed as one likes.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post, told } from "../api/client";
import type { Fork as Answer, ExecutionPage, Visit } from "../api/types";
import { Editor } from "../editor/lazy";
import { DefinitionView } from "../machines/MachinePage";
import { go, paths, place, setQuery } from "../router";
import { executionName, jsonProblem, prettyJson, safeText, stateName } from "../text";
import { useLoad } from "../ui/load";
import { Loading, Name, Problem } from "../ui/parts";
import { useTitle } from "../ui/title";
import { forget, useUnsaved } from "../unsaved";

export function Fork({ arn }: { arn: string }) {
  useTitle(`Fork ${executionName(arn)}`);
  const { data, error, reload } = useLoad((signal) => get<ExecutionPage>("execution", { arn }, signal), [arn]);
  if (error) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  return <View page={data} />;
}

function View({ page }: { page: ExecutionPage }) {
  const { execution } = page;
  const entered = Object.entries(page.states);
  const failed = entered.find(([, summary]) => ["FAILED", "TIMED_OUT", "ABORTED"].includes(summary.status));
  const state = place.value.query.get("state") ?? failed?.[0] ?? entered[0]?.[0] ?? "";
  const input = useSignal("{}");
  const variables = useSignal("{}");
  const original = prettyJson(page.definition);
  const definition = useSignal(original);
  const plan = useSignal<Answer | null>(null);
  const problem = useSignal<string | null>(null);
  const editing = useSignal(false);
  useUnsaved(editing.value && definition.value !== original);
  const visit = page.states[state]?.last;
  const isLoaded = useSignal(false);

  // What went into the state is where one begins.
  useEffect(() => {
    isLoaded.value = false;
    plan.value = null;
    problem.value = null;
    if (!visit) {
      isLoaded.value = true;
      return;
    }
    const abort = new AbortController();
    get<Visit>("execution/visit", { arn: execution.executionArn, visit }, abort.signal).then(
      (found) => {
        input.value = prettyJson(found.input ?? "{}");
        variables.value = prettyJson(found.variables ?? "{}");
        isLoaded.value = true;
      },
      (failure) => {
        if (!abort.signal.aborted) problem.value = told(failure);
      },
    );
    return () => abort.abort();
  }, [visit]);

  const request = (dryRun: boolean) => ({
    executionArn: execution.executionArn,
    state,
    input: input.value,
    variables: variables.value,
    definition: editing.value ? definition.value : undefined,
    dryRun,
  });
  const wrong = jsonProblem(input.value) ?? jsonProblem(variables.value);
  const busy = useSignal(false);
  const ask = async (dryRun: boolean) => {
    busy.value = true;
    try {
      const answer = await post<Answer>("fork", request(dryRun));
      problem.value = null;
      if (answer.executionArn) {
        forget();
        go(paths.execution(answer.executionArn));
      } else plan.value = answer;
    } catch (refused) {
      plan.value = null;
      problem.value = told(refused);
    }
    busy.value = false;
  };
  const ready = isLoaded.value && !wrong && !busy.value;
  return (
    <div data-ready={isLoaded.value ? "true" : "false"}>
      <header class="page-header">
        <div>
          <p class="crumbs">
            <a href={paths.execution(execution.executionArn)}>
              <Name>{execution.name}</Name>
            </a>{" "}
            /
          </p>
          <h1>Fork</h1>
          <p class="quiet">
            A new execution that begins at a state of this one. The old one, and the state machine, stay as they are.
          </p>
        </div>
        <div class="actions">
          <button type="button" disabled={!ready} onClick={() => void ask(true)}>
            Show what would run
          </button>
          <button type="button" class="primary" disabled={!ready} onClick={() => void ask(false)}>
            Start the fork
          </button>
        </div>
      </header>
      {problem.value && <Problem>{safeText(problem.value)}</Problem>}
      <div class="fork-form">
        <label class="field">
          Begin at
          <select value={state} onChange={(event) => setQuery({ state: event.currentTarget.value })}>
            {entered.map(([path, summary]) => (
              <option key={path} value={path}>
                {safeText(stateName(path))} ({summary.status.toLowerCase()})
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Its input (JSON)
          <textarea
            class="code"
            rows={10}
            spellcheck={false}
            value={input.value}
            onInput={(event) => {
              input.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          Variables (JSON)
          <textarea
            class="code"
            rows={4}
            spellcheck={false}
            value={variables.value}
            onInput={(event) => {
              variables.value = event.currentTarget.value;
            }}
          />
        </label>
        {wrong && <p class="bad">{safeText(wrong)}</p>}
      </div>
      <label>
        <input
          type="checkbox"
          checked={editing.value}
          onChange={(event) => {
            editing.value = event.currentTarget.checked;
          }}
        />{" "}
        change the definition for this fork
      </label>
      {editing.value && (
        <section class="panel editor-panel" aria-label="Definition">
          <Editor
            label="Definition of the fork"
            text={definition.peek()}
            onChange={(next) => {
              definition.value = next;
            }}
          />
        </section>
      )}
      {plan.value && (
        <section aria-label="What would run">
          <h2>What would run</h2>
          {plan.value.warnings.map((warning) => (
            <p class="warning" key={warning}>
              {safeText(warning)}
            </p>
          ))}
          <DefinitionView key={plan.value.definition} definition={prettyJson(plan.value.definition)} />
        </section>
      )}
    </div>
  );
}
