"""What of an execution is logged, and how: the level of its state machine picks the events, each becomes a JSON object.

As on AWS all values but the details are texts. Without `includeExecutionData` inputs, outputs and variables are left
out; an event that would be too large for CloudWatch Logs goes without them as well, and says that it is truncated.
"""

import logging
from typing import Any

from stepwell.language.document import encode
from stepwell.logs.port import Line, LogSink, log_group
from stepwell.machine.history import KIND, TERMINAL, EventTuple, show, without_data
from stepwell.machine.step import Step
from stepwell.runtime.residents import Resident

log = logging.getLogger("stepwell.logs")

LINE_BYTES = 1_000_000
"""The largest line; CloudWatch Logs takes 1 MiB."""

_FATAL = TERMINAL - {"ExecutionSucceeded"}
_ERROR = _FATAL | {
    "EvaluationFailed",
    "FailStateEntered",
    *(f"LambdaFunction{what}" for what in ("Failed", "ScheduleFailed", "StartFailed", "TimedOut")),
    *(f"Activity{what}" for what in ("Failed", "ScheduleFailed", "TimedOut")),
    *(f"Task{what}" for what in ("Failed", "StartFailed", "SubmitFailed", "TimedOut", "StateAborted")),
    *(f"Map{what}{how}" for what in ("Iteration", "State", "Run") for how in ("Aborted", "Failed")),
    *("ParallelStateAborted", "ParallelStateFailed", "WaitStateAborted"),
}
_KINDS = {
    "ALL": frozenset(KIND.values()),
    "ERROR": frozenset(KIND[name] for name in _ERROR if name in KIND),
    "FATAL": frozenset(KIND[name] for name in _FATAL),
}
_EVENT = {"type", "id", "previousEventId", "timestamp"}


class ExecutionLogs:
    """Sends the turns of executions to the log destinations of their state machines."""

    def __init__(self, sink: LogSink) -> None:
        self._sink = sink

    def on_turn(self, resident: Resident, step: Step) -> None:
        """Log a turn that was committed."""
        configuration = resident.logging
        if not configuration or configuration["level"] == "OFF":
            return
        try:
            self._log(resident, step, _KINDS[configuration["level"]], bool(configuration["includeExecutionData"]))
        except Exception:  # an execution goes on whatever becomes of its log
            log.exception("a turn of %s could not be logged: a bug of Stepwell", resident.record.arn)

    def _log(self, resident: Resident, step: Step, kinds: frozenset[int], with_data: bool) -> None:
        assert resident.logging is not None
        lines = [
            Line(event[2], _text(number, event, resident, with_data=with_data))
            for number, event in enumerate(step.events, step.first_event)
            if event[0] in kinds
        ]
        group = log_group(resident.logging["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"])
        if lines and group is not None:
            self._sink.append(group, resident.execution.state_machine_name, lines)


def _text(number: int, event: EventTuple, resident: Resident, *, with_data: bool) -> bytes:
    shown = show(number, event)
    details: dict[str, Any] = next((value for name, value in shown.items() if name not in _EVENT), {})
    text = encode(_record(shown, details if with_data else without_data(details), resident))
    if len(text) <= LINE_BYTES:
        return text
    flags = {name: {"truncated": True} for name in details if name.endswith("Details")}
    return encode(_record(shown, without_data(details) | flags, resident))


def _record(shown: dict[str, Any], details: dict[str, Any], resident: Resident) -> dict[str, Any]:
    record = {
        "id": str(shown["id"]),
        "type": shown["type"],
        "details": details,
        "previous_event_id": str(shown["previousEventId"]),
        "event_timestamp": str(round(shown["timestamp"] * 1000)),
        "execution_arn": resident.record.arn,
    }
    if not resident.execution.waited_for:
        record["redrive_count"] = str(resident.execution.redrive_count)
    return record
