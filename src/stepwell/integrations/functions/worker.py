"""One worker: a process that serves one function, one invocation at a time.

    STARTING -> IDLE -> BUSY -> RETURNING -> IDLE …      and from anywhere -> ENDED

It is IDLE when its client has asked for the next invocation, BUSY when it was given one, and RETURNING when it has
answered but not yet asked again. A deadline hangs over each of the busy states; who misses it is killed.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Protocol, cast

from stepwell.integrations.functions import outcomes
from stepwell.integrations.functions.launch import Launch
from stepwell.integrations.functions.outcomes import LATEST, Invocation
from stepwell.integrations.functions.output import Output
from stepwell.integrations.functions.runtime_api import Connection, RuntimeApi

INIT_SECONDS = 60.0
"""How long the imports of a function may take: ten on Lambda, but here nobody pays for a slow disk."""

GRACE_SECONDS = 2.0


class State(Enum):
    """What a worker is doing."""

    STARTING = 1
    IDLE = 2
    BUSY = 3
    RETURNING = 4
    ENDED = 5


@dataclass(slots=True, eq=False)
class Call:
    """One invocation on its way. Whoever waits for it waits for `future`."""

    request_id: str
    payload: bytes
    arn: str
    client_context: str
    future: "asyncio.Future[Invocation]"
    worker: "Worker | None" = None

    def resolve(self, payload: bytes, error: bool, log_tail: bytes = b"") -> None:
        """Answer whoever still waits."""
        if not self.future.done():
            self.future.set_result(Invocation(payload, error, LATEST, self.request_id, log_tail))


class Owner(Protocol):
    """Who a worker works for."""

    def ready(self, worker: "Worker") -> None:
        """Know that the worker is idle."""

    def ended(self, worker: "Worker") -> None:
        """Know that the worker takes no more calls."""

    def gone(self, worker: "Worker") -> None:
        """Know that nothing of the worker is left."""


class Worker(asyncio.SubprocessProtocol):
    """A process, its connection to the Runtime API, and the invocation that it is at."""

    def __init__(self, owner: Owner, launch: Launch, api: RuntimeApi, output: Output) -> None:
        self.state = State.STARTING
        self.call: Call | None = None
        self.idle_since = 0.0
        self.was_ready = False
        self._owner = owner
        self._launch = launch
        self._api = api
        self._output = output
        self._loop = asyncio.get_running_loop()
        self._gone = self._loop.create_future()
        self._token, address = api.admit(self)
        self._connection: Connection | None = None
        self._transport: asyncio.SubprocessTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._killed = False
        self._failure: Callable[[str], bytes] | None = None
        self._start_task = self._loop.create_task(self._start(address))

    async def _start(self, address: str) -> None:
        self._set_deadline(INIT_SECONDS)
        try:
            await self._loop.subprocess_exec(
                lambda: self,
                *self._launch.command,
                stderr=asyncio.subprocess.STDOUT,
                env=self._launch.environment_for(address),
                cwd=self._launch.folder,
                # A group of its own: it is killed as one, and no Ctrl-C of a terminal reaches it.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._failure = partial(outcomes.not_started, reason=f"{self._launch.command[0]}: {error}")
            self._end()
            self._leave()

    # What the pool asks for.

    def deliver(self, call: Call) -> bool:
        """Give the worker an invocation; return whether it was there to take it."""
        assert self._connection is not None
        seconds, now = self._launch.timeout, time.time()
        headers = (
            f"Lambda-Runtime-Aws-Request-Id: {call.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {int((now + seconds) * 1000)}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {call.arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {trace_id(call.request_id, now)}\r\n"
        )
        if call.client_context:
            headers += f"Lambda-Runtime-Client-Context: {call.client_context}\r\n"
        self._output.begin()
        if not self._connection.send("200 OK", headers, call.payload):
            self.kill()
            return False
        self.state, self.call, call.worker = State.BUSY, call, self
        self._set_deadline(seconds)
        return True

    def kill(self) -> None:
        """End the process, and all that it has started."""
        self._killed = True
        if self._transport is not None and self._transport.get_returncode() is None:
            kill_group(self._transport.get_pid())

    async def wait_gone(self) -> None:
        """Return when nothing of the process is left, or give up what is."""
        await asyncio.wait({self._start_task, self._gone}, timeout=GRACE_SECONDS)
        if self._transport is not None:
            self._transport.close()

    def failure(self, request_id: str) -> bytes:
        """Return Lambda's payload for why the process has ended."""
        if self._failure is not None:
            return self._failure(request_id)
        returncode = self._transport.get_returncode() if self._transport else None
        return outcomes.exited(request_id, returncode or 0)

    # What its client tells the Runtime API.

    def next_asked(self, connection: Connection) -> None:
        """Be idle, and know where to send the next invocation."""
        if self.state is State.BUSY:  # it asks for the next without an answer to this one
            self.kill()
        elif not self._killed:
            self._clear_deadline()
            self._connection = connection
            self.state, self.was_ready, self.idle_since = State.IDLE, True, self._loop.time()
            self._owner.ready(self)

    def connection_closed(self, connection: Connection) -> None:
        """Take a worker that no longer listens for dead."""
        if connection is self._connection and self.state is State.IDLE:
            self.kill()

    def answered(self, request_id: str, payload: bytes | None, error: bool) -> bool:
        """Pass the answer on to who waits for it."""
        call = self.call
        if call is None or call.request_id != request_id:
            return False
        self.call, self.state = None, State.RETURNING
        if payload is None:
            payload, error = outcomes.response_too_large(), True
        elif error and self._launch.memory_limited and outcomes.is_memory_error(payload):
            # On Lambda the process would have been killed; what is left of this one is not to be trusted.
            payload = outcomes.out_of_memory(request_id)
            self.kill()
        self._resolve_soon(call, payload, error)
        return True

    def init_failed(self, payload: bytes) -> None:
        """Remember why the function could not be loaded: the process is about to end."""
        self._failure = lambda _request_id: payload

    # What the process does.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know the process; it may have been given up while it was being started."""
        # No isinstance: uvloop's transports only look like asyncio's.
        self._transport = cast("asyncio.SubprocessTransport", transport)
        if self._killed:
            self.kill()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 (asyncio's signature)
        """Take what the function has printed."""
        self._output.feed(data)

    def process_exited(self) -> None:
        """Answer for a process that has not answered itself."""
        assert self._transport is not None
        kill_group(self._transport.get_pid())
        self._end()
        # Whoever it has started may have left its group, and hold its output open.
        self._loop.call_later(GRACE_SECONDS, self._transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """Know that nothing of the process is left."""
        self._output.end()
        self._leave()

    def _leave(self) -> None:
        if self._transport is not None:
            self._transport.close()
        if not self._gone.done():
            self._gone.set_result(None)
            self._owner.gone(self)

    def _end(self) -> None:
        self._clear_deadline()
        self._api.dismiss(self._token)
        self.state = State.ENDED
        call, self.call = self.call, None
        if call is not None:
            self._resolve_soon(call, self.failure(call.request_id), True)
        self._owner.ended(self)

    def _resolve_soon(self, call: Call, payload: bytes, error: bool) -> None:
        # Two turns of the loop later: what was printed before the answer can be read by now, but the answer may be read
        # first, and asyncio hands the output of a process on by a turn of its own.
        tail = self._output.tail
        self._loop.call_soon(self._loop.call_soon, lambda: call.resolve(payload, error, bytes(tail)))

    def _set_deadline(self, seconds: float) -> None:
        self._clear_deadline()
        self._timer = self._loop.call_later(seconds, self._miss_deadline, seconds)

    def _clear_deadline(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _miss_deadline(self, seconds: float) -> None:
        self._failure = self._failure or partial(outcomes.timed_out, seconds=seconds)
        self.kill()


def kill_group(pid: int) -> None:
    """End a process that leads its group, and the others in the group, as far as there still are any."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def trace_id(request_id: str, now: float) -> str:
    """Return a trace id of X-Ray's form, made from a UUID; nothing is sampled."""
    digits = request_id.replace("-", "")
    return f"Root=1-{int(now):08x}-{digits[8:]};Parent={digits[:16]};Sampled=0"
