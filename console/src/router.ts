// Where the page is: a path below /console/, and the query. Both live in the address, so every view is a link.
import { signal } from "@preact/signals";
import { mayLeave } from "./unsaved";

export const BASE = "/console/";

export interface Place {
  path: string;
  query: URLSearchParams;
}

function here(): Place {
  const path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : "";
  return { path, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(here());

// Entries of the browser's history are numbered: so it is known which way leads back to one that may not be left yet.
let entry = Number(history.state?.entry ?? 0);
history.replaceState({ entry }, "");

addEventListener("popstate", ({ state }) => {
  const next = here();
  // The browser made an entry without a number itself, for a fragment.
  const to = Number(state?.entry ?? entry + 1);
  const by = to - entry;
  if (by && next.path !== place.peek().path && !mayLeave(() => history.go(by))) {
    history.go(-by);
    return;
  }
  entry = to;
  history.replaceState({ entry }, "");
  place.value = next;
});

/** An address within the console; parts of a path are given already encoded by `path`. */
export function address(path: string, query: Record<string, string | null | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const text = new URLSearchParams(given).toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** Go to an address; `replace` leaves no trace in the history of the browser. */
export function go(to: string, { replace = false } = {}): void {
  const isElsewhere = new URL(to, location.href).pathname !== location.pathname;
  if (isElsewhere && !mayLeave(() => go(to, { replace }))) return;
  if (!replace) entry += 1;
  history[replace ? "replaceState" : "pushState"]({ entry }, "", to);
  place.value = here();
  if (!replace) scrollTo(0, 0);
}

/** Change parts of the query, and stay where the page is. An empty value leaves the part out. */
export function setQuery(changes: Record<string, string | null>, { replace = true } = {}): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ""), { replace });
}

/** Follow links within the console without loading the page anew. */
export function followLinks(root: HTMLElement): void {
  root.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.getAttribute("href")?.startsWith("#")) return;
    if (!link.pathname.startsWith(BASE) || link.pathname.startsWith(`${BASE}api/`)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

export const paths = {
  overview: () => address(""),
  machines: () => address("machines"),
  machine: (arn: string, query = {}) => address(`machines/${encodeURIComponent(arn)}`, query),
  edit: (arn: string) => address(`machines/${encodeURIComponent(arn)}/edit`),
  diff: (arn: string, query = {}) => address(`machines/${encodeURIComponent(arn)}/diff`, query),
  create: () => address("create"),
  executions: (query = {}) => address("executions", query),
  execution: (arn: string, query = {}) => address(`executions/${encodeURIComponent(arn)}`, query),
  fork: (arn: string, query = {}) => address(`executions/${encodeURIComponent(arn)}/fork`, query),
  compare: (a: string, b: string) => address("compare", { a, b }),
  inbox: () => address("inbox"),
  playground: (query = {}) => address("playground", query),
};
