// One state of an execution: its visits, and of the chosen one the data, the attempts, and why it failed or waits.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get } from "../api/client";
import type { CaughtBy, Visit } from "../api/types";
import { paths } from "../router";
import { count, safeText, stateName } from "../text";
import { useLoad } from "../ui/load";
import { Empty, Json, Lasted, Loading, Name, Problem, StatusBadge, Tabs, When } from "../ui/parts";
import { IterationsTable } from "./IterationsTable";
import type { ExecutionState } from "./state";

interface VisitPanelProps {
  state: ExecutionState;
  visit: number;
  onVisit: (visit: number) => void;
}

const STAGES: Record<string, string> = {
  afterInputPath: "After InputPath",
  afterParameters: "After Parameters",
  afterArguments: "Arguments",
  afterItemsPath: "After ItemsPath",
  afterItemSelector: "After ItemSelector",
  result: "Result",
  afterResultSelector: "After ResultSelector",
  afterResultPath: "After ResultPath",
};

export function VisitPanel({ state, visit, onVisit }: VisitPanelProps) {
  const tab = useSignal("data");
  const { data, error, reload } = useLoad(
    (signal) => get<Visit>("execution/visit", { arn: state.arn, visit }, signal),
    [state.arn, visit],
  );
  // What has changed of it since it was fetched: it has another row, or one that has ended.
  const row = state.visits.find(visit);
  const known = useRef(row);
  useEffect(() => {
    const isChanged = known.current?.[0] === visit && known.current !== row;
    const isOld = data?.visit === visit && data.exited === null && row && row[5] !== null;
    known.current = row;
    if (isChanged || isOld) reload();
  }, [row, data]);
  if (error) return <Problem retry={reload}>{error}</Problem>;
  if (!data || data.visit !== visit) return <Loading />;
  const tabs = [
    { id: "data", label: "Data flow" },
    { id: "variables", label: "Variables" },
    { id: "attempts", label: data.attempts.length > 1 ? `Attempts (${data.attempts.length})` : "Attempt" },
    ...(data.iterations ? [{ id: "iterations", label: data.type === "Map" ? "Iterations" : "Branches" }] : []),
    { id: "definition", label: "Definition" },
  ];
  const chosen = tabs.some(({ id }) => id === tab.value) ? tab.value : "data";
  return (
    <section class="visit" aria-label={`State ${safeText(data.name)}`}>
      <header>
        <h2>
          <Name>{data.name}</Name>
        </h2>
        <StatusBadge status={data.status} />
        <span class="quiet">{data.type}</span>
      </header>
      <Facts visit={data} onVisit={onVisit} state={state} />
      {data.wait && (
        <p class="waiting" role="status">
          <strong>Why it waits: </strong>
          {safeText(data.wait.text)}
          {data.wait.kind === "token" && (
            <>
              {" "}
              <a href={paths.inbox()}>Answer it in the inbox</a>
            </>
          )}
        </p>
      )}
      {data.error !== null && <Failure error={data.error} cause={data.cause} />}
      {data.caughtBy && <Caught by={data.caughtBy} visit={data} onVisit={onVisit} />}
      <Tabs
        tabs={tabs}
        current={chosen}
        label="About the state"
        onSelect={(id) => {
          tab.value = id;
        }}
      />
      <div role="tabpanel" aria-labelledby={`tab-${chosen}`} class="visit-body">
        {chosen === "data" && <DataFlow visit={data} />}
        {chosen === "variables" && <Variables visit={data} />}
        {chosen === "attempts" && <Attempts visit={data} />}
        {chosen === "iterations" && <IterationsTable state={state} visit={data} onVisit={onVisit} />}
        {chosen === "definition" && <Json text={data.definition} label="definition" />}
      </div>
    </section>
  );
}

function Facts({ visit, state, onVisit }: { visit: Visit; state: ExecutionState; onVisit: (visit: number) => void }) {
  const visits = state.visits.all.value;
  const same = visits?.rows.filter((row) => visits.states[row[1]] === visit.state).map((row) => row[0]) ?? [];
  const at = same.indexOf(visit.visit);
  return (
    <dl class="facts">
      <dt>Entered</dt>
      <dd>
        <When at={visit.entered} />
      </dd>
      <dt>Lasted</dt>
      <dd>
        <Lasted from={visit.entered} to={visit.exited} />
      </dd>
      {visit.next && (
        <>
          <dt>Next</dt>
          <dd>
            <Name>{stateName(visit.next)}</Name>
          </dd>
        </>
      )}
      {visit.iteration.length > 0 && (
        <>
          <dt>Within</dt>
          <dd>
            {visit.iteration.map(([path, index]) => (
              <span key={path}>
                <Name>{stateName(path)}</Name> #{index}{" "}
              </span>
            ))}
          </dd>
        </>
      )}
      {same.length > 1 && (
        <>
          <dt>Visit</dt>
          <dd class="stepper">
            <button type="button" disabled={at <= 0} onClick={() => onVisit(same[at - 1] as number)}>
              Previous
            </button>
            <span class="number">
              {at + 1} of {same.length}
            </span>
            <button type="button" disabled={at >= same.length - 1} onClick={() => onVisit(same[at + 1] as number)}>
              Next
            </button>
          </dd>
        </>
      )}
    </dl>
  );
}

export function Failure({ error, cause }: { error: string; cause: string | null }) {
  return (
    <div class="failure">
      <strong>{safeText(error)}</strong>
      {cause && <Json text={cause} label="cause" />}
    </div>
  );
}

/** Who took the error, and where that led. */
function Caught({ by, visit, onVisit }: { by: CaughtBy; visit: Visit; onVisit: (visit: number) => void }) {
  const to = (state: string, number: number) => (
    <button type="button" class="link" onClick={() => onVisit(number)}>
      <Name>{stateName(state)}</Name>
    </button>
  );
  return (
    <p class="caught">
      Caught by {by.visit === visit.visit ? "its" : <>{to(by.state, by.visit)}, in its</>}{" "}
      {by.catcher === null ? "Catch" : `catcher ${by.catcher + 1} (${safeText(by.errors.join(", "))})`}
      {by.next !== null && by.nextVisit !== null && <>, which led to {to(by.next, by.nextVisit)}</>}.
    </p>
  );
}

function DataFlow({ visit }: { visit: Visit }) {
  return (
    <div class="stages">
      {visit.input !== null && <Stage name="Input" value={visit.input} open />}
      {visit.stages.map((stage) => (
        <Stage key={stage.name} name={STAGES[stage.name] ?? stage.name} value={stage.value} exact={stage.exact} />
      ))}
      {visit.output !== null && <Stage name="Output" value={visit.output} open />}
      {visit.output === null && visit.exited === null && <Empty>It has no output yet.</Empty>}
    </div>
  );
}

function Stage({
  name,
  value,
  open = false,
  exact = true,
}: {
  name: string;
  value: string;
  open?: boolean;
  exact?: boolean;
}) {
  return (
    <details class="stage" open={open}>
      <summary>
        {name} <span class="quiet">{count(value.length, "character")}</span>
        {!exact && (
          <span
            class="quiet"
            title="Worked out again from the history; may differ where an expression uses chance or time"
          >
            {" "}
            derived
          </span>
        )}
      </summary>
      <Json text={value} label={name} />
    </details>
  );
}

function Variables({ visit }: { visit: Visit }) {
  const assigned = Object.entries(visit.assigned ?? {});
  return (
    <div class="stages">
      {assigned.length > 0 && (
        <>
          <h3>Assigned by this state</h3>
          {assigned.map(([name, value]) => (
            <Stage key={name} name={`$${name}`} value={value} open />
          ))}
        </>
      )}
      <h3>When it was entered</h3>
      {visit.variables && visit.variables !== "{}" ? (
        <Json text={visit.variables} label="variables" />
      ) : (
        <Empty>There were none.</Empty>
      )}
    </div>
  );
}

function Attempts({ visit }: { visit: Visit }) {
  if (!visit.attempts.length) return <Empty>This state calls nothing.</Empty>;
  return (
    <ol class="attempts">
      {visit.attempts.map((attempt) => (
        <li key={attempt.event}>
          <header>
            <strong>Attempt {attempt.number + 1}</strong>
            <StatusBadge status={attempt.status} />
            <When at={attempt.scheduled} short />
            <Lasted from={attempt.started ?? attempt.scheduled} to={attempt.ended ?? visit.exited} />
          </header>
          {attempt.worker && <p class="quiet">Worker: {safeText(attempt.worker)}</p>}
          {attempt.error !== null && <Failure error={attempt.error} cause={attempt.cause} />}
          {attempt.parameters !== null && <Stage name="Parameters" value={attempt.parameters} />}
          {attempt.submitted !== null && <Stage name="Submitted" value={attempt.submitted} />}
          {attempt.result !== null && <Stage name="Result" value={attempt.result} />}
        </li>
      ))}
    </ol>
  );
}
