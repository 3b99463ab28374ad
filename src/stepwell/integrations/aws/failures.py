"""Why a call failed, in the words of Step Functions and of AWS's SDKs for Java, which it is written with."""

from typing import Any

from stepwell.aws import AwsError
from stepwell.integrations.aws.dialects import Service
from stepwell.integrations.aws.names import exception_name
from stepwell.integrations.port import Failed, TaskRequest
from stepwell.language.parameters import unusable

TASK_FAILED, RUNTIME, DATA_LIMIT = "States.TaskFailed", "States.Runtime", "States.DataLimitExceeded"
CAUSE_LIMIT = 32_768


class CallFailed(Exception):
    """The call came to nothing."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(f"{failure.error}: {failure.cause}")
        self.failure = failure


def refused(service: Service, error: AwsError, model: Any) -> Failed:
    """Return the failure of a task that the service answered with an error."""
    shape = model.shape_for_error_code(error.shape) or model.shape_for_error_code(error.code)
    request_id = error.request_id or "null"
    if service.older_name:
        known = shape and (shape.name if shape.name.endswith("Exception") else f"{shape.name}Exception")
        details = f"Status Code: {error.status}; Error Code: {error.code or 'null'}; Request ID: {request_id}"
        cause = f"{error.message} (Service: {service.older_name}; {details}; Proxy: null)"
        return failed(f"{service.prefix}.{known or service.older_exception}", cause)
    name = exception_name(shape.name) if shape else f"{service.title}Exception"
    details = f"Status Code: {error.status}, Request ID: {request_id}"
    if error.extended_request_id:
        details += f", Extended Request ID: {error.extended_request_id}"
    return failed(f"{service.prefix}.{name}", f"{error.message} (Service: {service.title}, {details})")


def unreachable(service: Service, message: str) -> Failed:
    """Return the failure of a task whose service gave no answer."""
    return failed(f"{service.prefix}.SdkClientException", message)


def wrong_parameters(request: TaskRequest, problem: str) -> Failed:
    """Return the failure of a task whose service is not even called."""
    return failed(RUNTIME, unusable(request.parameters, problem))


def too_large(request: TaskRequest) -> Failed:
    """Return the failure of a task whose service answers with more than any state takes."""
    words = "returned a result with a size exceeding the maximum number of bytes service limit."
    return Failed(DATA_LIMIT, f"The state/task '{request.resource.service}' {words}")


def role_not_assumed(request: TaskRequest) -> Failed:
    """Return the failure of a task whose Credentials name a role that can't be had."""
    return failed(
        TASK_FAILED,
        f"The role {request.execution_role_arn} is not authorized to assume the task state's role, {request.role_arn}.",
    )


def failed(error: str, cause: str) -> Failed:
    """Return a failure whose cause is cut to what a state takes."""
    return Failed(error, cause[:CAUSE_LIMIT])
