"""The buffer between executions and the place that their logs go to.

An execution never waits for its log. Lines gather for a moment, so that a busy state machine costs one call, not one a
line. What does not fit into the buffer, or can't be written, is lost: it is counted, and the server's log says so.
"""

import asyncio
import contextlib
import logging

from stepwell.logs.port import Destination, Line, LinesLost, LogGroup, log_group

log = logging.getLogger("stepwell.logs")

BUFFER_BYTES = 32 * 1024 * 1024
"""What may wait to be written, all groups together."""
GATHER_SECONDS = 0.1
WRITES_AT_A_TIME = 8
LAST_SECONDS = 5.0
"""How long the end of the server waits for what is still in the buffer."""
NOT_FOUND = "Log Destination not found."


class Delivery:
    """Takes lines at once, and has them written by and by."""

    def __init__(self, destination: Destination) -> None:
        self.lost = 0
        """How many lines were lost since the server started."""
        self._destination = destination
        self._waiting: dict[tuple[LogGroup, str], list[Line]] = {}
        self._bytes = 0
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._at_a_time = asyncio.Semaphore(WRITES_AT_A_TIME)
        self._full = False
        self._closing = False

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="logs")

    async def close(self) -> None:
        """Write what is left, as far as that can be done in a few seconds."""
        self._closing = True
        self._wanted.set()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, LAST_SECONDS)
        self.lost += sum(map(len, self._waiting.values()))
        if self.lost:
            log.error("%d lines of execution logs were lost since the server started", self.lost)
        await self._destination.close()

    async def problem(self, arn: str) -> str | None:
        """Return in AWS's words why nothing can be logged to a log group, given by its ARN; None where it can."""
        group = log_group(arn)
        return NOT_FOUND if group is None else await self._destination.problem(group)

    def append(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        """Take lines; where the buffer is full they are lost."""
        size = sum(len(line.text) for line in lines)
        if self._bytes + size > BUFFER_BYTES:
            self.lost += len(lines)
            if not self._full:
                self._full = True
                log.error("the buffer of the execution logs is full: lines are lost until it is written")
            return
        self._bytes += size
        self._waiting.setdefault((group, state_machine), []).extend(lines)
        self._wanted.set()

    async def _run(self) -> None:
        while not self._closing:
            await self._wanted.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wanted.clear()
            await self._flush()
        await self._flush()

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        await asyncio.gather(*(self._write(*place, lines) for place, lines in waiting.items()))
        if self._full:
            self._full = False
            log.error("%d lines of execution logs were lost since the server started", self.lost)

    async def _write(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        written = False
        try:
            async with self._at_a_time:
                await self._destination.write(group, state_machine, lines)
            written = True
        except LinesLost as problem:
            log.error("%d lines of execution logs for %s are lost: %s", len(lines), group.name, problem)
        except Exception:
            log.exception("%d lines of execution logs for %s are lost: a bug of Stepwell", len(lines), group.name)
        finally:
            self._bytes -= sum(len(line.text) for line in lines)
            if not written:
                self.lost += len(lines)
