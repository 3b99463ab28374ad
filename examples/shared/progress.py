"""The progress of executions, told from their histories: a line for each state, for each failure, and for the end."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any

from shared.ending import rest

SECONDS_BETWEEN_LOOKS = 0.1
PATIENCE_SECONDS = 120.0
ID_WIDTH = 28
LONGEST_ITEM = 30

PLAIN, GREEN, YELLOW, RED, BOLD = "", "\033[32m", "\033[33m", "\033[31m", "\033[1m"
_RESET = "\033[0m"
_ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


class Execution:
    """One execution that is followed; `outcome` puts its output into words, and gives them a colour.

    `name` stands for its own name, and `prefix` before all that it does.
    """

    def __init__(
        self, client: Any, arn: str, outcome: Callable[[Any], tuple[str, str]], *, name: str = "", prefix: str = ""
    ) -> None:
        self.arn = arn
        self.name = name or arn.rpartition(":")[2]
        self._prefix = prefix
        self.ended = False
        self.waits = False
        """Whether it waits for somebody to answer its task token, which no event has taken to another process."""
        self._client = client
        self._outcome = outcome
        self._last_event = 0

    def look(self) -> list[tuple[datetime, str]]:
        """Return what has happened since the last look: lines with their times."""
        lines = []
        for event in self._new_events():
            self._last_event = event["id"]
            self.waits = _waits_for_token(event)
            self.ended = self.ended or event["type"] in _ENDS
            if told := self._told(event):
                at = event["timestamp"]
                lines.append((at, f"  {at:%H:%M:%S}  {self.name:<{ID_WIDTH}}  {self._prefix}{coloured(*told)}"))
        return lines

    def _new_events(self) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("get_execution_history").paginate(executionArn=self.arn)
        return [event for page in pages for event in page["events"] if event["id"] > self._last_event]

    def _told(self, event: dict[str, Any]) -> tuple[str, str] | None:
        kind: str = event["type"]
        details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
        if kind.endswith("StateEntered"):
            return details["name"] + _item(details.get("input", "")), PLAIN
        if kind in {"TaskFailed", "TaskTimedOut", "LambdaFunctionFailed", "LambdaFunctionTimedOut"}:
            return f"  failed: {details.get('error')}", RED
        if kind == "TaskSubmitted":
            return _waiting(details, event), YELLOW
        if kind == "ExecutionSucceeded":
            return self._outcome(json.loads(details["output"]))
        return (f"{details.get('error')}: {message_of(details.get('cause'))}", RED) if kind in _ENDS else None


def follow(executions: list[Execution]) -> None:
    """Tell of executions, in the order in which things happen, until each has ended or waits for somebody."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(execution.ended or execution.waits for execution in executions):
        if time.monotonic() > deadline:
            raise TimeoutError(f"These should have come to an end: {[execution.name for execution in executions]}")
        tell(execution for execution in executions if not execution.ended)
        rest(SECONDS_BETWEEN_LOOKS)


def tell(executions: Iterable[Execution]) -> None:
    """Show what has happened to these since the last look, in the order in which it did."""
    lines = [line for execution in executions for line in execution.look()]
    for _, line in sorted(lines, key=itemgetter(0)):  # by time alone: what happened in one moment is in order already
        say(line)


def message_of(cause: str | None) -> str | None:
    """Return what a cause says: of a function's error the message alone."""
    try:
        found: str = json.loads(cause or "")["errorMessage"]
    except (ValueError, TypeError, KeyError):
        return cause
    return found


def _item(text: str) -> str:
    """Return what a state is for, where that is a word: the item of a Map."""
    return f"  {json.loads(text)}" if text.startswith('"') and len(text) <= LONGEST_ITEM else ""


def _waits_for_token(event: dict[str, Any]) -> bool:
    details = event.get("taskSubmittedEventDetails", {})
    return details.get("resourceType") != "events" and details.get("resource", "").endswith(".waitForTaskToken")


def _waiting(details: dict[str, Any], event: dict[str, Any]) -> str:
    if details.get("resourceType") == "events":
        return "  waits for the answer to its event"
    return "  waits for an answer" if _waits_for_token(event) else "  waits for the job"


def coloured(text: str, colour: str) -> str:
    """Return the text in a colour, on a terminal."""
    return f"{colour}{text}{_RESET}" if colour and sys.stdout.isatty() else text


def title(text: str) -> None:
    """Print what comes next in the story."""
    say(f"\n{coloured(text, BOLD)}\n")


def say(text: str = "") -> None:
    """Print a line at once, also into a file or a pipe."""
    print(text, flush=True)
