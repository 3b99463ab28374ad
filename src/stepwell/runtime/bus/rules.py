"""Rules: what is done with which event, and the rules that fire by a schedule instead.

All rules are in memory, compiled. They change under one lock, and count once the change is on the disk.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from stepwell.events.envelopes import envelope
from stepwell.events.errors import InvalidPattern, InvalidSchedule, InvalidTransformer
from stepwell.events.inputs import MakeInput, Occasion, input_of
from stepwell.events.patterns import Pattern
from stepwell.events.schedules import Schedule, rule_schedule
from stepwell.language.timestamps import format_milliseconds
from stepwell.runtime.arns import Scope, partition_of
from stepwell.runtime.bus.alarms import Alarms
from stepwell.runtime.bus.catalogue import Catalogue
from stepwell.runtime.bus.deliveries import delivery, stable_id
from stepwell.runtime.bus.errors import (
    InvalidEventPatternException,
    LimitExceededException,
    ResourceNotFoundException,
    ValidationException,
)
from stepwell.runtime.bus.firing import latest_due
from stepwell.runtime.bus.outbox import Outbox
from stepwell.runtime.bus.targets import UnusableTarget, check_target
from stepwell.runtime.journal import Journal
from stepwell.storage.port import PutDeliveries
from stepwell.storage.records import DeliveryRecord

DEFAULT_BUS = "default"
MAX_RULES = 300
"""Rules of one bus: AWS's quota."""

MAX_TARGETS = 100
"""Targets of one rule: what AWS raises its quota of five to."""


class Rule(msgspec.Struct, frozen=True):
    """A rule as it rests."""

    arn: str
    bus: str
    name: str
    pattern: str | None
    schedule: str | None
    state: str
    description: str | None
    role_arn: str | None
    since: int
    """Since when its schedule holds, in this form."""
    fired: int
    """Up to when its schedule has fired."""
    tags: dict[str, str] = {}
    targets: dict[str, dict[str, Any]] = {}
    """By their ids, in the order in which they were put."""

    @property
    def enabled(self) -> bool:
        """Whether events are matched, and the schedule fires."""
        return self.state != "DISABLED"


_NO_EVENT = Pattern('{"source": [{"exists": false}]}')
"""Every event has a source."""


class Compiled:
    """A rule, ready to be asked."""

    __slots__ = ("inputs", "pattern", "rule", "schedule")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.pattern = _NO_EVENT if rule.pattern is None else Pattern(rule.pattern)
        self.schedule: Schedule | None = None if rule.schedule is None else rule_schedule(rule.schedule, rule.since)
        self.inputs: list[tuple[dict[str, Any], MakeInput]] = [
            (target, input_of(target)) for target in rule.targets.values()
        ]

    @property
    def listens(self) -> bool:
        """Whether events are to be matched: they would go somewhere."""
        return self.rule.enabled and self.rule.pattern is not None and bool(self.inputs)

    def deliveries(self, event: dict[str, Any], scope: Scope, now: int) -> Iterable[DeliveryRecord]:
        """Yield what is to be delivered because of an event that has come."""
        rule = self.rule
        occasion = Occasion(event, rule.arn, rule.name, format_milliseconds(now))
        for target, make in self.inputs:
            yield delivery(
                scope=scope,
                source_arn=rule.arn,
                event_id=event["id"],
                target=target,
                input_text=make(occasion),
                now=now,
                due=now,
            )


class Rules:
    """The rules of all buses."""

    def __init__(self, journal: Journal, outbox: Outbox, alarms: Alarms) -> None:
        self.changing = asyncio.Lock()
        """Whoever changes a rule holds it."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when rules have changed."""
        self._journal = journal
        self._outbox = outbox
        self._alarms = alarms
        self._kept = Catalogue(journal, "events:rule", Rule)
        self._compiled: dict[tuple[str, str, str], dict[str, Compiled]] = {}

    async def load(self) -> None:
        """Take up the rules of the store."""
        await self._kept.load()
        for scope, rule in self._kept:
            self._compile(scope, rule)

    def find(self, scope: Scope, bus: str, name: str) -> Rule | None:
        """Return a rule."""
        return self._kept.find(scope, f"{bus}/{name}")

    def get(self, scope: Scope, bus: str, name: str) -> Rule:
        """Return a rule. Raise `ResourceNotFoundException`."""
        rule = self.find(scope, bus, name)
        if rule is None:
            raise ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus}.")
        return rule

    def of(self, scope: Scope, bus: str | None = None) -> list[Rule]:
        """Return the rules of a bus, or of all buses, in the order of their names."""
        return [rule for rule in self._kept.of(scope) if bus is None or rule.bus == bus]

    def compiled(self, scope: Scope, bus: str) -> Iterable[Compiled]:
        """Return the rules of a bus, ready to be asked."""
        return self._compiled.get((scope.account, scope.region, bus), {}).values()

    def __iter__(self) -> Iterator[Compiled]:
        for rules in self._compiled.values():
            yield from rules.values()

    async def put(self, scope: Scope, bus: str, name: str, given: dict[str, Any]) -> Rule:
        """Make a rule, or change one, whose targets and tags stay. Raise a refusal."""
        pattern, schedule = given.get("EventPattern") or None, given.get("ScheduleExpression") or None
        if pattern is None and schedule is None:
            raise ValidationException("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if schedule is not None and bus != DEFAULT_BUS:
            raise ValidationException("ScheduleExpression is supported only on the default event bus.")
        async with self.changing:
            before = self.find(scope, bus, name)
            if before is None and len(self.of(scope, bus)) >= MAX_RULES:
                raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
            now = self._journal.now()
            since = _since(before, schedule, given.get("State") or "ENABLED", now)
            rule = Rule(
                arn=rule_arn(scope, bus, name),
                bus=bus,
                name=name,
                pattern=pattern,
                schedule=schedule,
                state=given.get("State") or "ENABLED",
                description=given.get("Description"),
                role_arn=given.get("RoleArn"),
                since=since,
                fired=max(since, 0 if before is None else before.fired),
                tags=_tags(given.get("Tags")) if before is None else before.tags,
                targets={} if before is None else before.targets,
            )
            _check(rule)
            await self._keep(scope, rule)
        return rule

    async def set_state(self, scope: Scope, bus: str, name: str, state: str) -> None:
        """Enable or disable a rule. What fell due while it was disabled doesn't fire."""
        async with self.changing:
            rule = self.get(scope, bus, name)
            now = self._journal.now()
            since = _since(rule, rule.schedule, state, now)
            await self._keep(
                scope, msgspec.structs.replace(rule, state=state, since=since, fired=max(since, rule.fired))
            )

    async def set_tags(self, scope: Scope, rule: Rule, tags: dict[str, str]) -> None:
        """Give a rule these tags and no others; the lock is held."""
        await self._keep(scope, msgspec.structs.replace(rule, tags=tags))

    def with_arn(self, scope: Scope, arn: str) -> Rule | None:
        """Return the rule of an ARN."""
        return next((rule for rule in self._kept.of(scope) if rule.arn == arn), None)

    async def delete(self, scope: Scope, bus: str, name: str) -> None:
        """Delete a rule, which must have no targets; one that isn't there is deleted already."""
        async with self.changing:
            rule = self.find(scope, bus, name)
            if rule is None:
                return
            if rule.targets:
                raise ValidationException("Rule can't be deleted since it has targets.")
            await self._kept.delete(scope, f"{bus}/{name}")
            del self._compiled[scope.account, scope.region, bus][name]
            self._alarms.clear(rule.arn)
            self.on_change()

    async def put_targets(self, scope: Scope, bus: str, name: str, given: list[dict[str, Any]]) -> list[dict[str, str]]:
        """Give a rule targets, or change those of the same ids; return the entries that can't be, with the reasons."""
        async with self.changing:
            rule = self.get(scope, bus, name)
            targets, failed = dict(rule.targets), []
            for target in given:
                try:
                    check_target(target["Arn"])
                    input_of(target)
                except InvalidTransformer as error:
                    raise ValidationException(f"{error}, target {target['Id']}.") from None
                except UnusableTarget as error:
                    failed.append(_failed(target["Id"], "UnsupportedTarget", str(error)))
                else:
                    targets[target["Id"]] = target
            if len(targets) > MAX_TARGETS:
                raise LimitExceededException("The requested resource exceeds the maximum number allowed.")
            await self._keep(scope, msgspec.structs.replace(rule, targets=targets))
        return failed

    async def remove_targets(self, scope: Scope, bus: str, name: str, ids: list[str]) -> list[dict[str, str]]:
        """Take targets from a rule; return the entries that it doesn't have."""
        async with self.changing:
            rule = self.get(scope, bus, name)
            left = {key: target for key, target in rule.targets.items() if key not in ids}
            await self._keep(scope, msgspec.structs.replace(rule, targets=left))
        unknown = [key for key in ids if key not in rule.targets]
        return [_failed(key, "ResourceNotFoundException", "Rule does not have this target.") for key in unknown]

    async def _keep(self, scope: Scope, rule: Rule) -> None:
        await self._kept.put(scope, f"{rule.bus}/{rule.name}", rule)
        self._compile(scope, rule)
        self.on_change()

    def _compile(self, scope: Scope, rule: Rule) -> None:
        compiled = Compiled(rule)
        self._compiled.setdefault((scope.account, scope.region, rule.bus), {})[rule.name] = compiled
        due = None
        if compiled.schedule is not None and rule.enabled:
            due = compiled.schedule.following(rule.fired)
        self._alarms.set(rule.arn, due, lambda: self._fire(scope, rule.bus, rule.name))

    async def _fire(self, scope: Scope, bus: str, name: str) -> None:
        """Let a rule fire for what fell due last, and commit that it has."""
        async with self.changing:
            compiled = self._compiled.get((scope.account, scope.region, bus), {}).get(name)
            if compiled is None or compiled.schedule is None or not compiled.rule.enabled:
                return
            rule, now = compiled.rule, self._journal.now()
            due, fired = latest_due(compiled.schedule, rule.fired, now)
            after = msgspec.structs.replace(rule, fired=fired)
            found = [] if due is None else list(compiled.deliveries(_scheduled_event(scope, rule, due), scope, now))
            await self._kept.replace(
                scope,
                f"{bus}/{name}",
                after,
                lambda record: self._journal.write(PutDeliveries(found, resource=record)),
            )
            self._compile(scope, after)
        self._outbox.look()


def rule_arn(scope: Scope, bus: str, name: str) -> str:
    """Return the ARN of a rule."""
    path = name if bus == DEFAULT_BUS else f"{bus}/{name}"
    return f"arn:{partition_of(scope.region)}:events:{scope.region}:{scope.account}:rule/{path}"


def _since(before: Rule | None, schedule: str | None, state: str, now: int) -> int:
    """Return since when a schedule holds: as it was, unless it is another one, or was disabled."""
    if before is None or before.schedule != schedule or (not before.enabled and state != "DISABLED"):
        return now
    return before.since


def _check(rule: Rule) -> None:
    try:
        Compiled(rule)
    except InvalidPattern as error:
        raise InvalidEventPatternException(str(error)) from None
    except InvalidSchedule:
        raise ValidationException("Parameter ScheduleExpression is not valid.") from None


def _scheduled_event(scope: Scope, rule: Rule, due: int) -> dict[str, Any]:
    return envelope(
        event_id=stable_id(rule.arn, rule.since, due),
        detail_type="Scheduled Event",
        source="aws.events",
        account=scope.account,
        time=due,
        region=scope.region,
        resources=[rule.arn],
        detail={},
    )


def _tags(given: list[dict[str, Any]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given or ()}


def _failed(target_id: str, code: str, message: str) -> dict[str, str]:
    return {"TargetId": target_id, "ErrorCode": code, "ErrorMessage": message}
