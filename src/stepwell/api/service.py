"""What one service on the port is: how its operations are called, and what its answers look like."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from stepwell.api.errors import CORAL_SERVICE, ApiError, not_implemented
from stepwell.api.model import Model
from stepwell.api.server import Server
from stepwell.api.validation import Validator, validator
from stepwell.runtime.arns import Scope

Handler = Callable[[Server, Scope, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Service:
    """One API: `X-Amz-Target: {target}.{Operation}`. Operations of the model without a handler say so when called."""

    name: str
    target: str
    content_type: bytes
    model: Model
    handlers: Mapping[str, Handler]
    long_polls: frozenset[str] = field(default_factory=frozenset)
    """The operations that wait for something to happen: given up when the client is gone."""
    namespace: str | None = None
    """What the types of the modelled errors begin with; None: types are bare names, those of the framework too."""

    def operations(self) -> "Iterator[tuple[bytes, Operation]]":
        """Yield the operations by the header that calls them."""
        for name in self.model.operations:
            handle = self.handlers.get(name) or _missing(name)
            check = validator(self.model, name)
            yield f"{self.target}.{name}".encode(), Operation(name, check, handle, name in self.long_polls, self)

    def status_of(self, error: ApiError) -> int:
        """Return the HTTP status of an error's answer."""
        modelled = self.model.errors.get(error.code)
        return error.status or (modelled["status"] if modelled else 400)

    def body_of(self, error: ApiError) -> dict[str, Any]:
        """Return an error as the wire shows it."""
        kind = error.code
        if self.namespace is not None:
            modelled = self.namespace if error.code in self.model.errors else CORAL_SERVICE
            kind = f"{error.namespace or modelled}#{error.code}"
        return {"__type": kind, "message": error.message, **error.members}


class Operation(NamedTuple):
    """One operation, ready to be called."""

    name: str
    validate: Validator
    handle: Handler
    long_poll: bool
    """Whether it waits for something to happen: given up when the client is gone."""
    service: Service


def _missing(name: str) -> Handler:
    async def handle(_server: Server, _scope: Scope, _request: dict[str, Any]) -> dict[str, Any]:
        raise not_implemented(name)

    return handle
