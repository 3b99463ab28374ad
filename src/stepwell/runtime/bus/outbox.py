"""The outbox: brings what is to be delivered to its targets, each until it is taken or given up.

The rows are the truth. One loop reads those that are due first, hands each to a coroutine of its own, and sleeps until
the next falls due or a commit brings more. After a crash every row that is left is tried again, so a target may be
given the same twice: then with the same id.
"""

import asyncio
import contextlib
import logging

from msgspec.structs import replace

from stepwell.integrations.port import Failed
from stepwell.integrations.registry import Integrations
from stepwell.runtime.bus.deliveries import Delivery, decode, gives_up, to_dead_letters
from stepwell.runtime.bus.destinations import Destinations
from stepwell.runtime.bus.targets import AT_AWS, UnusableTarget, call_of, is_final, refusal_of, request_of
from stepwell.runtime.journal import Journal
from stepwell.storage.port import PutDeliveries, StoreError
from stepwell.storage.records import DeliveryRecord

log = logging.getLogger("stepwell.bus")

AT_ONCE = 256
"""So many deliveries are read, and on their way, at the same time."""

ATTEMPT_SECONDS = 15 * 60.0
"""How long one attempt may take: as long as a function may run. Integrations have bounds of their own below it."""

FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 1_000, 512_000
"""Pauses double from the first to the longest: 185 retries of the policy fill the 24 hours of it."""

LONGEST_SLEEP_SECONDS = 60.0
RETRY_SECONDS = 1.0

_STARTED_BEFORE = "StepFunctions.ExecutionAlreadyExistsException"
"""The name of an execution that a delivery starts is that delivery's alone."""


class Outbox:
    """Delivers what the store has."""

    def __init__(self, journal: Journal, integrations: Integrations, destinations: Destinations) -> None:
        self._journal = journal
        self._destinations = destinations
        self._integrations = integrations
        self._on_their_way: dict[str, asyncio.Task[None]] = {}
        self._wanted = asyncio.Event()
        self._more = False
        """Whether the store had more than was read the last time."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._run(), name="outbox")

    async def close(self) -> None:
        """Let go: what is on its way is tried again at the next start."""
        tasks = [*self._on_their_way.values(), *([] if self._task is None else [self._task])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def look(self) -> None:
        """Look into the store again: there is more, or the clock was moved."""
        self._wanted.set()

    @property
    def is_busy(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._on_their_way)

    async def _run(self) -> None:
        while True:
            try:
                await self._deliver_what_is_due()
                continue
            except StoreError as error:
                log.error("the outbox can't be read, trying again in %g s: %s", RETRY_SECONDS, error)
            except Exception:
                log.critical("the outbox broke: a bug of Stepwell", exc_info=True)
            await asyncio.sleep(RETRY_SECONDS)

    async def _deliver_what_is_due(self) -> None:
        self._wanted.clear()
        now = self._journal.now()
        sleep = LONGEST_SLEEP_SECONDS
        found = await self._journal.store.deliveries(AT_ONCE)
        self._more = len(found) == AT_ONCE
        for record in found:
            if record.due > now:
                self._more = False
                sleep = min(sleep, (record.due - now) / 1000)
                break
            if record.id not in self._on_their_way:
                self._on_their_way[record.id] = asyncio.create_task(self._deliver(record))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(sleep):
                await self._wanted.wait()

    async def _deliver(self, record: DeliveryRecord) -> None:
        try:
            given = decode(record.body)
            failure = await self._attempt(record, given)
            write = self._after(replace(record, attempts=record.attempts + 1), given, failure)
            await self._journal.write(write)
            if write.deliveries:
                self._wanted.set()
        except StoreError as error:
            log.error("the delivery %s can't be noted, it is tried again: %s", record.id, error)
            await asyncio.sleep(RETRY_SECONDS)
            self._wanted.set()
        finally:
            del self._on_their_way[record.id]
            if self._more and len(self._on_their_way) <= AT_ONCE // 2:
                self._wanted.set()

    async def _attempt(self, record: DeliveryRecord, given: Delivery) -> Failed | None:
        """Return None where the target has taken it, else why not."""
        try:
            call = call_of(given, record.id, self._destinations)
            integration = self._integrations.find(call.resource)
            async with asyncio.timeout(ATTEMPT_SECONDS):
                answer = await integration.call(request_of(call, given, record.id))
        except UnusableTarget as error:
            return _Final("InvalidTarget", str(error))
        except Exception as bug:  # of an integration: it is reported, and the delivery tried again
            log.exception("the integration of %s broke", given.target["Arn"])
            return Failed("InternalFailure", repr(bug))
        if not isinstance(answer, Failed):
            return refusal_of(answer) if given.target.get(AT_AWS) else None
        if answer.error == _STARTED_BEFORE:
            return None
        spent = call.retries is not None and record.attempts >= call.retries
        return _Final(answer.error, answer.cause) if spent or is_final(answer) else answer

    def _after(self, record: DeliveryRecord, given: Delivery, failure: Failed | None) -> PutDeliveries:
        """Return what an attempt changes: the delivery is done, put off, or given up."""
        if failure is None:
            return PutDeliveries(ended=[record.id])
        now = self._journal.now()
        error, cause = failure.error or "Unknown", failure.cause or ""
        if not isinstance(failure, _Final) and not gives_up(record, given.target, now):
            pause = _pause(record.attempts, self._journal.random())
            return PutDeliveries([replace(record, due=now + pause)])
        dead = to_dead_letters(record, given, error, cause, now)
        log.error(
            "given up after %d attempts: %s of %s to %s: %s: %s",
            record.attempts, given.event_id, given.source_arn, given.target["Arn"], error, cause[:500],
        )  # fmt: skip
        return PutDeliveries([] if dead is None else [dead], [record.id])


class _Final(Failed):
    """A failure that is not tried again."""


def _pause(attempts: int, chance: float) -> int:
    """Return how long to wait before the next attempt: it grows, and half of it is left to chance."""
    longest = min(FIRST_PAUSE_MS << min(attempts - 1, 20), LONGEST_PAUSE_MS)
    return round(longest * (1 + chance) / 2)
