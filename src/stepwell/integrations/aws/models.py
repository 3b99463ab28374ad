"""What the models of services say of the calls in a definition, before anything is called."""

from typing import Any

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.dialects import OPTIMIZED_SERVICES
from stepwell.integrations.aws.optimized import OWN_PARAMETERS, operation_of
from stepwell.integrations.aws.sdk import AwsSdkIntegration
from stepwell.integrations.aws.shapes import unknown_members
from stepwell.language.resources import Resource

_AWS_SDK = "aws-sdk:"


class CallModels:
    """Knows services, their actions, and the fields of these."""

    def __init__(self, aws: AwsCalls) -> None:
        self._aws = aws
        self._sdk = AwsSdkIntegration(aws)

    def has(self, resource: Resource) -> bool:
        """Return whether there are models to ask about a resource."""
        if resource.kind != "service":
            return False
        if resource.service.startswith(_AWS_SDK):
            return True
        return resource.service in OPTIMIZED_SERVICES and f"{resource.service}:{resource.action}" not in OWN_PARAMETERS

    async def knows(self, resource: Resource) -> bool:
        """Return whether there is the action that a resource names; of optimized integrations the language knows."""
        return not resource.service.startswith(_AWS_SDK) or await self._sdk.knows(resource)

    async def unknown_fields(self, resource: Resource, parameters: Any) -> list[str]:
        """Return the names among some parameters, at any depth, that the action does not have."""
        if not isinstance(parameters, dict):
            return []
        shape = await self._input(resource)
        return [] if shape is None else unknown_members(parameters, shape)

    async def _input(self, resource: Resource) -> Any:
        if resource.service.startswith(_AWS_SDK):
            operation = await self._sdk.operation(resource)
            return None if operation is None else operation.input_shape
        model = await self._aws.model(OPTIMIZED_SERVICES[resource.service].name)
        name = operation_of(resource.action)
        return model.operation_model(name).input_shape if name in model.operation_names else None
