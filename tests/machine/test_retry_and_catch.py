"""Retry and Catch: who takes a failure, when it is tried again, and what becomes of the data."""

import json
from typing import Any

import pytest

from machine.harness import ACTIVITY, CALLBACK, FUNCTION, Run, States, fails, lines, machine, parallel, task
from stepwell.machine.limits import Limits

CAUGHT = {"Type": "Succeed"}


def retrier(*errors: str, **fields: Any) -> States:
    return {"ErrorEquals": list(errors or ("States.ALL",)), **fields}


def catcher(*errors: str, to: str = "C", **fields: Any) -> States:
    return {"ErrorEquals": list(errors or ("States.ALL",)), "Next": to, **fields}


def delays(retry: States, count: int, chance: float = 0.5) -> list[float]:
    """Return the seconds before each of so many retries."""
    run = Run(machine(T=task(Retry=[retry])), chance=chance, limits=Limits(execution_seconds=10**9))
    found = []
    for _ in range(count):
        before = run.world.now
        run.fail("T")
        due = run.lane("T").due
        assert due is not None
        found.append((due - before) / 1000)
        run.after((due - before) / 1000)
    return found


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, [1, 2, 4]),
        ({"IntervalSeconds": 3, "BackoffRate": 1}, [3, 3, 3]),
        ({"IntervalSeconds": 2, "BackoffRate": 1.5}, [2, 3, 4.5]),
        ({"IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10}, [2, 6, 10]),
        ({"IntervalSeconds": 4, "JitterStrategy": "NONE"}, [4, 8, 16]),
        ({"IntervalSeconds": 4, "JitterStrategy": "FULL"}, [2, 4, 8]),
        ({"IntervalSeconds": 4, "JitterStrategy": "FULL", "MaxDelaySeconds": 6}, [2, 3, 3]),
    ],
)
def test_the_delay_grows_by_the_backoff_rate_up_to_its_bound(fields: States, seconds: list[float]) -> None:
    assert delays(retrier(**fields), 3) == seconds


@pytest.mark.parametrize(("chance", "second"), [(0.0, 0), (0.25, 1), (0.999, 3.996)])
def test_full_jitter_takes_a_share_of_the_delay(chance: float, second: float) -> None:
    assert delays(retrier(IntervalSeconds=4, JitterStrategy="FULL"), 1, chance) == [second]


def test_a_delay_beyond_all_numbers_is_the_longest() -> None:
    steep = retrier(BackoffRate=1e300, MaxAttempts=9)
    assert delays(steep, 3) == [1, 99_999_999, 99_999_999]


def test_a_retry_schedules_the_task_again_behind_its_failure() -> None:
    run = Run(machine(T=task(Retry=[retrier(MaxAttempts=1)])))
    run.fail("T", "First")
    assert run.waiting("T")[0].waits == "timer"
    run.after(1)
    run.succeed("T")
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 TaskStateEntered T
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<4 LambdaFunctionFailed First
        6<5 LambdaFunctionScheduled
        7<6 LambdaFunctionStarted
        8<7 LambdaFunctionSucceeded
        9<8 TaskStateExited T
        10<9 ExecutionSucceeded
    """)
    assert run.times("LambdaFunctionScheduled") == [0, 1]


@pytest.mark.parametrize(("attempts", "tries"), [(0, 1), (1, 2), (3, 4)])
def test_max_attempts_counts_the_retries(attempts: int, tries: int) -> None:
    run = Run(machine(T=task(Retry=[retrier(MaxAttempts=attempts)])))
    while run.status == "RUNNING":
        run.fail("T")
        run.after(1_000)
    assert len(run.details("LambdaFunctionScheduled")) == tries


def test_by_default_there_are_three_retries() -> None:
    run = Run(machine(T=task(Retry=[retrier()])))
    while run.status == "RUNNING":
        run.fail("T")
        run.after(100)
    assert len(run.details("LambdaFunctionScheduled")) == 4


def test_each_retrier_counts_for_itself_and_the_first_that_matches_decides() -> None:
    run = Run(machine(T=task(Retry=[retrier("A", MaxAttempts=1), retrier("B", MaxAttempts=1), retrier()])))
    for error in ("A", "B"):
        run.fail("T", error)
        assert run.status == "RUNNING"
        run.after(10)
    run.fail("T", "A")
    assert run.trouble[0] == "A", "the retrier of A is used up, and the one of all errors is not asked"


def test_a_retrier_that_is_used_up_leaves_it_to_the_catchers() -> None:
    run = Run(machine(T=task(Retry=[retrier(MaxAttempts=1)], Catch=[catcher()]), C=CAUGHT))
    run.fail("T", "First")
    run.after(1)
    run.fail("T", "Second", "twice")
    assert run.output == '{"Error":"Second","Cause":"twice"}'
    assert run.story[7:10] == ["8<7 LambdaFunctionFailed Second", "9<8 TaskStateExited T", "10<9 SucceedStateEntered C"]


def test_attempts_count_by_visit() -> None:
    states = {
        "StartAt": "T",
        "States": {
            "T": task(Retry=[retrier(MaxAttempts=1)], Next="Again", ResultPath="$.n"),
            "Again": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "T"}],
                "Default": "C",
            },
            "C": CAUGHT,
        },
    }
    run = Run(states)
    for n in (1, 2):
        run.fail("T")
        run.after(1)
        run.succeed("T", n)
    assert run.status == "SUCCEEDED"
    assert len(run.details("LambdaFunctionFailed")) == 2


# What matches what


NAMES = ["States.ALL", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout", "Boom", "boom"]


@pytest.mark.parametrize(
    ("error", "matching"),
    [
        ("Boom", {"States.ALL", "States.TaskFailed", "Boom"}),
        (None, {"States.ALL", "States.TaskFailed"}),
        ("States.Custom", {"States.ALL", "States.TaskFailed"}),
        ("States.Timeout", {"States.ALL", "States.Timeout"}),
        ("States.DataLimitExceeded", {"States.ALL", "States.TaskFailed"}),
        ("States.Runtime", set()),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_an_error_is_taken_by_its_name_or_a_wildcard(name: str, error: str | None, matching: set[str]) -> None:
    caught = Run(machine(T=task(Catch=[catcher(name)]), C=CAUGHT))
    caught.fail("T", error)
    assert (caught.status == "SUCCEEDED") == (name in matching)
    retried = Run(machine(T=task(Retry=[retrier(name)])))
    retried.fail("T", error)
    assert (retried.status == "RUNNING") == (name in matching)


@pytest.mark.parametrize(
    ("fields", "matching"),
    [
        ({"TimeoutSeconds": 5}, {"States.ALL", "States.Timeout"}),
        ({"HeartbeatSeconds": 5}, {"States.ALL", "States.Timeout", "States.HeartbeatTimeout"}),
        ({"TimeoutSeconds": 9, "HeartbeatSeconds": 5}, {"States.ALL", "States.Timeout", "States.HeartbeatTimeout"}),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_timeout_is_no_failure_of_the_task(name: str, fields: States, matching: set[str]) -> None:
    run = Run(machine(T=task(CALLBACK, Catch=[catcher(name)], **fields), C=CAUGHT))
    run.after(5)
    assert (run.status == "SUCCEEDED") == (name in matching)
    if name in matching:
        error = "States.HeartbeatTimeout" if name == "States.HeartbeatTimeout" else "States.Timeout"
        assert run.output == json.dumps({"Error": error, "Cause": ""}, separators=(",", ":"))
    assert run.details("TaskTimedOut")[0]["error"] == "States.Timeout"


def test_each_attempt_has_its_timeout_anew() -> None:
    run = Run(machine(T=task(TimeoutSeconds=5, Retry=[retrier("States.Timeout", IntervalSeconds=2, MaxAttempts=1)])))
    run.after(100)
    assert run.times("LambdaFunctionTimedOut") == [5, 12]
    assert run.trouble == ("States.Timeout", None)


def test_each_attempt_has_its_heartbeat_anew() -> None:
    run = Run(machine(T=task(ACTIVITY, HeartbeatSeconds=3, Retry=[retrier("States.HeartbeatTimeout", MaxAttempts=1)])))
    run.take("T")
    run.after(4)
    assert run.times("ActivityScheduled") == [0, 4]
    run.after(50)
    run.take("T")
    run.after(3)
    assert run.times("ActivityTimedOut") == [3, 57]


# What becomes of the data


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, {"Error": "Boom", "Cause": "It broke"}),
        ({"ResultPath": "$.e"}, {"in": 1, "e": {"Error": "Boom", "Cause": "It broke"}}),
        ({"ResultPath": "$.e.deep"}, {"in": 1, "e": {"deep": {"Error": "Boom", "Cause": "It broke"}}}),
        ({"ResultPath": None}, {"in": 1}),
    ],
)
def test_a_catcher_merges_the_error_into_the_raw_input(fields: States, output: Any) -> None:
    run = Run(
        machine(T=task(InputPath="$.in", ResultPath="$.never", OutputPath="$.no", Catch=[catcher(**fields)]), C=CAUGHT),
        {"in": 1},
    )
    run.fail("T")
    assert json.loads(str(run.output)) == output
    assert json.loads(run.details("TaskStateExited")[0]["output"]) == output


def test_what_an_error_does_not_have_is_null_for_a_catcher() -> None:
    run = Run(machine(T=task(Catch=[catcher()]), C=CAUGHT))
    run.fail("T", None, None)
    assert run.output == '{"Error":null,"Cause":null}'


def test_the_first_catcher_that_matches_decides() -> None:
    catchers = [catcher("A", to="C"), catcher("A", "B", to="D"), catcher(to="C")]
    run = Run(machine(T=task(Catch=catchers), C=CAUGHT, D={"Type": "Pass", "Result": "D", "End": True}))
    run.fail("T", "B")
    assert run.output == '"D"'


def test_a_cause_of_the_language_names_the_state_and_can_be_caught_and_retried() -> None:
    broken = {"v.$": "States.StringToJson($.text)"}
    run = Run(
        machine(T=task(Parameters=broken, Retry=[retrier(MaxAttempts=1)], Catch=[catcher()]), C=CAUGHT), {"text": "{"}
    )
    assert run.story[2:] == []
    run.after(1)
    caught = json.loads(str(run.output))
    assert caught["Error"] == "States.IntrinsicFailure"
    assert caught["Cause"].startswith("An error occurred while executing the state 'T' (entered at the event id #2). ")
    assert run.story[2:4] == ["3<2 TaskStateExited T", "4<3 SucceedStateEntered C"]


def test_an_attempt_that_could_not_be_scheduled_is_not_cancelled() -> None:
    run = Run(machine(T=task(Parameters={"v.$": "States.StringToJson($.text)"})), {"text": "{"})
    assert run.trouble[0] == "States.IntrinsicFailure"
    assert run.commands == []


def test_a_result_that_its_selector_refuses_can_be_retried() -> None:
    selector = {"v.$": "States.StringToJson($.text)"}
    run = Run(machine(T=task(ResultSelector=selector, Retry=[retrier(MaxAttempts=1)])))
    run.succeed("T", {"text": "{"})
    run.after(1)
    run.succeed("T", {"text": "5"})
    assert run.output == '{"v":5}'
    assert run.story[4:7] == [
        "5<4 LambdaFunctionSucceeded",
        "6<5 LambdaFunctionScheduled",
        "7<6 LambdaFunctionStarted",
    ]


@pytest.mark.parametrize("kind", ["Task", "Parallel"])
def test_a_catcher_that_fails_in_turn_fails_its_own_state_and_nobody_catches_that(kind: str) -> None:
    care: States = {"Catch": [catcher(ResultPath="$.no.such"), catcher()], "Retry": [retrier("States.Runtime")]}
    if kind == "Task":
        run = Run(machine(S=task(**care), C=CAUGHT), {"no": 1})
        run.fail("S")
        events = ["5<4 LambdaFunctionFailed Boom", "6<5 ExecutionFailed States.Runtime"]
    else:
        run = Run(machine(S=parallel(machine(F=fails()), **care), C=CAUGHT), {"no": 1})
        events = ["5<4 ParallelStateFailed", "6<5 ExecutionFailed States.Runtime"]
    assert run.story[-2:] == events
    assert str(run.trouble[1]).startswith(
        "An error occurred while executing the state 'S' (entered at the event id #2). "
    )


def test_a_catcher_that_fails_below_another_is_the_failure_of_its_state_there() -> None:
    inner = machine(I=parallel(machine(F=fails()), Catch=[catcher(ResultPath="$.no.such", to="D")]), D=CAUGHT)
    run = Run(machine(O=parallel(inner, machine(W={"Type": "Wait", "Seconds": 9}))), {"no": 1})
    assert run.story[-4:] == [
        "8<7 ParallelStateFailed",
        "9<6 WaitStateAborted",
        "10<8 ParallelStateFailed",
        "11<10 ExecutionFailed States.Runtime",
    ]


def test_a_fail_is_caught_by_the_state_around_it_only() -> None:
    run = Run(machine(P=parallel(machine(F=fails("A", "B")), Catch=[catcher("A")]), C=CAUGHT))
    assert run.output == '{"Error":"A","Cause":"B"}'


def test_no_answer_is_heard_while_a_task_waits_for_its_retry() -> None:
    run = Run(machine(T=task(FUNCTION, TimeoutSeconds=2, Retry=[retrier(IntervalSeconds=30)])))
    run.fail("T")
    run.after(29)
    assert run.story[-1] == "5<4 LambdaFunctionFailed Boom", "the timeout of the attempt ended with it"
