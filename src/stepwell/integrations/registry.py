"""Which integration serves a resource: by its kind, or by its service."""

from stepwell.integrations.port import Failed, Integration, TaskRequest
from stepwell.language.resources import Resource

AWS_SDK = "aws-sdk:"


class Unserved:
    """Answers for resources that nothing serves, in words that say so."""

    async def call(self, request: TaskRequest) -> Failed:
        """Fail: the service is not implemented."""
        name = request.resource.service
        return Failed(
            "States.Runtime",
            f"The resource {request.resource.arn} can't be called: the integration '{name}' is not implemented yet in "
            "this version of Stepwell.",
        )


class Integrations:
    """The registry. Keys are `function`, or a service as history's resourceType has it (`lambda`, `aws-sdk:sfn`).

    `aws-sdk` serves the services of AWS SDK integrations that have no key of their own.
    """

    def __init__(self, served: dict[str, Integration]) -> None:
        self._served = served
        self._unserved = Unserved()

    has_mocks = False
    """Whether executions can be started with a test case, whose tasks are answered with mocked responses."""

    def has_test_case(self, state_machine: str, test_case: str) -> bool:  # noqa: ARG002
        """Return whether there is a test case of this name for a state machine."""
        return False

    def find(self, resource: Resource) -> Integration:
        """Return what serves a resource."""
        key = "function" if resource.kind == "function" else resource.service
        found = self._served.get(key)
        if found is None and key.startswith(AWS_SDK):
            found = self._served.get("aws-sdk")
        return found or self._unserved
