// The visits of an execution: fetched once, then kept true by what the stream tells of those that have changed.
import { type Signal, signal } from "@preact/signals";
import { get } from "../api/client";
import type { ExecutionFrame, VisitRow, Visits } from "../api/types";

const MOST = 25_000;
/** What is told meanwhile is shown at once: whatever shows visits may have thousands to draw. */
const PAUSE = 400;

export class VisitStore {
  /** A new object with every change; a row that is the same object has not changed. `lastEvent`: up to there it is complete. */
  readonly all: Signal<Visits | null> = signal(null);
  private told: ExecutionFrame[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private fetching: Promise<void> | null = null;

  constructor(
    private readonly arn: string,
    /** Where an error of what is done by itself goes. */
    private readonly attempt: (step: () => Promise<void>) => Promise<void>,
  ) {}

  load(): Promise<void> {
    this.fetching ??= get<Visits>("execution/visits", { arn: this.arn, limit: MOST })
      .then((visits) => {
        if (visits.lastEvent >= (this.all.peek()?.lastEvent ?? 0)) this.all.value = visits;
        this.catchUp();
      })
      .finally(() => {
        this.fetching = null;
      });
    return this.fetching;
  }

  receive(frame: ExecutionFrame): void {
    this.told.push(frame);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.catchUp();
    }, PAUSE);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  /** A visit, by its number. */
  find(visit: number): VisitRow | undefined {
    const rows = this.all.value?.rows ?? [];
    const row = rows[place(rows, visit)];
    return row?.[0] === visit ? row : undefined;
  }

  private catchUp(): void {
    let visits = this.all.peek();
    // While they are on their way, what is told meanwhile may be newer than they are.
    if (!visits) return;
    const told = this.told;
    this.told = [];
    for (const frame of told) {
      if ((frame.events[0]?.id ?? 0) > visits.lastEvent + 1) return void this.attempt(() => this.load());
      if (frame.lastEvent >= visits.lastEvent) visits = merged(visits, frame);
    }
    this.all.value = visits;
  }
}

/** Rows that have changed take their place, new ones follow; where nothing has, the visits are those of before. */
function merged(before: Visits, { visits: { states, rows }, events }: ExecutionFrame): Visits {
  if (!rows.length) return before;
  const known = new Map(before.states.map((path, index) => [path, index]));
  const all = before.rows.slice();
  for (const row of rows) {
    const path = states[row[1]] as string;
    if (!known.has(path)) known.set(path, known.size);
    const own: VisitRow = [...row];
    own[1] = known.get(path) as number;
    const at = place(all, row[0]);
    all.splice(at, all[at]?.[0] === row[0] ? 1 : 0, own);
  }
  return { ...before, states: [...known.keys()], rows: all, lastEvent: events.at(-1)?.id ?? before.lastEvent };
}

/** Where a visit is, or would follow: rows are in the order of their numbers. */
function place(rows: VisitRow[], visit: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const between = (low + high) >> 1;
    if ((rows[between] as VisitRow)[0] < visit) low = between + 1;
    else high = between;
  }
  return low;
}
