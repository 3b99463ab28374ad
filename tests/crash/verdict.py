"""What must be true when all is over, whatever happened on the way."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from crash.load import TAKEN, UNKNOWN, Answer, Ledger
from crash.machines import ADDED, DEFINITIONS, ITEMS, WAIT_SECONDS, machine_arn
from crash.wire import Wire
from machine.checker import check_growth, check_history

Events = list[dict[str, Any]]


class Found:
    """All executions that the server has, with their histories."""

    def __init__(self, wire: Wire) -> None:
        self.described: dict[str, dict[str, Any]] = {}
        self.histories: dict[str, Events] = {}
        for kind in DEFINITIONS:
            for listed in wire.pages("ListExecutions", "executions", stateMachineArn=machine_arn(kind)):
                arn = listed["executionArn"]
                self.described[arn] = wire.call("DescribeExecution", executionArn=arn)
                self.histories[arn] = wire.pages("GetExecutionHistory", "events", executionArn=arn)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the descriptions of a kind."""
        machine = machine_arn(kind)
        return {arn: found for arn, found in self.described.items() if found["stateMachineArn"] == machine}

    def results(self, kind: str, event_type: str) -> list[tuple[str, Any]]:
        """Return (execution, output) of each event of a type in the histories of a kind."""
        member = event_type[0].lower() + event_type[1:] + "EventDetails"
        return [
            (arn, json.loads(event[member]["output"]))
            for arn in self.of(kind)
            for event in self.histories[arn]
            if event["type"] == event_type
        ]


def check(found: Found, ledger: Ledger, notes: Path) -> None:
    """Raise AssertionError where a promise was broken."""
    invocations = {note["id"]: note for note in map(json.loads, notes.read_text(encoding="utf-8").splitlines())}
    _every_acknowledged_start_is_there_once(found, ledger)
    _every_history_is_legal(found, ledger)
    _every_execution_has_its_result(found)
    _no_result_is_applied_twice(found, invocations)
    _a_token_answered_once(found, ledger)
    _no_child_was_started_twice(found)
    _no_timer_was_early(found)


def _every_acknowledged_start_is_there_once(found: Found, ledger: Ledger) -> None:
    for start in ledger.starts:
        assert start.arn in found.described, f"{start} was acknowledged, and is lost"
        described = found.described[start.arn]
        assert json.loads(described["input"])["n"] == start.number
        assert start.date in {None, described["startDate"]}, f"{start} has another start date: {described}"
    names = Counter(found["name"] for found in found.described.values() if found["name"].count("-") == 1)
    assert set(names.values()) <= {1}


def _every_history_is_legal(found: Found, ledger: Ledger) -> None:
    for arn, events in found.histories.items():
        status = found.described[arn]["status"]
        assert status != "RUNNING", f"{arn} has not ended"
        check_history(events, status)
        check_growth(ledger.read.get(arn, []), events)


def _every_execution_has_its_result(found: Found) -> None:
    for kind in DEFINITIONS:
        stopped = kind in {"stop", "ballast"}
        for arn, described in found.of(kind).items():
            assert described["status"] == ("ABORTED" if stopped else "SUCCEEDED"), f"{arn}: {described}"
            if not stopped:
                given, output = json.loads(described["input"]), json.loads(described["output"])
                assert _without_ids(output) == _expected(kind, given), f"{arn}: {described}"


def _expected(kind: str, given: dict[str, Any]) -> Any:
    number = {"n": given["n"]}
    match kind:
        case "chain" | "child" | "nested":
            return {**number, "i": ADDED}
        case "wait":
            return given
        case "work" | "flaky":
            return number
        case "parallel":
            return [given, given, number]
        case "map":
            return [{"n": item + 1} for item in range(ITEMS)]
        case _:
            return {}


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(item) for key, item in value.items() if key not in {"id", "answer"}}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


def _no_result_is_applied_twice(found: Found, invocations: dict[str, Any]) -> None:
    """Each result in a history is that of one invocation, of this very task."""
    seen: set[str] = set()
    for kind in ("work", "flaky", "parallel", "map"):
        for arn, output in found.results(kind, "TaskSucceeded"):
            result = output["Payload"]
            note = invocations[result["id"]]
            assert (note["execution"], note["n"]) == (arn, result["n"]), f"{arn} has the result of {note}"
            assert result["id"] not in seen, f"{arn} has a result that was used before"
            seen.add(result["id"])
    for arn in found.of("flaky"):
        failures = [event for event in found.histories[arn] if event["type"] == "TaskFailed"]
        assert len(failures) == 1, f"{arn} failed {len(failures)} times, and not once"


def _a_token_answered_once(found: Found, ledger: Ledger) -> None:
    for kind, event_type, answered in (
        ("ask", "TaskSucceeded", ledger.callbacks),
        ("activity", "ActivitySucceeded", ledger.activities),
    ):
        applied = [output["answer"] for _, output in found.results(kind, event_type)]
        assert len(applied) == len(set(applied)) == len(found.of(kind))
        for said in answered.values():
            _outcomes_are_true(said, set(applied), kind)


def _outcomes_are_true(said: list[Answer], applied: set[str], kind: str) -> None:
    """Hold what the answerers of one token were told to what the history says."""
    taken = [answer for answer in said if answer.outcome == TAKEN]
    effective = [answer for answer in said if answer.output in applied]
    assert len(effective) <= 1, f"a token answered twice: {said}"
    assert len(taken) <= 1, f"a token was acknowledged twice: {said}"
    assert all(answer in effective for answer in taken), f"an acknowledged answer was lost: {said}"
    assert all(answer.outcome in {TAKEN, UNKNOWN} for answer in effective), f"a refused answer counted: {said}"
    assert {answer.outcome for answer in said} <= {TAKEN, UNKNOWN, "TaskTimedOut"}, f"a token was not known: {said}"
    if kind == "ask":  # nothing but an answer ends its wait
        assert said[-1].outcome == UNKNOWN or effective, f"a token was refused, and nobody had answered it: {said}"


def _no_child_was_started_twice(found: Found) -> None:
    parents = Counter(json.loads(child["input"])["parent"] for child in found.of("child").values())
    assert parents == dict.fromkeys(found.of("nested"), 1)


def _no_timer_was_early(found: Found) -> None:
    for arn in found.of("wait"):
        times = {event["type"]: event["timestamp"] for event in found.histories[arn]}
        assert times["WaitStateExited"] - times["WaitStateEntered"] >= WAIT_SECONDS - 0.001, arn
