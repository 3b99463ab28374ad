"""The table of operations: the services on the port, and what each `X-Amz-Target` calls."""

from stepwell.api import event_bridge, step_functions
from stepwell.api.service import Operation, Service

SERVICES: tuple[Service, ...] = (step_functions.SERVICE, event_bridge.SERVICE)
"""The first answers what is meant for none of them."""

TARGETS: dict[bytes, Operation] = {
    target: operation for service in SERVICES for target, operation in service.operations()
}
"""X-Amz-Target -> operation."""


def service_of(target: bytes) -> Service:
    """Return the service that a target is of, whether there is such an operation or not."""
    return next((each for each in SERVICES if target.startswith(f"{each.target}.".encode())), SERVICES[0])
