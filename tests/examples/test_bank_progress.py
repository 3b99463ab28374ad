"""The lines that run.py shows."""

from datetime import UTC, datetime

import pytest
from progress import told
from shared import progress

MOMENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class History:
    """A client whose executions have these events."""

    def __init__(self, events):
        self.events = events

    def get_paginator(self, operation):
        assert operation == "get_execution_history"
        return self

    def paginate(self, executionArn):  # noqa: N803 (the name of AWS)
        return [{"events": [{"id": number, **event} for number, event in enumerate(self.events[executionArn], 1)]}]


def entered(name, second=0):
    event = {"type": "PassStateEntered", "stateEnteredEventDetails": {"name": name}}
    return {**event, "timestamp": MOMENT.replace(second=second)}


def submitted(pattern, service="lambda"):
    details = {"resource": f"invoke{pattern}", "resourceType": service}
    return {"type": "TaskSubmitted", "timestamp": MOMENT, "taskSubmittedEventDetails": details}


def test_lines_are_in_order_of_time_and_within_a_moment_as_they_happened(capsys):
    client = History({"a:1": [entered("Z"), entered("A"), entered("Late", 9)], "a:2": [entered("B", 5)]})
    progress.tell([progress.Execution(client, "a:1", told), progress.Execution(client, "a:2", told)])
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["Z", "A", "B", "Late"]


def test_nothing_is_told_twice():
    client = History({"a:1": [entered("A")]})
    execution = progress.Execution(client, "a:1", told)
    assert len(execution.look()) == 1
    client.events["a:1"].append(entered("B"))
    assert [line.split()[-1] for _, line in execution.look()] == ["B"]
    assert execution.look() == []


@pytest.mark.parametrize(
    ("pattern", "service", "waits"),
    [(".waitForTaskToken", "lambda", True), (".waitForTaskToken", "events", False), (".sync", "states", False)],
)
def test_an_execution_waits_for_a_person_from_its_submission_to_the_next_event(pattern, service, waits):
    client = History({"a:1": [entered("A"), submitted(pattern, service)]})
    execution = progress.Execution(client, "a:1", told)
    execution.look()
    assert execution.waits is waits
    client.events["a:1"].append(entered("B"))
    execution.look()
    assert not execution.waits


def test_the_end_of_an_execution_tells_what_became_of_the_application():
    output = '{"status": "APPROVED", "account_number": "10000001", "reason": null, "reviewer": "grace"}'
    details = {"output": output}
    end = {"type": "ExecutionSucceeded", "timestamp": MOMENT, "executionSucceededEventDetails": details}
    execution = progress.Execution(History({"a:1": [end]}), "a:1", told)
    (line,) = [line for _, line in execution.look()]
    assert line.endswith("APPROVED       account 10000001, reviewed by grace")
    assert execution.ended
