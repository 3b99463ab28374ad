import datetime
import json

import pytest
from botocore.exceptions import ClientError

from stepwell.runtime import versions
from stepwell.runtime.arns import Scope
from stepwell.runtime.revisions import Settings
from stepwell.runtime.versions import state_machine_of

START = datetime.datetime(2026, 1, 1, 0, 0, 0, 125_000, tzinfo=datetime.UTC)
HERE = Scope("123456789012", "us-east-1")


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def definition(comment):
    states = {"Hello": {"Type": "Pass", "End": True}}
    return json.dumps({"Comment": comment, "StartAt": "Hello", "States": states})


def publish(sfn, arn, **params):
    return sfn.publish_state_machine_version(stateMachineArn=arn, **params)["stateMachineVersionArn"]


def listed(sfn, arn):
    return [
        item["stateMachineVersionArn"]
        for item in sfn.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    ]


@pytest.fixture
def updated(sfn, machine):
    return sfn.update_state_machine(stateMachineArn=machine, definition=definition("R1"))["revisionId"]


def test_a_published_version_is_described_as_it_was(api, sfn, machine, updated, role):
    api.engine.time += 1_000
    version = publish(sfn, machine, description="the first")
    sfn.update_state_machine(stateMachineArn=machine, definition=definition("R2"), roleArn=role)
    shown = sfn.describe_state_machine(stateMachineArn=version)
    del shown["ResponseMetadata"]
    assert shown == {
        "stateMachineArn": f"{machine}:1",
        "name": "machine",
        "status": "ACTIVE",
        "type": "STANDARD",
        "creationDate": START + datetime.timedelta(seconds=1),
        "definition": definition("R1"),
        "roleArn": role,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "revisionId": updated,
        "description": "the first",
    }
    assert sfn.describe_state_machine(stateMachineArn=version, includedData="METADATA_ONLY")["definition"] == "{}"


def test_a_version_of_the_first_revision_has_no_revision_id_and_no_description(sfn, machine):
    shown = sfn.describe_state_machine(stateMachineArn=publish(sfn, machine))
    assert not {"revisionId", "description"} & set(shown)


def test_a_revision_is_published_once(api, sfn, machine):
    first = sfn.publish_state_machine_version(stateMachineArn=machine)
    api.engine.time += 1_000
    again = sfn.publish_state_machine_version(stateMachineArn=machine, description="another")
    assert (again["stateMachineVersionArn"], again["creationDate"]) == (f"{machine}:1", START)
    assert first["stateMachineVersionArn"] == f"{machine}:1"
    assert listed(sfn, machine) == [f"{machine}:1"]


def test_only_the_current_revision_is_published(sfn, machine, updated):
    first = "Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is "
    params = {"stateMachineArn": machine, "revisionId": "INITIAL"}
    assert refused(sfn.publish_state_machine_version, **params) == ("ConflictException", f"{first}{updated}.")
    assert publish(sfn, machine, revisionId=updated) == f"{machine}:1"
    assert listed(sfn, machine) == [f"{machine}:1"]


def test_the_first_revision_is_called_initial(sfn, machine):
    code, text = refused(sfn.publish_state_machine_version, stateMachineArn=machine, revisionId="other")
    assert code == "ConflictException"
    assert text.endswith("for revision other. The current State Machine revision is INITIAL.")
    assert publish(sfn, machine, revisionId="INITIAL") == f"{machine}:1"


def test_a_state_machine_may_be_created_with_a_version(sfn, pass_definition, role):
    params = {"name": "m", "definition": pass_definition, "roleArn": role, "publish": True}
    answer = sfn.create_state_machine(**params, versionDescription="d")
    arn, version = answer["stateMachineArn"], answer["stateMachineVersionArn"]
    assert version == f"{arn}:1"
    assert sfn.describe_state_machine(stateMachineArn=version)["description"] == "d"
    assert sfn.create_state_machine(**params, versionDescription="d")["stateMachineVersionArn"] == version
    assert publish(sfn, arn) == version
    assert listed(sfn, arn) == [version]


def test_a_repeated_creation_wants_the_same_version(sfn, machine, pass_definition, role):
    params = {"name": "machine", "definition": pass_definition, "roleArn": role}
    taken = ("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine}'")
    assert refused(sfn.create_state_machine, **params, publish=True) == taken
    published = {**params, "name": "other", "publish": True}
    sfn.create_state_machine(**published)
    assert refused(sfn.create_state_machine, **published, versionDescription="d")[0] == "StateMachineAlreadyExists"
    assert refused(sfn.create_state_machine, **{**published, "publish": False})[0] == "StateMachineAlreadyExists"
    assert listed(sfn, machine) == []


def test_an_update_may_publish_what_it_makes(sfn, machine):
    params = {"stateMachineArn": machine, "definition": definition("R1"), "publish": True, "versionDescription": "d"}
    first = sfn.update_state_machine(**params)
    assert first["stateMachineVersionArn"] == f"{machine}:1"
    again = sfn.update_state_machine(**params)
    assert (again["stateMachineVersionArn"], again["revisionId"]) == (f"{machine}:1", first["revisionId"])
    shown = sfn.describe_state_machine(stateMachineArn=f"{machine}:1")
    assert (shown["revisionId"], shown["description"]) == (first["revisionId"], "d")
    second = sfn.update_state_machine(**{**params, "definition": definition("R2")})
    assert second["stateMachineVersionArn"] == f"{machine}:2"


def test_an_update_may_publish_a_revision_that_it_does_not_change(sfn, machine, pass_definition):
    answer = sfn.update_state_machine(stateMachineArn=machine, definition=pass_definition, publish=True)
    assert answer["stateMachineVersionArn"] == f"{machine}:1"
    assert "revisionId" not in answer


def test_a_description_needs_publish(sfn, machine, pass_definition, role):
    expected = ("ValidationException", "Version description can only be set when publish is true")
    params = {"definition": pass_definition, "roleArn": role, "versionDescription": "d"}
    assert refused(sfn.create_state_machine, name="m", **params) == expected
    assert refused(sfn.update_state_machine, stateMachineArn=machine, publish=False, **params) == expected


def test_numbers_of_deleted_versions_are_not_used_again(sfn, machine):
    first = publish(sfn, machine)
    sfn.update_state_machine(stateMachineArn=machine, definition=definition("R2"))
    sfn.delete_state_machine_version(stateMachineVersionArn=publish(sfn, machine))
    assert publish(sfn, machine) == f"{machine}:3"
    assert listed(sfn, machine) == [f"{machine}:3", first]


def test_a_deleted_version_does_not_exist(sfn, machine):
    version = publish(sfn, machine)
    for _ in range(2):
        answer = sfn.delete_state_machine_version(stateMachineVersionArn=version)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    missing = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{version}'")
    assert refused(sfn.describe_state_machine, stateMachineArn=version) == missing
    assert refused(sfn.start_execution, stateMachineArn=version) == missing
    assert refused(sfn.list_executions, stateMachineArn=version) == missing
    assert listed(sfn, machine) == []


def test_only_versions_are_deleted_as_versions(sfn, machine):
    for arn in (machine, f"{machine}:alias", f"{machine}:01", f"{machine}:0"):
        code, text = refused(sfn.delete_state_machine_version, stateMachineVersionArn=arn)
        assert code == "ValidationException"
        assert arn in text
    assert refused(sfn.delete_state_machine_version, stateMachineVersionArn="x")[0] == "InvalidArn"


def test_versions_are_listed_last_published_first_page_by_page(sfn, machine):
    for number in range(13):
        sfn.update_state_machine(stateMachineArn=machine, definition=definition(f"R{number}"), publish=True)
    first = sfn.list_state_machine_versions(stateMachineArn=machine, maxResults=10)
    assert [item["stateMachineVersionArn"] for item in first["stateMachineVersions"]] == [
        f"{machine}:{number}" for number in range(13, 3, -1)
    ]
    assert set(first["stateMachineVersions"][0]) == {"stateMachineVersionArn", "creationDate"}
    token = first["nextToken"]
    rest = sfn.list_state_machine_versions(stateMachineArn=machine, maxResults=3, nextToken=token)
    assert len(rest["stateMachineVersions"]) == 3
    assert "nextToken" not in rest
    assert refused(sfn.list_executions, stateMachineArn=machine, nextToken=token)[0] == "InvalidToken"


def test_a_state_machine_has_so_many_versions_and_no_more(sfn, machine, monkeypatch):
    monkeypatch.setattr(versions, "MAX_VERSIONS", 2)
    for number in range(2):
        sfn.update_state_machine(stateMachineArn=machine, definition=definition(f"R{number}"), publish=True)
    assert publish(sfn, machine) == f"{machine}:2"
    params = {"stateMachineArn": machine, "definition": definition("one too many")}
    code, text = refused(sfn.update_state_machine, **params, publish=True)
    assert code == "ServiceQuotaExceededException"
    assert f"'{machine}' has 2 versions" in text
    assert "one too many" not in sfn.describe_state_machine(stateMachineArn=machine)["definition"]
    sfn.update_state_machine(**params)
    assert refused(sfn.publish_state_machine_version, stateMachineArn=machine)[0] == code
    sfn.delete_state_machine_version(stateMachineVersionArn=f"{machine}:1")
    assert publish(sfn, machine) == f"{machine}:3"


def test_what_does_not_exist_or_is_being_deleted_is_not_published(sfn, machine):
    version = publish(sfn, machine)
    for arn in (f"{machine}2", version, f"{machine}:alias"):
        missing = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        assert refused(sfn.publish_state_machine_version, stateMachineArn=arn) == missing
        assert refused(sfn.update_state_machine, stateMachineArn=arn, definition=definition("R1")) == missing
        assert listed(sfn, arn) == []
    assert refused(sfn.publish_state_machine_version, stateMachineArn="invalid_arn") == (
        "InvalidArn",
        "Invalid Arn: 'Invalid ARN prefix: invalid_arn'",
    )
    sfn.start_execution(stateMachineArn=machine)
    sfn.delete_state_machine(stateMachineArn=machine)
    assert refused(sfn.publish_state_machine_version, stateMachineArn=machine)[0] == "StateMachineDeleting"
    assert refused(sfn.start_execution, stateMachineArn=version)[0] == "StateMachineDeleting"
    assert sfn.describe_state_machine(stateMachineArn=version)["status"] == "DELETING"


def test_versions_go_with_their_state_machine(sfn, machine, pass_definition, role):
    version = publish(sfn, machine)
    sfn.delete_state_machine(stateMachineArn=machine)
    assert refused(sfn.describe_state_machine, stateMachineArn=version)[0] == "StateMachineDoesNotExist"
    sfn.create_state_machine(name="machine", definition=pass_definition, roleArn=role)
    assert listed(sfn, machine) == []


def test_an_execution_of_a_version_follows_it_and_says_so(sfn, machine, pass_definition):
    version = publish(sfn, machine)
    sfn.update_state_machine(stateMachineArn=machine, definition=definition("R1"))
    by_version = sfn.start_execution(stateMachineArn=version, name="by-version")["executionArn"]
    by_machine = sfn.start_execution(stateMachineArn=machine, name="by-machine")["executionArn"]
    assert by_version == "arn:aws:states:us-east-1:123456789012:execution:machine:by-version"
    shown = sfn.describe_execution(executionArn=by_version)
    assert (shown["stateMachineArn"], shown["stateMachineVersionArn"]) == (machine, version)
    assert "stateMachineVersionArn" not in sfn.describe_execution(executionArn=by_machine)
    followed = sfn.describe_state_machine_for_execution(executionArn=by_version)
    assert (followed["stateMachineArn"], followed["definition"]) == (machine, pass_definition)
    (only,) = sfn.list_executions(stateMachineArn=version)["executions"]
    assert (only["executionArn"], only["stateMachineVersionArn"]) == (by_version, version)
    everything = sfn.list_executions(stateMachineArn=machine)["executions"]
    assert [item["executionArn"] for item in everything] == [by_machine, by_version]


def test_a_version_has_no_tags(sfn, machine):
    version = publish(sfn, machine)
    expected = ("ResourceNotFound", f"Resource not found: '{version}'")
    assert refused(sfn.tag_resource, resourceArn=version, tags=[{"key": "k", "value": "v"}]) == expected
    assert refused(sfn.list_tags_for_resource, resourceArn=version) == expected


def test_accounts_do_not_see_each_others_versions(api, sfn, machine):
    version = publish(sfn, machine)
    other = api.client(account="111111111111")
    assert refused(other.describe_state_machine, stateMachineArn=version)[0] == "StateMachineDoesNotExist"
    assert refused(other.start_execution, stateMachineArn=version)[0] == "StateMachineDoesNotExist"
    assert refused(other.publish_state_machine_version, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    assert listed(other, machine) == []
    other.delete_state_machine_version(stateMachineVersionArn=version)
    assert listed(sfn, machine) == [version]


def test_of_publications_at_the_same_time_one_is_the_version(api, machine):
    async def race():
        import asyncio

        calls = [api.registry.publish_version(HERE, machine, None, str(number)) for number in range(5)]
        update = api.registry.update_state_machine(HERE, machine, Settings(definition=definition("R1")), "update")
        return await asyncio.gather(*calls, update)

    *same, (_, updated) = api.run(race())
    assert len(set(same)) == 1
    assert (same[0].number, same[0].description, updated.number) == (1, "0", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:states:us-east-1:1:stateMachine:m:12", "arn:aws:states:us-east-1:1:stateMachine:m"),
        ("arn:aws:states:us-east-1:1:stateMachine:m", None),
        ("arn:aws:states:us-east-1:1:stateMachine:12", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:0", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:01", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:1a", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:٣", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:" + "9" * 30, None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:1:1", None),
        ("arn:aws:states:us-east-1:1:execution:m:1", None),
    ],
)
def test_a_version_is_a_number_behind_a_state_machine(text, expected):
    assert state_machine_of(text) == expected
