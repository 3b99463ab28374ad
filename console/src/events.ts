// All events of an execution, as they come, and what an execution looked like at any of them.
import { signal } from "@preact/signals";
import { get } from "./api/client";
import type { Events, HistoryEvent, StateSummary, VisitStatus } from "./api/types";

const PAGE = 5000;
const CHECKPOINT = 512;

type Fold = { visits: Map<number, [string, VisitStatus]>; count: Map<string, number> };

export class EventStore {
  /** Grows; the signal's value is how many there are. */
  readonly events: HistoryEvent[] = [];
  readonly size = signal(0);
  readonly complete = signal(false);
  private readonly checkpoints: Fold[] = [];
  private loading: Promise<void> | null = null;

  constructor(readonly arn: string) {}

  get last(): number {
    return this.events.at(-1)?.id ?? 0;
  }

  /** Fetch all that there is, at least to the event that is known to be there by then; what comes later is given to `add`. */
  load(until: () => number): Promise<void> {
    this.loading ??= this.fetchAll(until).finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  private async fetchAll(until: () => number): Promise<void> {
    for (;;) {
      const page = await get<Events>("execution/events", { arn: this.arn, after: this.last, limit: PAGE });
      this.add(page.events);
      if (!page.events.length || (page.next === null && this.last >= until())) break;
    }
    this.complete.value = true;
  }

  /** Take events that follow, and leave out those that are known; false where some between are missing. */
  add(events: HistoryEvent[]): boolean {
    for (const event of events) if (event.id === this.last + 1) this.events.push(event);
    this.size.value = this.events.length;
    return (events.at(-1)?.id ?? 0) <= this.last;
  }

  /** How the states stood when the event of this id had happened. */
  statesAt(id: number): Record<string, StateSummary> {
    const until = Math.min(id, this.events.length);
    const from = Math.floor(until / CHECKPOINT);
    for (let index = this.checkpoints.length; index <= from; index += 1) {
      const before = this.checkpoints[index - 1];
      const fold: Fold = before ? copy(before) : { visits: new Map(), count: new Map() };
      if (before) this.foldInto(fold, (index - 1) * CHECKPOINT, index * CHECKPOINT);
      this.checkpoints.push(fold);
    }
    const fold = copy(this.checkpoints[from] as Fold);
    this.foldInto(fold, from * CHECKPOINT, until);
    return summary(fold);
  }

  private foldInto(fold: Fold, from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      const event = this.events[index];
      if (!event?.visit || !event.status || event.state === null) continue;
      if (!fold.visits.has(event.visit)) fold.count.set(event.state, (fold.count.get(event.state) ?? 0) + 1);
      fold.visits.set(event.visit, [event.state, event.status]);
    }
  }
}

function copy(fold: Fold): Fold {
  return { visits: new Map(fold.visits), count: new Map(fold.count) };
}

const OPEN: VisitStatus[] = ["RUNNING", "WAITING", "RETRYING"];

function summary(fold: Fold): Record<string, StateSummary> {
  const found: Record<string, StateSummary> = {};
  for (const [visit, [state, status]] of fold.visits) {
    const before = found[state];
    const alarming = before && OPEN.indexOf(before.status) > OPEN.indexOf(status);
    const counts = before?.counts ?? {};
    counts[status] = (counts[status] ?? 0) + 1;
    found[state] = {
      visits: fold.count.get(state) ?? 1,
      status: alarming ? before.status : status,
      last: alarming ? before.last : visit,
      counts,
    };
  }
  return found;
}
