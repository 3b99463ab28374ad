// What happens on the server, as it happens.
import { signal } from "@preact/signals";
import { scope } from "../settings";
import { apiUrl, get } from "./client";
import { Multiplexer, type Told, type Wants } from "./multiplexer";
import type { ExecutionFrame, ListFrame } from "./types";

/** Whether the stream is open; false shows a notice. */
export const connected = signal(true);

interface Watcher {
  executions: () => Record<string, number>;
  lists: boolean;
  onExecution?: (frame: ExecutionFrame) => void;
  onList?: (frame: ListFrame) => void;
  /** The stream is open: what happened before may be missing, what happens from now on is told. */
  onOpen?: () => void;
  onGone?: (executionArn: string) => void;
}

const watchers = new Set<Watcher>();
const BEAT = 25_000;

let send: (wants: Wants | null) => void = () => undefined;

function connect(): void {
  if (typeof SharedWorker === "undefined") {
    const own = new Multiplexer();
    own.join(own, receive);
    send = (wants) => own.watch(own, wants);
    return;
  }
  // One for each account and region: tabs may look at different ones.
  const worker = new SharedWorker(new URL("./live-worker.ts", import.meta.url), {
    type: "module",
    name: `stepwell ${scope.value}`,
  });
  worker.port.onmessage = ({ data }: MessageEvent<Told>) => receive(data);
  send = (wants) => worker.port.postMessage({ wants });
  setInterval(() => worker.port.postMessage({}), BEAT);
  addEventListener("pagehide", () => worker.port.postMessage({ bye: true }));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

let isConnected = false;

function tellWants(): void {
  if (!isConnected) {
    isConnected = true;
    connect();
  }
  const executions = Object.assign({}, ...[...watchers].map((watcher) => watcher.executions()));
  const lists = [...watchers].some((watcher) => watcher.lists);
  send(watchers.size ? { url: apiUrl("stream"), executions, lists } : null);
}

function receive(told: Told): void {
  if (told.kind === "connection") connected.value = told.data === "open";
  // A stream doesn't tell why it ended: where the session has, this leads to the login.
  if (told.kind === "connection" && told.data === "lost") get("session").catch(() => undefined);
  for (const watcher of watchers) {
    if (told.kind === "connection" && told.data === "open") watcher.onOpen?.();
    if (told.kind === "list") watcher.onList?.(told.data as ListFrame);
    const arn = (told.data as { executionArn?: string }).executionArn;
    if (!arn || !(arn in watcher.executions())) continue;
    if (told.kind === "execution") watcher.onExecution?.(told.data as ExecutionFrame);
    if (told.kind === "gone") watcher.onGone?.(arn);
  }
}

/** Watch executions (ARN -> the last event that is known) or the lists; the answer ends it. */
export function watch(watcher: Watcher): () => void {
  watchers.add(watcher);
  tellWants();
  return () => {
    watchers.delete(watcher);
    tellWants();
  };
}
