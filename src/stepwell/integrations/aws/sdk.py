"""AWS SDK integrations: any operation of any service, `arn:aws:states:::aws-sdk:SERVICE:ACTION[.waitForTaskToken]`.

Which services and operations there are, botocore's models say; how states name them, the rules of `names.py`.
"""

from typing import Any

from stepwell.aws import AwsCalls
from stepwell.integrations.aws import failures
from stepwell.integrations.aws.calls import ServiceCalls
from stepwell.integrations.aws.dialects import Service
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.names import prefix_of
from stepwell.integrations.port import Answer, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import BOTOCORE_NAMES, WAIT_FOR_TASK_TOKEN, Resource

# What Step Functions does not offer, by service and action in lower case.
_UNSUPPORTED = {
    "comprehendmedical": {"detectentities"},
    "efs": {"createtags"},
    "elastictranscoder": {"testrole"},
    "emr": {"describejobflows"},
    "iotdeviceadvisor": {"listtestcases"},
    "lambda": {"invokeasync"},
    "lexruntimev2": {"startconversation"},
    "mediapackage": {"rotatechannelcredentials"},
    "rdsdata": {"executesql"},
    "shield": {"deletesubscription"},
    "sts": {"assumerole", "assumerolewithsaml", "assumerolewithwebidentity"},
}


class AwsSdkIntegration:
    """Serves every `aws-sdk:` service."""

    def __init__(self, aws: AwsCalls) -> None:
        self._aws = aws
        self._calls = ServiceCalls(aws)
        self._services: dict[str, str] = {}
        """The service's name in resources -> its name in botocore."""

    async def call(self, request: TaskRequest) -> Answer:
        """Call the operation that the resource names."""
        found = await self._find(request.resource)
        if found is None:
            return failures.failed(failures.RUNTIME, unknown(request.resource))
        service, operation = found
        try:
            answered = await self._calls.ask(request, service, operation, request.parameters.value)
        except CallFailed as error:
            return error.failure
        output = Document(None, answered.output)
        return Submitted(output) if request.resource.pattern == WAIT_FOR_TASK_TOKEN else Succeeded(output)

    async def knows(self, resource: Resource) -> bool:
        """Return whether there is the operation that a resource names."""
        return await self._find(resource) is not None

    async def operation(self, resource: Resource) -> Any:
        """Return the model of the operation that a resource names; None where there is none."""
        found = await self._find(resource)
        return None if found is None else (await self._aws.model(found[0].name)).operation_model(found[1])

    async def _find(self, resource: Resource) -> tuple[Service, str] | None:
        key = resource.service.removeprefix("aws-sdk:")
        if resource.action.lower() in _UNSUPPORTED.get(key, ()):
            return None
        name = await self._service(key)
        if name is None:
            return None
        model = await self._aws.model(name)
        operation = next((each for each in model.operation_names if each.lower() == resource.action.lower()), None)
        if operation is None or _streams_events(model.operation_model(operation)):
            return None
        prefix = prefix_of(str(model.service_id))
        return Service(name, prefix, prefix), operation

    async def _service(self, key: str) -> str | None:
        if not self._services:
            self._services = {name.replace("-", ""): name for name in await self._aws.services()} | BOTOCORE_NAMES
        return self._services.get(key)


def unknown(resource: Resource) -> str:
    """Return why a resource can't be called, in AWS's words."""
    return (
        f"The resource provided {resource.arn} is not recognized. The value is not a valid resource ARN, or the "
        "resource is not available in this region."
    )


def _streams_events(operation: Any) -> bool:
    return bool(operation.has_event_stream_input or operation.has_event_stream_output)
