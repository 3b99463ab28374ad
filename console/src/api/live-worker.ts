// The SharedWorker that holds the one stream of all tabs.
import { Multiplexer, type Wants } from "./multiplexer";

/** A tab that was silent for so long is gone: a worker is told of no port that closes. Hidden tabs beat once a minute. */
const SILENCE = 200_000;

const multiplexer = new Multiplexer();
const heard = new Map<MessagePort, number>();

declare const self: { onconnect: ((event: MessageEvent) => void) | null };

self.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  multiplexer.join(port, (told) => port.postMessage(told));
  heard.set(port, Date.now());
  port.onmessage = ({ data }: MessageEvent<{ wants?: Wants | null; bye?: true }>) => {
    heard.set(port, Date.now());
    if (data.bye) leave(port);
    else if (data.wants !== undefined) multiplexer.watch(port, data.wants);
  };
};

function leave(port: MessagePort): void {
  heard.delete(port);
  multiplexer.leave(port);
}

setInterval(() => {
  for (const [port, at] of heard) if (Date.now() - at > SILENCE) leave(port);
}, 30_000);
