"""Optimized integrations that are one call of a service: its action, with the parameters and the result of its own.

Where Step Functions does more than to call, an adapter says what: see `ADAPTERS`. Jobs that are waited for are not
here, nor what `eks` calls that is no service but a cluster.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.bedrock import invoke_model
from stepwell.integrations.aws.calls import ServiceCalls, parameters_of, result_of
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES, Service
from stepwell.integrations.aws.emr import EMR_ADAPTERS
from stepwell.integrations.aws.failures import CallFailed, failed, unreachable
from stepwell.integrations.events import sender_of
from stepwell.integrations.port import Answer, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, to_text
from stepwell.language.resources import WAIT_FOR_TASK_TOKEN

_NO_QUEUE = "SQS.QueueDoesNotExistException"

Adapter = Callable[[ServiceCalls, TaskRequest, Service], Awaitable[dict[str, Any]]]


class OptimizedIntegration:
    """Serves the services of `OPTIMIZED_SERVICES`, request and response."""

    def __init__(self, aws: AwsCalls) -> None:
        self._calls = ServiceCalls(aws)

    async def call(self, request: TaskRequest) -> Answer:
        """Call the action that the resource names."""
        try:
            output = Document(None, await self.submit(request))
        except CallFailed as error:
            return error.failure
        return Submitted(output) if request.resource.pattern == WAIT_FOR_TASK_TOKEN else Succeeded(output)

    async def submit(self, request: TaskRequest) -> dict[str, Any]:
        """Call the action, and return its result. Raise `CallFailed`."""
        resource = request.resource
        service = OPTIMIZED_SERVICES[resource.service]
        adapter = ADAPTERS.get(f"{resource.service}:{resource.action}")
        if adapter is not None:
            return await adapter(self._calls, request, service)
        return result_of(
            service, await self._calls.ask(request, service, operation_of(resource.action), parameters_of(request))
        )


def operation_of(action: str) -> str:
    """Return the operation that an action calls."""
    return action[0].upper() + action[1:]


async def _run_ecs_task(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
    """Run a task. Where the state waits for it, that it could not be placed is a failure."""
    answered = await calls.ask(request, service, "RunTask", parameters_of(request))
    if request.resource.pattern and answered.output.get("Failures"):
        raise CallFailed(failed("AmazonECS.Unknown", to_text(answered.output)))
    return result_of(service, answered)


async def _send_message(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
    """Send a message to where its QueueUrl leads. A name alone leads to a host that there is none of."""
    given = parameters_of(request)
    url = given.get("QueueUrl")
    try:
        return result_of(service, await calls.ask(request, service, "SendMessage", given))
    except CallFailed as error:
        if error.failure.error != _NO_QUEUE or not isinstance(url, str) or "://" in url:
            raise
        host = url.partition("/")[0]
        words = f"Unable to execute HTTP request: {host}: Name or service not known"
        raise CallFailed(unreachable(service, words)) from error


async def _start_glue_job(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
    """Start a job's run, and name the job beside it."""
    given = parameters_of(request)
    result = result_of(service, await calls.ask(request, service, "StartJobRun", given))
    return {"JobName": given.get("JobName")} | result


async def _put_events(calls: ServiceCalls, request: TaskRequest, service: Service) -> dict[str, Any]:
    """Put events that name the execution among their resources; one that is refused fails the task."""
    given = with_resources(parameters_of(request), request.execution_arn)
    output = (await calls.ask(request, service, "PutEvents", given)).output
    if output.get("FailedEntryCount"):
        raise CallFailed(failed("EventBridge.FailedEntry", to_text(output)))
    return output


def with_resources(parameters: dict[str, Any], execution_arn: str) -> dict[str, Any]:
    """Return the parameters of PutEvents with the ARNs of an execution and of its state machine in each entry."""
    entries = parameters.get("Entries")
    if not isinstance(entries, list):
        return parameters
    added = sender_of(execution_arn)
    return parameters | {
        "Entries": [
            entry | {"Resources": [*(entry.get("Resources") or []), *added]} if isinstance(entry, dict) else entry
            for entry in entries
        ]
    }


ADAPTERS: dict[str, Adapter] = {
    "bedrock:invokeModel": invoke_model,
    "ecs:runTask": _run_ecs_task,
    "events:putEvents": _put_events,
    "glue:startJobRun": _start_glue_job,
    "sqs:sendMessage": _send_message,
    **EMR_ADAPTERS,
}
OWN_PARAMETERS = frozenset({"bedrock:invokeModel", *EMR_ADAPTERS})
"""Those whose parameters are not the operation's."""
