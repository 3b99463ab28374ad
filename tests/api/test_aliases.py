import datetime
import json

import pytest
from botocore.exceptions import ClientError

from stepwell.runtime import aliases
from stepwell.runtime.aliases import chosen_version, main_version, state_machine_of_alias
from stepwell.storage.records import AliasRecord

START = datetime.datetime(2026, 1, 1, 0, 0, 0, 125_000, tzinfo=datetime.UTC)
MISSING = ("ResourceNotFound", "Request references a resource that does not exist.")


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def definition(comment):
    states = {"Hello": {"Type": "Pass", "End": True}}
    return json.dumps({"Comment": comment, "StartAt": "Hello", "States": states})


def routing(*routes):
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in routes]


def create(sfn, name, *routes, **params):
    answer = sfn.create_state_machine_alias(name=name, routingConfiguration=routing(*routes), **params)
    return answer["stateMachineAliasArn"]


def listed(sfn, arn):
    found = sfn.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]
    return [item["stateMachineAliasArn"] for item in found]


@pytest.fixture
def versions(sfn, machine):
    for number in (1, 2):
        sfn.update_state_machine(stateMachineArn=machine, definition=definition(f"R{number}"), publish=True)
    return f"{machine}:1", f"{machine}:2"


def test_an_alias_is_described_as_it_was_created(api, sfn, machine, versions):
    one, two = versions
    answer = sfn.create_state_machine_alias(
        name="live", description="the one", routingConfiguration=routing((two, 10), (one, 90))
    )
    assert (answer["stateMachineAliasArn"], answer["creationDate"]) == (f"{machine}:live", START)
    shown = sfn.describe_state_machine_alias(stateMachineAliasArn=f"{machine}:live")
    del shown["ResponseMetadata"]
    assert shown == {
        "stateMachineAliasArn": f"{machine}:live",
        "name": "live",
        "description": "the one",
        "routingConfiguration": routing((two, 10), (one, 90)),
        "creationDate": START,
        "updateDate": START,
    }


def test_a_repeated_creation_answers_the_same_alias_and_another_one_is_refused(api, sfn, versions):
    one, two = versions
    first = create(sfn, "live", (one, 100), description="d")
    api.engine.time += 1_000
    assert create(sfn, "live", (one, 100), description="d") == first
    words = "Failed to create alias because an alias with the same name and a different routing configuration"
    for params in ({"routes": (one, 100), "description": "e"}, {"routes": (two, 100), "description": "d"}):
        route = params.pop("routes")
        assert refused(sfn.create_state_machine_alias, name="live", routingConfiguration=routing(route), **params) == (
            "ConflictException",
            f"{words} already exists.",
        )
    assert sfn.describe_state_machine_alias(stateMachineAliasArn=first)["creationDate"] == START


def test_a_routing_is_refused_in_the_words_of_aws(sfn, machine, versions):
    one, two = versions
    words = "Routing configuration must contain"
    for given, expected in (
        (routing((one, 50), (one, 50)), f"{words} distinct state machine version ARNs. Received: [{one}, {one}]"),
        (routing((machine, 50), (one, 50)), f"{words} state machine version ARNs. Received: [{machine}, {one}]"),
        (routing((one, 70), (two, 29)), "Sum of routing configuration weights must equal 100. Received: [70, 29]"),
    ):
        params = {"name": "live", "routingConfiguration": given}
        assert refused(sfn.create_state_machine_alias, **params) == ("ValidationException", expected)
    answer = refused(sfn.create_state_machine_alias, name="live", routingConfiguration=routing(("x", 100)))
    assert answer == ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'")


def test_a_refused_routing_says_the_reason(api, machine, versions):
    answer = api.call("CreateStateMachineAlias", {"name": "live", "routingConfiguration": routing((machine, 100))})
    assert answer.body["reason"] == "INVALID_ROUTING_CONFIGURATION"


def test_an_alias_leads_to_versions_of_one_state_machine_that_exist(sfn, machine, versions, pass_definition, role):
    params = {"name": "other", "definition": pass_definition, "roleArn": role, "publish": True}
    other = sfn.create_state_machine(**params)["stateMachineVersionArn"]
    mixed = routing((versions[0], 50), (other, 50))
    code, text = refused(sfn.create_state_machine_alias, name="live", routingConfiguration=mixed)
    assert (code, "the alias's own state machine" in text) == ("ValidationException", True)
    for arn in (f"{machine}:9", f"{machine}2:1"):
        assert refused(sfn.create_state_machine_alias, name="a", routingConfiguration=routing((arn, 100))) == MISSING
    alias = create(sfn, "live", (versions[0], 100))
    params = {"stateMachineAliasArn": alias, "routingConfiguration": routing((other, 100))}
    assert refused(sfn.update_state_machine_alias, **params)[0] == "ValidationException"
    params["routingConfiguration"] = routing((f"{machine}:9", 100))
    assert refused(sfn.update_state_machine_alias, **params) == MISSING


def test_an_update_changes_what_is_given_and_leaves_the_rest(api, sfn, versions):
    one, two = versions
    alias = create(sfn, "live", (one, 100), description="old")
    api.engine.time += 1_000
    answer = sfn.update_state_machine_alias(stateMachineAliasArn=alias, description="new")
    assert answer["updateDate"] == START + datetime.timedelta(seconds=1)
    api.engine.time += 1_000
    for _ in range(2):
        split = routing((one, 50), (two, 50))
        answer = sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=split)
        assert answer["updateDate"] == START + datetime.timedelta(seconds=2)
        api.engine.time += 1_000
    shown = sfn.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (shown["description"], shown["routingConfiguration"], shown["creationDate"]) == ("new", split, START)


def test_an_update_without_a_change_is_refused(sfn, versions):
    alias = create(sfn, "live", (versions[0], 100))
    expected = ("ValidationException", "Either the description or the RoutingConfiguration must be specified")
    assert refused(sfn.update_state_machine_alias, stateMachineAliasArn=alias) == expected


def test_a_missing_alias_is_neither_described_nor_changed_but_deleted(sfn, machine, versions):
    alias = f"{machine}:live"
    assert refused(sfn.describe_state_machine_alias, stateMachineAliasArn=alias) == MISSING
    assert refused(sfn.update_state_machine_alias, stateMachineAliasArn=alias, description="d") == MISSING
    create(sfn, "live", (versions[0], 100))
    for _ in range(2):
        answer = sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert refused(sfn.describe_state_machine_alias, stateMachineAliasArn=alias) == MISSING
    missing = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{alias}'")
    assert refused(sfn.start_execution, stateMachineArn=alias) == missing
    assert refused(sfn.list_executions, stateMachineArn=alias) == missing


def test_aliases_are_listed_oldest_first_page_by_page(sfn, machine, versions):
    one, two = versions
    names = [f"a{9 - number}" for number in range(5)]
    for number, name in enumerate(names):
        create(sfn, name, (versions[number % 2], 100))
    first = sfn.list_state_machine_aliases(stateMachineArn=machine, maxResults=3)
    assert [item["stateMachineAliasArn"] for item in first["stateMachineAliases"]] == [
        f"{machine}:{name}" for name in names[:3]
    ]
    rest = sfn.list_state_machine_aliases(stateMachineArn=machine, maxResults=3, nextToken=first["nextToken"])
    assert [item["stateMachineAliasArn"][-2:] for item in rest["stateMachineAliases"]] == names[3:]
    assert "nextToken" not in rest
    assert listed(sfn, two) == [f"{machine}:a8", f"{machine}:a6"]
    page = sfn.list_state_machine_aliases(stateMachineArn=one, maxResults=1)
    assert page["stateMachineAliases"][0]["stateMachineAliasArn"] == f"{machine}:a9"
    page = sfn.list_state_machine_aliases(stateMachineArn=one, maxResults=2, nextToken=page["nextToken"])
    assert [item["stateMachineAliasArn"][-2:] for item in page["stateMachineAliases"]] == ["a7", "a5"]


def test_aliases_of_what_does_not_exist_are_not_listed(sfn, machine, versions):
    missing = f"{machine}2"
    assert refused(sfn.list_state_machine_aliases, stateMachineArn=missing)[0] == "StateMachineDoesNotExist"
    assert refused(sfn.list_state_machine_aliases, stateMachineArn=f"{machine}:9") == MISSING
    code, _ = refused(sfn.list_state_machine_aliases, stateMachineArn=machine, nextToken="nonsense")
    assert code == "InvalidToken"


def test_a_version_that_an_alias_leads_to_is_not_deleted(sfn, machine, versions):
    one, two = versions
    alias = create(sfn, "live", (one, 0), (two, 100))
    create(sfn, "test", (one, 100))
    words = "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version"
    expected = ("ConflictException", f"{words}: [live, test]")
    assert refused(sfn.delete_state_machine_version, stateMachineVersionArn=one) == expected
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routing((two, 100)))
    sfn.delete_state_machine_alias(stateMachineAliasArn=f"{machine}:test")
    sfn.delete_state_machine_version(stateMachineVersionArn=one)
    assert refused(sfn.describe_state_machine, stateMachineArn=one)[0] == "StateMachineDoesNotExist"


def test_aliases_go_with_their_state_machine(sfn, machine, versions, pass_definition, role):
    create(sfn, "live", (versions[0], 100))
    sfn.delete_state_machine(stateMachineArn=machine)
    sfn.create_state_machine(name="machine", definition=pass_definition, roleArn=role)
    assert listed(sfn, machine) == []


def test_while_a_state_machine_is_deleted_its_aliases_are_not_changed(sfn, machine, versions):
    alias = create(sfn, "live", (versions[0], 100))
    sfn.start_execution(stateMachineArn=machine)
    sfn.delete_state_machine(stateMachineArn=machine)
    params = {"routingConfiguration": routing((versions[0], 100))}
    assert refused(sfn.create_state_machine_alias, name="new", **params)[0] == "StateMachineDeleting"
    assert refused(sfn.update_state_machine_alias, stateMachineAliasArn=alias, **params)[0] == "StateMachineDeleting"
    assert refused(sfn.start_execution, stateMachineArn=alias)[0] == "StateMachineDeleting"


def test_a_state_machine_has_so_many_aliases_and_no_more(sfn, machine, versions, monkeypatch):
    monkeypatch.setattr(aliases, "MAX_ALIASES", 2)
    for name in ("a", "b"):
        create(sfn, name, (versions[0], 100))
    route = routing((versions[0], 100))
    code, text = refused(sfn.create_state_machine_alias, name="c", routingConfiguration=route)
    assert (code, f"'{machine}' has 2 aliases" in text) == ("ServiceQuotaExceededException", True)


def test_an_execution_by_an_alias_follows_a_version_by_weight_and_names_both(api, sfn, machine, versions):
    one, two = versions
    alias = create(sfn, "live", (one, 30), (two, 70))
    for chance, expected in ((0.0, one), (0.2999, one), (0.3, two), (0.9999, two)):
        api.engine.chance = chance
        name = f"run-{chance}"
        arn = sfn.start_execution(stateMachineArn=alias, name=name)["executionArn"]
        assert arn == f"arn:aws:states:us-east-1:123456789012:execution:machine:{name}"
        shown = sfn.describe_execution(executionArn=arn)
        named = (shown["stateMachineArn"], shown["stateMachineVersionArn"], shown["stateMachineAliasArn"])
        assert named == (machine, expected, alias)
        followed = sfn.describe_state_machine_for_execution(executionArn=arn)
        assert json.loads(followed["definition"])["Comment"] == ("R1" if expected == one else "R2")
    sfn.start_execution(stateMachineArn=one, name="by-version")
    assert len(sfn.list_executions(stateMachineArn=alias)["executions"]) == 4
    assert len(sfn.list_executions(stateMachineArn=two)["executions"]) == 2
    assert "stateMachineAliasArn" not in sfn.list_executions(stateMachineArn=machine)["executions"][0]


def test_a_state_machine_is_described_by_an_alias_as_the_version_that_it_leads_to_most(sfn, versions):
    one, two = versions
    alias = create(sfn, "live", (one, 30), (two, 70))
    assert sfn.describe_state_machine(stateMachineArn=alias)["stateMachineArn"] == two


def test_accounts_do_not_see_each_others_aliases(api, sfn, machine, versions):
    alias = create(sfn, "live", (versions[0], 100))
    other = api.client(account="111111111111")
    assert refused(other.describe_state_machine_alias, stateMachineAliasArn=alias) == MISSING
    assert refused(other.update_state_machine_alias, stateMachineAliasArn=alias, description="d") == MISSING
    assert refused(other.start_execution, stateMachineArn=alias)[0] == "StateMachineDoesNotExist"
    assert refused(other.list_state_machine_aliases, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    params = {"name": "mine", "routingConfiguration": routing((versions[0], 100))}
    assert refused(other.create_state_machine_alias, **params) == MISSING
    other.delete_state_machine_alias(stateMachineAliasArn=alias)
    assert listed(sfn, machine) == [alias]


def test_weights_are_hit_by_chance():
    alias = AliasRecord(1, "a", "m", "a", "", (("v1", 0), ("v2", 100)), 1, 1)
    assert {chosen_version(alias, number / 100) for number in range(100)} == {"v2"}
    assert main_version(alias) == "v2"
    one = AliasRecord(1, "a", "m", "a", "", (("v1", 100),), 1, 1)
    assert chosen_version(one, 0.999) == "v1"
    most = AliasRecord(1, "a", "m", "a", "", (("v1", 25), ("v2", 75)), 1, 1)
    assert sum(chosen_version(most, number / 1000) == "v1" for number in range(1000)) == 250


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:states:us-east-1:1:stateMachine:m:live", "arn:aws:states:us-east-1:1:stateMachine:m"),
        ("arn:aws:states:us-east-1:1:stateMachine:m:1.2", "arn:aws:states:us-east-1:1:stateMachine:m"),
        ("arn:aws:states:us-east-1:1:stateMachine:m:12", None),
        ("arn:aws:states:us-east-1:1:stateMachine:live", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:live:1", None),
        ("arn:aws:states:us-east-1:1:stateMachine:m:l!ve", None),
        ("arn:aws:states:us-east-1:1:execution:m:live", None),
    ],
)
def test_an_alias_is_a_name_behind_a_state_machine(text, expected):
    assert state_machine_of_alias(text) == expected
