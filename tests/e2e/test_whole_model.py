"""Every operation of the service's model answers: as the model says, or with a clear refusal of what is not built.

The answers are read as bytes, for an SDK drops what its model doesn't know.
"""

import http.client
import json

import pytest

from e2e.definitions import HELLO, call, states, work
from e2e.server import ROLE
from e2e.shapes import problems, service_model
from e2e.subjects import Subjects, route

DISTRIBUTED_MAP = "there are no map runs without the distributed Map, which this version has not"
NOT_BUILT = dict.fromkeys(("DescribeMapRun", "ListMapRuns", "UpdateMapRun"), DISTRIBUTED_MAP)
MAP_RUN = "arn:aws:states:us-east-1:123456789012:mapRun:machine/label:f5a5a7a0"
TAGS = [{"key": "owner", "value": "tests"}]

REQUESTS = {
    "CreateActivity": lambda make: {"name": make.name(), "tags": TAGS},
    "CreateStateMachine": lambda make: {
        "name": make.name(), "definition": json.dumps(HELLO), "roleArn": ROLE, "publish": True, "tags": TAGS,
    },
    "CreateStateMachineAlias": lambda make: {"name": "live", "routingConfiguration": route(make.version())},
    "DeleteActivity": lambda make: {"activityArn": make.activity()},
    "DeleteStateMachine": lambda make: {"stateMachineArn": make.machine()},
    "DeleteStateMachineAlias": lambda make: {"stateMachineAliasArn": make.alias()},
    "DeleteStateMachineVersion": lambda make: {"stateMachineVersionArn": make.version()},
    "DescribeActivity": lambda make: {"activityArn": make.activity()},
    "DescribeExecution": lambda make: {"executionArn": make.failed()},
    "DescribeMapRun": lambda _: {"mapRunArn": MAP_RUN},
    "DescribeStateMachine": lambda make: {"stateMachineArn": make.alias()},
    "DescribeStateMachineAlias": lambda make: {"stateMachineAliasArn": make.alias()},
    "DescribeStateMachineForExecution": lambda make: {"executionArn": make.ended()},
    "GetActivityTask": lambda make: {"activityArn": make.waiting_activity(), "workerName": "worker"},
    "GetExecutionHistory": lambda make: {"executionArn": make.ended(everything())},
    "ListActivities": lambda make: {"maxResults": 1} if make.activity() and make.activity() else {},
    "ListExecutions": lambda make: {"stateMachineArn": machine_of(make.ended())},
    "ListMapRuns": lambda make: {"executionArn": make.ended()},
    "ListStateMachineAliases": lambda make: {"stateMachineArn": make.alias().rpartition(":")[0]},
    "ListStateMachineVersions": lambda make: {"stateMachineArn": make.version().rpartition(":")[0]},
    "ListStateMachines": lambda make: {"maxResults": 1} if make.machine() and make.machine() else {},
    "ListTagsForResource": lambda make: {"resourceArn": make.machine(tags=TAGS)},
    "PublishStateMachineVersion": lambda make: {"stateMachineArn": make.machine()},
    "RedriveExecution": lambda make: {"executionArn": make.failed()},
    "SendTaskFailure": lambda make: {"taskToken": make.token(), "error": "E", "cause": "C"},
    "SendTaskHeartbeat": lambda make: {"taskToken": make.token()},
    "SendTaskSuccess": lambda make: {"taskToken": make.token(), "output": "{}"},
    "StartExecution": lambda make: {"stateMachineArn": make.machine(), "input": "{}"},
    "StartSyncExecution": lambda make: {"stateMachineArn": make.machine(type="EXPRESS"), "input": "{}"},
    "StopExecution": lambda make: {"executionArn": make.running()},
    "TagResource": lambda make: {"resourceArn": make.activity(), "tags": TAGS},
    "TestState": lambda _: {
        "definition": json.dumps(HELLO["States"]["Hello"]), "input": "{}", "inspectionLevel": "DEBUG",
    },
    "UntagResource": lambda make: {"resourceArn": make.machine(tags=TAGS), "tagKeys": ["owner"]},
    "UpdateMapRun": lambda _: {"mapRunArn": MAP_RUN, "maxConcurrency": 1},
    "UpdateStateMachine": lambda make: {"stateMachineArn": make.machine(), "roleArn": f"{ROLE}-2", "publish": True},
    "UpdateStateMachineAlias": lambda make: {"stateMachineAliasArn": make.alias(), "description": "another"},
    "ValidateStateMachineDefinition": lambda _: {"definition": '{"StartAt": "Nowhere", "States": {}}'},
}  # fmt: skip


def everything():
    """Return a definition whose executions note events of most types."""
    return states(
        Start={"Type": "Pass", "Result": [1, 2]},
        Map=a_map("Of two"),
        Both={"Type": "Parallel", "Branches": [states(Call=call("echo")), states(Hold={"Type": "Wait", "Seconds": 0})]},
        Refused={**call("fail"), "Catch": caught_to("Work")},
        Work=work("arn:aws:states:us-east-1:123456789012:activity:none", Catch=caught_to("Done")),
        Done={"Type": "Succeed"},
    )


def machine_of(execution):
    """Return the ARN of the state machine of an execution."""
    return execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]


def a_map(inside):
    """Return an inline Map with one Pass state of this name."""
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, **states(**{inside: {"Type": "Pass"}})}
    return {"Type": "Map", "ItemProcessor": processor}


def caught_to(state):
    """Return catchers that take every error to a state."""
    return [{"ErrorEquals": ["States.ALL"], "Next": state}]


@pytest.fixture(scope="module")
def post(server):
    """Call an operation; return the answer's status and its JSON."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)

    def post(operation, **params):
        headers = {"X-Amz-Target": f"AWSStepFunctions.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        connection.request("POST", "/", json.dumps(params), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    yield post
    connection.close()


@pytest.fixture(scope="module")
def make(post):
    """What operations are called with."""

    def call(operation, **params):
        status, body = post(operation, **params)
        assert status == 200, f"{operation}: {body}"
        return body

    return Subjects(call)


def test_every_operation_of_the_model_is_called():
    assert REQUESTS.keys() == set(service_model().operation_names)
    assert NOT_BUILT.keys() < REQUESTS.keys()


@pytest.mark.parametrize("operation", sorted(REQUESTS.keys() - NOT_BUILT.keys()))
def test_an_operation_answers_as_the_model_says(post, make, operation):
    status, body = post(operation, **REQUESTS[operation](make))
    assert status == 200, body
    assert list(problems(body, service_model().operation_model(operation).output_shape)) == []


@pytest.mark.parametrize("operation", NOT_BUILT)
def test_what_is_not_built_is_refused_and_named(post, make, operation):
    status, body = post(operation, **REQUESTS[operation](make))
    assert (status, body["__type"].partition("#")[2]) == (400, "UnsupportedOperationException"), NOT_BUILT[operation]
    assert body["message"] == f"{operation} is not implemented yet in this version of Stepwell"


def test_a_history_of_many_types_of_events_is_as_the_model_says(post, make):
    execution = make.ended(everything())
    status, body = post("GetExecutionHistory", executionArn=execution)
    assert status == 200
    assert list(problems(body, service_model().operation_model("GetExecutionHistory").output_shape)) == []
    types = {event["type"] for event in body["events"]}
    assert {"MapIterationStarted", "ParallelStateSucceeded", "TaskFailed", "WaitStateExited"} <= types
