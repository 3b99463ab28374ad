// The history, event by event: tens of thousands of rows of which those in sight are drawn.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { get } from "../api/client";
import type { Events, HistoryEvent } from "../api/types";
import { count, safeText, shortText, stateName } from "../text";
import { useLoad } from "../ui/load";
import { Json, Problem, When } from "../ui/parts";
import { Rows } from "../ui/rows";
import type { ExecutionState } from "./state";

interface EventsTableProps {
  state: ExecutionState;
  chosenState: string | null;
  current: number | null;
  onSelect: (event: HistoryEvent) => void;
}

const FAILURE = /Failed|TimedOut|Aborted/;

export function EventsTable({ state, chosenState, current, onSelect }: EventsTableProps) {
  const text = useSignal("");
  const failures = useSignal(false);
  const here = useSignal(false);
  const size = state.events.size.value;
  const shown = useMemo(() => {
    const all = state.events.events;
    const accepts = words(text.value);
    if (!failures.value && !text.value && !(here.value && chosenState)) return all.slice();
    return all.filter(
      (event) =>
        (!failures.value || FAILURE.test(event.type)) &&
        (!here.value || !chosenState || event.state === chosenState) &&
        accepts(event),
    );
  }, [size, text.value, failures.value, here.value, chosenState]);
  const index = current === null ? -1 : shown.findIndex((event) => event.id === current);
  const step = (by: number) => {
    const next = shown[Math.min(shown.length - 1, Math.max(0, index + by))];
    if (next) onSelect(next);
  };
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, PageDown: 15, PageUp: -15 }[event.key];
    if (!by || (event.target as Element).tagName === "INPUT") return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  };
  return (
    <div class="events">
      <div class="filters">
        <input
          type="search"
          placeholder="Type or state; -Task leaves out; /regex/"
          aria-label="Filter events"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <label>
          <input
            type="checkbox"
            checked={failures.value}
            onChange={(event) => {
              failures.value = event.currentTarget.checked;
            }}
          />
          failures only
        </label>
        <label>
          <input
            type="checkbox"
            checked={here.value}
            disabled={!chosenState}
            onChange={(event) => {
              here.value = event.currentTarget.checked;
            }}
          />
          this state only
        </label>
        <span class="quiet" data-count={shown.length}>
          {count(shown.length, "event")}
          {state.events.complete.value ? "" : " so far…"}
        </span>
      </div>
      <div class="events-split">
        <Rows
          count={shown.length}
          rowHeight={26}
          label="Events"
          current={index < 0 ? null : index}
          onKeyDown={keys}
          render={(row) => (
            <EventRow
              key={shown[row]?.id}
              event={shown[row] as HistoryEvent}
              current={row === index}
              onSelect={onSelect}
            />
          )}
        />
        {current !== null && <EventDetails arn={state.arn} id={current} />}
      </div>
    </div>
  );
}

interface EventRowProps {
  event: HistoryEvent;
  current: boolean;
  onSelect: (event: HistoryEvent) => void;
}

function EventRow({ event, current, onSelect }: EventRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      role="row"
      tabIndex={-1}
      aria-selected={current}
      class={`row${FAILURE.test(event.type) ? " is-failure" : ""}`}
      onClick={() => onSelect(event)}
    >
      <span role="gridcell" class="number">
        {event.id}
      </span>
      <span role="gridcell">
        <When at={event.at} short />
      </span>
      <span role="gridcell">{event.type}</span>
      <span role="gridcell">
        <bdi>{event.state ? shortText(stateName(event.state), 60) : ""}</bdi>
      </span>
      <span role="gridcell" class="quiet">
        {safeText(String(event.details.error ?? event.details.index ?? ""))}
      </span>
    </div>
  );
}

function EventDetails({ arn, id }: { arn: string; id: number }) {
  const { data, error } = useLoad(
    (signal) => get<Events>("execution/events", { arn, after: id - 1, limit: 1, data: 1 }, signal),
    [arn, id],
  );
  const event = data?.events[0];
  return (
    <section class="event-details" aria-label="Details of the event">
      {error && <Problem>{error}</Problem>}
      {event && (
        <>
          <h3>
            {event.id} · {event.type}
          </h3>
          <p class="quiet">after event {event.previous}</p>
          <Json text={JSON.stringify(event.details)} label="details" />
        </>
      )}
    </section>
  );
}

/** Words, of which each has to be there; `-word` must not; `/…/` is a regular expression. */
function words(text: string): (event: HistoryEvent) => boolean {
  const tests = text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const without = word.startsWith("-") && word.length > 1;
      const rest = without ? word.slice(1) : word;
      const pattern = expression(rest);
      return (all: string) => pattern.test(all) !== without;
    });
  return (event) => {
    const all = `${event.type} ${stateName(event.state ?? "")}`;
    return tests.every((test) => test(all));
  };
}

function expression(text: string): RegExp {
  const given = /^\/(.+)\/$/.exec(text)?.[1];
  if (given) {
    try {
      return new RegExp(given, "i");
    } catch {
      // Not finished yet: taken as it stands.
    }
  }
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
}
