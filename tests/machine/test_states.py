"""The states that need nobody else: Pass, Wait, Choice, Succeed, Fail."""

from typing import Any

import pytest

from machine.harness import START, Run, States, lines, machine
from stepwell.machine.limits import LONGEST_WAIT_SECONDS

AFTER = {"Type": "Succeed"}


def test_states_follow_each_other_in_one_turn() -> None:
    run = Run(machine(A={"Type": "Pass"}, B={"Type": "Succeed"}))
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 PassStateEntered A
        3<2 PassStateExited A
        4<3 SucceedStateEntered B
        5<4 SucceedStateExited B
        6<5 ExecutionSucceeded
    """)
    assert run.turns == 1
    assert run.commands == []


def test_a_succeed_has_its_paths() -> None:
    assert Run(machine(S={"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}), {"a": {"b": 1}}).output == "1"


# Choice


def choice(*rules: tuple[States, str], **fields: Any) -> States:
    return {"Type": "Choice", "Choices": [{**rule, "Next": target} for rule, target in rules], **fields}


IN_A = "An error occurred while executing the state 'A' (entered at the event id #2)."
ABOVE = {"Variable": "$.n", "NumericGreaterThan": 5}
ANY = {"Variable": "$.n", "IsPresent": True}


@pytest.mark.parametrize(("n", "end"), [(7, "B"), (5, "C")])
def test_the_first_rule_that_holds_decides(n: int, end: str) -> None:
    states = machine(A=choice((ABOVE, "B"), (ANY, "C"), (ABOVE, "D")), B=AFTER, C=AFTER, D=AFTER)
    assert Run(states, {"n": n}).story[3] == f"4<3 SucceedStateEntered {end}"


def test_where_no_rule_holds_the_default_decides() -> None:
    assert Run(machine(A=choice((ABOVE, "B"), Default="C"), B=AFTER, C=AFTER), {"n": 1}).story[3:4] == [
        "4<3 SucceedStateEntered C"
    ]


def test_a_choice_without_a_way_out_fails() -> None:
    run = Run(machine(A=choice((ABOVE, "B")), B=AFTER), {"n": 1})
    assert run.trouble == (
        "States.NoChoiceMatched",
        f"{IN_A} Failed to transition out of the state. The state does not point to a next state.",
    )
    assert run.story[-1] == "3<2 ExecutionFailed States.NoChoiceMatched"


def test_a_choice_sees_its_input_path_and_passes_that_on_by_its_output_path() -> None:
    states = machine(A=choice((ABOVE, "B"), InputPath="$.x", OutputPath="$.deep"), B=AFTER)
    run = Run(states, {"x": {"n": 6, "deep": [1]}})
    assert run.output == "[1]"


def test_a_choice_passes_its_input_on_as_it_was_written() -> None:
    assert Run(machine(A=choice((ANY, "B")), B=AFTER), '{ "n" : 1 }').output == '{ "n" : 1 }'


# Wait


@pytest.mark.parametrize(
    ("fields", "source", "seconds"),
    [
        ({"Seconds": 30}, {}, 30),
        ({"SecondsPath": "$.s"}, {"s": 30}, 30),
        ({"Timestamp": "2026-01-01T00:00:30Z"}, {}, 30),
        ({"Timestamp": "2026-01-01T01:00:30+01:00"}, {}, 30),
        ({"TimestampPath": "$.t"}, {"t": "2026-01-01T00:00:30.5Z"}, 30.5),
        ({"TimestampPath": "$.t"}, {"t": "2026-01-01T00:00:30.000000001Z"}, 30.001),
        ({"SecondsPath": "$.s", "InputPath": "$.in"}, {"in": {"s": 3}}, 3),
    ],
)
def test_a_wait_ends_at_its_moment_and_not_before(fields: States, source: Any, seconds: float) -> None:
    run = Run(machine(W={"Type": "Wait", **fields}), source)
    assert run.lane("W").due == START + round(seconds * 1000)
    run.after(seconds - 0.001)
    assert run.status == "RUNNING"
    run.after(0.001)
    assert run.status == "SUCCEEDED"
    assert run.times("WaitStateExited") == [pytest.approx(seconds)]
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 WaitStateEntered W
        3<2 WaitStateExited W
        4<3 ExecutionSucceeded
    """)


@pytest.mark.parametrize(
    ("fields", "source"),
    [
        ({"Seconds": 0}, {}),
        ({"SecondsPath": "$.s"}, {"s": 0}),
        ({"Timestamp": "2025-12-31T23:59:59Z"}, {}),
        ({"Timestamp": "2026-01-01T00:00:00Z"}, {}),
        ({"TimestampPath": "$.t"}, {"t": "1999-01-01T00:00:00Z"}),
    ],
)
def test_a_wait_whose_moment_has_come_does_not_wait(fields: States, source: Any) -> None:
    run = Run(machine(W={"Type": "Wait", **fields}), source)
    assert run.status == "SUCCEEDED"
    assert run.turns == 1


def test_a_wait_passes_its_input_on_by_its_paths() -> None:
    run = Run(machine(W={"Type": "Wait", "Seconds": 1, "InputPath": "$.a", "OutputPath": "$.b"}), {"a": {"b": 1}})
    run.after(1)
    assert run.output == "1"


def test_the_longest_wait_is_2_to_the_31_seconds() -> None:
    longest = Run(machine(W={"Type": "Wait", "SecondsPath": "$"}), LONGEST_WAIT_SECONDS)
    assert longest.status == "RUNNING"
    longer = Run(machine(W={"Type": "Wait", "SecondsPath": "$"}), LONGEST_WAIT_SECONDS + 1)
    assert longer.trouble == ("States.Runtime", f"{WHERE} Wait state delay is too long.")


WHERE = "An error occurred while executing the state 'W' (entered at the event id #2)."
NO_LONG = "The SecondsPath parameter cannot be parsed as a long value: $.s =="
NO_DATE = (
    "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t =="
)


@pytest.mark.parametrize(
    ("fields", "source", "cause"),
    [
        ({"SecondsPath": "$.s"}, {}, "The SecondsPath parameter does not reference an input value: $.s"),
        ({"SecondsPath": "$.s"}, {"s": 1.5}, f"{NO_LONG} 1.5"),
        ({"SecondsPath": "$.s"}, {"s": "five"}, f"{NO_LONG} five"),
        ({"SecondsPath": "$.s"}, {"s": True}, f"{NO_LONG} true"),
        ({"SecondsPath": "$.s"}, {"s": -1}, "The SecondsPath parameter references a negative value: $.s == -1"),
        ({"TimestampPath": "$.t"}, {}, "The TimestampPath parameter does not reference an input value: $.t"),
        ({"TimestampPath": "$.t"}, {"t": "tomorrow"}, f"{NO_DATE} tomorrow"),
        ({"TimestampPath": "$.t"}, {"t": "2026-01-01T00:00:00"}, f"{NO_DATE} 2026-01-01T00:00:00"),
        ({"TimestampPath": "$.t"}, {"t": 5}, f"{NO_DATE} 5"),
    ],
)
def test_a_wait_for_what_is_no_moment_fails(fields: States, source: Any, cause: str) -> None:
    run = Run(machine(W={"Type": "Wait", **fields}), source)
    assert run.trouble == ("States.Runtime", f"{WHERE} {cause}")
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


def test_what_a_wait_ends_with_can_fail_at_its_end() -> None:
    run = Run(machine(W={"Type": "Wait", "Seconds": 1, "OutputPath": "$.no"}))
    run.after(1)
    assert run.trouble == ("States.Runtime", f"{WHERE} Invalid path '$.no' : No results for path: $['no']")


# Fail

IN_F = IN_A.replace("'A'", "'F'")


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({}, (None, None)),
        ({"Error": "E"}, ("E", None)),
        ({"Cause": "C"}, (None, "C")),
        ({"Error": "E", "Cause": "C"}, ("E", "C")),
        ({"ErrorPath": "$.e", "CausePath": "$.c"}, ("from e", "from c")),
        ({"ErrorPath": "$$.State.Name", "CausePath": "States.Format('{} of {}', $.c, $.n)"}, ("F", "from c of 1")),
        ({"Error": "States.Custom", "CausePath": "$.c"}, ("States.Custom", "from c")),
    ],
)
def test_a_fail_ends_the_execution_with_its_error_and_its_cause(
    fields: States, trouble: tuple[str | None, str | None]
) -> None:
    run = Run(machine(F={"Type": "Fail", **fields}), {"e": "from e", "c": "from c", "n": 1})
    assert run.status == "FAILED"
    assert run.trouble == trouble
    assert run.story == [
        "1<0 ExecutionStarted",
        "2<0 FailStateEntered F",
        f"3<2 ExecutionFailed {trouble[0] or ''}".rstrip(),
    ]
    shown = {name: text for name, text in zip(("error", "cause"), trouble, strict=True) if text is not None}
    assert run.details("ExecutionFailed") == [shown]


def test_a_fail_whose_path_leads_nowhere_fails_with_that() -> None:
    run = Run(machine(F={"Type": "Fail", "ErrorPath": "$.no", "Cause": "C"}), {"a": 1})
    assert run.trouble == (
        "States.Runtime",
        f"{IN_F} The JSONPath '$.no' specified for the field 'ErrorPath' could not be found in the input '{{\"a\":1}}'",
    )


def test_an_error_that_is_no_text_fails_with_that() -> None:
    run = Run(machine(F={"Type": "Fail", "ErrorPath": "$.e"}), {"e": 5})
    assert run.trouble[0] == "States.Runtime"
    assert "ErrorPath" in (run.trouble[1] or "")
