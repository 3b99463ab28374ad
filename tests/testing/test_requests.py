import json

import pytest

from stepwell.testing.refusal import TestRefused
from testing.trials import ACTIVITY, mapped, parallel, run, shown, task, trial

PASS = {"Type": "Pass", "End": True}
PARALLEL = parallel()
CALLBACK = task(Resource="arn:aws:states:::lambda:invoke.waitForTaskToken")
WORKER = {"Type": "Task", "Resource": ACTIVITY, "End": True}
UNSUPPORTED = (
    "TestState API does not support Map or Parallel states. Supported state types include: "
    "[Task, Wait, Pass, Succeed, Fail, Choice]"
)
ONE_OF = "A test mock should have only one of the following fields: [result, errorOutput]."
NO_TOKEN = (
    "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service "
    "integration pattern"
)
FAILED = {"errorOutput": {"error": "E"}}


def refusal(definition, **request):
    with pytest.raises(TestRefused) as caught:
        run(definition, **request)
    return caught.value


@pytest.mark.parametrize(
    ("definition", "request_", "message"),
    [
        (task(), {"roleArn": None}, "RoleArn must be specified when testing a Task state"),
        (task(), {"mock": {"result": {}, **FAILED}}, ONE_OF),
        (task(), {"mock": {}}, ONE_OF),
        (PASS, {"mock": FAILED}, "State type 'Pass' is not supported when a mock is specified"),
        (
            task(),
            {"mock": {"result": {}}, "revealSecrets": True},
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (task(), {"mock": {"result": "{"}}, "Mocked result must be valid JSON"),
        (PARALLEL, {"mock": {"result": {}}}, "Mocked result must be an array."),
        (
            PARALLEL,
            {"mock": {"result": [1]}},
            "Mocked result must contain the same number of items as number of Parallel branches.",
        ),
        (mapped(), {"mock": {"result": {}}}, "Mocked result must be an array."),
        (
            mapped(),
            {"stateConfiguration": {"mapIterationFailureCount": 1}},
            "TestState does not support MapIterationFailureCount when a mock is not specified.",
        ),
        (PASS, {"context": {}}, "TestState does not support Context when a mock is not specified."),
        (PASS, {"variables": [1]}, "Variables must be a valid JSON object"),
        (PASS, {"variables": "{"}, "Variables must be a valid JSON object"),
    ],
)
def test_what_cannot_be_tested_is_refused(definition, request_, message):
    refused = refusal(definition, **request_)
    assert (refused.code, refused.message) == ("ValidationException", message)


@pytest.mark.parametrize("definition", [PARALLEL, mapped()])
def test_branches_are_tested_with_a_mock_only(definition):
    refused = refusal(definition)
    assert (refused.code, refused.message) == ("InvalidDefinition", UNSUPPORTED)


@pytest.mark.parametrize("definition", [CALLBACK, WORKER])
def test_what_waits_for_others_is_tested_with_a_mock_only(definition):
    assert refusal(definition).code == "InvalidDefinition"
    assert run(definition, {}, mock={"result": {"a": 1}}).output == '{"a": 1}'


@pytest.mark.parametrize(
    ("context", "problem"),
    [
        ("[]", "Context must be a valid JSON object"),
        ({"Nosuch": {}}, "Field 'Nosuch' is not allowed"),
        ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
        ({"Execution": {"Nosuch": 1}}, "Field 'Nosuch' is not allowed"),
        ({"Execution": {"Id": 1}}, "Execution.Id must be a string"),
        ({"Execution": 1}, "Execution must be an object"),
        ({"State": {"RetryCount": "1"}}, "State.RetryCount must be a number"),
        (
            {"Task": {"Token": "t"}},
            NO_TOKEN,
        ),
    ],
)
def test_a_context_object_that_could_not_be_one_is_refused(context, problem):
    refused = refusal(task(), mock={"result": {}}, context=context)
    assert refused.message == f"Invalid Context object provided: {problem}"


def test_a_callback_sees_the_token_of_its_context_object():
    state = CALLBACK | {"Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}}
    given = run(state, {}, mock={"result": {}}, context={"Task": {"Token": "mine"}})
    assert shown(given)["afterParameters"]["Payload"] == {"t": "mine"}


def test_a_state_of_a_machine_is_found_by_its_name_at_any_depth():
    each = mapped(Next="Both")
    del each["End"]
    machine = {"StartAt": "Each", "States": {"Each": each, "Both": PARALLEL}}
    assert run(machine, {}, stateName="Right").status == "SUCCEEDED"
    assert run(machine, {}, stateName="One").status == "SUCCEEDED"
    assert refusal(machine, stateName="Two").message == "State not found in definition"


def test_a_definition_that_is_wrong_is_refused_in_the_words_of_aws():
    assert refusal({"Type": "Pass"}).code == "InvalidDefinition"
    assert refusal({"Type": "Pass"}).message.startswith("Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED")
    assert refusal({"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, stateName="A").code == "InvalidDefinition"


def test_a_map_fails_when_more_iterations_failed_than_are_tolerated():
    def counted(count, **fields):
        return run(
            mapped(**fields), [1, 2, 3], mock={"result": [0]}, stateConfiguration={"mapIterationFailureCount": count}
        )

    assert counted(1, ToleratedFailureCount=1).status == "SUCCEEDED"
    assert counted(2, ToleratedFailureCount=1).error == "States.ExceedToleratedFailureThreshold"
    assert counted(2, ToleratedFailurePercentage=50).error == "States.ExceedToleratedFailureThreshold"
    assert counted(3).status == "SUCCEEDED"
    with pytest.raises(TestRefused, match="must be less than or equal to the number of Map iterations"):
        counted(4)


@pytest.mark.parametrize(
    ("reader", "data", "items"),
    [
        ({"InputType": "JSON"}, "[1,2]", [1, 2]),
        ({"InputType": "JSON"}, '{"a":1}', [{"Key": "a", "Value": 1}]),
        ({"InputType": "JSON", "ItemsPointer": "/a~1b"}, '{"a/b":[3]}', [3]),
        ({"InputType": "JSON", "MaxItems": 1}, "[1,2]", [1]),
        ({"InputType": "JSONL"}, '{"a":1}\n\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        ({"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "a,b\n1,2\n", [{"a": "1", "b": "2"}]),
    ],
)
def test_a_map_iterates_over_what_its_reader_is_said_to_have_read(reader, data, items):
    state = mapped(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}})
    state["ItemReader"]["ReaderConfig"] = reader
    state["ItemProcessor"] = state["ItemProcessor"] | {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    }
    outcome = run(state, {}, mock={"result": []}, stateConfiguration={"mapItemReaderData": data})
    assert shown(outcome)["afterItemsPath"] == items
    assert shown(outcome).get("afterItemsPointer") == (items if "ItemsPointer" in reader else None)


def test_data_that_the_reader_cannot_read_is_refused():
    state = mapped(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}})
    state["ItemProcessor"] = state["ItemProcessor"] | {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    }
    with pytest.raises(TestRefused, match="MapItemReaderData does not hold items"):
        trial(state, {}, mock={"result": []}, stateConfiguration={"mapItemReaderData": "1"})


def test_the_mocked_result_is_checked_as_the_mode_says():
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": True}
    state["Parameters"] = {"StateMachineArn": "arn"}
    strict = refusal(state, mock={"result": {}})
    assert strict.message == "Mock result schema validation error: Required field 'ExecutionArn' is missing"
    assert run(state, {}, mock={"result": {}, "fieldValidationMode": "PRESENT"}).status == "SUCCEEDED"
    assert run(state, {}, mock={"result": [], "fieldValidationMode": "NONE"}).output == "[]"
    assert json.loads(run(task(), {}, mock={"result": {"Payload": [1]}}).output) == {"Payload": [1]}
