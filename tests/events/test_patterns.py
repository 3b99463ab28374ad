"""Which events a pattern matches, and what AWS says of a text that is no pattern."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.events.errors import InvalidPattern
from stepwell.events.patterns import Pattern

EVENT = {
    "version": "0",
    "source": "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    "resources": ["arn:aws:states:us-east-1:123456789012:execution:m:e"],
    "detail": {
        "status": "FAILED",
        "count": 7,
        "ratio": 300.0,
        "error": None,
        "done": False,
        "ip": "10.0.0.17",
        "file": "images/cat.PNG",
        "tags": ["red", "green"],
        "none": [],
        "items": [{"id": 1, "kind": "a"}, {"id": 2, "kind": "b"}],
        "nested": {"deep": {"name": "Ada"}},
    },
}


def matches(alternatives, value):
    """Return whether a field with this value matches an array of alternatives."""
    return Pattern(json.dumps({"f": alternatives})).matches({"f": value})


def detail(**fields):
    return Pattern(json.dumps({"detail": fields})).matches(EVENT)


def reason(pattern):
    with pytest.raises(InvalidPattern) as refused:
        Pattern(pattern if isinstance(pattern, str) else json.dumps(pattern))
    return str(refused.value)


@pytest.mark.parametrize(
    ("alternatives", "value", "expected"),
    [
        (["a"], "a", True),
        (["a"], "A", False),
        (["a", "b"], "b", True),
        ([300], 300.0, True),
        ([3.0e2], 300, True),
        ([1], True, False),
        ([True], True, True),
        ([0], False, False),
        (["1"], 1, False),
        ([None], None, True),
        ([None], "null", False),
        ([""], "", True),
        ([{"prefix": "a"}], "abc", True),
        ([{"prefix": "a"}], "b", False),
        ([{"prefix": "1"}], 12, False),
        ([{"prefix": {"equals-ignore-case": "AB"}}], "abc", True),
        ([{"suffix": ".png"}], "cat.png", True),
        ([{"suffix": {"equals-ignore-case": ".PNG"}}], "cat.png", True),
        ([{"suffix": ".png"}], "png", False),
        ([{"equals-ignore-case": "Straße"}], "STRASSE", True),
        ([{"wildcard": "a*c"}], "abbc", True),
        ([{"wildcard": "a*c"}], "ac", True),
        ([{"wildcard": "a*a"}], "a", False),
        ([{"wildcard": r"a\*c"}], "a*c", True),
        ([{"wildcard": r"a\*c"}], "abc", False),
        ([{"wildcard": r"a\\*"}], "a\\b", True),
        ([{"anything-but": "a"}], "b", True),
        ([{"anything-but": "a"}], "a", False),
        ([{"anything-but": ["a", "b"]}], "b", False),
        ([{"anything-but": ["a", "b"]}], 7, True),
        ([{"anything-but": 7}], 7.0, False),
        ([{"anything-but": "a"}], None, True),
        ([{"anything-but": "a"}], ["a", "b"], True),
        ([{"anything-but": "a"}], ["a"], False),
        ([{"anything-but": {"prefix": "a"}}], "abc", False),
        ([{"anything-but": {"prefix": ["a", "b"]}}], "c", True),
        ([{"anything-but": {"suffix": "c"}}], "abc", False),
        ([{"anything-but": {"equals-ignore-case": ["A", "B"]}}], "b", False),
        ([{"anything-but": {"wildcard": "*/lib/*"}}], "usr/lib/x", False),
        ([{"numeric": ["=", 3.5]}], 3.5, True),
        ([{"numeric": [">", 0, "<=", 5]}], 5, True),
        ([{"numeric": [">", 0, "<=", 5]}], 0, False),
        ([{"numeric": ["<", 10]}], "5", False),
        ([{"numeric": [">=", 1]}], True, False),
        ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
        ([{"cidr": "10.0.0.0/24"}], "10.0.1.0", False),
        ([{"cidr": "10.0.0.0/24"}], "ten", False),
        ([{"cidr": "2001:db8::/32"}], "2001:db8::1", True),
        ([{"exists": True}], None, True),
        ([{"exists": True}], [], False),
        ([{"exists": True}], {"a": 1}, False),
        ([{"exists": False}], [], True),
        ([{"exists": False}], "x", False),
        ([{"exists": False}, "x"], "x", True),
        (["green"], ["red", ["green"]], True),
    ],
)
def test_a_value_is_compared_as_aws_does(alternatives, value, expected):
    assert matches(alternatives, value) is expected


@given(st.text(), st.text())
def test_a_wildcard_matches_what_a_regular_expression_says(text, found):
    compact = re.sub(r"\*+", "*", text.replace("\\", ""))
    expected = re.fullmatch(re.escape(compact).replace(r"\*", ".*"), found, re.DOTALL) is not None
    assert matches([{"wildcard": compact}], found) is expected


@given(st.lists(st.sampled_from("ab*"), max_size=12), st.text("ab", max_size=12))
def test_a_wildcard_between_likely_letters_too(pieces, found):
    compact = re.sub(r"\*+", "*", "".join(pieces))
    expected = re.fullmatch(compact.replace("*", ".*"), found) is not None
    assert matches([{"wildcard": compact}], found) is expected


LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab", max_size=2)


@given(st.lists(LEAVES, min_size=1, max_size=3), LEAVES)
def test_a_leaf_equals_one_of_the_alternatives(alternatives, leaf):
    def same(one):
        return one == leaf and isinstance(one, bool) == isinstance(leaf, bool)

    assert matches(alternatives, leaf) is any(same(one) for one in alternatives)


@given(st.lists(st.text("ab", max_size=2), min_size=1, max_size=3), LEAVES)
def test_anything_but_is_the_opposite(unwanted, leaf):
    assert matches([{"anything-but": unwanted}], leaf) is not matches(unwanted, leaf)


@given(st.dictionaries(st.sampled_from("abc"), st.lists(LEAVES, min_size=1, max_size=2), min_size=1), st.data())
def test_an_event_matches_where_every_field_does(pattern, data):
    event = data.draw(st.dictionaries(st.sampled_from("abc"), LEAVES))
    expected = all(name in event and matches(wanted, event[name]) for name, wanted in pattern.items())
    assert Pattern(json.dumps(pattern)).matches(event) is expected


@given(st.dictionaries(st.sampled_from("abc"), LEAVES), st.lists(st.sampled_from("abc"), min_size=2, max_size=3))
def test_or_matches_where_one_of_its_patterns_does(event, names):
    alternatives = [{name: ["a", 1]} for name in names]
    expected = any(Pattern(json.dumps(one)).matches(event) for one in alternatives)
    assert Pattern(json.dumps({"$or": alternatives})).matches(event) is expected


def test_every_field_must_match():
    assert detail(status=["FAILED", "ABORTED"], count=[{"numeric": ["<", 10]}], nested={"deep": {"name": ["Ada"]}})
    assert not detail(status=["FAILED"], count=[{"numeric": ["<", 7]}])
    assert not detail(missing=["x"])


def test_the_fields_below_an_array_match_the_same_element():
    assert detail(items={"id": [1], "kind": ["a"]})
    assert not detail(items={"id": [1], "kind": ["b"]})


def test_a_field_is_absent_where_no_element_has_it():
    assert detail(items={"colour": [{"exists": False}]})
    assert detail(missing={"deep": [{"exists": False}]})
    assert detail(status={"deep": [{"exists": False}]})
    assert not detail(items={"id": [1], "kind": [{"exists": False}]})


def test_or_stands_beside_other_fields_and_within_them():
    either = [{"count": [1]}, {"status": ["FAILED"]}]
    assert detail(**{"$or": either, "tags": ["red"]})
    assert not detail(**{"$or": either, "tags": ["blue"]})


def test_it_is_known_early_what_can_never_match():
    pattern = Pattern('{"source": ["orders", {"prefix": "aws."}], "detail": {"a": [1]}}')
    assert pattern.may_match(source="aws.states", detail_type="x")
    assert not pattern.may_match(source="x")
    assert not Pattern('{"detail-type": ["y"]}').may_match(source="aws.states", detail_type="x")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{", "Invalid JSON"),
        ("[]", "Filter is not an object"),
        ({}, "Empty objects are not allowed"),
        ({"a": {}}, "Empty objects are not allowed"),
        ({"a": []}, "Empty arrays are not allowed"),
        ({"a": "x"}, '"a" must be an object or an array'),
        ({"a": [["x"]]}, "Match value must be String, number, true, false, or null"),
        ({"a": [{}]}, "Match expression name not found"),
        ({"a": [{"like": "x"}]}, "Unrecognized match type like"),
        ({"a": [{"prefix": 1}]}, "prefix match pattern must be a string"),
        ({"a": [{"suffix": 1}]}, "suffix match pattern must be a string"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression"),
        ({"a": [{"exists": "yes"}]}, "exists match pattern must be either true or false."),
        ({"a": [{"wildcard": "abc**def"}]}, "Consecutive wildcard characters at pos 4"),
        ({"a": [{"wildcard": r"a\x"}]}, "Invalid escape character at pos 2"),
        ({"a": [{"numeric": 1}]}, "Value of numeric must be an array."),
        ({"a": [{"numeric": [1]}]}, "Invalid member in numeric match: 1"),
        ({"a": [{"numeric": ["!", 1]}]}, "Unrecognized numeric range operator: !"),
        ({"a": [{"numeric": ["=", "1"]}]}, "Value of equals must be numeric"),
        ({"a": [{"numeric": [">", 5, "<", 1]}]}, "Bottom must be less than top"),
        ({"a": [{"numeric": [">", 5, ">", 9]}]}, "Bad numeric range operator: >"),
        ({"a": [{"numeric": ["<", 5, ">", 1]}]}, "Too many elements in numeric expression"),
        ({"a": [{"anything-but": None}]}, "Value of anything-but must be an array or single string/number value."),
        ({"a": [{"anything-but": [None]}]}, "Inside anything but list, start|null|boolean is not supported."),
        ({"a": [{"anything-but": {"numeric": 1}}]}, "Unsupported anything-but pattern: numeric"),
        ({"a": [{"cidr": "10.0.0.1"}]}, "Malformed CIDR, one '/' required"),
        ({"$or": {}}, "It must be an Array followed with $or."),
        ({"$or": [{"a": [1]}]}, "There must have at least 2 Objects in $or relationship."),
        ({"$or": [{"a": [1]}, 1]}, "Only JSON object is allowed in array of $or relationship."),
    ],
)
def test_what_is_no_pattern_is_refused_with_awss_reason(pattern, expected):
    assert reason(pattern) == expected


def test_a_mixed_list_of_anything_but_is_refused():
    assert "mixed type is not supported" in reason({"a": [{"anything-but": ["x", 1]}]})


def test_patterns_are_bounded():
    assert "nested deeper" in reason('{"a":' * 200 + "[1]" + "}" * 200)
    assert "more than 1000 values" in reason({"a": list(range(1001))})
