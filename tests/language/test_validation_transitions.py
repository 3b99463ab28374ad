import json
from typing import Any

from stepwell.language.diagnostics import aws_text
from stepwell.language.validation import diagnose

LOOP = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
END: dict[str, Any] = {"Type": "Pass", "End": True}


def _found(states: dict[str, Any], start: str = "A") -> list[tuple[str, str, str, str | None]]:
    diagnosis = diagnose(json.dumps({"StartAt": start, "States": states}))
    return [(found.severity, found.code, found.message, found.location) for found in diagnosis.diagnostics]


def test_a_missing_target_and_an_unreachable_state_are_told_as_aws_does() -> None:
    definition = {"StartAt": "pass1", "States": {"pass1": {"Type": "Pass", "Next": "pass3"}, "pass2": END}}
    assert aws_text(diagnose(json.dumps(definition)).errors) == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 "
        'at /States/pass1/Next, MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2\''
    )


def test_every_kind_of_target_must_exist_and_is_called_next() -> None:
    states = {
        "A": {"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "X"}], "Default": "Y"},
        "B": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
            "End": True,
        },
    }
    missing = [(message, where) for _, _, message, where in _found(states, "Q")]
    assert missing == [
        ("Missing 'Next' target: Q", "/StartAt"),
        ("Missing 'Next' target: Y", "/States/A/Default"),
        ("Missing 'Next' target: X", "/States/A/Choices[0]/Next"),
        ("Missing 'Next' target: Z", "/States/B/Catch[0]/Next"),
    ]


def test_a_machine_without_an_end_is_refused_without_a_location() -> None:
    ended = ("ERROR", "MISSING_END_STATE", "Workflow has no terminal state", None)
    assert _found(LOOP) == [ended]
    assert _found({**LOOP, "C": {"Type": "Pass", "Next": "A"}}) == [ended]
    dangling = ("ERROR", "MISSING_TRANSITION_TARGET", "Missing 'Next' target: NOPE", "/States/A/Next")
    assert _found({"A": {"Type": "Pass", "Next": "NOPE"}}) == [dangling, ended]


def test_a_loop_with_an_end_that_it_does_not_reach_has_an_unreachable_state() -> None:
    unreachable = ("ERROR", "MISSING_TRANSITION_TARGET", 'State "C" is not reachable.', "/States/C")
    assert _found({**LOOP, "C": END}) == [unreachable]


def test_states_that_only_reach_each_other_are_unreachable() -> None:
    states = {"A": END, "X": {"Type": "Pass", "Next": "Y"}, "Y": {"Type": "Pass", "Next": "X"}}
    assert [message for _, _, message, _ in _found(states)] == [
        'State "X" is not reachable.',
        'State "Y" is not reachable.',
    ]


def test_a_target_must_be_in_the_same_scope() -> None:
    branch = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "B"}, "J": END}}
    states = {"A": {"Type": "Parallel", "Branches": [branch], "Next": "B"}, "B": END}
    assert [(message, where) for _, _, message, where in _found(states)] == [
        ("Missing 'Next' target: B", "/States/A/Branches[0]/States/I/Next"),
        ('State "J" is not reachable.', "/States/A/Branches[0]/States/J"),
    ]


def test_a_branch_that_only_ends_by_failing_is_suspicious_but_allowed() -> None:
    branch = {"StartAt": "L", "States": {"L": {"Type": "Wait", "Seconds": 1, "Next": "L"}}}
    assert _found({"A": {"Type": "Parallel", "Branches": [branch], "End": True}}) == [
        ("WARNING", "MISSING_END_STATE", "Workflow has no terminal state", "/States/A/Branches[0]")
    ]


def test_succeed_and_fail_are_ends() -> None:
    assert _found({"A": {"Type": "Succeed"}}) == []
    assert _found({"A": {"Type": "Fail"}}) == []


def test_a_state_that_lacks_its_next_is_told_once() -> None:
    assert [message for _, _, message, _ in _found({"A": {"Type": "Pass"}})] == [
        "This object should have only one of the following fields: [Next, End]"
    ]
