"""Short sends to Amazon SQS: this server with a local endpoint, beside moto's own interpreter with moto's own queues.

    .venv/bin/python bench/sqs_sends.py [--rounds 3] [--seconds 5] [--at-once 32] [--check]

One state machine, three sends in a row. This server's endpoint is a process of its own that answers each send at once,
so that it is the server that sets the limit; moto's interpreter can call nothing but moto. With `--moto-queues` this
server sends to moto's queues as well: then it is those that set the limit.
"""

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import sys
import tempfile
from contextlib import nullcontext
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import boto3
import httptools
import uvloop
from load import Load
from processes import cpu_seconds
from servers import Server, moto, stepwell
from wishes import Figures, judged
from workloads import Workload

MEASURE = "sqs sends"
SENDS = 3
_CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "123456789012", "aws_secret_access_key": "x"}


def workload(queue: str) -> Workload:
    """Return the state machine that sends to a queue."""
    names = [f"Send{number}" for number in range(1, SENDS + 1)]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody": "short"},
        "ResultPath": None,
    }
    states = {name: task | {"Next": follower} for name, follower in pairwise(names)}
    states[names[-1]] = task | {"End": True}
    definition = {"StartAt": names[0], "States": states}
    return Workload(f"{SENDS} sends to Amazon SQS", definition, {"n": 1}, SENDS, lambda output: output == {"n": 1})


class Queues(asyncio.Protocol):
    """An endpoint that takes every message, and answers what Amazon SQS answers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body, self._body = self._body, b""
        digest = hashlib.md5(json.loads(body)["MessageBody"].encode(), usedforsecurity=False).hexdigest()
        answer = json.dumps({"MD5OfMessageBody": digest, "MessageId": "b6633655-283d-45b4-aee4-4e84e0ae6afa"}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(answer)}\r\n\r\n"
        self._transport.write(head.encode() + answer)  # type: ignore[attr-defined]


def serve_queues(told: Connection) -> None:
    """Serve the endpoint; tell its port."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Queues, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(serve())


def measured(server: Server, load: Load, seconds: float) -> dict[str, float]:
    """Return what a server comes to in a while."""
    before = cpu_seconds(server.pid)
    run = load.run(seconds)
    count = len(run.times)
    return {
        "sends_per_s": count * SENDS / run.elapsed,
        "p50_ms": run.percentile(50) * 1000,
        "cpu_ms_each": (cpu_seconds(server.pid) - before) * 1000 / (count * SENDS),
    }


def compare(options: argparse.Namespace, folder: Path, endpoint: str) -> dict[str, dict[str, float]]:
    """Let the servers take turns; return for each the medians of its figures."""
    with moto(folder) as theirs:
        queue = boto3.client("sqs", endpoint_url=theirs.url, **_CREDENTIALS).create_queue(QueueName="q")["QueueUrl"]
        services, ours_queue = (theirs.url, queue) if options.moto_queues else (endpoint, f"{endpoint}/1/q")
        with stepwell(folder / "data", environment={"AWS_ENDPOINT_URL_SQS": services}) as ours:
            loads = {ours: workload(ours_queue), theirs: workload(queue)}
            turns = [(server, Load(server.url, work, options.at_once)) for server, work in loads.items()]
            made: dict[str, list[dict[str, float]]] = {server.name: [] for server in loads}
            for server in loads:
                server.hold()
            for number in range(options.rounds + 1):  # the first is a rehearsal
                for server, load in turns:
                    beside = theirs.turn() if options.moto_queues and server is ours else nullcontext()
                    with beside, server.turn():
                        found = measured(server, load, options.seconds if number else 1.0)
                    made[server.name] += [found] if number else []
    return {
        name: {figure: median(each[figure] for each in rounds) for figure in rounds[0]} for name, rounds in made.items()
    }


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="that a turn lasts")
    parser.add_argument("--at-once", type=int, default=32, help="executions")
    parser.add_argument("--moto-queues", action="store_true", help="send to moto's queues from here as well")
    parser.add_argument("--check", action="store_true", help="end with status 1 unless what is wished holds")
    options = parser.parse_args()
    told, tell = multiprocessing.Pipe(duplex=False)
    queues = multiprocessing.get_context("spawn").Process(target=serve_queues, args=(tell,), daemon=True)
    queues.start()
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=Path(__file__).parent) as folder:
        made = compare(options, Path(folder), f"http://127.0.0.1:{told.recv()}")
    queues.terminate()
    for name, figures in made.items():
        print(f"{name}: {', '.join(f'{figure} {number:,.1f}' for figure, number in figures.items())}")
    if options.moto_queues:
        return 0
    measures: Figures = {MEASURE: made}
    wishes = [wish for wish in judged(measures) if wish["holds"] is not None]
    for wish in wishes:
        holds = "holds" if wish["holds"] else "DOES NOT HOLD"
        print(f"{wish['wish']}: {wish['measured']:,.1f}, {wish['bound']}: {holds}")
    return int(options.check and not all(wish["holds"] for wish in wishes))


if __name__ == "__main__":
    sys.exit(main())
