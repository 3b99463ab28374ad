"""Task: what is handed over, what is noted, and who may still answer."""

import json

import pytest

from machine.harness import ACTIVITY, CALLBACK, FUNCTION, JOB, SERVICE, START, Run, lines, machine, parallel, task
from stepwell.language.document import Document
from stepwell.machine import events
from stepwell.runtime.turns import changes_nothing

NEXT = {"Type": "Succeed"}


def test_a_function_is_scheduled_started_and_succeeds() -> None:
    run = Run(machine(T=task()), {"a": 1})
    run.succeed("T", {"r": 1})
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 TaskStateEntered T
        3<2 LambdaFunctionScheduled
        4<3 LambdaFunctionStarted
        5<4 LambdaFunctionSucceeded
        6<5 TaskStateExited T
        7<6 ExecutionSucceeded
    """)
    assert run.details("LambdaFunctionScheduled") == [
        {"resource": FUNCTION, "input": '{"a":1}', "inputDetails": {"truncated": False}}
    ]
    assert run.details("LambdaFunctionSucceeded") == [{"output": '{"r":1}', "outputDetails": {"truncated": False}}]


def test_a_service_is_named_in_all_its_events() -> None:
    run = Run(machine(T=task(SERVICE, Parameters={"QueueUrl": "q"})))
    run.succeed("T", {"MessageId": "m"})
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 TaskStateEntered T
        3<2 TaskScheduled
        4<3 TaskStarted
        5<4 TaskSucceeded
        6<5 TaskStateExited T
        7<6 ExecutionSucceeded
    """)
    named = {"resourceType": "aws-sdk:sqs", "resource": "sendMessage"}
    assert run.details("TaskScheduled") == [{**named, "region": "us-east-1", "parameters": '{"QueueUrl":"q"}'}]
    assert run.details("TaskStarted") == [named]
    output = {"output": '{"MessageId":"m"}', "outputDetails": {"truncated": False}}
    assert run.details("TaskSucceeded") == [{**named, **output}]


def test_a_call_is_asked_for_with_a_ticket_and_what_it_is_given() -> None:
    run = Run(machine(T=task(TimeoutSeconds=5)), {"a": 1})
    (call,) = run.commands
    lane = run.lane("T")
    assert isinstance(call, events.Call)
    assert (call.lane, call.ticket, call.resource.arn) == (lane.number, lane.ticket, FUNCTION)
    assert call.parameters.value == {"a": 1}
    assert call.timeout_at == START + 5_000


@pytest.mark.parametrize(
    ("resource", "last"),
    [(FUNCTION, "5<4 LambdaFunctionFailed Boom"), (SERVICE, "5<4 TaskFailed Boom")],
)
def test_an_error_that_nobody_takes_ends_the_execution(resource: str, last: str) -> None:
    run = Run(machine(T=task(resource)))
    run.fail("T", "Boom", "It broke")
    assert run.story[-2:] == [last, "6<5 ExecutionFailed Boom"]
    assert run.trouble == ("Boom", "It broke")


def test_an_error_without_name_and_cause_stays_without() -> None:
    run = Run(machine(T=task()))
    run.fail("T", None, None)
    assert run.details("LambdaFunctionFailed") == [{}]
    assert run.details("ExecutionFailed") == [{}]
    assert run.trouble == (None, None)


def test_times_and_credentials_are_noted_where_they_are_given() -> None:
    role = "arn:aws:iam::222222222222:role/other"
    both = {"TimeoutSeconds": 9, "HeartbeatSeconds": 4, "Credentials": {"RoleArn": role}}
    scheduled = Run(machine(T=task(CALLBACK, **both))).details("TaskScheduled")[0]
    assert (scheduled["timeoutInSeconds"], scheduled["heartbeatInSeconds"]) == (9, 4)
    assert scheduled["taskCredentials"] == {"roleArn": role}
    paths = {"TimeoutSecondsPath": "$.t", "Credentials": {"RoleArn.$": "$.role"}}
    scheduled = Run(machine(T=task(FUNCTION, **paths)), {"t": 7, "role": role}).details("LambdaFunctionScheduled")[0]
    assert scheduled["timeoutInSeconds"] == 7
    assert scheduled["taskCredentials"] == {"roleArn": role}


def test_the_role_of_a_task_is_known_as_long_as_it_waits() -> None:
    role = "arn:aws:iam::222222222222:role/other"
    first = task(JOB, Parameters={}, Credentials={"RoleArn.$": "$.role"}, Next="U")
    run = Run(machine(T=first, U=task(JOB)), {"role": role})
    run.submit("T", {}, "job")
    assert (run.lane("T").role_arn, run.rows.read().lanes[0].role_arn) == (role, role)
    run.succeed("T", {})
    assert (run.lane("U").role_arn, run.rows.read().lanes[0].role_arn) == (None, None)


@pytest.mark.parametrize(("value", "shown"), [("x", "x"), (1.5, "1.5"), (True, "true"), (None, "null")])
def test_a_timeout_that_is_no_number_of_seconds_fails(value: object, shown: str) -> None:
    run = Run(machine(T=task(TimeoutSecondsPath="$.t")), {"t": value})
    assert run.trouble[0] == "States.Runtime"
    assert f"The TimeoutSecondsPath parameter cannot be parsed as a long value: $.t == {shown}" in str(run.trouble[1])


def test_a_timeout_path_that_leads_nowhere_fails_as_aws_says() -> None:
    run = Run(machine(T=task(TimeoutSecondsPath="$.t")))
    where = "An error occurred while executing the state 'T' (entered at the event id #2)."
    assert run.trouble == ("States.Runtime", f"{where} Invalid path '$.t' : No results for path: $['t']")
    assert run.commands == []


@pytest.mark.parametrize("value", [0, -1])
def test_a_timeout_is_positive(value: int) -> None:
    assert Run(machine(T=task(TimeoutSecondsPath="$.t")), {"t": value}).trouble[0] == "States.Runtime"


# Timeouts and heartbeats


@pytest.mark.parametrize(
    ("resource", "event"), [(FUNCTION, "LambdaFunctionTimedOut"), (SERVICE, "TaskTimedOut"), (JOB, "TaskTimedOut")]
)
def test_a_task_times_out_when_its_time_is_over_and_not_before(resource: str, event: str) -> None:
    run = Run(machine(T=task(resource, TimeoutSeconds=5)))
    ticket = run.lane("T").ticket
    run.after(4.999)
    assert run.status == "RUNNING"
    run.after(0.001)
    assert run.story[-2:] == [f"5<4 {event} States.Timeout", "6<5 ExecutionFailed States.Timeout"]
    assert run.trouble == ("States.Timeout", None)
    assert [type(command) for command in run.commands] == [events.Cancel]
    assert run.commands[0].ticket == ticket  # type: ignore[union-attr]


def test_a_heartbeat_sets_its_clock_back_but_not_the_timeouts() -> None:
    run = Run(machine(T=task(CALLBACK, TimeoutSeconds=10, HeartbeatSeconds=4)))
    run.submit("T")
    for _ in range(3):
        run.after(3)
        run.beat("T")
        assert run.status == "RUNNING"
    run.after(0.999)
    assert run.status == "RUNNING"
    run.after(0.001)
    assert run.trouble == ("States.Timeout", None)
    assert run.times("TaskTimedOut") == [10]


def test_a_heartbeat_that_stops_is_a_timeout() -> None:
    run = Run(machine(T=task(CALLBACK, TimeoutSeconds=600, HeartbeatSeconds=5)))
    run.submit("T")
    run.after(5)
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 TaskStateEntered T
        3<2 TaskScheduled
        4<3 TaskStarted
        5<4 TaskSubmitted
        6<5 TaskTimedOut States.Timeout
        7<6 ExecutionFailed States.Timeout
    """)
    assert run.times("TaskTimedOut") == [5]


def test_a_heartbeat_leaves_no_event_and_needs_none_where_no_clock_runs() -> None:
    beating = Run(machine(T=task(CALLBACK, HeartbeatSeconds=4)))
    before = len(beating.history)
    assert not changes_nothing(beating.beat("T"))
    assert len(beating.history) == before
    assert changes_nothing(Run(machine(T=task(CALLBACK))).beat("T"))


def test_a_task_that_nobody_holds_a_token_of_has_no_heartbeat() -> None:
    run = Run(machine(T=task(FUNCTION, HeartbeatSeconds=2, TimeoutSeconds=5)))
    run.after(3)
    assert run.status == "RUNNING"


# Tokens, jobs, activities


def test_a_task_token_is_answered_after_the_message_was_submitted() -> None:
    run = Run(machine(T=task(CALLBACK)))
    run.submit("T", {"MessageId": "m"})
    assert run.commands == []
    run.succeed("T", {"done": True})
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 TaskStateEntered T
        3<2 TaskScheduled
        4<3 TaskStarted
        5<4 TaskSubmitted
        6<5 TaskSucceeded
        7<6 TaskStateExited T
        8<7 ExecutionSucceeded
    """)
    assert run.details("TaskSubmitted")[0]["output"] == '{"MessageId":"m"}'
    assert run.output == '{"done":true}'


def test_an_answer_may_come_before_the_call_does_and_then_the_call_is_stale() -> None:
    run = Run(machine(T=task(CALLBACK), W={"Type": "Wait", "Seconds": 1}))
    lane = run.lane("T")
    number, ticket = lane.number, lane.ticket
    run.succeed("T", {"quick": True})
    late = events.TaskSubmitted(number, ticket, Document(None, {}), None)
    assert changes_nothing(run.send(late))
    run.after(1)
    assert "TaskSubmitted" not in {event["type"] for event in run.history}
    assert run.output == '{"quick":true}'


def test_a_second_submission_changes_nothing() -> None:
    run = Run(machine(T=task(JOB)))
    run.submit("T", {"n": 1}, "job 1")
    assert changes_nothing(run.submit("T", {"n": 2}, "job 2"))
    assert run.lane("T").resource == "job 1"


@pytest.mark.parametrize("resource", [CALLBACK, JOB])
def test_a_call_that_fails_submitted_nothing(resource: str) -> None:
    run = Run(machine(T=task(resource)))
    run.fail("T", "Sqs.Error", "no", by_call=True)
    assert run.story[-2:] == ["5<4 TaskSubmitFailed Sqs.Error", "6<5 ExecutionFailed Sqs.Error"]


def test_a_failure_by_token_is_the_tasks_even_before_it_was_submitted() -> None:
    run = Run(machine(T=task(CALLBACK)))
    run.fail("T")
    assert run.story[-2] == "5<4 TaskFailed Boom"


def test_a_job_is_watched_from_when_it_was_taken_on() -> None:
    run = Run(machine(T=task(JOB)))
    ticket = run.lane("T").ticket
    run.submit("T", {"ExecutionArn": "x"}, "x")
    assert run.commands == [events.Watch(0, ticket, "x")]
    run.succeed("T", {"Status": "SUCCEEDED"})
    assert [line.split()[1] for line in run.story[2:6]] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]
    assert run.details("TaskSubmitted")[0]["resource"] == "startExecution.sync:2"


def test_a_job_that_nobody_waits_for_any_more_is_to_be_stopped() -> None:
    run = Run(machine(T=task(JOB)))
    lane = run.lane("T")
    run.submit("T", {}, "job 7")
    number, ticket = lane.number, run.lane("T").ticket
    run.stop()
    (cancel,) = run.commands
    assert isinstance(cancel, events.Cancel)
    assert (cancel.lane, cancel.ticket, cancel.job) == (number, ticket, "job 7")


def test_an_activity_is_offered_taken_and_answered() -> None:
    run = Run(machine(T=task(ACTIVITY)), {"a": 1})
    lane = run.lane("T")
    assert run.commands == [events.Offer(lane.number, lane.ticket, ACTIVITY)]
    run.take("T", "worker 1")
    run.succeed("T", {"r": 1})
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 TaskStateEntered T
        3<2 ActivityScheduled
        4<3 ActivityStarted
        5<4 ActivitySucceeded
        6<5 TaskStateExited T
        7<6 ExecutionSucceeded
    """)
    assert run.details("ActivityScheduled") == [
        {"resource": ACTIVITY, "input": '{"a":1}', "inputDetails": {"truncated": False}}
    ]
    assert run.details("ActivityStarted") == [{"workerName": "worker 1"}]


def test_a_worker_without_name_is_not_named() -> None:
    run = Run(machine(T=task(ACTIVITY)))
    run.take("T", None)
    assert run.details("ActivityStarted") == [{}]


def test_only_one_worker_takes_a_task_and_nobody_answers_it_before() -> None:
    run = Run(machine(T=task(ACTIVITY)))
    assert changes_nothing(run.succeed("T"))
    assert changes_nothing(run.beat("T"))
    assert not changes_nothing(run.take("T"))
    assert changes_nothing(run.take("T"))


def test_an_activitys_heartbeat_counts_from_when_a_worker_took_it() -> None:
    run = Run(machine(T=task(ACTIVITY, HeartbeatSeconds=5)))
    run.after(60)
    run.take("T")
    run.after(4.9)
    assert run.status == "RUNNING"
    run.after(0.1)
    assert run.story[-2:] == ["5<4 ActivityTimedOut States.Timeout", "6<5 ExecutionFailed States.Timeout"]


def test_an_activity_that_does_not_exist_fails_the_state() -> None:
    run = Run(machine(T=task(ACTIVITY, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S"}]), S=NEXT), activities=())
    where = "An error occurred while executing the state 'T' (entered at the event id #2)."
    assert run.trouble == ("States.Runtime", f"{where} The activity {ACTIVITY} does not exist.")
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


def test_parameters_that_no_task_can_be_started_with_fail_the_state_before_it_is_scheduled() -> None:
    parameters = {"ApiEndpoint": "a.execute-api.us-east-1.amazonaws.com", "Method": "POST", "Headers": {"a": "b"}}
    call = task("arn:aws:states:::apigateway:invoke", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S"}])
    run = Run(machine(T=call, S=NEXT), parameters)
    where = "An error occurred while executing the state 'T' (entered at the event id #2)."
    cause = (
        f"{where} The Parameters '{json.dumps(parameters, separators=(',', ':'))}' could not be used to start the "
        "Task: [The value of the field 'Headers' has an invalid format]"
    )
    assert run.trouble == ("States.Runtime", cause)
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


@pytest.mark.parametrize(
    ("resource", "parameters", "problems"),
    [
        ("lambda:invoke", {"TaskToken": 1}, ["F:FunctionName", "U:TaskToken"]),
        ("lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload": {"token.$": "abc"}}, ["P:token.$"]),
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "b", "A": 1, "B": 2}, ["U:A", "U:B"]),
        ("sns:publish", {"Topic": "t"}, ["U:Topic"]),
        ("events:putEvents", {"entries": []}, ["U:entries"]),
        ("states:startExecution.sync:2", {"StateMachine": "a"}, ["U:StateMachine"]),
        ("http:invoke", {"Url": "a"}, ["U:Url"]),
        ("eks:call", {"Namespace": "n"}, ["U:Namespace"]),
    ],
)
def test_fields_that_an_integration_does_not_have_are_told_before_the_task_is_scheduled(
    resource: str, parameters: dict[str, object], problems: list[str]
) -> None:
    words = {
        "F": "The field '{}' is required but was missing",
        "U": 'The field "{}" is not supported by Step Functions',
        "P": "The value for the field '{}' must be a valid JSONPath or a valid intrinsic function call",
    }
    run = Run(machine(T=task(f"arn:aws:states:::{resource}")), parameters)
    told = ", ".join(words[problem[0]].format(problem[2:]) for problem in problems)
    assert str(run.trouble[1]).endswith(f" could not be used to start the Task: [{told}]")
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


def test_what_a_template_has_become_may_have_names_that_end_as_paths_do_where_they_are_paths() -> None:
    message = {"QueueUrl": "q", "MessageBody": {"a.$": "$.b", "ends": "in .$"}}
    run = Run(machine(T=task("arn:aws:states:::sqs:sendMessage")), message)
    assert run.story[-1] == "4<3 TaskStarted"


# Stale answers


def answers(lane: int, ticket: int) -> list[events.Event]:
    return [
        events.TaskSucceeded(lane, ticket, Document(None, 1)),
        events.TaskFailed(lane, ticket, "Late", None),
        events.TaskFailed(lane, ticket, "Late", None, by_call=True),
        events.TaskSubmitted(lane, ticket, Document(None, {}), "job"),
        events.TaskSubmitted(lane, ticket, Document(None, {}), None),
        events.TaskHeartbeat(lane, ticket),
        events.TimerFired(lane, ticket),
        events.ActivityStarted(lane, ticket, "late"),
    ]


def all_stale(run: Run, lane: int, ticket: int) -> bool:
    before = run.story
    return all(changes_nothing(run.send(answer)) for answer in answers(lane, ticket)) and run.story == before


@pytest.mark.parametrize("resource", [FUNCTION, SERVICE, CALLBACK, JOB, ACTIVITY])
def test_no_answer_to_an_earlier_attempt_changes_anything(resource: str) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
    run = Run(machine(T=task(resource, TimeoutSeconds=5, Retry=retry)))
    first = run.lane("T").ticket
    if resource == ACTIVITY:
        run.take("T")
    run.after(5)
    assert all_stale(run, 0, first)  # while it waits for its next attempt
    back_off = run.lane("T").ticket
    run.after(1)
    assert all_stale(run, 0, first)
    assert all_stale(run, 0, back_off)
    assert run.lane("T").ticket > back_off > first


def test_no_answer_to_an_earlier_state_changes_anything() -> None:
    run = Run(machine(T=task(), W={"Type": "Wait", "Seconds": 5}, U=task()))
    first = run.lane("T").ticket
    run.succeed("T")
    assert all_stale(run, 0, first)
    run.after(5)
    assert all_stale(run, 0, first)
    run.succeed("U")
    assert all_stale(run, 0, first)


def test_no_answer_that_names_another_lane_or_no_ticket_changes_anything() -> None:
    run = Run(machine(P=parallel(machine(T=task()), machine(W={"Type": "Wait", "Seconds": 5}))))
    task_lane, wait_lane = run.lane("T"), run.lane("W")
    for lane, ticket in [(0, 0), (0, task_lane.ticket), (9, task_lane.ticket), (task_lane.number, 0),
                         (task_lane.number, wait_lane.ticket), (wait_lane.number, task_lane.ticket)]:  # fmt: skip
        assert all_stale(run, lane, ticket)


def test_a_wait_is_not_answered_and_a_timer_that_came_too_early_is_not_heard() -> None:
    run = Run(machine(W={"Type": "Wait", "Seconds": 5}))
    assert all_stale(run, 0, run.lane("W").ticket)
    run.after(5)
    assert run.status == "SUCCEEDED"


def test_an_execution_that_has_ended_takes_nothing() -> None:
    run = Run(machine(T=task()))
    ticket = run.lane("T").ticket
    run.succeed("T")
    assert all_stale(run, 0, ticket)
    for event in (events.Stop("E", "C"), events.DeadlineReached(), events.TurnCame(), events.Start()):
        assert changes_nothing(run.send(event))
    assert run.status == "SUCCEEDED"


def test_an_answer_is_the_result_of_the_lane_that_it_names() -> None:
    run = Run(machine(P=parallel(machine(A=task()), machine(B=task()))))
    run.succeed("B", {"of": "B"})
    run.succeed("A", {"of": "A"})
    assert run.output == '[{"of":"A"},{"of":"B"}]'


def test_an_activitys_timeout_counts_from_when_a_worker_has_taken_its_task():
    run = Run(machine(T=task(ACTIVITY, TimeoutSeconds=5)))
    run.after(60)
    assert run.status == "RUNNING"
    run.take("T")
    run.after(5)
    assert run.trouble == ("States.Timeout", None)
    assert run.times("ActivityTimedOut") == [65.0]


@pytest.mark.parametrize("resource", [CALLBACK, JOB])
def test_a_call_that_fails_after_its_job_was_taken_on_is_stale(resource):
    run = Run(machine(T=task(resource)))
    run.submit("T", job="job" if resource == JOB else None)
    assert not run.fail("T", by_call=True).events
    assert run.status == "RUNNING"


def test_parameters_beyond_the_limit_fail_in_words_that_name_no_state_and_can_be_caught():
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "S"}]
    run = Run(machine(T=task(Parameters={"a.$": "$.a", "b.$": "$.a"}, Catch=catch), S=NEXT), {"a": "x" * 140_000})
    assert run.status == "SUCCEEDED"
    words = "provided parameters with a size exceeding the maximum number of bytes service limit."
    assert run.output is not None
    assert json.loads(run.output)["Cause"] == f"The state/task '{FUNCTION}' {words}"
