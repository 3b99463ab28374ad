import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.runtime.arns import (
    ACTIVITY,
    EXECUTION,
    STATE_MACHINE,
    Arn,
    InvalidArn,
    InvalidName,
    InvalidRoleArn,
    Scope,
    check_name,
    check_role_arn,
    execution_arn,
    parse_arn,
)

HERE = Scope("123456789012", "us-east-1")
names = st.text(st.characters(categories=["L", "N"]) | st.sampled_from("-_.+=@()!'"), min_size=1, max_size=80)


@given(names)
def test_what_is_built_can_be_taken_apart(name):
    check_name(name)
    machine = HERE.state_machine_arn(name)
    assert parse_arn(machine, STATE_MACHINE) == Arn("123456789012", STATE_MACHINE, name)
    assert parse_arn(HERE.activity_arn(name), ACTIVITY, STATE_MACHINE).type == ACTIVITY
    assert parse_arn(execution_arn(machine, name), EXECUTION).name == f"{name}:{name}"


def test_the_partition_goes_with_the_region():
    for region, partition in [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]:
        assert Scope("123456789012", region).activity_arn("a").startswith(f"arn:{partition}:states:{region}:")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Invalid ARN prefix: "),
        ("not:an:arn", "Invalid ARN prefix: not:an:arn"),
        ("arn:aws:states:us-east-1:123456789012:express:m:e:u", "Resource type not valid in this context: express"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "Service not valid in this context: lambda"),
    ],
)
def test_an_arn_of_something_else_is_refused_with_the_reason(text, problem):
    with pytest.raises(InvalidArn) as caught:
        parse_arn(text, EXECUTION)
    assert str(caught.value) == problem


@given(st.lists(st.sampled_from(["arn", "aws", "states", "", "execution", "1"]), max_size=9).map(":".join))
def test_no_text_is_more_than_refused(text):
    try:
        name = parse_arn(text, EXECUTION).name
    except InvalidArn:
        name = None
    assert name is None or text.endswith(f":execution:{name}")


@pytest.mark.parametrize("name", ["", "a" * 81, "a b", "a\u00a0b", "a\ud800b", "a/b", "a:b", "\x85"])
def test_other_names_are_refused(name):
    with pytest.raises(InvalidName):
        check_name(name)


def test_a_role_is_the_arn_of_a_role():
    check_role_arn("arn:aws:iam::123456789012:role/path/to/role")
    check_role_arn("arn:aws-us-gov:iam::123456789012:role/r")
    for text in (
        "role",
        "arn:aws:iam::123456789012:user/u",
        "arn:aws:iam::12:role/r",
        "arn:aws:iam::123456789012:role/",
    ):
        with pytest.raises(InvalidRoleArn):
            check_role_arn(text)
