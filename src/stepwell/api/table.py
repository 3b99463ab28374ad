"""The table of operations: which function answers which, and how its requests are validated."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from stepwell.api.errors import not_implemented
from stepwell.api.model import OPERATIONS
from stepwell.api.operations import (
    activities,
    aliases,
    executions,
    history,
    state_machines,
    sync_executions,
    tags,
    tasks,
    test_state,
    versions,
)
from stepwell.api.server import Server
from stepwell.api.validation import Validator, validator
from stepwell.runtime.arns import Scope

Handler = Callable[[Server, Scope, dict[str, Any]], Awaitable[dict[str, Any]]]

_HANDLERS: dict[str, Handler] = {
    "CreateActivity": activities.create_activity,
    "CreateStateMachine": state_machines.create_state_machine,
    "CreateStateMachineAlias": aliases.create_state_machine_alias,
    "DeleteActivity": activities.delete_activity,
    "DeleteStateMachine": state_machines.delete_state_machine,
    "DeleteStateMachineAlias": aliases.delete_state_machine_alias,
    "DeleteStateMachineVersion": versions.delete_state_machine_version,
    "DescribeActivity": activities.describe_activity,
    "DescribeExecution": executions.describe_execution,
    "DescribeStateMachine": state_machines.describe_state_machine,
    "DescribeStateMachineAlias": aliases.describe_state_machine_alias,
    "DescribeStateMachineForExecution": executions.describe_state_machine_for_execution,
    "GetActivityTask": activities.get_activity_task,
    "GetExecutionHistory": history.get_execution_history,
    "ListActivities": activities.list_activities,
    "ListExecutions": executions.list_executions,
    "ListStateMachineAliases": aliases.list_state_machine_aliases,
    "ListStateMachineVersions": versions.list_state_machine_versions,
    "ListStateMachines": state_machines.list_state_machines,
    "ListTagsForResource": tags.list_tags_for_resource,
    "PublishStateMachineVersion": versions.publish_state_machine_version,
    "RedriveExecution": executions.redrive_execution,
    "SendTaskFailure": tasks.send_task_failure,
    "SendTaskHeartbeat": tasks.send_task_heartbeat,
    "SendTaskSuccess": tasks.send_task_success,
    "StartExecution": executions.start_execution,
    "StartSyncExecution": sync_executions.start_sync_execution,
    "StopExecution": executions.stop_execution,
    "TagResource": tags.tag_resource,
    "TestState": test_state.test_state,
    "UntagResource": tags.untag_resource,
    "UpdateStateMachine": state_machines.update_state_machine,
    "UpdateStateMachineAlias": aliases.update_state_machine_alias,
    "ValidateStateMachineDefinition": state_machines.validate_state_machine_definition,
}
_LONG_POLLS = {"GetActivityTask", "TestState"}
_TARGET = "AWSStepFunctions."


class Operation(NamedTuple):
    """One operation, ready to be called."""

    name: str
    validate: Validator
    handle: Handler
    long_poll: bool
    """Whether it waits for something to happen: given up when the client is gone."""


def _missing(name: str) -> Handler:
    async def handle(_server: Server, _scope: Scope, _request: dict[str, Any]) -> dict[str, Any]:
        raise not_implemented(name)

    return handle


def _operations() -> dict[bytes, Operation]:
    return {
        f"{_TARGET}{name}".encode(): Operation(
            name, validator(name), _HANDLERS.get(name) or _missing(name), name in _LONG_POLLS
        )
        for name in OPERATIONS
    }


TARGETS: dict[bytes, Operation] = _operations()
"""X-Amz-Target -> operation."""
