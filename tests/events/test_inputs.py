"""What a target is given of an event."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.events.errors import InvalidTransformer
from stepwell.events.inputs import Occasion, input_of

EVENT = {"id": "1", "detail-type": "T", "detail": {"name": 'Ada "A"', "n": 3, "list": [1, {"a": None}], "null": None}}


def given_to(target, event=EVENT):
    make = input_of(target)
    return make(Occasion(event, "arn:aws:events:us-east-1:123456789012:rule/r", "r", "2027-01-01T00:00:00Z"))


def transformed(template, paths=None):
    paths = {"name": "$.detail.name", "n": "$.detail.n", "list": "$.detail.list", "gone": "$.detail.gone"}
    return given_to({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}})


def test_without_more_a_target_is_given_the_event():
    assert json.loads(given_to({})) == EVENT


def test_an_input_is_given_as_it_is_written():
    assert given_to({"Input": '{"a":  1}'}) == '{"a":  1}'


@pytest.mark.parametrize(("path", "expected"), [("$", EVENT), ("$.detail.list[1]", {"a": None}), ("$.gone", None)])
def test_an_input_path_picks_a_part(path, expected):
    assert json.loads(given_to({"InputPath": path})) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"who": <name>, "n": <n>, "list": <list>}', {"who": 'Ada "A"', "n": 3, "list": [1, {"a": None}]}),
        ('{"text": "<name> has <n>, <list>"}', {"text": 'Ada "A" has 3, [1,{"a":null}]'}),
        ('"<name>"', 'Ada "A"'),
        ("<name>", 'Ada "A"'),
        ('{"gone": <gone>, "text": "<gone>"}', {"gone": None, "text": ""}),
        (r'{"quoted \" <n>": <n>}', {'quoted " 3': 3}),
        ('{"rule": <aws.events.rule-name>}', {"rule": "r"}),
        ('{"all": <aws.events.event.json>}', {"all": EVENT}),
        ('{"a": "b < c"}', {"a": "b < c"}),
    ],
)
def test_a_template_is_filled_in(template, expected):
    assert json.loads(transformed(template)) == expected


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_whatever_is_filled_in_the_result_is_json(value):
    target = {"InputPathsMap": {"v": "$.v"}, "InputTemplate": '{"plain": <v>, "text": "a <v> b"}'}
    made = json.loads(given_to({"InputTransformer": target}, {"v": value}))
    assert made["plain"] == value
    if isinstance(value, str):
        assert made["text"] == f"a {value} b"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"Input": "1", "InputPath": "$"}, "Only one of Input, InputPath, or InputTransformer"),
        ({"InputPath": "detail"}, "Invalid JSON path detail"),
        ({"InputPath": "$$.detail"}, "it must begin with"),
        ({"InputTransformer": {"InputTemplate": '"<x>"'}}, "x is not in InputPathsMap"),
        ({"InputTransformer": {"InputTemplate": "1", "InputPathsMap": {"aws.x": "$"}}}, "invalid key: aws.x"),
        ({"InputTransformer": {"InputTemplate": "x" * 8193}}, "longer than 8192"),
    ],
)
def test_what_makes_no_input_is_refused(target, expected):
    with pytest.raises(InvalidTransformer, match=expected.replace("$", r"\$")):
        input_of(target)
