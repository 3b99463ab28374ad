// One execution: its graph, live; what each state did; the timeline, the events, and a way back through time.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { ExecutionPage as Page, StateSummary } from "../api/types";
import { Graph } from "../graph/Graph";
import { Undrawn } from "../graph/Undrawn";
import { paths, place, setQuery } from "../router";
import { clock } from "../settings";
import { executionName, safeText, stateName } from "../text";
import { Timeline } from "../timeline/Timeline";
import { Dropdown } from "../ui/menus";
import { Json, Lasted, Loading, Name, Problem, StatusBadge, statusWord, Tabs, When } from "../ui/parts";
import { useTitle } from "../ui/title";
import { Actions } from "./Actions";
import { EventsTable } from "./EventsTable";
import { Outline } from "./Outline";
import { Steps } from "./Steps";
import { type ExecutionState, useExecution } from "./state";
import { Failure, VisitPanel } from "./VisitPanel";

export function ExecutionPage({ arn }: { arn: string }) {
  const state = useExecution(arn);
  const page = state.page.value;
  useTitle(page ? `${page.execution.name}: ${statusWord(page.execution.status)}` : executionName(arn));
  if (state.gone.value) return <Problem>This execution is no longer there.</Problem>;
  if (!page)
    return state.error.value ? <Problem retry={() => void state.open()}>{state.error.value}</Problem> : <Loading />;
  return <View key={arn} state={state} page={page} />;
}

function View({ state, page }: { state: ExecutionState; page: Page }) {
  const query = place.value.query;
  const at = Number(query.get("at")) || null;
  const visit = Number(query.get("visit")) || null;
  const view = query.get("view") ?? "timeline";
  const search = useSignal("");
  const selected = query.get("state");
  // The events are complete before the slider can be moved.
  const states = useMemo(
    () => (at === null ? page.states : state.events.statesAt(at)),
    [at, page.states, state.events.size.value],
  );
  const selectState = (id: string | null) => {
    const last = id ? (states[id]?.last ?? null) : null;
    setQuery({ state: id, visit: last ? String(last) : null });
  };
  const selectVisit = (chosen: number) => {
    const visits = state.visits.all.value;
    const row = state.visits.find(chosen);
    setQuery({ visit: String(chosen), ...(row && visits ? { state: visits.states[row[1]] ?? null } : {}) });
  };
  const selectNext = (text: string) => {
    const found = state.layout.value?.nodes.filter(
      ({ kind, name }) => kind === "state" && name.toLowerCase().includes(text.toLowerCase()),
    );
    const next = found?.[(found.findIndex(({ id }) => id === selected) + 1) % found.length];
    if (text && next) selectState(next.id);
  };
  useKeys(state, at, states, selectState);
  const moment = at === null ? null : (state.events.events[at - 1]?.at ?? null);
  const chosenVisit = visit ?? (selected ? (states[selected]?.last ?? null) : null);
  const visits = state.visits.all.value;
  const execution = page.execution;
  return (
    <div class="execution" data-ready={(state.layout.value || state.undrawn.value) && visits ? "true" : "false"}>
      <Header page={page} state={state} />
      {state.error.value && <Problem retry={() => void state.open()}>{safeText(state.error.value)}</Problem>}
      {execution.parkedReason && (
        <Problem>
          This execution is parked: a bug of Stepwell stopped it, nothing is lost. {safeText(execution.parkedReason)}
        </Problem>
      )}
      <div class="execution-main">
        <section class="panel graph-panel" aria-label="Graph">
          <div class="panel-tools">
            <input
              type="search"
              id="graph-search"
              placeholder="Find a state"
              title="Enter goes to it, and to the next"
              aria-label="Find a state"
              value={search.value}
              onInput={(event) => {
                search.value = event.currentTarget.value;
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter") selectNext(search.value);
              }}
            />
            <Dropdown label="Outline" class="outline-box" plain>
              {state.layout.value && (
                <Outline
                  layout={state.layout.value}
                  states={states}
                  selected={selected}
                  search={search.value}
                  onSelect={selectState}
                />
              )}
            </Dropdown>
          </div>
          {state.undrawn.value && <Undrawn why={state.undrawn.value} retry={() => void state.draw()} />}
          {state.layout.value ? (
            <Graph
              layout={state.layout.value}
              states={states}
              selected={selected}
              onSelect={selectState}
              collapsed={state.collapsed.value}
              onToggle={(id) => state.toggle(id)}
              search={search.value}
              label={`Graph of ${execution.name}`}
            />
          ) : (
            !state.undrawn.value && <Loading />
          )}
        </section>
        <aside class="panel side-panel">
          {chosenVisit ? (
            <VisitPanel state={state} visit={chosenVisit} onVisit={selectVisit} />
          ) : selected ? (
            <p class="empty">
              <Name>{stateName(selected)}</Name> was not entered.
            </p>
          ) : (
            <Whole page={page} onVisit={selectVisit} />
          )}
        </aside>
      </div>
      <section class="panel dock" aria-label="History">
        <Slider state={state} at={at} />
        <Tabs
          label="History"
          current={view}
          tabs={[
            { id: "timeline", label: "Timeline" },
            { id: "steps", label: "Steps" },
            { id: "events", label: `Events (${execution.lastEvent.toLocaleString("en")})` },
          ]}
          onSelect={(id) => setQuery({ view: id })}
        />
        <div role="tabpanel" aria-labelledby={`tab-${view}`} class="dock-body">
          {view === "timeline" && visits && (
            <Timeline
              states={visits.states}
              rows={visits.rows}
              started={execution.started}
              stopped={execution.stopped}
              selected={chosenVisit}
              onSelect={selectVisit}
              cursor={moment}
            />
          )}
          {view === "steps" && visits && <Steps visits={visits} selected={chosenVisit} onSelect={selectVisit} />}
          {view === "events" && (
            <EventsTable
              state={state}
              chosenState={selected}
              current={at}
              onSelect={(event) =>
                setQuery({
                  at: String(event.id),
                  ...(event.visit ? { state: event.state, visit: String(event.visit) } : {}),
                })
              }
            />
          )}
        </div>
      </section>
    </div>
  );
}

function Header({ page, state }: { page: Page; state: ExecutionState }) {
  const { execution } = page;
  return (
    <header class="page-header">
      <div>
        <p class="crumbs">
          <a href={paths.machines()}>State machines</a> /{" "}
          <a href={paths.machine(execution.stateMachineArn)}>
            <Name>{execution.stateMachine}</Name>
          </a>
        </p>
        <h1>
          <Name>{execution.name}</Name>
        </h1>
        <p class="header-facts">
          <StatusBadge status={execution.status} />
          <span>
            <When at={execution.started} />
          </span>
          <Lasted from={execution.started} to={execution.stopped} />
          <span class="quiet">{execution.type === "EXPRESS" ? "Express" : "Standard"}</span>
          {execution.redrives > 0 && <span class="quiet">redriven {execution.redrives}×</span>}
        </p>
      </div>
      <Actions page={page} state={state} />
    </header>
  );
}

/** What is shown of the execution as a whole, while no state is chosen. */
function Whole({ page, onVisit }: { page: Page; onVisit: (visit: number) => void }) {
  const { execution, waits } = page;
  return (
    <div class="whole">
      {execution.error !== null && <Failure error={execution.error} cause={execution.cause} />}
      {waits.length > 0 && (
        <section>
          <h2>What it waits for</h2>
          <ul class="waits">
            {waits.map((wait) => (
              <li key={`${wait.visit} ${wait.kind}`}>
                <button type="button" class="link" onClick={() => onVisit(wait.visit)}>
                  <Name>{stateName(wait.state)}</Name>
                </button>
                : {safeText(wait.text)}
                {wait.kind === "token" && (
                  <>
                    {" "}
                    <a href={paths.inbox()}>answer it</a>
                  </>
                )}
              </li>
            ))}
          </ul>
          {page.moreWaits && <p class="quiet">and more</p>}
        </section>
      )}
      <h2>Input</h2>
      <Json text={execution.input} label="input" />
      {execution.output !== null && (
        <>
          <h2>Output</h2>
          <Json text={execution.output} label="output" />
        </>
      )}
    </div>
  );
}

/** The way back through time: the graph and the timeline show how it stood after the chosen event. */
function Slider({ state, at }: { state: ExecutionState; at: number | null }) {
  const last = useComputed(() => state.events.size.value);
  const complete = state.events.complete.value;
  const event = at === null ? null : state.events.events[at - 1];
  return (
    <div class="slider">
      <label for="moment">Time travel</label>
      <input
        id="moment"
        type="range"
        min={1}
        max={Math.max(1, last.value)}
        value={at ?? last.value}
        disabled={!complete}
        aria-valuetext={event ? `Event ${event.id}, ${event.type}` : "Now"}
        onInput={(input) => {
          const value = Number(input.currentTarget.value);
          setQuery({ at: value >= last.value ? null : String(value) });
        }}
      />
      <output>
        {event ? `#${event.id} ${event.type} · ${clock(event.at)}` : complete ? "now" : "loading events…"}
      </output>
      <button type="button" disabled={at === null} onClick={() => setQuery({ at: null })}>
        Back to now
      </button>
    </div>
  );
}

const FAILED = ["FAILED", "TIMED_OUT", "ABORTED", "CAUGHT"];

/** j and k step through the events, f goes to the next failure, t, e and s change the view, / searches. */
function useKeys(
  state: ExecutionState,
  at: number | null,
  states: Record<string, StateSummary>,
  select: (id: string) => void,
): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        target.closest("input, textarea, select, dialog, .cm-editor")
      )
        return;
      const now = at ?? state.events.size.value;
      const action: Record<string, () => void> = {
        j: () => setQuery({ at: String(Math.min(state.events.size.value, now + 1)) }),
        k: () => setQuery({ at: String(Math.max(1, now - 1)) }),
        t: () => setQuery({ view: "timeline" }),
        s: () => setQuery({ view: "steps" }),
        e: () => setQuery({ view: "events" }),
        g: () => setQuery({ state: null, visit: null }),
        f: () => {
          const failed = Object.entries(states).filter(([, summary]) => FAILED.includes(summary.status));
          const chosen = place.value.query.get("state");
          const index = failed.findIndex(([id]) => id === chosen);
          const next = failed[(index + 1) % failed.length];
          if (next) select(next[0]);
        },
        "/": () => document.getElementById("graph-search")?.focus(),
      };
      const run = action[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
