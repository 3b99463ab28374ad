"""The load: executions that are started and followed to their end, and how long each took.

A number of workers each keep one execution in flight: StartExecution, DescribeExecution until it has ended, then the
next. The first look comes when an execution is usually done, by the server's own account of how long they run; so
asking is not what the server is kept busy with, and a server that is done when it answers the start is asked once.
An Express execution is one call, StartSyncExecution.
"""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import uvloop
from client import Client
from workloads import Workload

ROLE = "arn:aws:iam::123456789012:role/bench"
SHORTEST_PAUSE, LONGEST_PAUSE = 0.001, 0.05
LONGEST_EXECUTION_SECONDS = 120.0

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class WentWrong(Exception):
    """An execution did not end as it must; the message says how it ended."""


@dataclass
class Run:
    """What a while of load came to."""

    elapsed: float = 0.0
    times: list[float] = field(default_factory=list)
    """For each execution the seconds from before its start to the answer that says that it is over."""

    def percentile(self, percent: int) -> float:
        """Return the time that so many of a hundred executions keep within."""
        return sorted(self.times)[(len(self.times) - 1) * percent // 100]


class Load:
    """Load for one server: one workload, so many executions at once."""

    def __init__(self, url: str, workload: Workload, at_once: int, *, express: bool = False) -> None:
        self._url = url
        self._express = express
        self._workload = workload
        self._at_once = at_once
        self._source = encode(workload.input).decode()
        self._state_machine = ""
        self._usually = 0.0
        """How long an execution runs, in seconds, by the server's account."""

    def run(self, seconds: float) -> Run:
        """Load the server for a while; each worker runs one execution at least."""
        return uvloop.run(self._run(seconds))

    async def _run(self, seconds: float) -> Run:
        clients = [Client(self._url) for _ in range(self._at_once)]
        if not self._state_machine:
            self._state_machine = await self._create(clients[0])
        run = Run()
        begun = time.perf_counter()
        await asyncio.gather(*(self._work(client, run, begun + seconds) for client in clients))
        run.elapsed = time.perf_counter() - begun
        for client in clients:
            client.close()
        return run

    async def _create(self, client: Client) -> str:
        definition = encode(self._workload.definition).decode()
        kind = "EXPRESS" if self._express else "STANDARD"
        request = {"name": f"bench-{uuid.uuid4().hex}", "definition": definition, "roleArn": ROLE, "type": kind}
        arn: str = (await client.call("CreateStateMachine", request))["stateMachineArn"]
        return arn

    async def _work(self, client: Client, run: Run, until: float) -> None:
        while True:
            begun = time.perf_counter()
            await self._execute_in_time(client)
            ended = time.perf_counter()
            run.times.append(ended - begun)
            if ended >= until:
                return

    async def _execute_in_time(self, client: Client) -> None:
        name = uuid.uuid4().hex
        try:
            async with asyncio.timeout(LONGEST_EXECUTION_SECONDS):
                await self._execute(client, name)
        except TimeoutError:
            where = f"{self._workload.title}, {self._url}, {self._state_machine}"
            text = f"{where}: the execution {name} has not ended after {LONGEST_EXECUTION_SECONDS:.0f} s"
            raise WentWrong(text) from None

    async def _execute(self, client: Client, name: str) -> None:
        request = {"stateMachineArn": self._state_machine, "name": name, "input": self._source}
        if self._express:
            self._check(await client.call("StartSyncExecution", request))
            return
        started = await client.call("StartExecution", request)
        pause = 0.8 * self._usually
        while True:
            if pause >= SHORTEST_PAUSE:
                await asyncio.sleep(pause)
            found = await client.call("DescribeExecution", {"executionArn": started["executionArn"]})
            if found["status"] != "RUNNING":
                break
            pause = min(max(0.1 * self._usually, SHORTEST_PAUSE), LONGEST_PAUSE)
        self._check(found)

    def _check(self, found: dict[str, Any]) -> None:
        if found["status"] != "SUCCEEDED" or not self._workload.is_right(_decode(found["output"])):
            raise WentWrong(f"{self._workload.title}: an execution ended so: {str(found)[:1_000]}")
        took = _seconds(found["stopDate"]) - _seconds(found["startDate"])
        self._usually += (took - self._usually) * (0.2 if self._usually else 1.0)


def _seconds(moment: float | str) -> float:
    """Return a time on the wire, a number or a text, in seconds since the epoch."""
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else moment
