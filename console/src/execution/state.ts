// What a page knows of one execution: fetched once, then kept true by the stream.
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, post, told } from "../api/client";
import { watch } from "../api/live";
import type { ExecutionFrame, ExecutionPage, Layout, Visits } from "../api/types";
import { EventStore } from "../events";

const VISITS = 25_000;
const VISITS_PAUSE = 400;

export class ExecutionState {
  readonly page: Signal<ExecutionPage | null> = signal(null);
  readonly layout: Signal<Layout | null> = signal(null);
  readonly visits: Signal<Visits | null> = signal(null);
  readonly error: Signal<string | null> = signal(null);
  readonly gone = signal(false);
  /** Grows with every piece of news: what shows details fetches them anew. */
  readonly news = signal(0);
  readonly events: EventStore;
  readonly collapsed: Signal<ReadonlySet<string>> = signal(new Set());
  private visitsTimer: ReturnType<typeof setTimeout> | undefined;
  private unwatch: (() => void) | undefined;
  private closed = false;

  constructor(readonly arn: string) {
    this.events = new EventStore(arn);
  }

  async open(): Promise<void> {
    try {
      const page = await get<ExecutionPage>("execution", { arn: this.arn });
      if (this.closed) return;
      this.page.value = page;
      this.error.value = null;
      this.unwatch = watch({
        executions: () => ({ [this.arn]: this.known() }),
        lists: false,
        onExecution: (frame) => this.receive(frame),
        onGone: () => {
          this.gone.value = true;
        },
      });
      await this.draw();
      await this.loadVisits();
      await this.events.load();
      this.known = () => this.events.last;
    } catch (error) {
      this.error.value = told(error);
    }
  }

  /** The last event that the page has; what comes between the fetch of the page and that of the events comes twice. */
  private known = (): number => this.page.value?.execution.lastEvent ?? 0;

  close(): void {
    this.closed = true;
    clearTimeout(this.visitsTimer);
    this.unwatch?.();
  }

  async draw(): Promise<void> {
    const definition = this.page.value?.definition;
    if (definition === undefined) return;
    this.layout.value = await post<Layout>("layout", { definition, collapsed: [...this.collapsed.value] });
  }

  toggle(id: string): void {
    const next = new Set(this.collapsed.value);
    if (!next.delete(id)) next.add(id);
    this.collapsed.value = next;
    void this.draw();
  }

  private async loadVisits(): Promise<void> {
    this.visits.value = await get<Visits>("execution/visits", { arn: this.arn, limit: VISITS });
  }

  private receive(frame: ExecutionFrame): void {
    const page = this.page.value;
    if (!page) return;
    if (this.events.complete.value) this.events.add(frame.events);
    this.page.value = {
      ...page,
      states: { ...page.states, ...frame.states },
      waits: frame.waits,
      execution: { ...page.execution, status: frame.status, stopped: frame.stopped, lastEvent: frame.lastEvent },
    };
    this.news.value += 1;
    if (frame.stopped !== null || page.execution.status !== frame.status) void this.refresh();
    clearTimeout(this.visitsTimer);
    this.visitsTimer = setTimeout(() => void this.loadVisits(), VISITS_PAUSE);
  }

  /** Fetch the page anew, without letting go of what is shown. */
  async refresh(): Promise<void> {
    const page = await get<ExecutionPage>("execution", { arn: this.arn });
    if (!this.closed) this.page.value = page;
  }
}

export function useExecution(arn: string): ExecutionState {
  const state = useMemo(() => new ExecutionState(arn), [arn]);
  useEffect(() => {
    void state.open();
    return () => state.close();
  }, [state]);
  return state;
}
