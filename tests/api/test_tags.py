import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:states:us-east-1:123456789012"


def refused(call, **params):
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response


@pytest.fixture(params=["state machine", "activity"])
def resource(request, sfn, machine):
    return machine if request.param == "state machine" else sfn.create_activity(name="work")["activityArn"]


def tags(sfn, arn):
    return {tag["key"]: tag["value"] for tag in sfn.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_tags_are_added_changed_and_removed(sfn, resource):
    assert tags(sfn, resource) == {}
    sfn.tag_resource(resourceArn=resource, tags=[{"key": "k1", "value": "v1"}, {"key": "k2", "value": ""}])
    sfn.tag_resource(resourceArn=resource, tags=[{"key": "k1", "value": "new"}])
    assert tags(sfn, resource) == {"k1": "new", "k2": ""}
    sfn.untag_resource(resourceArn=resource, tagKeys=[])
    sfn.untag_resource(resourceArn=resource, tagKeys=["k1", "unknown"])
    assert tags(sfn, resource) == {"k2": ""}


def test_what_is_created_can_have_tags(sfn, pass_definition, role):
    given = [{"key": "key1", "value": "value1"}, {"key": "key2", "value": "value2"}]
    arn = sfn.create_state_machine(name="m", definition=pass_definition, roleArn=role, tags=given)["stateMachineArn"]
    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == given


def test_tags_leave_the_state_machine_as_it_is(sfn, machine):
    before = sfn.describe_state_machine(stateMachineArn=machine)
    sfn.tag_resource(resourceArn=machine, tags=[{"key": "k", "value": "v"}])
    after = sfn.describe_state_machine(stateMachineArn=machine)
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before


@pytest.mark.parametrize("arn", [f"{ARN}:stateMachine:none", f"{ARN}:stateMachine:machine:1", f"{ARN}:activity:none"])
def test_only_state_machines_and_activities_have_tags(sfn, machine, arn):
    for call, params in [
        (sfn.tag_resource, {"tags": [{"key": "k", "value": "v"}]}),
        (sfn.untag_resource, {"tagKeys": ["k"]}),
        (sfn.list_tags_for_resource, {}),
    ]:
        response = refused(call, resourceArn=arn, **params)
        assert response["Error"]["Code"] == "ResourceNotFound"
        assert response["Error"]["Message"] == f"Resource not found: '{arn}'"
        assert response["resourceName"] == arn
    assert refused(sfn.list_tags_for_resource, resourceArn=f"{ARN}:execution:a:b")["Error"]["Code"] == "InvalidArn"


def test_tags_of_another_account_are_not_there(api, resource):
    other = api.client(account="111111111111")
    assert refused(other.list_tags_for_resource, resourceArn=resource)["Error"]["Code"] == "ResourceNotFound"


def test_a_resource_has_at_most_50_tags(sfn, resource):
    sfn.tag_resource(resourceArn=resource, tags=[{"key": f"k{number}", "value": "v"} for number in range(50)])
    response = refused(sfn.tag_resource, resourceArn=resource, tags=[{"key": "more", "value": "v"}])
    assert (response["Error"]["Code"], response["resourceName"]) == ("TooManyTags", resource)
    sfn.tag_resource(resourceArn=resource, tags=[{"key": "k0", "value": "changed"}])
    assert len(tags(sfn, resource)) == 50


@pytest.mark.parametrize(
    "tag", [{"key": "aws:mine", "value": ""}, {"key": "a*b", "value": ""}, {"key": "k", "value": "<"}]
)
def test_tags_are_of_plain_characters(sfn, resource, tag):
    assert refused(sfn.tag_resource, resourceArn=resource, tags=[tag])["Error"]["Code"] == "ValidationException"
    assert tags(sfn, resource) == {}


def test_a_tag_needs_a_key(api, machine):
    answer = api.call("TagResource", {"resourceArn": machine, "tags": [{"value": "v"}]})
    assert answer.error[0] == "ValidationException"
