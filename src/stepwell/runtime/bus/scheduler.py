"""EventBridge Scheduler: schedules by themselves, in time zones, each with one target; and groups of them."""

import asyncio
import uuid
from typing import Any

import msgspec

from stepwell.events.envelopes import envelope
from stepwell.events.errors import InvalidSchedule
from stepwell.events.schedules import MINUTE, Between, Schedule, schedule
from stepwell.language.document import to_text
from stepwell.language.timestamps import format_milliseconds
from stepwell.runtime.arns import Scope, partition_of
from stepwell.runtime.bus.alarms import Alarms
from stepwell.runtime.bus.catalogue import Catalogue
from stepwell.runtime.bus.deliveries import delivery, stable_id
from stepwell.runtime.bus.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from stepwell.runtime.bus.firing import latest_due
from stepwell.runtime.bus.outbox import Outbox
from stepwell.runtime.bus.targets import UnusableTarget, check_target
from stepwell.runtime.journal import Journal
from stepwell.storage.port import PutDeliveries
from stepwell.storage.records import DeliveryRecord

DEFAULT_GROUP = "default"
MAX_SCHEDULES = 100_000
"""Schedules of an account in a region: all are in memory."""

MAX_GROUPS = 500
"""AWS's quota."""


class Group(msgspec.Struct, frozen=True):
    """A group of schedules."""

    name: str
    created: int
    modified: int
    tags: dict[str, str] = {}


class Planned(msgspec.Struct, frozen=True):
    """A schedule as it rests."""

    arn: str
    group: str
    name: str
    given: dict[str, Any]
    """What it was made of, by the names of the API."""
    created: int
    modified: int
    fired: int
    """Up to when it has fired."""

    @property
    def enabled(self) -> bool:
        """Whether it fires."""
        return bool(self.given.get("State", "ENABLED") == "ENABLED")

    @property
    def goes_when_done(self) -> bool:
        """Whether it is deleted when it won't fire any more."""
        return bool(self.given.get("ActionAfterCompletion") == "DELETE")

    def times(self) -> Schedule:
        """Return when it fires. Raise `InvalidSchedule`."""
        first, last = (None if self.given.get(name) is None else round(self.given[name] * 1000) for name in _BOUNDS)
        zone = self.given.get("ScheduleExpressionTimezone") or "UTC"
        inner = schedule(self.given["ScheduleExpression"], zone, first or self.modified)
        return Between(inner, first, last)


_BOUNDS = ("StartDate", "EndDate")


class Scheduler:
    """The schedules of all accounts."""

    def __init__(self, journal: Journal, outbox: Outbox, alarms: Alarms) -> None:
        self._changing = asyncio.Lock()
        self._journal = journal
        self._outbox = outbox
        self._alarms = alarms
        self._kept = Catalogue(journal, "scheduler:schedule", Planned)
        self._groups = Catalogue(journal, "scheduler:group", Group)

    async def load(self) -> None:
        """Take up the schedules of the store."""
        await self._groups.load()
        await self._kept.load()
        for scope, planned in self._kept:
            self._arm(scope, planned)

    # Schedules

    def get(self, scope: Scope, group: str, name: str) -> Planned:
        """Return a schedule. Raise `ResourceNotFoundException`."""
        found = self._kept.find(scope, f"{group}/{name}")
        if found is None:
            raise ResourceNotFoundException(f"Schedule {name} does not exist.")
        return found

    def of(self, scope: Scope, group: str | None) -> list[Planned]:
        """Return the schedules of a group, or of all."""
        return [planned for planned in self._kept.of(scope) if group in {None, planned.group}]

    async def create(self, scope: Scope, given: dict[str, Any]) -> Planned:
        """Make a schedule. Raise a refusal."""
        group, name = self.group(scope, given.get("GroupName")).name, given["Name"]
        async with self._changing:
            if self._kept.find(scope, f"{group}/{name}") is not None:
                raise ConflictException(f"Schedule {name} already exists.")
            if len(self._kept.of(scope)) >= MAX_SCHEDULES:
                raise ServiceQuotaExceededException(f"There are {MAX_SCHEDULES} schedules, which is the most.")
            return await self._put(scope, group, given, created=None)

    async def update(self, scope: Scope, given: dict[str, Any]) -> Planned:
        """Replace a schedule as a whole: what is not given is as if it never was. Raise a refusal."""
        group = given.get("GroupName") or DEFAULT_GROUP
        async with self._changing:
            before = self.get(scope, group, given["Name"])
            return await self._put(scope, group, given, created=before.created)

    async def _put(self, scope: Scope, group: str, given: dict[str, Any], *, created: int | None) -> Planned:
        now = self._journal.now()
        place = f"{partition_of(scope.region)}:scheduler:{scope.region}:{scope.account}"
        arn = f"arn:{place}:schedule/{group}/{given['Name']}"
        kept = {name: value for name, value in given.items() if name not in {"ClientToken", "GroupName", "Name"}}
        planned = Planned(arn, group, given["Name"], kept, now if created is None else created, now, now - 1)
        _check(planned)
        await self._kept.put(scope, f"{group}/{planned.name}", planned)
        self._arm(scope, planned)
        return planned

    async def delete(self, scope: Scope, group: str, name: str) -> None:
        """Delete a schedule. Raise `ResourceNotFoundException`."""
        async with self._changing:
            await self._remove(scope, self.get(scope, group, name))

    async def _remove(self, scope: Scope, planned: Planned) -> None:
        await self._kept.delete(scope, f"{planned.group}/{planned.name}")
        self._alarms.clear(planned.arn)

    # Groups

    def group(self, scope: Scope, name: str | None) -> Group:
        """Return a group; the default one is there without being made. Raise `ResourceNotFoundException`."""
        name = name or DEFAULT_GROUP
        found = self._groups.find(scope, name)
        if found is None and name != DEFAULT_GROUP:
            raise ResourceNotFoundException(f"Schedule group {name} does not exist.")
        return found or Group(DEFAULT_GROUP, 0, 0)

    def groups(self, scope: Scope) -> list[Group]:
        """Return all groups, the default one first."""
        default = self.group(scope, None)
        return [default, *(group for group in self._groups.of(scope) if group.name != DEFAULT_GROUP)]

    async def create_group(self, scope: Scope, name: str, tags: dict[str, str]) -> None:
        """Make a group. Raise `ConflictException`."""
        async with self._changing:
            if name == DEFAULT_GROUP or self._groups.find(scope, name) is not None:
                raise ConflictException(f"Schedule group {name} already exists.")
            if len(self._groups.of(scope)) >= MAX_GROUPS:
                raise ServiceQuotaExceededException(f"There are {MAX_GROUPS} schedule groups, which is the most.")
            now = self._journal.now()
            await self._groups.put(scope, name, Group(name, now, now, tags))

    async def put_tags(self, scope: Scope, group: Group, tags: dict[str, str]) -> None:
        """Give a group these tags and no others."""
        async with self._changing:
            changed = msgspec.structs.replace(group, tags=tags, modified=self._journal.now())
            await self._groups.put(scope, group.name, changed)

    async def delete_group(self, scope: Scope, name: str) -> None:
        """Delete a group with all its schedules. Raise `ResourceNotFoundException`."""
        if name == DEFAULT_GROUP:
            raise ValidationException("The default schedule group can't be deleted.")
        async with self._changing:
            self.group(scope, name)
            for planned in self.of(scope, name):
                await self._remove(scope, planned)
            await self._groups.delete(scope, name)

    # Firing

    def _arm(self, scope: Scope, planned: Planned) -> None:
        due = planned.times().following(planned.fired) if planned.enabled else None
        if due is None and planned.enabled and planned.goes_when_done:
            due = self._journal.now()  # to be deleted
        self._alarms.set(planned.arn, due, lambda: self._fire(scope, planned.group, planned.name))

    async def _fire(self, scope: Scope, group: str, name: str) -> None:
        """Let a schedule fire for what fell due last, and commit that it has; delete it where it is done."""
        async with self._changing:
            planned = self._kept.find(scope, f"{group}/{name}")
            if planned is None or not planned.enabled:
                return
            times, now = planned.times(), self._journal.now()
            due, fired = latest_due(times, planned.fired, now)
            after = msgspec.structs.replace(planned, fired=fired)
            found = [] if due is None else [_delivery(scope, planned, due, now)]
            await self._kept.replace(
                scope,
                f"{group}/{name}",
                after,
                lambda record: self._journal.write(PutDeliveries(found, resource=record)),
            )
            if planned.goes_when_done and times.following(fired) is None:
                await self._remove(scope, planned)
            else:
                self._arm(scope, after)
        self._outbox.look()


def _check(planned: Planned) -> None:
    expression, target = planned.given["ScheduleExpression"], planned.given["Target"]
    try:
        planned.times()
        check_target(target["Arn"])
    except InvalidSchedule as error:
        raise ValidationException(f"Invalid Schedule Expression {expression}. Reason: {error}.") from None
    except UnusableTarget as error:
        raise ValidationException(str(error)) from None
    first, last = (planned.given.get(name) for name in _BOUNDS)
    if first is not None and last is not None and first >= last:
        raise ValidationException("The StartDate must come before the EndDate.")
    window = planned.given["FlexibleTimeWindow"]
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        raise ValidationException("MaximumWindowInMinutes goes with a FlexibleTimeWindow of mode FLEXIBLE only.")


def _delivery(scope: Scope, planned: Planned, due: int, now: int) -> DeliveryRecord:
    """Return the delivery of a firing: at once, or at a moment in the window, the same one whenever it is asked for."""
    event_id = stable_id(planned.arn, planned.created, due)
    window = planned.given["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0) * MINUTE
    later = uuid.UUID(event_id).int % window if window else 0
    return delivery(
        scope=scope,
        source_arn=planned.arn,
        event_id=event_id,
        target=planned.given["Target"],
        input_text=_input(scope, planned, event_id, due),
        now=now,
        due=max(now, due + later),
    )


def _input(scope: Scope, planned: Planned, event_id: str, due: int) -> str:
    """Return the input of the target with what Scheduler knows filled in, or without an input Scheduler's own event."""
    text: str | None = planned.given["Target"].get("Input")
    if text is None:
        return to_text(_notification(scope, planned, event_id, due))
    known = {
        "schedule-arn": planned.arn,
        "scheduled-time": f"{format_milliseconds(due)[:19]}Z",
        "execution-id": event_id,
        "attempt-number": "1",
    }
    for name, value in known.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _notification(scope: Scope, planned: Planned, event_id: str, due: int) -> dict[str, Any]:
    return envelope(
        event_id=event_id,
        detail_type="Scheduled Event",
        source="aws.scheduler",
        account=scope.account,
        time=due,
        region=scope.region,
        resources=[planned.arn],
        detail="{}",
    )
