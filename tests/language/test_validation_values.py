import json
from typing import Any

import pytest

from stepwell.language.validation import diagnose

Problem = tuple[str, str | None]
SERVICE = "arn:aws:states:::"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:a"


def _errors(state: dict[str, Any], kind: str = "STANDARD") -> list[Problem]:
    state = state if state["Type"] == "Fail" else {**state, "End": True}
    found = diagnose(json.dumps({"StartAt": "S", "States": {"S": state}}), kind).errors
    return [(error.message, (error.location or "").removeprefix("/States/S")) for error in found]


def _task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", **fields}


def _call(resource: str, **fields: Any) -> dict[str, Any]:
    return _task(Resource=resource, Parameters={"Anything": 1}, **fields)


@pytest.mark.parametrize(
    "path", ["$", "$.a", "$['a b'][0]", "$.a[?(@.x > 1)]", "$..a", "$$", "$$.Execution.Id", "$name", "$name.a[0]", None]
)
def test_an_input_path_is_any_path_or_null(path: Any) -> None:
    assert _errors({"Type": "Pass", "InputPath": path, "OutputPath": path}) == []


@pytest.mark.parametrize("path", ["a", "", "States.UUID()"])
def test_what_does_not_begin_like_a_path_is_none(path: str) -> None:
    assert _errors({"Type": "Pass", "InputPath": path}) == [("Value must be a valid JSONPath.", "/InputPath")]


def test_a_path_that_cannot_be_read_is_refused_with_the_reason() -> None:
    ((message, where),) = _errors({"Type": "Pass", "OutputPath": "$.a["})
    assert message.startswith("Value must be a valid JSONPath. ")
    assert where == "/OutputPath"
    assert _errors({"Type": "Pass", "InputPath": 5}) == [("Expected value of type String", "/InputPath")]


@pytest.mark.parametrize("path", ["$.a[*]", "$..a", "$.a[?(@.x)]", "$.a[1:]", "$$.Execution.Input", "$name"])
def test_a_result_path_is_a_reference_path_of_the_input(path: str) -> None:
    assert _errors({"Type": "Pass", "ResultPath": path}) == [("Value is not a Reference Path", "/ResultPath")]


@pytest.mark.parametrize("path", ["$", "$.a.b", "$['a'].b[0]", None])
def test_reference_paths_are_result_paths(path: Any) -> None:
    assert _errors({"Type": "Pass", "ResultPath": path}) == []


def test_a_number_path_may_be_a_variable_but_not_of_the_context() -> None:
    assert _errors(_task(TimeoutSecondsPath="$seconds.a")) == []
    assert _errors(_task(TimeoutSecondsPath="$$.Execution.Input.n")) == [
        ("Value is not a Reference Path", "/TimeoutSecondsPath")
    ]


@pytest.mark.parametrize("field", ["ErrorPath", "CausePath"])
def test_a_fail_path_may_be_an_intrinsic_function_that_returns_a_string(field: str) -> None:
    assert _errors({"Type": "Fail", field: "States.UUID()"}) == []
    assert _errors({"Type": "Fail", field: "$.error"}) == []
    assert _errors({"Type": "Fail", field: "States.ArrayGetItem($.errors, 0)"}) == []
    for wrong in ("States.Format('{}'", "States.MathAdd(1, 2)", "States.Array($.error)"):
        ((message, where),) = _errors({"Type": "Fail", field: wrong})
        assert message.startswith("Value must be a valid JSONPath or a valid intrinsic function call.")
        assert where == f"/{field}"


@pytest.mark.parametrize(
    "text", ["2016-12-05 21:29:29Z", "05-12-2016T21:29:29Z", "2016-12-05T25:29:29Z", "2016-12-05T21:29:29"]
)
def test_a_timestamp_is_strict(text: str) -> None:
    wrong = [("String does not match RFC3339 timestamp", "/Timestamp")]
    assert _errors({"Type": "Wait", "Timestamp": text}) == wrong
    assert _errors({"Type": "Wait", "Timestamp": text, "QueryLanguage": "JSONata"}) == wrong


def test_a_jsonata_state_takes_expressions_for_values() -> None:
    expression = "{% $states.input.n %}"
    jsonata = {"QueryLanguage": "JSONata"}
    assert _errors({"Type": "Wait", "Timestamp": expression, **jsonata}) == []
    assert _errors({"Type": "Wait", "Seconds": expression, **jsonata}) == []
    assert _errors({"Type": "Wait", "Seconds": expression}) == [("Expected value of type Integer", "/Seconds")]
    assert _errors({"Type": "Fail", "Cause": expression, **jsonata}) == []
    framed = [("JSONata string must start with {% and end with %}", "/Cause")]
    assert _errors({"Type": "Fail", "Cause": "{% 1 }", **jsonata}) == framed
    assert _errors(_task(TimeoutSeconds=expression, HeartbeatSeconds=1, **jsonata)) == []


@pytest.mark.parametrize(
    "resource",
    ["arn:aws:states:::dynamodb:query", "arn:aws:states:::lambda:invoke.sync", "arn:aws:s3:::bucket", "arn:x"],
)
def test_a_resource_that_nothing_serves_is_refused(resource: str) -> None:
    reason = "The value is not a valid resource ARN, or the resource is not available in this region."
    assert _errors(_call(resource)) == [(f"The resource provided {resource} is not recognized. {reason}", "/Resource")]


def test_a_resource_must_be_an_arn() -> None:
    assert _errors(_call("createToken")) == [("Value is not a valid resource ARN", "/Resource")]
    assert _errors(_task(Resource=1)) == [("Expected value of type String", "/Resource")]


def test_a_service_wants_parameters() -> None:
    invoke, send = f"{SERVICE}lambda:invoke", f"{SERVICE}sqs:sendMessage.waitForTaskToken"
    assert _errors(_task(Resource=invoke)) == [
        (f"Parameters field is required for resource ARN: {invoke}", "/Resource")
    ]
    assert _errors(_task(Resource=invoke, QueryLanguage="JSONata")) == [
        (f"Arguments field is required for resource ARN: {invoke}", "/Resource")
    ]
    assert _errors(_task(Resource=send, Parameters={"QueueUrl.$": "$.url"})) == [
        ("The field 'MessageBody' is required but was missing", "/Parameters")
    ]
    assert _errors(_task(Resource=invoke, QueryLanguage="JSONata", Arguments="{% $states.input %}")) == []


def test_an_http_task_wants_an_endpoint_a_method_and_a_connection() -> None:
    resource = f"{SERVICE}http:invoke"
    assert [text for text, _ in _errors(_task(Resource=resource, Parameters={}))] == [
        f"The field '{name}' is required but was missing" for name in ("ApiEndpoint", "Method", "InvocationConfig")
    ]
    asked = {"ApiEndpoint.$": "$.url", "Method": "GET"}
    for name in ("InvocationConfig", "Authentication", "Authentication.$"):
        value = "$.connection" if name.endswith("$") else {"ConnectionArn": "arn"}
        assert _errors(_task(Resource=resource, Parameters={**asked, name: value})) == []


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (f"{SERVICE}batch:submitJob.sync", "Express state machine does not support '.sync' service integration"),
        (
            f"{SERVICE}ecs:runTask.waitForTaskToken",
            "Express state machine does not support '.waitForTaskToken' service integration ",
        ),
        (ACTIVITY, "Express state machine does not support Activity ARN"),
    ],
)
def test_an_express_machine_waits_for_nobody(resource: str, message: str) -> None:
    state = _task(Resource=resource, Parameters={"TaskDefinition": "t"})
    assert _errors(state, "EXPRESS") == [(message, "/Resource")]
    assert _errors(state) == []


def test_credentials_have_a_role() -> None:
    missing = ("The field 'RoleArn' is required but was missing", "/Credentials")
    assert _errors(_task(Credentials={"InvalidField": "x"})) == [missing]
    assert _errors(_task(Credentials={"RoleArn.$": "$.role"}, QueryLanguage="JSONata")) == [missing]
    assert _errors(_task(Credentials={"RoleArn.$": "$.role"})) == []
    assert _errors(_task(Credentials={"RoleArn": "{% $role %}"}, QueryLanguage="JSONata")) == []
    assert _errors(_task(Credentials={"RoleArn": 1})) == [("Expected value of type String", "/Credentials/RoleArn")]
    assert _errors(_task(Credentials={"RoleArn": "r", "X": 1})) == [("Field 'X' is not supported", "/Credentials")]
    assert _errors(_task(Credentials="r")) == [("Expected value of type Object", "/Credentials")]
    assert _errors(_task(Credentials={"RoleArn": "r", "RoleArn.$": "$.r"})) == [
        ("There should only be one of the following fields: [RoleArn, RoleArn.$]", "/Credentials")
    ]
    assert _errors(_task(Resource=ACTIVITY, Credentials={"RoleArn": "r"})) == [
        ("The field 'Credentials' is not supported for activities", "/Credentials")
    ]
