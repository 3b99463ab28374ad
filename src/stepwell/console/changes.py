"""What has changed since somebody last looked: told by the engines turn by turn, gathered for each who listens."""

import asyncio
from typing import NamedTuple

from stepwell.api.errors import ApiError
from stepwell.machine.step import Step
from stepwell.runtime.arns import Scope, account_of, region_of
from stepwell.runtime.residents import Resident

MOST_LISTENERS = 32


class Changed(NamedTuple):
    """Executions by their ARN, and whether somebody has to look at the lists anew: too many have changed."""

    executions: dict[str, Resident]
    too_many: bool


MOST_GATHERED = 1_000
"""Executions that have changed since a listener last asked."""


class Listener:
    """Somebody who is told what changes: of these executions and, with `lists`, of all of a scope."""

    def __init__(self, scope: Scope, arns: frozenset[str], *, lists: bool) -> None:
        self.arns = arns
        self._account, self._region = scope.account, scope.region
        self._lists = lists
        self._gathered: dict[str, Resident] = {}
        self._too_many = False
        self._some = asyncio.Event()
        self.closed = False

    def take(self, resident: Resident) -> None:
        """Note that an execution has changed, if that is of interest."""
        arn = resident.record.arn
        if arn not in self.arns:
            if not self._lists or (account_of(arn), region_of(arn)) != (self._account, self._region):
                return
            if len(self._gathered) >= MOST_GATHERED:
                self._too_many = True
                self._some.set()
                return
        self._gathered[arn] = resident
        self._some.set()

    def close(self) -> None:
        """Let it end."""
        self.closed = True
        self._some.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until there is something to tell; return False where there was nothing for so long."""
        try:
            await asyncio.wait_for(self._some.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def changed(self) -> Changed:
        """Return what has changed since this was last asked."""
        found = Changed(self._gathered, self._too_many)
        self._gathered, self._too_many = {}, False
        if not self.closed:
            self._some.clear()
        return found


class Changes:
    """All who listen. As long as nobody does, a turn costs the engines next to nothing."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    def on_turn(self, resident: Resident, _step: Step) -> None:
        """Take a turn that was committed."""
        for listener in self._listeners:
            listener.take(resident)

    def listen(self, scope: Scope, arns: frozenset[str], *, lists: bool) -> Listener:
        """Return a new listener. Raise `ApiError` where there are as many as are allowed."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise ApiError("TooManyStreams", f"{MOST_LISTENERS} streams are open: close some", status=429)
        listener = Listener(scope, arns, lists=lists)
        self._listeners.add(listener)
        return listener

    def forget(self, listener: Listener) -> None:
        """Tell a listener nothing more."""
        self._listeners.discard(listener)

    def close(self) -> None:
        """Let all listeners end."""
        for listener in self._listeners:
            listener.close()
