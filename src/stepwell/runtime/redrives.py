"""Redriving executions: which can be, and that each redrive is one turn, whoever asks how often.

An ended execution is read with the lanes that rest with it, and goes on as any other from there: the redrive is an
event, and what came of it is committed before anybody is told.
"""

import asyncio

from stepwell.machine import events
from stepwell.machine.limits import Limits
from stepwell.runtime.committer import settle
from stepwell.runtime.errors import ExecutionNotRedrivable
from stepwell.runtime.quotas import OpenExecutions
from stepwell.runtime.residents import last_event_of
from stepwell.runtime.shell import Shell
from stepwell.storage.port import StoreError
from stepwell.storage.records import ExecutionRecord, StateMachineRecord

TOKEN_LIFETIME_MS = 15 * 60 * 1000
"""For so long the same token is known to ask for the same redrive."""

REDRIVABLE = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
NOTHING_KEPT = "Execution was started before the launch of RedriveExecution"


def status_forbids(status: str) -> str | None:
    """Return why an execution of this status can't be redriven, in AWS's words, or None where that is no reason."""
    return None if status in REDRIVABLE else f"Execution is {status} and cannot be redriven"


def why_not(record: ExecutionRecord, state_machine: StateMachineRecord | None, now: int, limits: Limits) -> str | None:
    """Return why an execution can't be redriven, in AWS's words, or None where it can be.

    Of a state machine that is gone AWS says nothing; here it is as one that is being deleted.
    """
    forbidden = status_forbids(record.status)
    if forbidden is not None:
        return forbidden
    if state_machine is None or state_machine.status != "ACTIVE":
        return "State machine is in DELETING status"
    if last_event_of(record) >= limits.redrivable_events:
        return "Execution history event limit exceeded"
    if now - record.started >= limits.execution_seconds * 1000:
        return "Execution has exceeded the max execution time"
    if now - (record.stopped or now) > limits.redrivable_seconds * 1000:
        return "Execution redrivable period exceeded"
    if record.redrive is not None and record.redrive.count >= limits.redrives:
        return "Execution redrive limit exceeded"
    return None


def answered_before(record: ExecutionRecord, token: str | None, now: int) -> int | None:
    """Return when this token redrove the execution, if it did of late."""
    if record.redrive is not None:
        for known, redriven in record.redrive.tokens:
            if known == token and now - redriven <= TOKEN_LIFETIME_MS:
                return redriven
    return None


class Redrives:
    """Redrives executions, each once at a time."""

    def __init__(self, shell: Shell, running: OpenExecutions) -> None:
        self._shell = shell
        self._open = running
        self._running: dict[int, asyncio.Future[None]] = {}

    async def redrive(self, key: int, token: str | None) -> int:
        """Redrive an execution; return when, in ms.

        Raise `ExecutionNotRedrivable`, `ExecutionLimitExceeded` where too many run, or `StoreError`.
        """
        while (other := self._running.get(key)) is not None:
            await asyncio.wait([other])
        done = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            return await self._redrive(key, token)
        finally:
            del self._running[key]
            done.set_result(None)

    async def why_not(self, record: ExecutionRecord) -> str | None:
        """Return why an execution can't be redriven at this moment, or None where it can be."""
        shell = self._shell
        state_machine = None
        if record.status in REDRIVABLE:  # what is polled most runs, or has succeeded: that needs no read
            state_machine = await shell.store.state_machine(record.state_machine_arn)
        return why_not(record, state_machine, shell.clock.now(), shell.limits)

    async def _redrive(self, key: int, token: str | None) -> int:
        shell = self._shell
        record = await shell.store.execution_by_key(key)
        assert record is not None, "executions are never deleted"
        before = answered_before(record, token, shell.clock.now())
        if before is not None:
            return before
        reason = await self.why_not(record)
        if reason is not None:
            raise ExecutionNotRedrivable(reason)
        resident = await shell.residents.read(record)
        if not resident.execution.lanes:
            raise ExecutionNotRedrivable(NOTHING_KEPT)
        self._open.take()
        committed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        shell.residents.add(resident)
        shell.advance(resident, events.Redrive(token), done=self._open.held(lambda outcome: settle(committed, outcome)))
        await committed
        redrive = resident.record.redrive
        if redrive is None or redrive is record.redrive:
            self._open.give_back()
            raise StoreError(f"{record.arn} could not be redriven because of a bug: see the server's log")
        return redrive.redriven
