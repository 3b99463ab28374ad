"""EventBridge as a Task calls it, `events:putEvents`, served by the event bus of this server.

What goes in and what comes out is the same as with EventBridge at AWS (`aws/optimized.py`).
"""

from typing import Any, Protocol

from stepwell.integrations.port import Answer, Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.document import Document, to_text
from stepwell.language.parameters import unusable
from stepwell.language.resources import WAIT_FOR_TASK_TOKEN
from stepwell.language.timestamps import parse_timestamp

MAX_ENTRIES = 10
_TO_SECONDS = 1_000_000_000


class UnusableEntries(ValueError):
    """The parameters hold no entries; the message is what the task fails with."""


class Events(Protocol):
    """The event bus."""

    async def put_task_events(
        self, account: str, region: str, entries: list[dict[str, Any]], key: str
    ) -> dict[str, Any]:
        """Take events; answer as PutEvents does. The same key gives the same events."""


class EventsIntegration:
    """Serves `events`."""

    def __init__(self) -> None:
        self._bus: Events | None = None

    def connect(self, bus: Events) -> None:
        """Say which bus: it is made after the integrations that it delivers to."""
        self._bus = bus

    async def call(self, request: TaskRequest) -> Answer:
        """Put the events on the bus."""
        assert self._bus is not None
        try:
            entries = wire_entries(request.parameters, request.execution_arn)
            answer = await self._bus.put_task_events(request.account, request.region, entries, request.idempotency_key)
        except UnusableEntries as error:
            return Failed("States.Runtime", str(error))
        return entries_answer(answer, request.resource.pattern)


def wire_entries(parameters: Document, execution_arn: str) -> list[dict[str, Any]]:
    """Return the entries of a Task as PutEvents has them. Raise `UnusableEntries`.

    A Detail that is no text becomes one. The state machine and the execution go into the Resources.
    """
    value = parameters.value
    given = value.get("Entries") if isinstance(value, dict) else None
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        problem = "is required but was missing" if given is None else "must be a list of objects"
        raise _unusable(parameters, f"The field 'Entries' {problem}")
    if not 1 <= len(given) <= MAX_ENTRIES:
        raise _unusable(parameters, f"The field 'Entries' must have 1 to {MAX_ENTRIES} items")
    sender = sender_of(execution_arn)
    return [_wire_entry(entry, sender, parameters) for entry in given]


def _wire_entry(entry: dict[str, Any], sender: list[str], parameters: Document) -> dict[str, Any]:
    wire = {name: value for name, value in entry.items() if value is not None}
    for name in ("Source", "DetailType", "EventBusName"):
        if not isinstance(wire.get(name, ""), str):
            raise _unusable(parameters, f"The value of the field '{name}' has an invalid format")
    if "Detail" in wire and not isinstance(wire["Detail"], str):
        wire["Detail"] = to_text(wire["Detail"])
    resources = wire.get("Resources", [])
    if not isinstance(resources, list) or not all(isinstance(one, str) for one in resources):
        raise _unusable(parameters, "The value of the field 'Resources' has an invalid format")
    wire["Resources"] = [*resources, *sender]
    if "Time" in wire:
        time = parse_timestamp(wire["Time"]) if isinstance(wire["Time"], str) else None
        if time is None:
            raise _unusable(parameters, "The value of the field 'Time' has an invalid format")
        wire["Time"] = time / _TO_SECONDS
    return wire


def sender_of(execution_arn: str) -> list[str]:
    """Return what AWS adds to the resources of an event: the state machine and the execution; another sender alone."""
    parts = execution_arn.split(":")
    if len(parts) > 6 and parts[5] in {"execution", "express"}:
        return [":".join([*parts[:5], "stateMachine", parts[6]]), execution_arn]
    return [execution_arn]


def _unusable(parameters: Document, problem: str) -> UnusableEntries:
    return UnusableEntries(unusable(parameters, problem))


def entries_answer(answer: dict[str, Any], pattern: str) -> Answer:
    """Return what the task gets of an answer of PutEvents: where any entry failed, the task does."""
    shown = {"Entries": answer["Entries"], "FailedEntryCount": answer["FailedEntryCount"]}
    if shown["FailedEntryCount"]:
        return Failed("EventBridge.FailedEntry", to_text(shown))
    output = Document(None, shown)
    return Submitted(output) if pattern == WAIT_FOR_TASK_TOKEN else Succeeded(output)
