"""What an execution's change of status brings about: its event, in AWS's shape, and the deliveries of the rules.

Only executions of Standard state machines are announced, as on AWS. The event is made only where a rule may match, and
its deliveries are committed with the turn that changed the status.
"""

from collections.abc import Callable, Iterator
from typing import Any

from stepwell.events.envelopes import envelope
from stepwell.language.document import to_text
from stepwell.runtime.bus.deliveries import stable_id
from stepwell.runtime.redrives import status_forbids
from stepwell.storage.records import DeliveryRecord, ExecutionRecord, Turn

SOURCE = "aws.states"
DETAIL_TYPE = "Step Functions Execution Status Change"
LARGEST_DATA = 248 * 1024
"""Beyond so many bytes, as text within JSON, an event leaves out the output, or the input with it."""

_MOST_BYTES = 6
"""A character takes no more, as text within JSON."""

Matched = Callable[[str, str, dict[str, Any]], Iterator[DeliveryRecord]]
"""What the rules of an account in a region make of an event."""


def announced(turn: Turn, matched: Matched) -> list[DeliveryRecord]:
    """Return the deliveries of a turn: none, unless it begins, ends or redrives the execution."""
    record = turn.execution
    begins, ends = turn.new or turn.redriven, record.status != "RUNNING"
    if not begins and not ends:
        return []
    _, _, _, region, account, _ = record.arn.split(":", 5)
    found: list[DeliveryRecord] = []
    if begins:
        found += matched(account, region, status_event(record, account, region, running=True))
    if ends:
        found += matched(account, region, status_event(record, account, region, running=False))
    return found


def status_event(record: ExecutionRecord, account: str, region: str, *, running: bool) -> dict[str, Any]:
    """Return the event of an execution that runs now, or has ended; the row may be ahead of the former."""
    status = "RUNNING" if running else record.status
    redrive = record.redrive
    stopped = None if running else record.stopped
    began = record.started if redrive is None else redrive.redriven
    forbidden = status_forbids(status)
    given, output = _included(record.input, None if running else record.output)
    count = 0 if redrive is None else redrive.count
    return envelope(
        event_id=stable_id(record.arn, record.key, count, status),
        detail_type=DETAIL_TYPE,
        source=SOURCE,
        account=account,
        time=began if stopped is None else stopped,
        region=region,
        resources=[record.arn],
        detail={
            "executionArn": record.arn,
            "stateMachineArn": record.state_machine_arn,
            "name": record.name,
            "status": status,
            "startDate": record.started,
            "stopDate": stopped,
            "input": given,
            "output": output,
            "stateMachineVersionArn": record.state_machine_version_arn,
            "stateMachineAliasArn": record.state_machine_alias_arn,
            "redriveCount": count,
            "redriveDate": None if redrive is None else redrive.redriven,
            "redriveStatus": "REDRIVABLE" if forbidden is None else "NOT_REDRIVABLE",
            "redriveStatusReason": forbidden,
            "inputDetails": {"included": given is not None},
            "outputDetails": None if running or record.output is None else {"included": output is not None},
            "error": None if running else record.error,
            "cause": None if running else record.cause,
        },
    )


def _included(given: str, output: str | None) -> tuple[str | None, str | None]:
    """Return input and output as far as an event holds them: where it can't hold both, the output."""
    if (len(given) + len(output or "")) * _MOST_BYTES <= LARGEST_DATA:
        return given, output
    output_size = 0 if output is None else _escaped_bytes(output)
    if output_size > LARGEST_DATA:
        output, output_size = None, 0
    return None if _escaped_bytes(given) + output_size > LARGEST_DATA else given, output


def _escaped_bytes(text: str) -> int:
    return len(to_text(text).encode("utf-8", "surrogatepass"))
