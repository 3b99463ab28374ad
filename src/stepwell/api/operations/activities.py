"""Creating, describing, deleting and listing activities, and polling them for tasks."""

from typing import Any

from stepwell.api.pagination import page_size
from stepwell.api.server import Server, seconds
from stepwell.runtime.arns import Scope


async def create_activity(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateActivity."""
    record = await server.registry.activities.create(
        scope, request["name"], request.get("encryptionConfiguration"), request.get("tags")
    )
    return {"activityArn": record.arn, "creationDate": seconds(record.created)}


async def describe_activity(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeActivity."""
    record = await server.registry.activities.activity(scope, request["activityArn"])
    answer = {"activityArn": record.arn, "name": record.name, "creationDate": seconds(record.created)}
    if record.encryption_configuration is not None:
        answer["encryptionConfiguration"] = record.encryption_configuration
    return answer


async def delete_activity(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteActivity."""
    await server.registry.activities.delete(scope, request["activityArn"])
    return {}


async def list_activities(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListActivities, oldest first."""
    size = page_size(request)
    question = ("ListActivities",)
    after = await server.pages.position(scope, question, request.get("nextToken"))
    records = await server.registry.activities.list(scope, size + 1, after)
    answer: dict[str, Any] = {
        "activities": [
            {"activityArn": record.arn, "name": record.name, "creationDate": seconds(record.created)}
            for record in records[:size]
        ]
    }
    if len(records) > size:
        answer["nextToken"] = await server.pages.token(scope, question, records[size - 1].key)
    return answer


async def get_activity_task(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """GetActivityTask: wait for a task, and answer null where none came in time."""
    record = await server.registry.activities.activity(scope, request["activityArn"])
    task = await server.engine.poll_activity(record.arn, request.get("workerName"))
    if task is None:
        return {"taskToken": None}
    token, text = task
    return {"taskToken": token, "input": text}
