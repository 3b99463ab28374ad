"""Activities: creating, finding, listing and deleting them."""

import asyncio
from typing import Any

from msgspec.structs import replace

from stepwell.runtime import configuration
from stepwell.runtime.arns import ACTIVITY, Scope, check_name, parse_arn
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.runtime.journal import Journal
from stepwell.runtime.quotas import check_room_for_activity
from stepwell.runtime.tagging import checked_tags
from stepwell.storage.port import DeleteActivity, PutActivity
from stepwell.storage.records import ActivityRecord


class ActivityDoesNotExist(RuntimeRefusal):
    """There is no activity with this ARN."""


class ActivityAlreadyExists(RuntimeRefusal):
    """Another activity has the name. It says its ARN."""


class ActivityRegistry:
    """The activities of all accounts. Changes are made one at a time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.changing = asyncio.Lock()
        """Whoever changes an activity holds it."""

    async def create(
        self, scope: Scope, name: str, encryption: dict[str, Any] | None, tags: list[dict[str, Any]] | None
    ) -> ActivityRecord:
        """Create an activity, or return the one that has the name."""
        check_name(name)
        arn = scope.activity_arn(name)
        record = ActivityRecord(
            key=self._journal.next_key(), arn=arn, account=scope.account, region=scope.region, name=name,
            created=self._journal.now(), encryption_configuration=configuration.encryption(encryption),
            tags=checked_tags(arn, {}, tags),
        )  # fmt: skip
        async with self.changing:
            existing = await self._journal.store.activity(arn)
            if existing is None:
                await check_room_for_activity(self._journal.store, scope)
                if await self._journal.write(PutActivity(record, new=True)):
                    return record
        if existing is None or existing.encryption_configuration != record.encryption_configuration:
            raise ActivityAlreadyExists(arn)
        return existing

    async def activity(self, scope: Scope, arn: str) -> ActivityRecord:
        """Return an activity."""
        parse_arn(arn, ACTIVITY)
        record = await self.own(scope, arn)
        if record is None:
            raise ActivityDoesNotExist(arn)
        return record

    async def list(self, scope: Scope, limit: int, after: int | None) -> list[ActivityRecord]:
        """List activities, oldest first."""
        return await self._journal.store.activities(scope.account, scope.region, limit, after)

    async def delete(self, scope: Scope, arn: str) -> None:
        """Delete an activity. A missing one is no error."""
        parse_arn(arn, ACTIVITY)
        async with self.changing:
            if await self.own(scope, arn) is not None:
                await self._journal.write(DeleteActivity(arn))

    async def own(self, scope: Scope, arn: str) -> ActivityRecord | None:
        """Return an activity of the caller's account, None where there is none."""
        record = await self._journal.store.activity(arn)
        return record if record is not None and record.account == scope.account else None

    async def put_tags(self, record: ActivityRecord, tags: dict[str, str]) -> None:
        """Give an activity these tags and no others; to be called with `changing` held."""
        await self._journal.write(PutActivity(replace(record, tags=tags)))
