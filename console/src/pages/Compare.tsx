// Two executions side by side: where they went different ways first, and what differs in the data.
import { useSignal } from "@preact/signals";
import { get } from "../api/client";
import type { Comparison, ExecutionPage, Visit } from "../api/types";
import { Diff } from "../editor/lazy";
import { paths } from "../router";
import { count, executionName, prettyJson, stateName } from "../text";
import { useLoad } from "../ui/load";
import { Lasted, Loading, Name, Problem, StatusBadge } from "../ui/parts";
import { useTitle } from "../ui/title";

type Row = Comparison["rows"][number];

interface Data {
  comparison: Comparison;
  a: ExecutionPage;
  b: ExecutionPage;
}

async function load(a: string, b: string, signal: AbortSignal): Promise<Data> {
  const [comparison, first, second] = await Promise.all([
    get<Comparison>("compare", { a, b }, signal),
    get<ExecutionPage>("execution", { arn: a }, signal),
    get<ExecutionPage>("execution", { arn: b }, signal),
  ]);
  return { comparison, a: first, b: second };
}

export function Compare({ a, b }: { a: string; b: string }) {
  useTitle(`Compare ${executionName(a)} and ${executionName(b)}`);
  const { data, error, reload } = useLoad((signal) => load(a, b, signal), [a, b]);
  const chosen = useSignal<number | null>(null);
  const only = useSignal(false);
  if (error) return <Problem retry={reload}>{error}</Problem>;
  if (!data) return <Loading />;
  const { rows, first } = data.comparison;
  const index = chosen.value ?? first;
  const row = index === null ? undefined : rows[index];
  const differs = (each: Row) => !each.input || !each.output || !each.status || each.a === null || each.b === null;
  return (
    <div data-ready="true">
      <header class="page-header">
        <h1>Compare two executions</h1>
      </header>
      <div class="compare-heads">
        {[data.a, data.b].map(({ execution }, side) => (
          <section class="panel padded" key={execution.executionArn}>
            <h2>
              {side ? "B" : "A"}:{" "}
              <a href={paths.execution(execution.executionArn)}>
                <Name>{execution.name}</Name>
              </a>
            </h2>
            <StatusBadge status={execution.status} /> <Lasted from={execution.started} to={execution.stopped} />
          </section>
        ))}
      </div>
      <p role="status">
        {first === null
          ? "They did the same."
          : `They differ first at ${stateName(rows[first]?.state ?? "")}, step ${first + 1} of ${rows.length}.`}
      </p>
      <label class="only">
        <input
          type="checkbox"
          checked={only.value}
          onChange={(event) => {
            only.value = event.currentTarget.checked;
          }}
        />{" "}
        only what differs
      </label>
      <div class="table-box">
        <table class="compare">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">In A</th>
              <th scope="col">In B</th>
              <th scope="col">Differs in</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((each, at) =>
              only.value && !differs(each) ? null : (
                <tr
                  key={at}
                  class={`${differs(each) ? "differs" : ""}${at === first ? " first" : ""}`}
                  aria-selected={at === index}
                >
                  <td>
                    <button
                      type="button"
                      class="link"
                      onClick={() => {
                        chosen.value = at;
                      }}
                    >
                      <Name>{stateName(each.state)}</Name>
                    </button>{" "}
                    <span class="quiet">{each.iteration.map(([, number]) => `#${number}`).join(" ")}</span>
                  </td>
                  <td>{each.a === null ? "not entered" : "entered"}</td>
                  <td>{each.b === null ? "not entered" : "entered"}</td>
                  <td>
                    {[
                      each.a === null || each.b === null ? "path" : "",
                      each.status ? "" : "status",
                      each.input ? "" : "input",
                      each.output ? "" : "output",
                    ]
                      .filter(Boolean)
                      .join(", ")}
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
      {data.comparison.more && <p class="quiet">Only the first {count(rows.length, "step")} are compared.</p>}
      {row && row.a !== null && row.b !== null && (
        <Sides key={index} a={{ arn: a, visit: row.a }} b={{ arn: b, visit: row.b }} />
      )}
    </div>
  );
}

interface Where {
  arn: string;
  visit: number;
}

function Sides({ a, b }: { a: Where; b: Where }) {
  const { data, error } = useLoad(
    (signal) =>
      Promise.all([get<Visit>("execution/visit", { ...a }, signal), get<Visit>("execution/visit", { ...b }, signal)]),
    [a.visit, b.visit],
  );
  if (error) return <Problem>{error}</Problem>;
  if (!data) return <Loading />;
  const text = (visit: Visit) =>
    prettyJson(
      JSON.stringify({
        input: parsed(visit.input),
        output: parsed(visit.output),
        error: visit.error,
        cause: visit.cause,
      }),
    );
  return (
    <section class="panel diff-panel" aria-label="Data of the state">
      <Diff before={text(data[0])} after={text(data[1])} />
    </section>
  );
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
