"""Why a call failed, in the words of Step Functions and of AWS's SDKs for Java, which it is written with."""

from stepwell.integrations.port import Failed, TaskRequest

TASK_FAILED = "States.TaskFailed"


def role_not_assumed(request: TaskRequest) -> Failed:
    """Return the failure of a task whose Credentials name a role that can't be had."""
    return Failed(
        TASK_FAILED,
        f"The role {request.execution_role_arn} is not authorized to assume the task state's role, {request.role_arn}.",
    )
