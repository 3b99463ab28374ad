"""A steady load: executions that begin at a fixed rate, whether the server keeps up or not.

A worker that waits for its server asks less of it while it is slow, and so measures little of that. Here each execution
has a moment at which it is to begin, and its time counts from there. Beside them, if asked for, comes one execution a
second whose expression would run forever, or take all memory; each has to end with an error of its own.
"""

import asyncio
import time
from itertools import cycle
from typing import Any

import uvloop
from client import Client
from load import ROLE, Run, WentWrong, encode
from workloads import HOSTILE, Workload

HOSTILE_EVERY_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 0.05
LONGEST_SECONDS = 60.0


class Steady:
    """Load for one server: small executions at a rate, alone or beside hostile ones."""

    def __init__(self, url: str, workload: Workload, rate: float, *, hostile: bool = False) -> None:
        self._url = url
        self._workload = workload
        self._rate = rate
        self._hostile = hostile
        self._kinds = cycle(HOSTILE)
        self._machines: dict[str, str] = {}
        self._free: list[Client] = []

    def run(self, seconds: float) -> Run:
        """Load the server for a while; the last execution ends later."""
        return uvloop.run(self._run(seconds))

    async def _run(self, seconds: float) -> Run:
        run = Run()
        await self._create_machines()
        async with asyncio.timeout(seconds + LONGEST_SECONDS), asyncio.TaskGroup() as group:
            begun = time.perf_counter()
            for number in range(max(int(seconds * self._rate), 1)):
                group.create_task(self._one(run, begun + number / self._rate))
            if self._hostile:
                for number in range(max(int(seconds / HOSTILE_EVERY_SECONDS), 1)):
                    group.create_task(self._attack(begun + number * HOSTILE_EVERY_SECONDS))
        run.elapsed = time.perf_counter() - begun
        while self._free:
            self._free.pop().close()
        return run

    async def _create_machines(self) -> None:
        wanted = {"": self._workload.definition, **(HOSTILE if self._hostile else {})}
        for kind, definition in wanted.items():
            if kind not in self._machines:
                request = {"name": f"steady-{time.time_ns()}", "definition": encode(definition).decode()}
                made = await self._call("CreateStateMachine", {**request, "roleArn": ROLE})
                self._machines[kind] = made["stateMachineArn"]

    async def _one(self, run: Run, at: float) -> None:
        await asyncio.sleep(at - time.perf_counter())
        found = await self._execute("", encode(self._workload.input).decode())
        run.times.append(time.perf_counter() - at)
        if found["status"] != "SUCCEEDED":
            raise WentWrong(f"{self._workload.title}: an execution ended so: {str(found)[:1_000]}")

    async def _attack(self, at: float) -> None:
        await asyncio.sleep(at - time.perf_counter())
        kind = next(self._kinds)
        found = await self._execute(kind, "{}")
        if found["status"] != "FAILED" or not found["error"].startswith("States."):
            raise WentWrong(f"{kind}: an execution ended so: {str(found)[:1_000]}")

    async def _execute(self, kind: str, source: str) -> dict[str, Any]:
        started = await self._call("StartExecution", {"stateMachineArn": self._machines[kind], "input": source})
        while True:
            found: dict[str, Any] = await self._call("DescribeExecution", {"executionArn": started["executionArn"]})
            if found["status"] != "RUNNING":
                return found
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _call(self, operation: str, request: dict[str, Any]) -> Any:
        client = self._free.pop() if self._free else Client(self._url)
        answer = await client.call(operation, request)
        self._free.append(client)
        return answer
