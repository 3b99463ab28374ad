// What a page knows of one execution: fetched once, then kept true by the stream.
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, post, told } from "../api/client";
import { watch } from "../api/live";
import type { ExecutionFrame, ExecutionPage, Layout } from "../api/types";
import { EventStore } from "../events";
import { VisitStore } from "./visits";

export class ExecutionState {
  readonly page: Signal<ExecutionPage | null> = signal(null);
  readonly layout: Signal<Layout | null> = signal(null);
  /** Why there is no graph; all else is there without it. */
  readonly undrawn: Signal<string | null> = signal(null);
  readonly visits: VisitStore;
  readonly error: Signal<string | null> = signal(null);
  readonly gone = signal(false);
  readonly events: EventStore;
  readonly collapsed: Signal<ReadonlySet<string>> = signal(new Set());
  private unwatch: (() => void) | undefined;
  private closed = false;

  constructor(readonly arn: string) {
    this.events = new EventStore(arn);
    this.visits = new VisitStore(arn, (step) => this.attempt(step));
  }

  /** Fetch all of it and watch it; what went wrong is told by `error`. */
  open(): Promise<void> {
    return this.attempt(async () => {
      const page = await get<ExecutionPage>("execution", { arn: this.arn });
      if (this.closed) return;
      this.page.value = page;
      this.unwatch ??= watch({
        executions: () => ({ [this.arn]: this.known() }),
        lists: false,
        onExecution: (frame) => this.receive(frame),
        onGone: () => {
          this.gone.value = true;
        },
      });
      await this.draw();
      await this.visits.load();
      await this.loadEvents();
      this.known = () => this.events.last;
    });
  }

  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
      this.error.value = null;
    } catch (error) {
      if (!this.closed) this.error.value = told(error);
    }
  }

  /** The last event that the page has; what comes between the fetch of the page and that of the events comes twice. */
  private known = (): number => this.page.value?.execution.lastEvent ?? 0;

  close(): void {
    this.closed = true;
    this.visits.close();
    this.unwatch?.();
  }

  async draw(): Promise<void> {
    const definition = this.page.value?.definition;
    if (definition === undefined) return;
    const collapsed = this.collapsed.value;
    try {
      const layout = await post<Layout>("layout", { definition, collapsed: [...collapsed] });
      if (collapsed !== this.collapsed.value) return;
      this.layout.value = layout;
      this.undrawn.value = null;
    } catch (error) {
      if (!this.closed) this.undrawn.value = told(error);
    }
  }

  toggle(id: string): void {
    const next = new Set(this.collapsed.value);
    if (!next.delete(id)) next.add(id);
    this.collapsed.value = next;
    void this.draw();
  }

  private loadEvents(): Promise<void> {
    return this.events.load(() => this.page.value?.execution.lastEvent ?? 0);
  }

  private receive(frame: ExecutionFrame): void {
    const page = this.page.value;
    if (!page) return;
    // Events that came between two fetches are missing: they are fetched then.
    if (this.events.complete.value && !this.events.add(frame.events)) void this.attempt(() => this.loadEvents());
    this.page.value = {
      ...page,
      states: { ...page.states, ...frame.states },
      waits: frame.waits,
      execution: { ...page.execution, status: frame.status, stopped: frame.stopped, lastEvent: frame.lastEvent },
    };
    this.visits.receive(frame);
    if (frame.stopped !== null || page.execution.status !== frame.status) void this.attempt(() => this.refresh());
  }

  /** Fetch the page anew, without letting go of what is shown. */
  async refresh(): Promise<void> {
    const page = await get<ExecutionPage>("execution", { arn: this.arn });
    if (this.closed) return;
    // The stream may have told more while this was on its way.
    if (page.execution.lastEvent < (this.page.value?.execution.lastEvent ?? 0)) return this.refresh();
    this.page.value = page;
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
