"""TestState, by boto3 over HTTP."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from e2e.server import ROLE

PASS = {"Type": "Pass", "Next": "After"}
ECHO = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "echo", "Payload.$": "$"},
    "ResultSelector": {"got.$": "$.Payload"},
    "End": True,
}


def test_a_state_is_tested_without_a_state_machine(sfn):
    answer = sfn.test_state(definition=json.dumps(PASS), input='{"a": 1}', inspectionLevel="DEBUG")
    assert (answer["status"], answer["output"], answer["nextState"]) == ("SUCCEEDED", '{"a": 1}', "After")
    assert answer["inspectionData"]["afterInputPath"] == '{"a": 1}'


def test_a_task_calls_its_function(sfn):
    answer = sfn.test_state(definition=json.dumps(ECHO), roleArn=ROLE, input='{"a": 1}', inspectionLevel="TRACE")
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"got":{"a":1}}')
    assert json.loads(answer["inspectionData"]["result"])["StatusCode"] == 200


def test_a_function_that_fails_shows_what_would_become_of_it(sfn):
    fails = ECHO | {
        "Parameters": {"FunctionName": "fail"},
        "Catch": [{"ErrorEquals": ["Busy"], "ResultPath": "$.error", "Next": "Later"}],
    }
    answer = sfn.test_state(definition=json.dumps(fails), roleArn=ROLE, input="{}", inspectionLevel="DEBUG")
    assert (answer["status"], answer["error"], answer["nextState"]) == ("CAUGHT_ERROR", "Busy", "Later")
    assert json.loads(answer["output"])["error"]["Error"] == "Busy"
    assert answer["inspectionData"]["errorDetails"] == {"catchIndex": 0}


def test_a_function_that_takes_longer_than_its_state_allows_has_timed_out(sfn):
    answer = sfn.test_state(
        definition=json.dumps(ECHO | {"TimeoutSeconds": 1, "Parameters": {"FunctionName": "sleep"}}), roleArn=ROLE
    )
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Timeout")


def test_a_wait_is_waited_for(sfn):
    begun = time.monotonic()
    answer = sfn.test_state(definition=json.dumps({"Type": "Wait", "Seconds": 1, "End": True}), input="[1]")
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", "[1]")
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"definition": "{"}, "InvalidDefinition"),
        ({"definition": json.dumps(PASS), "input": "{"}, "InvalidExecutionInput"),
        ({"definition": json.dumps(PASS), "roleArn": "role"}, "InvalidArn"),
        ({"definition": json.dumps(ECHO)}, "ValidationException"),
        ({"definition": json.dumps(PASS), "stateName": "A"}, "InvalidDefinition"),
        ({"definition": json.dumps(PASS), "mock": {"result": "{}"}}, "ValidationException"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_the_code_of_aws(sfn, request_, code):
    with pytest.raises(ClientError) as caught:
        sfn.test_state(**request_)
    assert caught.value.response["Error"]["Code"] == code
