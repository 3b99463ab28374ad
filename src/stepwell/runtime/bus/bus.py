"""The bus itself: takes events, asks the rules, and has what comes of them delivered."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from stepwell.events.envelopes import entry_bytes, entry_event
from stepwell.events.errors import InvalidEvent
from stepwell.integrations.registry import Integrations
from stepwell.runtime.arns import Scope, partition_of
from stepwell.runtime.bus.alarms import Alarms
from stepwell.runtime.bus.announcements import DETAIL_TYPE, SOURCE, announced
from stepwell.runtime.bus.catalogue import Catalogue
from stepwell.runtime.bus.deliveries import delivery, stable_id
from stepwell.runtime.bus.destinations import Destinations
from stepwell.runtime.bus.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
    ValidationException,
)
from stepwell.runtime.bus.outbox import Outbox
from stepwell.runtime.bus.rules import DEFAULT_BUS, Rule, Rules
from stepwell.runtime.bus.scheduler import Scheduler
from stepwell.runtime.bus.targets import AT_AWS
from stepwell.runtime.clock import Clock
from stepwell.runtime.configuration import MAX_TAGS
from stepwell.runtime.journal import Journal
from stepwell.storage.port import PutDeliveries
from stepwell.storage.records import DeliveryRecord, Turn

MAX_BUSES = 100
"""Buses of an account in a region: AWS's quota."""

MAX_ENTRIES_BYTES = 256 * 1024
"""All entries of one PutEvents."""


class Bus(msgspec.Struct, frozen=True):
    """A bus that somebody has made; the default one is there without."""

    name: str
    description: str | None
    created: int
    tags: dict[str, str] = {}


class Announcements(msgspec.Struct, frozen=True):
    """How changes of status are passed on to EventBridge at AWS, beside our own rules."""

    source: str
    """What stands in for `aws.states`: EventBridge takes that from AWS alone."""


class EventBus:
    """The buses of all accounts, with their rules and the outbox."""

    def __init__(
        self, journal: Journal, integrations: Integrations, clock: Clock, forward: Announcements | None = None
    ) -> None:
        self.destinations = Destinations(journal)
        self.outbox = Outbox(journal, integrations, self.destinations)
        self.alarms = Alarms(clock)
        self.rules = Rules(journal, self.outbox, self.alarms)
        self.scheduler = Scheduler(journal, self.outbox, self.alarms)
        self._journal = journal
        self._forward = forward
        self._buses = Catalogue(journal, "events:bus", Bus)
        self.announces = False
        """Whether any change of an execution's status may bring a delivery about."""
        self.rules.on_change = self._rules_changed

    async def load(self) -> None:
        """Take up what the store has. The bus must know its rules before any execution goes on."""
        await self._buses.load()
        await self.rules.load()
        await self.scheduler.load()
        await self.destinations.load()
        self._rules_changed()

    def start(self) -> None:
        """Begin to deliver, and to fire."""
        self.outbox.start()
        self.alarms.start()

    async def close(self) -> None:
        """Let go; what is not delivered yet is at the next start."""
        await self.alarms.close()
        await self.outbox.close()

    # Buses

    def bus_named(self, scope: Scope, name: str | None) -> str:
        """Return the name of a bus that is given by its name, its ARN, or not at all. Raise where there is none."""
        found = (name or DEFAULT_BUS).rpartition(":event-bus/")[2]
        if found != DEFAULT_BUS and self._buses.find(scope, found) is None:
            raise ResourceNotFoundException(f"Event bus {found} does not exist.")
        return found

    def bus(self, scope: Scope, name: str | None) -> Bus:
        """Return a bus. Raise `ResourceNotFoundException`."""
        found = self.bus_named(scope, name)
        return self._buses.find(scope, found) or Bus(DEFAULT_BUS, None, 0)

    def buses(self, scope: Scope) -> list[Bus]:
        """Return all buses, the default one first."""
        return [self.bus(scope, None), *(bus for bus in self._buses.of(scope) if bus.name != DEFAULT_BUS)]

    async def create_bus(self, scope: Scope, name: str, description: str | None, tags: dict[str, str]) -> Bus:
        """Make a bus. Raise `ResourceAlreadyExistsException`."""
        async with self.rules.changing:
            if name == DEFAULT_BUS or self._buses.find(scope, name) is not None:
                raise ResourceAlreadyExistsException(f"Event bus {name} already exists.")
            if len(self._buses.of(scope)) >= MAX_BUSES:
                raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
            bus = Bus(name, description, self._journal.now(), tags)
            await self._buses.put(scope, name, bus)
            return bus

    async def delete_bus(self, scope: Scope, name: str) -> None:
        """Delete a bus without rules; one that isn't there is deleted already."""
        async with self.rules.changing:
            if name == DEFAULT_BUS:
                raise ValidationException("Cannot delete event bus default.")
            if self.rules.of(scope, name):
                raise ValidationException("Cannot delete event bus because it has rules.")
            if self._buses.find(scope, name) is not None:
                await self._buses.delete(scope, name)

    # Tags

    def tagged(self, scope: Scope, arn: str) -> Bus | Rule:
        """Return what has an ARN, and may have tags. Raise `ResourceNotFoundException`."""
        rule = self.rules.with_arn(scope, arn)
        if rule is not None:
            return rule
        for bus in self.buses(scope):
            if bus_arn(scope, bus.name) == arn:
                return bus
        raise ResourceNotFoundException(f"Resource {arn} does not exist.")

    async def change_tags(self, scope: Scope, arn: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        """Give what has an ARN other tags. Raise `ResourceNotFoundException` or `LimitExceededException`."""
        async with self.rules.changing:
            found = self.tagged(scope, arn)
            tags = change(found.tags)
            if len(tags) > MAX_TAGS:
                raise LimitExceededException(f"A resource can have {MAX_TAGS} tags.")
            if isinstance(found, Rule):
                await self.rules.set_tags(scope, found, tags)
            else:
                await self._buses.put(scope, found.name, msgspec.structs.replace(found, tags=tags))

    def look(self) -> None:
        """Deliver what has been committed."""
        self.outbox.look()

    # Events

    async def put_events(self, scope: Scope, entries: list[dict[str, Any]], key: str | None = None) -> dict[str, Any]:
        """Take events; answer as PutEvents does, once what comes of them is committed.

        The same key gives the same ids, so that what they start isn't started again.
        """
        if sum(map(entry_bytes, entries)) > MAX_ENTRIES_BYTES:
            raise ValidationException("Total size of the entries in the request is over the limit.")
        now = self._journal.now()
        answers: list[dict[str, str]] = []
        found: list[DeliveryRecord] = []
        for number, entry in enumerate(entries):
            event_id = str(uuid.uuid4()) if key is None else stable_id(key, number)
            try:
                event = entry_event(entry, event_id=event_id, account=scope.account, region=scope.region, now=now)
            except InvalidEvent as error:
                answers.append({"ErrorCode": error.code, "ErrorMessage": error.message})
                continue
            bus = (entry.get("EventBusName") or DEFAULT_BUS).rpartition(":event-bus/")[2]
            found += self._matched(scope, bus, event)
            answers.append({"EventId": event_id})
        if found:
            await self._journal.write(PutDeliveries(found))
            self.outbox.look()
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}

    async def put_task_events(
        self, account: str, region: str, entries: list[dict[str, Any]], key: str
    ) -> dict[str, Any]:
        """Take events of a Task, or of a delivery; what is refused whole fails each entry."""
        try:
            return await self.put_events(Scope(account, region), entries, key)
        except ValidationException as refusal:
            failed = {"ErrorCode": "ValidationException", "ErrorMessage": str(refusal)}
            return {"FailedEntryCount": len(entries), "Entries": [failed] * len(entries)}

    def _matched(self, scope: Scope, bus: str, event: dict[str, Any]) -> Iterator[DeliveryRecord]:
        """Yield the deliveries of the rules that match."""
        for compiled in self.rules.compiled(scope, bus):
            if compiled.listens and compiled.pattern.matches(event):
                yield from compiled.deliveries(event, scope, self._journal.now())

    # Changes of status

    def _rules_changed(self) -> None:
        self.announces = self._forward is not None or any(
            compiled.rule.bus == DEFAULT_BUS
            and compiled.listens
            and compiled.pattern.may_match(source=SOURCE, detail_type=DETAIL_TYPE)
            for compiled in self.rules
        )

    def announced(self, turn: Turn) -> list[DeliveryRecord]:
        """Return what a turn brings about."""
        return announced(turn, self._matched_by_default)

    def _matched_by_default(self, account: str, region: str, event: dict[str, Any]) -> Iterator[DeliveryRecord]:
        scope = Scope(account, region)
        yield from self._matched(scope, DEFAULT_BUS, event)
        if self._forward is not None:
            yield self._forwarded(scope, event, self._forward)

    def _forwarded(self, scope: Scope, event: dict[str, Any], forward: Announcements) -> DeliveryRecord:
        """Return the delivery of an event to EventBridge at AWS."""
        now = self._journal.now()
        arn = f"arn:{partition_of(scope.region)}:events:{scope.region}:{scope.account}:event-bus/{DEFAULT_BUS}"
        text = msgspec.json.encode({**event, "source": forward.source}).decode()
        target = {"Id": "aws", "Arn": arn, AT_AWS: True}
        return delivery(
            scope=scope, source_arn=arn, event_id=event["id"], target=target, input_text=text, now=now, due=now
        )


def bus_arn(scope: Scope, name: str) -> str:
    """Return the ARN of a bus."""
    return f"arn:{partition_of(scope.region)}:events:{scope.region}:{scope.account}:event-bus/{name}"
