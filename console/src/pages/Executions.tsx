// Executions of all state machines: filters that live in the address, and rows that live.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get, told } from "../api/client";
import { watch } from "../api/live";
import type { Item, Status } from "../api/types";
import { place, setQuery } from "../router";
import { scope, zone } from "../settings";
import { Dropdown } from "../ui/menus";
import { Loading, Problem, statusWord, When } from "../ui/parts";
import { useTitle } from "../ui/title";
import { ExecutionList } from "./ExecutionList";

interface Found {
  executions: Item[];
  next: string | null;
  searchedTo: number | null;
}

const STATUSES: Status[] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];
const VIEWS: [string, Record<string, string | null>][] = [
  ["All", { status: null }],
  ["In flight", { status: "RUNNING" }],
  ["Failed", { status: "FAILED,TIMED_OUT" }],
];
const TYPING = 300;

function filtersOf(query: URLSearchParams, machine: string | null) {
  const time = (name: string) => {
    const given = query.get(name);
    return given ? Date.parse(zone.value === "UTC" ? `${given}Z` : given) || null : null;
  };
  return {
    machine: machine ?? query.get("machine"),
    status: query.get("status")?.split(",") ?? [],
    name: query.get("name"),
    text: query.get("text"),
    from: time("from"),
    to: time("to"),
  };
}

/** The search, for all state machines or for one. */
export function useSearch(machine: string | null) {
  const query = place.value.query;
  const filters = filtersOf(query, machine);
  const key = JSON.stringify([filters, scope.value]);
  const items = useSignal<Item[] | null>(null);
  const next = useSignal<string | null>(null);
  const searchedTo = useSignal<number | null>(null);
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  const turn = useRef(0);
  // What is told while an answer is on its way may be newer than it.
  const news = useRef<Item[]>([]);
  const more = async (from: string | null) => {
    turn.current += 1;
    const mine = turn.current;
    busy.value = true;
    news.current = [];
    try {
      const found = await get<Found>("executions", { ...filters, next: from });
      if (mine !== turn.current) return;
      const all = from ? [...(items.value ?? []), ...found.executions] : found.executions;
      items.value = merged(all, news.current, filters);
      next.value = found.next;
      searchedTo.value = found.searchedTo;
      error.value = null;
    } catch (problem) {
      if (mine !== turn.current) return;
      error.value = told(problem);
    }
    busy.value = false;
  };
  useEffect(() => {
    void more(null);
    const unwatch = watch({
      executions: () => ({}),
      lists: true,
      onOpen: () => void more(null),
      onList: (frame) => {
        if (frame.more) return void more(null);
        if (busy.value) news.current.push(...frame.executions);
        if (items.value) items.value = merged(items.value, frame.executions, filters);
      },
    });
    return () => {
      turn.current += 1;
      unwatch();
    };
  }, [key]);
  return {
    items: items.value,
    next: next.value,
    searchedTo: searchedTo.value,
    error: error.value,
    busy: busy.value,
    more,
  };
}

/** What changed is replaced, or goes where its status is not asked for any more; what is new and fits the filters that the page can judge comes on top. */
function merged(items: Item[], news: Item[], filters: ReturnType<typeof filtersOf>): Item[] {
  const changed = new Map(news.map((item) => [item.executionArn, item]));
  const kept = items.flatMap((item) => {
    const found = changed.get(item.executionArn);
    changed.delete(item.executionArn);
    return !found ? [item] : hasStatus(found, filters) ? [found] : [];
  });
  const fresh = [...changed.values()].filter((item) => fits(item, filters));
  return [...fresh.sort((a, b) => b.started - a.started), ...kept];
}

function hasStatus(item: Item, { status }: ReturnType<typeof filtersOf>): boolean {
  return !status.length || status.includes(item.status);
}

function fits(item: Item, filters: ReturnType<typeof filtersOf>): boolean {
  if (filters.text || filters.from || filters.to) return false;
  const of = filters.machine;
  return (
    (!of || [item.stateMachineArn, item.version, item.alias].includes(of)) &&
    hasStatus(item, filters) &&
    (!filters.name || item.name.toLowerCase().includes(filters.name.toLowerCase()))
  );
}

/** What is asked for, in words: `Executions: Failed, “ada”`. */
function searchTitle(query: URLSearchParams): string {
  const statuses =
    query
      .get("status")
      ?.split(",")
      .map((each) => statusWord(each as Status)) ?? [];
  const texts = ["name", "text"].flatMap((part) => (query.get(part) ? [`“${query.get(part)}”`] : []));
  return ["Executions", [...statuses, ...texts].join(", ")].filter(Boolean).join(": ");
}

export function Executions() {
  useTitle(searchTitle(place.value.query));
  const found = useSearch(null);
  return (
    <>
      <header class="page-header">
        <h1>Executions</h1>
      </header>
      <Filters />
      <Results found={found} showMachine />
    </>
  );
}

interface ResultsProps {
  found: ReturnType<typeof useSearch>;
  showMachine: boolean;
}

export function Results({ found, showMachine }: ResultsProps) {
  if (found.error) return <Problem retry={() => void found.more(null)}>{found.error}</Problem>;
  if (!found.items) return <Loading />;
  return (
    <div data-ready="true">
      <ExecutionList items={found.items} showMachine={showMachine} selectable empty="No execution is like that." />
      {found.next && (
        <p class="pager">
          <button type="button" disabled={found.busy} onClick={() => void found.more(found.next)}>
            Look further
          </button>
          {found.searchedTo !== null && (
            <span class="quiet">
              {" "}
              looked at back to <When at={found.searchedTo} />
            </span>
          )}
        </p>
      )}
    </div>
  );
}

export function Filters() {
  const query = place.value.query;
  const current = query.get("status");
  const chosen = current?.split(",") ?? [];
  return (
    <search class="filters" aria-label="Filters">
      <fieldset class="views">
        <legend class="hidden">Views</legend>
        {VIEWS.map(([label, changes]) => (
          <button
            type="button"
            key={label}
            aria-pressed={(changes.status ?? null) === current}
            onClick={() => setQuery(changes, { replace: false })}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <Dropdown label={`Status${chosen.length ? `: ${chosen.length}` : ""}`}>
        <div class="menu-items">
          {STATUSES.map((status) => (
            <label key={status}>
              <input
                type="checkbox"
                checked={chosen.includes(status)}
                onChange={(event) => {
                  const next = event.currentTarget.checked
                    ? [...chosen, status]
                    : chosen.filter((each) => each !== status);
                  setQuery({ status: next.join(",") || null });
                }}
              />{" "}
              {statusWord(status)}
            </label>
          ))}
        </div>
      </Dropdown>
      <Typed name="name" label="Name" placeholder="Part of the name" />
      <Typed name="text" label="Text" placeholder="In input, output, error" />
      <span class="range">
        <label>
          From{" "}
          <input
            type="datetime-local"
            value={query.get("from") ?? ""}
            onChange={(event) => setQuery({ from: event.currentTarget.value || null })}
          />
        </label>
        <label>
          To{" "}
          <input
            type="datetime-local"
            value={query.get("to") ?? ""}
            onChange={(event) => setQuery({ to: event.currentTarget.value || null })}
          />
        </label>
      </span>
    </search>
  );
}

function Typed({ name, label, placeholder }: { name: string; label: string; placeholder: string }) {
  const given = place.value.query.get(name) ?? "";
  const text = useSignal(given);
  const known = useRef(given);
  // What changed the address elsewhere (the way back, a link) is shown; what was typed here since is kept.
  useEffect(() => {
    if (given !== known.current) text.value = given;
    known.current = given;
  }, [given]);
  useEffect(() => {
    if (text.value === known.current) return;
    const timer = setTimeout(() => {
      known.current = text.value;
      setQuery({ [name]: text.value || null });
    }, TYPING);
    return () => clearTimeout(timer);
  }, [text.value]);
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      value={text.value}
      onInput={(event) => {
        text.value = event.currentTarget.value;
      }}
    />
  );
}
