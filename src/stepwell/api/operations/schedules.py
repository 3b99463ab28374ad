"""The schedules of EventBridge Scheduler, and their groups."""

from typing import Any

from stepwell.api.errors import ApiError
from stepwell.api.operations.rules import page
from stepwell.api.server import Server, seconds
from stepwell.runtime.arns import Scope, partition_of
from stepwell.runtime.bus.scheduler import DEFAULT_GROUP, Group, Planned
from stepwell.runtime.configuration import MAX_TAGS


async def create_schedule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateSchedule."""
    return {"ScheduleArn": (await server.bus.scheduler.create(scope, request)).arn}


async def update_schedule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateSchedule."""
    return {"ScheduleArn": (await server.bus.scheduler.update(scope, request)).arn}


async def get_schedule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """GetSchedule."""
    planned = server.bus.scheduler.get(scope, request.get("GroupName") or DEFAULT_GROUP, request["Name"])
    defaults = {"State": "ENABLED", "ScheduleExpressionTimezone": "UTC", "ActionAfterCompletion": "NONE"}
    return {**defaults, **planned.given, **_named(planned)}


async def delete_schedule(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteSchedule."""
    await server.bus.scheduler.delete(scope, request.get("GroupName") or DEFAULT_GROUP, request["Name"])
    return {}


async def list_schedules(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListSchedules."""
    group, prefix, state = (request.get(name) for name in ("GroupName", "NamePrefix", "State"))
    if group is not None:
        server.bus.scheduler.group(scope, group)
    found = [
        {**_named(planned), "State": "ENABLED" if planned.enabled else "DISABLED", "Target": _target(planned)}
        for planned in server.bus.scheduler.of(scope, group)
        if planned.name.startswith(prefix or "") and state in {None, "ENABLED" if planned.enabled else "DISABLED"}
    ]
    question = ("ListSchedules", group or "", prefix or "", state or "")
    return await page(server, scope, question, _limited(request), "Schedules", found)


async def create_schedule_group(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateScheduleGroup."""
    await server.bus.scheduler.create_group(scope, request["Name"], _tags(request.get("Tags")))
    return {"ScheduleGroupArn": _group_arn(scope, request["Name"])}


async def get_schedule_group(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """GetScheduleGroup."""
    return _shown_group(scope, server.bus.scheduler.group(scope, request["Name"]))


async def delete_schedule_group(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteScheduleGroup."""
    await server.bus.scheduler.delete_group(scope, request["Name"])
    return {}


async def list_schedule_groups(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListScheduleGroups."""
    prefix = request.get("NamePrefix") or ""
    found = [
        _shown_group(scope, group) for group in server.bus.scheduler.groups(scope) if group.name.startswith(prefix)
    ]
    return await page(server, scope, ("ListScheduleGroups", prefix), _limited(request), "ScheduleGroups", found)


async def tag_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """TagResource: of groups, schedules have none."""
    group = _group_of(server, scope, request["ResourceArn"])
    tags = {**group.tags, **_tags(request["Tags"])}
    if len(tags) > MAX_TAGS:
        raise ApiError("ValidationException", f"A resource can have {MAX_TAGS} tags.")
    await server.bus.scheduler.put_tags(scope, group, tags)
    return {}


async def untag_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UntagResource."""
    group = _group_of(server, scope, request["ResourceArn"])
    left = {key: value for key, value in group.tags.items() if key not in request["TagKeys"]}
    await server.bus.scheduler.put_tags(scope, group, left)
    return {}


async def list_tags_for_resource(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListTagsForResource."""
    group = _group_of(server, scope, request["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in group.tags.items()]}


def _group_of(server: Server, scope: Scope, arn: str) -> Group:
    name = arn.rpartition("/")[2]
    if arn != _group_arn(scope, name):
        raise ApiError("ValidationException", f"{arn} is not the ARN of a schedule group of yours.")
    return server.bus.scheduler.group(scope, name)


def _limited(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request with the name that `page` knows for its limit."""
    return {"NextToken": request.get("NextToken"), "Limit": request.get("MaxResults")}


def _tags(given: list[dict[str, Any]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in given or ()}


def _group_arn(scope: Scope, name: str) -> str:
    return f"arn:{partition_of(scope.region)}:scheduler:{scope.region}:{scope.account}:schedule-group/{name}"


def _named(planned: Planned) -> dict[str, Any]:
    return {
        "Arn": planned.arn,
        "GroupName": planned.group,
        "Name": planned.name,
        "CreationDate": seconds(planned.created),
        "LastModificationDate": seconds(planned.modified),
    }


def _target(planned: Planned) -> dict[str, Any]:
    return {"Arn": planned.given["Target"]["Arn"]}


def _shown_group(scope: Scope, group: Group) -> dict[str, Any]:
    times = {"CreationDate": seconds(group.created), "LastModificationDate": seconds(group.modified)}
    return {"Arn": _group_arn(scope, group.name), "Name": group.name, "State": "ACTIVE", **times}
