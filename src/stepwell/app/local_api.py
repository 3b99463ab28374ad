"""The API of this server for its own state machines: the same operations as over HTTP, without the HTTP."""

from typing import Any

from stepwell.api.errors import ApiError, from_refusal
from stepwell.api.model import STEP_FUNCTIONS
from stepwell.api.server import Server
from stepwell.api.table import TARGETS
from stepwell.integrations.step_functions import ApiRefusal
from stepwell.runtime.arns import Scope
from stepwell.runtime.engine import Engine
from stepwell.runtime.errors import RuntimeRefusal


class LocalApi:
    """Calls operations in process."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._engine: Engine | None = None

    def connect(self, engine: Engine, server: Server) -> None:
        """Say which server this is: it is made after the integrations that call it."""
        self._engine, self._server = engine, server

    def members(self, operation: str) -> frozenset[str] | None:
        """Return the members of an operation's request; None: there is no such operation."""
        found = STEP_FUNCTIONS.operations.get(operation)
        return None if found is None else frozenset(STEP_FUNCTIONS.shapes[found["input"]]["members"])

    async def call(self, account: str, region: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Call an operation. Raise `ApiRefusal` where it answers with an error."""
        assert self._server is not None
        found = TARGETS[f"AWSStepFunctions.{operation}".encode()]
        try:
            return await found.handle(self._server, Scope(account, region), found.validate(request))
        except ApiError as error:
            raise ApiRefusal(error.code, error.message) from None
        except RuntimeRefusal as refusal:
            answer = from_refusal(refusal)
            raise ApiRefusal(answer.code, answer.message) from None

    async def ended(self, execution_arn: str) -> None:
        """Wait until an execution has ended."""
        assert self._engine is not None
        await self._engine.ended(execution_arn)
