"""Executions that start executions, as a user of boto3 has them: what they are told, and what ends with what."""

import json
import re

import pytest
from botocore.exceptions import ClientError

from e2e.definitions import HELLO, LONG_WAIT, states, work
from e2e.server import ROLE, Server, ended, eventually, whole_history

START = "arn:aws:states:::states:startExecution"
SDK = "arn:aws:states:::aws-sdk:sfn:"
FAILS = states(Fail={"Type": "Fail", "Error": "Boom", "Cause": "because"})
DEPTH = 6


def nest(machine, pattern="", **fields):
    """Return a definition of one state that starts an execution of a state machine."""
    parameters = {"StateMachineArn": machine, "Input": {"n.$": "$.n"}, **fields.pop("Parameters", {})}
    return states(Nested={"Type": "Task", "Resource": START + pattern, "Parameters": parameters, **fields})


def sdk(action, **parameters):
    return states(Call={"Type": "Task", "Resource": SDK + action, "Parameters": parameters})


def only(sfn, machine, status="RUNNING"):
    """Return the ARN of the one execution that a state machine has, once it has it."""
    (found,) = eventually(lambda: sfn.list_executions(stateMachineArn=machine)["executions"], bool)
    eventually(lambda: sfn.describe_execution(executionArn=found["executionArn"])["status"], lambda now: now == status)
    return found["executionArn"]


def types(sfn, arn):
    return [event["type"] for event in whole_history(sfn, arn)]


def is_waited_for(sfn, arn):
    eventually(lambda: types(sfn, arn), lambda found: "TaskSubmitted" in found)


def test_a_start_answers_with_the_execution_and_what_went_over_http(sfn, create, start):
    child = create(HELLO)
    output = json.loads(ended(sfn, start(create(nest(child)), {"n": 1}))["output"])
    assert sorted(output) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    described = sfn.describe_execution(executionArn=output["ExecutionArn"])
    assert output["StartDate"] == round(described["startDate"].timestamp() * 1000)
    assert json.loads(described["input"]) == {"n": 1}


@pytest.mark.parametrize(
    ("pattern", "given", "output"),
    [(".sync", '{"n":1}', '{"hello":"world"}'), (".sync:2", {"n": 1}, {"hello": "world"})],
)
def test_a_parent_that_waits_gets_the_description(sfn, create, start, pattern, given, output):
    child = create(HELLO)
    parent = start(create(nest(child, pattern)), {"n": 1})
    found = json.loads(ended(sfn, parent)["output"])
    assert sorted(found) == [
        *("ExecutionArn", "Input", "InputDetails", "Name", "Output", "OutputDetails"),
        *("StartDate", "StateMachineArn", "Status", "StopDate"),
    ]
    assert (found["Input"], found["Output"], found["Status"]) == (given, output, "SUCCEEDED")
    assert found["ExecutionArn"] == only(sfn, child, "SUCCEEDED")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found["Name"])
    assert types(sfn, parent)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


@pytest.mark.parametrize(
    ("definition", "status"),
    [(FAILS, "FAILED"), ({**LONG_WAIT, "TimeoutSeconds": 1}, "TIMED_OUT")],
    ids=["fails", "times-out"],
)
@pytest.mark.parametrize("pattern", [".sync", ".sync:2"])
def test_whatever_ends_a_child_without_success_fails_its_parent_s_task(sfn, create, start, definition, status, pattern):
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]
    parent = nest(create(definition), pattern, Catch=catch)
    parent["States"]["Caught"] = {"Type": "Pass", "End": True}
    caught = json.loads(ended(sfn, start(create(parent), {"n": 1}))["output"])
    assert caught["Error"] == "States.TaskFailed"
    assert json.loads(caught["Cause"])["Status"] == status


def test_a_child_that_somebody_stops_fails_its_parent(sfn, create, start):
    child = create(LONG_WAIT)
    parent = start(create(nest(child, ".sync:2")), {"n": 1})
    sfn.stop_execution(executionArn=only(sfn, child), error="Stop", cause="enough")
    found = ended(sfn, parent)
    cause = json.loads(found["cause"])
    assert (found["error"], cause["Status"]) == ("States.TaskFailed", "ABORTED")
    assert (cause["Error"], cause["Cause"]) == ("Stop", "enough")


def tower(create, levels, top=None):
    """Create state machines that nest each other so deep; return their ARNs, the innermost first."""
    machines = [create(LONG_WAIT)]
    for level in range(1, levels):
        settings = top if top is not None and level == levels - 1 else {}
        machines.append(create({**nest(machines[-1], ".sync:2"), **settings}))
    return machines


def test_a_stop_goes_down_all_levels(sfn, create, start):
    machines = tower(create, DEPTH)
    top = start(machines[-1], {"n": 1})
    children = [only(sfn, machine) for machine in machines[:-1]]
    sfn.stop_execution(executionArn=top)
    assert {ended(sfn, arn)["status"] for arn in children} == {"ABORTED"}


def test_a_time_out_goes_down_all_levels(sfn, create, start):
    machines = tower(create, 3, {"TimeoutSeconds": 2})
    top = start(machines[-1], {"n": 1})
    children = [only(sfn, machine) for machine in machines[:-1]]
    assert ended(sfn, top)["status"] == "TIMED_OUT"
    assert {ended(sfn, arn)["status"] for arn in children} == {"ABORTED"}


def test_a_task_that_times_out_stops_its_child_and_its_execution_may_go_on(sfn, create, start):
    child = create(LONG_WAIT)
    again = [{"ErrorEquals": ["States.Timeout"], "Next": "Later"}]
    parent = nest(child, ".sync", TimeoutSeconds=1, Catch=again)
    parent["States"]["Later"] = {"Type": "Pass", "End": True}
    assert ended(sfn, start(create(parent), {"n": 1}))["status"] == "SUCCEEDED"
    only(sfn, child, "ABORTED")


def test_a_branch_that_fails_stops_the_children_of_the_others(sfn, create, start):
    child = create(LONG_WAIT)
    activity = sfn.create_activity(name=f"gate-{child.rpartition(':')[2]}")["activityArn"]
    branches = [nest(child, ".sync"), states(Gate=work(activity))]
    parent = start(create(states(Both={"Type": "Parallel", "Branches": branches})), {"n": 1})
    running = only(sfn, child)
    is_waited_for(sfn, parent)
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_failure(taskToken=token, error="Boom")
    assert ended(sfn, parent)["error"] == "Boom"
    assert ended(sfn, running)["status"] == "ABORTED"


def test_a_child_that_nobody_waits_for_outlives_its_parent(sfn, create, start):
    child = create(LONG_WAIT)
    assert ended(sfn, start(create(nest(child)), {"n": 1}))["status"] == "SUCCEEDED"
    sfn.stop_execution(executionArn=only(sfn, child))


def test_a_child_answers_the_token_that_its_parent_gave_it(sfn, create, start):
    answering = sdk("sendTaskSuccess", **{"TaskToken.$": "$.token", "Output": {"from": "child"}})
    token = {"Input": {"token.$": "$$.Task.Token"}}
    parent = create(nest(create(answering), ".waitForTaskToken", Parameters=token))
    assert json.loads(ended(sfn, start(parent))["output"]) == {"from": "child"}


@pytest.mark.parametrize(
    ("action", "more", "told"),
    [
        ("sendTaskFailure", {"Error": "Child.Says", "Cause": "so"}, ("FAILED", "Child.Says", "so")),
        ("sendTaskHeartbeat", {}, ("TIMED_OUT", None, None)),
    ],
)
def test_a_child_fails_its_parent_s_token_or_keeps_it_alive(sfn, create, start, action, more, told):
    answering = sdk(action, **{"TaskToken.$": "$.token"}, **more)
    child = create(answering)
    token = {"Input": {"token.$": "$$.Task.Token"}}
    parent = {**nest(child, ".waitForTaskToken", Parameters=token), "TimeoutSeconds": 2}
    found = ended(sfn, start(create(parent)))
    assert (found["status"], found.get("error"), found.get("cause")) == told
    only(sfn, child, "SUCCEEDED")


def test_a_task_that_waits_for_its_child_takes_an_answer_by_its_token_too(sfn, create, start):
    activity = sfn.create_activity(name="sync-token")["activityArn"]
    child = create(states(Work=work(activity)))
    parent = start(create(nest(child, ".sync", Parameters={"Input": {"token.$": "$$.Task.Token"}})))
    is_waited_for(sfn, parent)
    given = json.loads(sfn.get_activity_task(activityArn=activity)["input"])
    sfn.send_task_success(taskToken=given["token"], output='"sooner"')
    assert ended(sfn, parent)["output"] == '"sooner"'


def missing(machine):
    return machine + "-gone"


NO_MACHINE = "State Machine Does Not Exist: '{}' (Service: AWSStepFunctions; Status Code: 400; Error Code: "
SDK_NO_MACHINE = "State Machine Does Not Exist: '{}' (Service: Sfn, Status Code: 400, Request ID: "


@pytest.mark.parametrize("pattern", ["", ".sync", ".sync:2", ".waitForTaskToken"])
def test_a_state_machine_that_is_not_there_is_an_error_by_its_name(sfn, create, start, pattern):
    gone = missing(create(HELLO))
    given = {"Input": {"t.$": "$$.Task.Token"}} if "Token" in pattern else {}
    found = ended(sfn, start(create(nest(gone, pattern, Parameters=given)), {"n": 1}))
    assert found["error"] == "StepFunctions.StateMachineDoesNotExistException"
    assert found["cause"].startswith(NO_MACHINE.format(gone))


@pytest.mark.parametrize(
    ("action", "parameters", "error"),
    [
        ("startExecution", {"StateMachineArn": "GONE"}, "Sfn.StateMachineDoesNotExistException"),
        ("startSyncExecution", {"StateMachineArn": "GONE"}, "Sfn.StateMachineDoesNotExistException"),
        ("startSyncExecution", {"StateMachineArn": "STANDARD"}, "Sfn.StateMachineTypeNotSupportedException"),
        ("describeExecution", {"ExecutionArn": "GONE"}, "Sfn.ExecutionDoesNotExistException"),
        ("describeExecution", {"ExecutionArn": "x"}, "Sfn.InvalidArnException"),
        ("sendTaskSuccess", {"TaskToken": "x", "Output": "1"}, "Sfn.InvalidTokenException"),
        ("startExecution", {"StateMachineArn": "STANDARD", "Input": "no json"}, "Sfn.InvalidExecutionInputException"),
        ("startExecution", {"StateMachineArn": "STANDARD", "Name": "a/b"}, "Sfn.InvalidNameException"),
        ("getActivityTask", {"ActivityArn": "ACTIVITY"}, "Sfn.ActivityDoesNotExistException"),
        ("startExecution", {"StateMachineArn": ""}, "Sfn.ValidationException"),
        ("startExecution", {"StateMachineArn": "STANDARD", "Name": 5}, "Sfn.SfnException"),
    ],
)
def test_the_api_s_errors_have_the_names_of_the_sdk(sfn, create, start, action, parameters, error):
    standard = create(HELLO)
    gone = standard.replace(":stateMachine:", ":execution:") + ":gone" if "describe" in action else missing(standard)
    places = {"GONE": gone, "STANDARD": standard, "ACTIVITY": "arn:aws:states:us-east-1:123456789012:activity:none"}
    given = {name: places.get(value, value) for name, value in parameters.items()}
    found = ended(sfn, start(create(sdk(action, **given))))
    assert (found["status"], found["error"]) == ("FAILED", error), found["cause"]
    assert "(Service: Sfn, Status Code: 400, Request ID: " in found["cause"]


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        (sdk("listStateMachines", **{"MaxResult.$": "$.n"}), "MaxResult"),
        (sdk("listStateMachines", **{"maxResults.$": "$.n"}), "maxResults"),
        (nest("arn:aws:states:us-east-1:123456789012:stateMachine:x", Parameters={"Nam.$": "$.n"}), "Nam"),
    ],
)
def test_what_step_functions_doesn_t_have_is_named(sfn, create, start, definition, said):
    found = ended(sfn, start(create(definition), {"n": 1}))
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert f'[The field "{said}" is not supported by Step Functions]' in found["cause"]


def test_an_express_child_that_fails_is_an_answer_and_no_error(sfn, create, start):
    child = create(FAILS, type="EXPRESS")
    found = json.loads(ended(sfn, start(create(sdk("startSyncExecution", StateMachineArn=child))))["output"])
    assert (found["Status"], found["Error"], found["Cause"]) == ("FAILED", "Boom", "because")


def test_names_within_parameters_and_answers_are_those_of_the_sdk(sfn, create, start, fresh):
    """Members in PascalCase all the way down; what is a user's own name stays as it is."""
    child = create(states(lower={"Type": "Pass", "Assign": {"mine": 1}}, last={"Type": "Pass", "Output": "{% $mine %}",
                   "QueryLanguage": "JSONata"}))  # fmt: skip
    found = json.loads(ended(sfn, start(create(sdk("describeStateMachine", StateMachineArn=child))))["output"])
    assert found["VariableReferences"] == {"last": ["mine"]}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", found["CreationDate"])
    tags = [{"Key": "team", "Value": "bank"}]
    ended(sfn, start(create(sdk("tagResource", ResourceArn=child, Tags=tags))))
    assert sfn.list_tags_for_resource(resourceArn=child)["tags"] == [{"key": "team", "value": "bank"}]
    found = json.loads(ended(sfn, start(create(sdk("listTagsForResource", ResourceArn=child))))["output"])
    assert found == {"Tags": tags}


@pytest.mark.parametrize("pattern", [".sync", ".sync:2", ".waitForTaskToken"])
def test_an_express_parent_waits_for_no_child(sfn, create, pattern):
    given = {"Input": {"t.$": "$$.Task.Token"}} if "Token" in pattern else {}
    with pytest.raises(ClientError, match="Express state machine does not support") as refused:
        create(nest(create(HELLO), pattern, Parameters=given), type="EXPRESS")
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"


def test_an_express_parent_starts_children_and_goes_on(sfn, create):
    child = create(HELLO)
    parent = create(nest(child), type="EXPRESS")
    answer = sfn.start_sync_execution(stateMachineArn=parent, input='{"n":1}')
    assert answer["status"] == "SUCCEEDED"
    assert json.loads(answer["output"])["ExecutionArn"] == only(sfn, child, "SUCCEEDED")


def test_a_retried_start_is_another_execution(sfn, create, start):
    child = create(FAILS)
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    assert ended(sfn, start(create(nest(child, ".sync", Retry=retry)), {"n": 1}))["status"] == "FAILED"
    names = {found["name"] for found in sfn.list_executions(stateMachineArn=child)["executions"]}
    assert len(names) == 2


def test_a_crash_while_children_run_leaves_one_of_each_and_they_still_end_together(tmp_path, fresh):
    server = Server(tmp_path / "data").start()
    try:
        sfn = server.client()

        def create(definition):
            return sfn.create_state_machine(name=fresh("tower"), definition=json.dumps(definition), roleArn=ROLE)[
                "stateMachineArn"
            ]

        activity = sfn.create_activity(name="innermost")["activityArn"]
        machines = [create(states(Work=work(activity)))]
        for _ in range(2):
            machines.append(create(nest(machines[-1], ".sync:2", OutputPath="$.Output")))
        done, stopped = (
            sfn.start_execution(stateMachineArn=machines[-1], input=f'{{"n":{n}}}')["executionArn"] for n in (1, 2)
        )
        tasks = [sfn.get_activity_task(activityArn=activity) for _ in range(2)]
        tokens = {json.loads(task["input"])["n"]: task["taskToken"] for task in tasks}
        server.kill()
        sfn = server.start().client()
        sfn.send_task_success(taskToken=tokens[1], output='"built"')
        assert ended(sfn, done)["output"] == '"built"'
        sfn.stop_execution(executionArn=stopped)
        for machine in machines:
            executions = sfn.list_executions(stateMachineArn=machine)["executions"]
            assert sorted(ended(sfn, found["executionArn"])["status"] for found in executions) == [
                "ABORTED",
                "SUCCEEDED",
            ]
    finally:
        server.stop()
