"""The parts of the server that the operations of the API work with."""

from dataclasses import dataclass, field

from stepwell.api.pagination import Pages
from stepwell.runtime.bus.bus import EventBus
from stepwell.runtime.connections import Connections
from stepwell.runtime.definitions import UsesByRevision
from stepwell.runtime.port import Executions, ExpressExecutions
from stepwell.runtime.registry import Registry


@dataclass(frozen=True, slots=True)
class Server:
    """What every operation is given, beside who asks and what for."""

    engine: Executions
    express: ExpressExecutions
    registry: Registry
    pages: Pages
    connections: Connections
    bus: EventBus
    uses: UsesByRevision = field(default_factory=UsesByRevision)


def seconds(milliseconds: int) -> float:
    """Return a time as the wire has it."""
    return milliseconds / 1000
