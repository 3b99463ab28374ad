// One stream for all who watch: a browser opens six connections to a server at most, so that a tab more would hang.
//
// Each client says what it watches; the stream is opened for the union, with the position that is known of each
// execution, and opened anew when the union changes. Frames go to the clients that watch what they are about.

export interface Wants {
  /** The address of the stream, without what is watched: `/console/api/stream?account=…`. */
  url: string;
  /** ARN of an execution -> the last event that the page has. */
  executions: Record<string, number>;
  lists: boolean;
}

export type Told =
  | { kind: "execution" | "list" | "gone" | "hello"; data: unknown }
  | { kind: "connection"; data: "open" | "lost" };

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
const GATHER = 30;

export class Multiplexer {
  private readonly clients = new Map<object, { wants: Wants | null; tell: (told: Told) => void }>();
  private readonly positions = new Map<string, number>();
  private source: EventSource | null = null;
  private opened = "";
  private isOpen = false;
  private readonly greeted = new Set<object>();
  private pause = FIRST_PAUSE;
  private timer: ReturnType<typeof setTimeout> | undefined;

  join(client: object, tell: (told: Told) => void): void {
    this.clients.set(client, { wants: null, tell });
  }

  leave(client: object): void {
    this.greeted.delete(client);
    if (this.clients.delete(client)) this.refresh();
  }

  watch(client: object, wants: Wants | null): void {
    const found = this.clients.get(client);
    if (!found) return;
    found.wants = wants;
    this.greeted.delete(client);
    for (const [arn, after] of Object.entries(wants?.executions ?? {})) {
      const known = this.positions.get(arn);
      // Who comes later may have less than the others: then all get it again, and drop what they know.
      if (known === undefined || after < known) {
        this.positions.set(arn, after);
        this.opened = "";
      }
    }
    this.refresh();
  }

  private refresh(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), GATHER);
  }

  private open(): void {
    const all = [...this.clients.values()].flatMap(({ wants }) => (wants ? [wants] : []));
    const arns = [...new Set(all.flatMap((wants) => Object.keys(wants.executions)))].sort();
    const lists = all.some((wants) => wants.lists);
    for (const arn of this.positions.keys()) if (!arns.includes(arn)) this.positions.delete(arn);
    const wanted = arns.length || lists ? JSON.stringify([all[0]?.url, arns, lists]) : "";
    if (wanted === this.opened && (this.source || !wanted)) {
      this.greet();
      return;
    }
    this.greeted.clear();
    this.source?.close();
    this.source = null;
    this.opened = wanted;
    if (!wanted || !all[0]) return;
    const url = new URL(all[0].url, location.origin);
    for (const arn of arns) url.searchParams.append("exec", arn);
    if (arns.length) url.searchParams.set("after", arns.map((arn) => this.positions.get(arn) ?? 0).join(","));
    if (lists) url.searchParams.set("lists", "1");
    this.listen(new EventSource(url));
  }

  /** Tell those that came since that the stream, which is as they want it, is open. */
  private greet(): void {
    if (!this.isOpen) return;
    for (const [client, { tell }] of this.clients) {
      if (this.greeted.has(client)) continue;
      this.greeted.add(client);
      tell({ kind: "connection", data: "open" });
    }
  }

  private listen(source: EventSource): void {
    this.source = source;
    this.isOpen = false;
    for (const kind of ["hello", "execution", "list", "gone"] as const) {
      source.addEventListener(kind, (event) => this.receive(kind, JSON.parse((event as MessageEvent<string>).data)));
    }
    source.onerror = () => {
      if (this.source !== source) return;
      // Opened anew by ourselves: with the positions of now, and with pauses that grow.
      source.close();
      this.source = null;
      this.opened = "";
      this.isOpen = false;
      this.greeted.clear();
      this.tell({ kind: "connection", data: "lost" });
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    };
  }

  private receive(kind: "hello" | "execution" | "list" | "gone", data: unknown): void {
    if (kind === "hello") {
      this.pause = FIRST_PAUSE;
      this.isOpen = true;
      this.greet();
    }
    const about = data as { executionArn?: string; lastEvent?: number; events?: { id: number }[] };
    if (kind === "execution" && about.executionArn) {
      const last = about.events?.at(-1)?.id ?? 0;
      this.positions.set(about.executionArn, Math.max(last, this.positions.get(about.executionArn) ?? 0));
    }
    for (const { wants, tell } of this.clients.values()) {
      if (!wants) continue;
      if (kind === "list" && !wants.lists) continue;
      if (about.executionArn && kind !== "list" && !(about.executionArn in wants.executions)) continue;
      tell({ kind, data });
    }
  }

  private tell(told: Told): void {
    for (const client of this.clients.values()) client.tell(told);
  }
}
