"""The tags of state machines and activities."""

import asyncio
from typing import Any, Protocol

from stepwell.runtime import configuration
from stepwell.runtime.arns import ACTIVITY, STATE_MACHINE, Scope, parse_arn
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.storage.records import ActivityRecord, StateMachineRecord


class ResourceNotFound(RuntimeRefusal):
    """Nothing that can have tags has this ARN."""


class TooManyTags(RuntimeRefusal):
    """The resource with this ARN would have more tags than is allowed."""


def checked_tags(arn: str, before: dict[str, str], given: list[dict[str, Any]] | None) -> dict[str, str]:
    """Return the tags of a resource with those that are given on top; raise `TooManyTags` beyond the limit."""
    tags = {**before, **configuration.tags(given)}
    if len(tags) > configuration.MAX_TAGS:
        raise TooManyTags(arn)
    return tags


class Keeper(Protocol):
    """Who keeps what can have tags."""

    changing: asyncio.Lock
    """Whoever changes what is kept holds it."""

    async def own(self, scope: Scope, arn: str) -> StateMachineRecord | ActivityRecord | None:
        """Return a resource of the caller's account."""

    async def put_tags(self, record: Any, tags: dict[str, str]) -> None:
        """Give a resource these tags and no others; the lock is held."""


class Tagging:
    """Adds, removes and lists tags."""

    def __init__(self, state_machines: Keeper, activities: Keeper) -> None:
        self._state_machines = state_machines
        self._activities = activities

    async def tags(self, scope: Scope, arn: str) -> dict[str, str]:
        """Return the tags of a state machine or an activity."""
        keeper = self._keeper(arn)
        async with keeper.changing:
            return (await _tagged(keeper, scope, arn)).tags

    async def tag(self, scope: Scope, arn: str, tags: list[dict[str, Any]]) -> None:
        """Add tags, or change those that are there."""
        keeper = self._keeper(arn)
        async with keeper.changing:
            record = await _tagged(keeper, scope, arn)
            await keeper.put_tags(record, checked_tags(arn, record.tags, tags))

    async def untag(self, scope: Scope, arn: str, keys: list[str]) -> None:
        """Remove tags. Missing ones are no error."""
        keeper = self._keeper(arn)
        async with keeper.changing:
            record = await _tagged(keeper, scope, arn)
            await keeper.put_tags(record, {key: value for key, value in record.tags.items() if key not in keys})

    def _keeper(self, arn: str) -> Keeper:
        return self._activities if parse_arn(arn, STATE_MACHINE, ACTIVITY).type == ACTIVITY else self._state_machines


async def _tagged(keeper: Keeper, scope: Scope, arn: str) -> StateMachineRecord | ActivityRecord:
    record = await keeper.own(scope, arn)
    if record is None:
        raise ResourceNotFound(arn)
    return record
