"""The progress of executions, told from their histories: a line for each state entered, and one for the end."""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any

SECONDS_BETWEEN_LOOKS = 0.2
ID_WIDTH = 28

_PLAIN, _GREEN, _YELLOW, _RED = "", "\033[32m", "\033[33m", "\033[31m"
_RESET = "\033[0m"
_COLOURS = {"APPROVED": _GREEN, "REJECTED": _RED, "UNPROCESSABLE": _RED}


class Execution:
    """One execution that is followed."""

    def __init__(self, client: Any, arn: str) -> None:
        self.arn = arn
        self.name = arn.rpartition(":")[2]
        self.ended = False
        self.waits = False
        """Whether it waits for somebody to answer its task token."""
        self._client = client
        self._last_event = 0

    def look(self) -> list[tuple[datetime, str]]:
        """Return what has happened since the last look: lines with their times."""
        lines = []
        for event in self._new_events():
            self._last_event = event["id"]
            self.waits = event["type"] == "TaskSubmitted" and event["taskSubmittedEventDetails"]["resource"].endswith(
                ".waitForTaskToken"
            )
            self.ended = self.ended or event["type"] in _ENDS
            if told := _told(event):
                at = event["timestamp"]
                lines.append((at, f"{at:%H:%M:%S}  {self.name:<{ID_WIDTH}}  {coloured(*told)}"))
        return lines

    def _new_events(self) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("get_execution_history").paginate(executionArn=self.arn)
        return [event for page in pages for event in page["events"] if event["id"] > self._last_event]


_ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


def tell(executions: Iterable[Execution]) -> None:
    """Show what has happened to these since the last look, in the order in which it did."""
    lines = [line for execution in executions for line in execution.look()]
    for _, line in sorted(lines, key=itemgetter(0)):  # by time alone: what happened in one moment is in order already
        say(line)


def _told(event: dict[str, Any]) -> tuple[str, str] | None:
    kind: str = event["type"]
    if kind.endswith("StateEntered"):
        return event["stateEnteredEventDetails"]["name"], _PLAIN
    if kind == "TaskFailed":
        return f"  failed: {event['taskFailedEventDetails'].get('error')}", _RED
    if kind == "TaskSubmitted":
        return "  waits for a person", _YELLOW
    if kind == "ExecutionSucceeded":
        application = json.loads(event["executionSucceededEventDetails"]["output"])
        return outcome(application), _COLOURS.get(application["status"], _PLAIN)
    if kind in _ENDS:
        return f"{kind}: see `aws stepfunctions describe-execution`", _RED
    return None


def outcome(application: dict[str, Any]) -> str:
    """Return in one line what has become of an application."""
    account = application["account_number"]
    details = [f"account {account}"] if account else []
    details += [application["reason"]] if application["reason"] else []
    details += [f"reviewed by {application['reviewer']}"] if application["reviewer"] else []
    return f"{application['status']:<13}  {', '.join(details)}".rstrip()


def coloured(text: str, colour: str) -> str:
    """Return the text in a colour, on a terminal."""
    return f"{colour}{text}{_RESET}" if colour and sys.stdout.isatty() else text


def say(text: str = "") -> None:
    """Print a line at once, also into a file or a pipe."""
    print(text, flush=True)
