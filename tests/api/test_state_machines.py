import datetime
import json

import pytest
from botocore.exceptions import ClientError

START = datetime.datetime(2026, 1, 1, 0, 0, 0, 125_000, tzinfo=datetime.UTC)
OTHER_ROLE = "arn:aws:iam::123456789012:role/other"


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def described(sfn, arn, **params):
    answer = sfn.describe_state_machine(stateMachineArn=arn, **params)
    del answer["ResponseMetadata"]
    return answer


def test_a_state_machine_is_described_with_its_defaults(sfn, machine, pass_definition, role):
    assert described(sfn, machine) == {
        "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
        "name": "machine",
        "status": "ACTIVE",
        "type": "STANDARD",
        "creationDate": START,
        "definition": pass_definition,
        "roleArn": role,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
    }


def test_metadata_only_leaves_the_definition_out(sfn, machine):
    assert described(sfn, machine, includedData="METADATA_ONLY")["definition"] == "{}"


def test_creating_the_same_again_answers_the_first(api, sfn, machine, pass_definition):
    api.engine.time += 60_000
    tags = [{"key": "ignored", "value": "v"}]
    again = sfn.create_state_machine(name="machine", definition=pass_definition, roleArn=OTHER_ROLE, tags=tags)
    assert (again["stateMachineArn"], again["creationDate"]) == (machine, START)
    assert described(sfn, machine)["roleArn"] != OTHER_ROLE
    assert sfn.list_tags_for_resource(resourceArn=machine)["tags"] == []


@pytest.mark.parametrize(
    "difference",
    [
        {"definition": json.dumps({"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": True}}}, indent=1)},
        {"type": "EXPRESS"},
        {"tracingConfiguration": {"enabled": True}},
        {"loggingConfiguration": {"level": "OFF", "includeExecutionData": True}},
    ],
)
def test_another_state_machine_can_not_have_the_name(sfn, machine, pass_definition, role, difference):
    params = {"name": "machine", "definition": pass_definition, "roleArn": role, **difference}
    assert refused(sfn.create_state_machine, **params) == (
        "StateMachineAlreadyExists",
        f"State Machine Already Exists: '{machine}'",
    )


def test_what_is_not_valid_is_not_created(sfn, pass_definition, role):
    good = {"name": "bad", "definition": pass_definition, "roleArn": role}
    for difference, expected in [
        ({"name": "a b"}, ("InvalidName", "Invalid Name: 'a b'")),
        ({"roleArn": "role"}, ("InvalidArn", "Invalid Role Arn: 'role'")),
        (
            {"versionDescription": "v"},
            ("ValidationException", "Version description can only be set when publish is true"),
        ),
    ]:
        assert refused(sfn.create_state_machine, **{**good, **difference}) == expected
    code, text = refused(sfn.create_state_machine, **{**good, "definition": '{"StartAt": "A"}'})
    assert code == "InvalidDefinition"
    assert text.startswith(
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States]"
    )
    assert sfn.list_state_machines()["stateMachines"] == []


def destination(name):
    return {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:us-east-1:123456789012:log-group:{name}:*"}}


@pytest.mark.parametrize(
    "logging",
    [
        {"level": "ALL"},
        {"level": "ERROR", "destinations": []},
        {"level": "ALL", "destinations": [destination("a"), destination("b")]},
    ],
)
def test_logging_needs_exactly_one_destination(sfn, pass_definition, role, machine, logging):
    expected = (
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Must specify exactly one Log Destination.",
    )
    params = {"name": "logs", "definition": pass_definition, "roleArn": role, "loggingConfiguration": logging}
    assert refused(sfn.create_state_machine, **params) == expected
    assert refused(sfn.update_state_machine, stateMachineArn=machine, loggingConfiguration=logging) == expected


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"destinations": []}, {"level": "OFF", "includeExecutionData": False, "destinations": []}),
        (
            {"level": "FATAL", "destinations": [destination("a")]},
            {"level": "FATAL", "includeExecutionData": False, "destinations": [destination("a")]},
        ),
    ],
)
def test_a_logging_configuration_is_shown_with_its_defaults(sfn, pass_definition, role, given, shown):
    arn = sfn.create_state_machine(name="logs", definition=pass_definition, roleArn=role, loggingConfiguration=given)
    assert described(sfn, arn["stateMachineArn"])["loggingConfiguration"] == shown


def test_nothing_seems_to_be_encrypted_that_is_not(sfn, pass_definition, role):
    for encryption, problem in (
        ({"type": "CUSTOMER_MANAGED_KMS_KEY"}, "Must set a valid kmsKeyId."),
        ({"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/key"}, "Stepwell has no customer managed keys."),
        (
            {"type": "AWS_OWNED_KEY", "kmsKeyId": "alias/key"},
            "Custom kmsKeyId is not allowed when selecting AWS_OWNED_KEY.",
        ),
    ):
        params = {"name": "m", "definition": pass_definition, "roleArn": role, "encryptionConfiguration": encryption}
        code, message = refused(sfn.create_state_machine, **params)[:2]
        assert code == "InvalidEncryptionConfiguration"
        assert message.startswith(f"Invalid Encryption Configuration: {problem}")


def test_an_update_that_changes_something_makes_a_revision(api, sfn, machine):
    api.engine.time += 1_000
    first = sfn.update_state_machine(stateMachineArn=machine, roleArn=OTHER_ROLE)
    assert first["updateDate"] == START + datetime.timedelta(seconds=1)
    assert described(sfn, machine)["revisionId"] == first["revisionId"]
    assert described(sfn, machine)["roleArn"] == OTHER_ROLE
    assert described(sfn, machine)["creationDate"] == START
    second = sfn.update_state_machine(stateMachineArn=machine, tracingConfiguration={"enabled": True})
    assert second["revisionId"] != first["revisionId"]
    assert described(sfn, machine)["tracingConfiguration"] == {"enabled": True}


def test_an_update_that_changes_nothing_makes_none(sfn, machine, pass_definition, role):
    params = {"stateMachineArn": machine, "definition": pass_definition, "roleArn": role}
    assert "revisionId" not in sfn.update_state_machine(**params)
    changed = sfn.update_state_machine(**{**params, "roleArn": OTHER_ROLE})
    again = sfn.update_state_machine(**{**params, "roleArn": OTHER_ROLE})
    assert again["revisionId"] == changed["revisionId"]


def test_a_role_without_a_definition_makes_a_revision_even_if_it_is_the_same(sfn, machine, pass_definition, role):
    first = sfn.update_state_machine(stateMachineArn=machine, roleArn=role)
    second = sfn.update_state_machine(stateMachineArn=machine, roleArn=role)
    assert first["revisionId"] != second["revisionId"]
    same = sfn.update_state_machine(stateMachineArn=machine, definition=pass_definition, roleArn=role)
    assert same["revisionId"] == described(sfn, machine)["revisionId"] == second["revisionId"]


def test_an_encryption_configuration_is_shown_where_one_was_given(sfn, pass_definition, role):
    owned = {"type": "AWS_OWNED_KEY"}
    params = {"name": "m", "definition": pass_definition, "roleArn": role}
    arn = sfn.create_state_machine(**params, encryptionConfiguration=owned)["stateMachineArn"]
    assert described(sfn, arn)["encryptionConfiguration"] == owned
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    shown = sfn.describe_state_machine_for_execution(executionArn=execution)
    assert shown["encryptionConfiguration"] == owned
    assert sfn.create_state_machine(**params)["stateMachineArn"] == arn


def test_an_update_may_give_the_encryption_configuration(sfn, machine):
    sfn.update_state_machine(stateMachineArn=machine, encryptionConfiguration={"type": "AWS_OWNED_KEY"})
    assert described(sfn, machine)["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}


def test_an_update_of_nothing_is_refused(sfn, machine):
    assert refused(sfn.update_state_machine, stateMachineArn=machine) == (
        "MissingRequiredParameter",
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
    )


def test_a_bad_definition_does_not_become_current(sfn, machine, pass_definition):
    assert refused(sfn.update_state_machine, stateMachineArn=machine, definition="{}")[0] == "InvalidDefinition"
    assert described(sfn, machine)["definition"] == pass_definition


def test_a_deleted_state_machine_does_not_exist(sfn, machine, pass_definition, role):
    sfn.delete_state_machine(stateMachineArn=machine)
    missing = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'")
    assert refused(sfn.describe_state_machine, stateMachineArn=machine) == missing
    assert refused(sfn.start_execution, stateMachineArn=machine) == missing
    assert refused(sfn.update_state_machine, stateMachineArn=machine, roleArn=role) == missing
    assert sfn.delete_state_machine(stateMachineArn=machine)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert (
        sfn.create_state_machine(name="machine", definition=pass_definition, roleArn=role)["stateMachineArn"] == machine
    )


def test_a_state_machine_is_being_deleted_until_its_last_execution_has_ended(api, sfn, machine, pass_definition, role):
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    sfn.delete_state_machine(stateMachineArn=machine)
    deleting = ("StateMachineDeleting", f"State Machine is being deleted: '{machine}'")
    assert described(sfn, machine)["status"] == "DELETING"
    assert refused(sfn.start_execution, stateMachineArn=machine) == deleting
    assert refused(sfn.update_state_machine, stateMachineArn=machine, roleArn=role) == deleting
    params = {"name": "machine", "definition": pass_definition, "roleArn": role}
    assert refused(sfn.create_state_machine, **params) == deleting
    sfn.delete_state_machine(stateMachineArn=machine)
    sfn.stop_execution(executionArn=execution)
    assert refused(sfn.describe_state_machine, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    assert sfn.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert sfn.create_state_machine(**params)["stateMachineArn"] == machine


def test_state_machines_are_listed_newest_first_page_by_page(sfn, pass_definition, role):
    for number in range(5):
        sfn.create_state_machine(name=f"m{number}", definition=pass_definition, roleArn=role)
    first = sfn.list_state_machines(maxResults=2)
    assert [item["name"] for item in first["stateMachines"]] == ["m4", "m3"]
    assert set(first["stateMachines"][0]) == {"stateMachineArn", "name", "type", "creationDate"}
    rest = sfn.list_state_machines(maxResults=3, nextToken=first["nextToken"])
    assert [item["name"] for item in rest["stateMachines"]] == ["m2", "m1", "m0"]
    assert "nextToken" not in rest
    assert refused(sfn.list_activities, nextToken=first["nextToken"]) == (
        "InvalidToken",
        "Invalid Token: 'Invalid token'",
    )


def test_accounts_do_not_see_each_other(api, sfn, machine, pass_definition):
    other = api.client(account="111111111111")
    assert other.list_state_machines()["stateMachines"] == []
    assert refused(other.describe_state_machine, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    assert refused(other.start_execution, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    other.delete_state_machine(stateMachineArn=machine)
    assert described(sfn, machine)["status"] == "ACTIVE"
    own = other.create_state_machine(name="machine", definition=pass_definition, roleArn=OTHER_ROLE)
    assert own["stateMachineArn"] == "arn:aws:states:us-east-1:111111111111:stateMachine:machine"


def test_regions_have_their_own_state_machines(api, pass_definition, role, machine):
    china = api.client(region="cn-north-1")
    assert china.list_state_machines()["stateMachines"] == []
    arn = china.create_state_machine(name="machine", definition=pass_definition, roleArn=role)["stateMachineArn"]
    assert arn == "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:machine"


def test_an_express_state_machine_can_be_created(sfn, pass_definition, role):
    arn = sfn.create_state_machine(name="fast", definition=pass_definition, roleArn=role, type="EXPRESS")[
        "stateMachineArn"
    ]
    assert described(sfn, arn)["type"] == "EXPRESS"
    assert refused(sfn.list_executions, stateMachineArn=arn) == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )


def test_a_definition_can_be_validated_without_creating_anything(sfn, pass_definition):
    good = sfn.validate_state_machine_definition(definition=pass_definition)
    assert (good["result"], good["diagnostics"], good["truncated"]) == ("OK", [], False)
    bad = sfn.validate_state_machine_definition(definition="{}")
    assert (bad["result"], bad["truncated"]) == ("FAIL", False)
    assert bad["diagnostics"][0]["code"] == "SCHEMA_VALIDATION_FAILED"
    assert bad["diagnostics"][0]["severity"] == "ERROR"


def test_the_variables_that_states_refer_to_are_described(sfn, role):
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"p.$": "States.Array($y, $x)"}, "End": True},
    }
    definition = json.dumps({"StartAt": "A", "States": states})
    arn = sfn.create_state_machine(name="referring", definition=definition, roleArn=role)["stateMachineArn"]
    assert described(sfn, arn)["variableReferences"] == {"B": ["x", "y"]}
    assert "variableReferences" not in described(sfn, arn, includedData="METADATA_ONLY")
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    assert sfn.describe_state_machine_for_execution(executionArn=execution)["variableReferences"] == {"B": ["x", "y"]}


def test_an_update_changes_the_references(sfn, role):
    first = {"A": {"Type": "Pass", "InputPath": "$x", "End": True}}
    second = {"A": {"Type": "Pass", "End": True}}
    arn = sfn.create_state_machine(name="m", definition=json.dumps({"StartAt": "A", "States": first}), roleArn=role)[
        "stateMachineArn"
    ]
    assert described(sfn, arn)["variableReferences"] == {"A": ["x"]}
    sfn.update_state_machine(stateMachineArn=arn, definition=json.dumps({"StartAt": "A", "States": second}))
    assert "variableReferences" not in described(sfn, arn)


def test_the_default_encryption_is_shown_where_there_are_variables_or_jsonata(sfn, machine, role):
    assert "encryptionConfiguration" not in described(sfn, machine)
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    arn = sfn.create_state_machine(name="newer", definition=definition, roleArn=role)["stateMachineArn"]
    assert described(sfn, arn)["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}
    assert "variableReferences" not in described(sfn, arn)


def test_expressions_are_checked_when_a_definition_is_created_and_validated(sfn, role):
    states = {"E": {"Type": "Pass", "Output": {"v": "{% phone %}"}, "End": True}}
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "E", "States": states})
    text = "Reference to 'phone' at the top level is not supported."
    assert refused(sfn.create_state_machine, name="e", definition=definition, roleArn=role) == (
        "InvalidDefinition",
        f"Invalid State Machine Definition: 'UNSUPPORTED_JSONATA_EXPRESSION: {text} at /States/E/Output/v'",
    )
    (found,) = sfn.validate_state_machine_definition(definition=definition)["diagnostics"]
    code = "UNSUPPORTED_JSONATA_EXPRESSION"
    assert found == {"severity": "ERROR", "code": code, "message": text, "location": "/States/E/Output/v"}
