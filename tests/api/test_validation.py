import pytest

from stepwell.api.errors import ApiError
from stepwell.api.model import EVENT_BRIDGE, STEP_FUNCTIONS
from stepwell.api.validation import validator

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


def refusal(operation, request, model=STEP_FUNCTIONS):
    with pytest.raises(ApiError) as caught:
        validator(model, operation)(request)
    return caught.value


def constraint(operation, request, model=STEP_FUNCTIONS):
    error = refusal(operation, request, model)
    assert error.code == "ValidationException"
    assert error.namespace == "com.amazon.coral.validate"
    return error.message


def test_every_operation_can_be_validated():
    assert (len(STEP_FUNCTIONS.operations), len(EVENT_BRIDGE.operations)) == (37, 57)
    for model in (STEP_FUNCTIONS, EVENT_BRIDGE):
        for operation in model.operations:
            with pytest.raises(ApiError):
                validator(model, operation)([])


def test_a_valid_request_is_returned_as_it_is():
    request = {"stateMachineArn": ARN, "input": "{}", "something": "else"}
    assert validator(STEP_FUNCTIONS, "StartExecution")(request) is request


def test_a_number_beyond_its_bound_is_named_with_its_value():
    assert constraint("ListExecutions", {"stateMachineArn": ARN, "maxResults": 1001}) == (
        "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000"
    )
    assert constraint("ListStateMachines", {"maxResults": -1}).endswith(
        "Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0"
    )


def test_an_enum_lists_its_values_in_the_order_of_aws():
    assert constraint("ListExecutions", {"stateMachineArn": ARN, "statusFilter": "succeeded"}) == (
        "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must "
        "satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"
    )


@pytest.mark.parametrize(("operation", "limit"), [("ListExecutions", 3096), ("ListStateMachineVersions", 1024)])
def test_a_text_beyond_its_length_is_named_with_its_value(operation, limit):
    token = "x" * (limit + 1)
    assert constraint(operation, {"stateMachineArn": ARN, "nextToken": token}) == (
        f"1 validation error detected: Value '{token}' at 'nextToken' failed to satisfy constraint: "
        f"Member must have length less than or equal to {limit}"
    )


def test_a_missing_member_and_a_null_are_the_same():
    expected = (
        "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: "
        "Member must not be null"
    )
    assert constraint("StartExecution", {}) == expected
    assert constraint("StartExecution", {"stateMachineArn": None}) == expected
    assert validator(STEP_FUNCTIONS, "ListActivities")({"maxResults": None}) == {"maxResults": None}


def test_all_violated_constraints_are_named_at_once():
    message = constraint("StartExecution", {"name": "n" * 81, "stateMachineArn": "a" * 257})
    assert message.startswith("2 validation errors detected: Value 'nnn")
    assert message.count("; Value 'aaa") == 1


def test_sensitive_values_are_not_echoed():
    message = constraint("SendTaskFailure", {"taskToken": "token", "error": "secret" * 50})
    assert message == (
        "1 validation error detected: Value at 'error' failed to satisfy constraint: "
        "Member must have length less than or equal to 256"
    )
    missing = constraint("SendTaskSuccess", {"taskToken": "token"})
    assert "Value at 'output' failed to satisfy constraint: Member must not be null" in missing


def test_payloads_are_measured_in_bytes():
    assert validator(STEP_FUNCTIONS, "StartExecution")({"stateMachineArn": ARN, "input": "é" * 131_072})
    assert "at 'input'" in constraint("StartExecution", {"stateMachineArn": ARN, "input": "é" * 131_073})


def test_members_of_structures_in_lists_are_named_by_position():
    routing = [{"stateMachineVersionArn": ARN, "weight": 101}]
    assert "Value '101' at 'routingConfiguration.1.member.weight' failed" in constraint(
        "CreateStateMachineAlias", {"name": "alias", "routingConfiguration": routing}
    )


def test_a_list_that_is_too_long_is_shown_with_its_structures():
    items = [{"stateMachineVersionArn": f"v{number}", "weight": 1} for number in (1, 2, 3)]
    assert constraint("CreateStateMachineAlias", {"name": "alias", "routingConfiguration": items}) == (
        "1 validation error detected: Value '[RoutingConfigurationListItem(stateMachineVersionArn=v1, weight=1), "
        "RoutingConfigurationListItem(stateMachineVersionArn=v2, weight=1), "
        "RoutingConfigurationListItem(stateMachineVersionArn=v3, weight=1)]' at 'routingConfiguration' failed to "
        "satisfy constraint: Member must have length less than or equal to 2"
    )


def test_a_list_with_a_bad_text_is_named_as_a_whole():
    assert constraint("UntagResource", {"resourceArn": ARN, "tagKeys": ["good", ""]}) == (
        "1 validation error detected: Value '[good, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy "
        "constraint: [Member must have length less than or equal to 128, "
        "Member must have length greater than or equal to 1]"
    )


def test_a_pattern_is_given_in_the_words_of_the_model():
    assert constraint(
        "CreateStateMachineAlias",
        {"name": "123", "routingConfiguration": [{"stateMachineVersionArn": ARN, "weight": 1}]},
    ) == (
        "1 validation error detected: Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular "
        r"expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"
    )
    assert "pattern: \\p{ASCII}*" in constraint("StartExecution", {"stateMachineArn": ARN, "traceHeader": "é"})


@pytest.mark.parametrize(
    ("operation", "request_body", "message"),
    [
        ("StartExecution", {"stateMachineArn": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("StartExecution", {"stateMachineArn": True}, "TRUE_VALUE can not be converted to a String"),
        ("ListActivities", {"maxResults": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListActivities", {"maxResults": False}, "FALSE_VALUE can not be converted to an Integer"),
        ("CreateStateMachine", {"publish": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
        ("CreateStateMachine", {"publish": "x"}, "STRING_VALUE can not be converted to an Boolean"),
        ("CreateStateMachine", {"type": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("CreateStateMachine", {"tags": "x"}, "Expected list or null"),
        ("CreateStateMachine", {"loggingConfiguration": "x"}, "Expected null"),
        ("StartExecution", {"input": {}}, "Start of structure or map found where not expected."),
        ("StartExecution", {"input": []}, "Start of list found where not expected"),
        ("StartExecution", [], "Start of list found where not expected"),
    ],
)
def test_a_value_of_another_json_type_ends_the_check(operation, request_body, message):
    error = refusal(operation, request_body)
    assert (error.code, error.message) == ("SerializationException", message)


def test_the_answer_names_a_bounded_number_of_problems():
    tags = [{"key": ""}] * 200
    message = constraint("TagResource", {"resourceArn": ARN, "tags": tags})
    assert message.startswith("200 validation errors detected: ")
    assert message.count("failed to satisfy") == 20


def connection(**changed):
    basic = {"Username": "user", "Password": "password"}
    return {
        "Name": "c",
        "AuthorizationType": "BASIC",
        "AuthParameters": {"BasicAuthParameters": basic | changed},
    }


def test_members_are_named_in_lower_case_whatever_their_case_in_the_model():
    assert constraint("PutRule", {"Name": "a b"}, EVENT_BRIDGE) == (
        "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+"
    )
    assert constraint("PutTargets", {"Rule": "r", "Targets": [{"Id": "1"}]}, EVENT_BRIDGE).endswith(
        "Value null at 'targets.1.member.arn' failed to satisfy constraint: Member must not be null"
    )
    assert "at 'authParameters.basicAuthParameters.username'" in constraint(
        "CreateConnection", connection(Username="a:b"), EVENT_BRIDGE
    )


def test_what_is_secret_is_not_shown():
    message = constraint("CreateConnection", connection(Password="canary\n"), EVENT_BRIDGE)
    assert "Value at 'authParameters.basicAuthParameters.password' failed" in message
    assert "canary" not in message


def test_the_values_of_a_map_are_checked():
    target = {"Id": "1", "Arn": "arn", "InputTransformer": {"InputTemplate": "t", "InputPathsMap": {"a": "x" * 300}}}
    message = constraint("PutTargets", {"Rule": "r", "Targets": [target]}, EVENT_BRIDGE)
    assert "at 'targets.1.member.inputTransformer.inputPathsMap.a.member'" in message
    target["InputTransformer"]["InputPathsMap"] = []
    assert refusal("PutTargets", {"Rule": "r", "Targets": [target]}, EVENT_BRIDGE).code == "SerializationException"


@pytest.mark.parametrize("value", ["a" + " a" * 250 + ":", "\t" * 511 + ":", "a\t" * 255 + "\x00"])
def test_a_hostile_text_is_checked_in_time_that_grows_with_its_length(value):
    assert "'authParameters.basicAuthParameters.username'" in constraint(
        "CreateConnection", connection(Username=value), EVENT_BRIDGE
    )
