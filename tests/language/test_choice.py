import fnmatch
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.choice import MAX_DEPTH, OPERATORS, ChoiceSyntaxError, compile_rule
from stepwell.language.evaluation import Evaluation, StatesError

NOON = "2012-10-09T12:00:00Z"
VALUES: list[Any] = [
    None, 0, 0.0, 1, 1.1, "", " ", "HelloWorld", "2012-10-09T19:00:55", NOON, "2012-10-09T13:00:00+01:00", "2023-02-24",
    [], [""], {}, {"A": 0}, True, False,
]  # fmt: skip


class Entropy:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "id"


def holds(rule: dict[str, Any], value: Any = None, **variables: Any) -> bool:
    result = compile_rule(rule).holds(
        Evaluation(value, lambda: {"Execution": {"Input": {"x": 0}}}, variables, Entropy())
    )
    assert isinstance(result, bool)
    return result


def compare(operator: str, value: Any, operand: Any) -> bool:
    return holds({"Variable": "$.v", operator: operand, "Next": "X"}, {"v": value})


def test_there_are_the_39_operators_of_aws() -> None:
    assert len(OPERATORS) == 39
    assert sum(each.by_path for each in OPERATORS.values()) == 16
    assert sum(name.startswith("Is") for name in OPERATORS) == 6


@pytest.mark.parametrize(
    ("operator", "holding"),
    [
        ("IsNull", [None]),
        ("IsPresent", VALUES),
        ("IsNumeric", [0, 0.0, 1, 1.1]),
        ("IsString", [value for value in VALUES if isinstance(value, str)]),
        ("IsBoolean", [True, False]),
        ("IsTimestamp", [NOON, "2012-10-09T13:00:00+01:00"]),
    ],
)
def test_a_type_test_holds_for_its_type_only(operator: str, holding: list[Any]) -> None:
    assert [repr(value) for value in VALUES if compare(operator, value, True)] == [repr(value) for value in holding]
    assert all(compare(operator, value, True) != compare(operator, value, False) for value in VALUES)


@pytest.mark.parametrize(
    ("kind", "operand", "comparable"),
    [("String", "a", str), ("Numeric", 1, (int, float)), ("Boolean", False, bool), ("Timestamp", NOON, str)],
)
def test_an_operand_of_another_type_is_no_match_and_no_error(kind: str, operand: Any, comparable: Any) -> None:
    for name, operator in OPERATORS.items():
        if operator.kind == kind and operator.comparison not in {"Is", "Matches"}:
            for value in VALUES:
                if not isinstance(value, comparable) or (kind == "Numeric" and isinstance(value, bool)):
                    if operator.by_path:
                        rule = {"Variable": "$[0]", name: "$[1]"}
                        assert not holds(rule, [value, operand])
                        assert not holds(rule, [operand, value])
                    else:
                        assert not compare(name, value, operand)


ORDERED: dict[str, tuple[Any, Any]] = {
    "String": ("A", "AB"),
    "Numeric": (1, 1.5),
    "Timestamp": ("2012-10-09T13:00:00+02:00", NOON),
}


@pytest.mark.parametrize(
    ("comparison", "results"),
    [
        ("Equals", (False, True, False)),
        ("LessThan", (True, False, False)),
        ("GreaterThan", (False, False, True)),
        ("LessThanEquals", (True, True, False)),
        ("GreaterThanEquals", (False, True, True)),
    ],
)
@pytest.mark.parametrize("kind", ORDERED)
def test_a_comparison_compares_with_a_constant_or_a_path(kind: str, comparison: str, results: tuple[bool, ...]) -> None:
    low, high = ORDERED[kind]
    for (left, right), expected in zip([(low, high), (low, low), (high, low)], results, strict=True):
        assert compare(f"{kind}{comparison}", left, right) is expected
        assert holds({f"{kind}{comparison}Path": "$.o", "Variable": "$.v"}, {"v": left, "o": right}) is expected


@pytest.mark.parametrize(
    ("operator", "value", "operand", "expected"),
    [
        ("NumericEquals", 0, 0.0, True),
        ("NumericEquals", False, 0, False),
        ("NumericEquals", 2.22, 2.22, True),
        ("BooleanEquals", True, True, True),
        ("BooleanEquals", 1, True, False),
        ("BooleanEquals", False, False, True),
        ("StringEquals", "", "", True),
        ("StringEquals", " ", "", False),
        ("StringLessThan", "\U0001f600", "\uffee", True),
        ("StringGreaterThan", "b", "B", True),
        ("TimestampEquals", "2012-10-09T13:00:00.000+01:00", NOON, True),
        ("TimestampLessThan", "2012-10-09T12:00:00.000000001Z", NOON, False),
        ("TimestampEquals", "2012-10-09 12:00:00", NOON, False),
    ],
)
def test_values_are_compared_as_their_kind(operator: str, value: Any, operand: Any, expected: bool) -> None:
    assert compare(operator, value, operand) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "any\nthing", True),
        ("log-*.txt", "log-2026.txt", True),
        ("log-*.txt", "log-.txt", True),
        ("log-*.txt", "log.txt", False),
        ("*.txt", ".txt", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "acb", False),
        ("ab*ba", "aba", False),
        ("**a", "ba", True),
        ("\\*", "*", True),
        ("\\*", "a", False),
        ("a\\\\*", "a\\bc", True),
        ("a\\\\\\*", "a\\*", True),
        ("a\\b", "a\\b", True),
        ("a\\", "a\\", True),
        ("[a]?", "[a]?", True),
        ("[a]?", "ab", False),
    ],
)
def test_a_star_matches_any_text_and_a_backslash_makes_it_a_star(pattern: str, text: str, expected: bool) -> None:
    assert compare("StringMatches", text, pattern) is expected


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_a_pattern_of_stars_agrees_with_that_of_the_shell(pattern: str, text: str) -> None:
    assert compare("StringMatches", text, pattern) == (re.fullmatch(fnmatch.translate(pattern), text) is not None)


def test_only_a_text_matches_a_pattern() -> None:
    assert not any(compare("StringMatches", value, "*") for value in VALUES if not isinstance(value, str))


def test_rules_are_combined() -> None:
    def is_(value: int) -> dict[str, Any]:
        return {"Variable": "$", "NumericEquals": value}

    assert holds({"And": [is_(1)], "Next": "X"}, 1)
    assert not holds({"And": [is_(1), is_(2)]}, 1)
    assert holds({"Or": [is_(1), is_(2)], "Comment": "either", "Assign": {"x": 1}}, 2)
    assert not holds({"Or": [is_(1), is_(2)]}, 3)
    assert holds({"Not": is_(1)}, 2)
    assert not holds({"Not": {"Or": [is_(1), {"Not": is_(2)}]}}, 1)


def test_a_combination_asks_no_more_than_it_has_to() -> None:
    missing = {"Variable": "$.absent", "IsNull": True}
    present = {"Variable": "$.absent", "IsPresent": True}
    assert not holds({"And": [present, missing]}, {})
    assert holds({"Or": [{"Not": present}, missing]}, {})


def test_a_variable_may_be_read_from_the_context_or_from_a_variable() -> None:
    assert holds({"Variable": "$$.Execution.Input.x", "NumericLessThanEquals": 0})
    rule = {"Variable": "$name.a", "StringEqualsPath": "$other"}
    assert holds(rule, name={"a": "x"}, other="x")
    assert compile_rule({"And": [rule, {"Not": rule}]}).variables == {"name", "other"}


@pytest.mark.parametrize("operator", sorted(OPERATORS.keys() - {"IsPresent"}))
def test_a_missing_variable_is_a_runtime_error(operator: str) -> None:
    operand: Any = (
        True
        if operator.startswith("Is")
        else {"String": "a", "Numeric": 1, "Timestamp": NOON}.get(OPERATORS[operator].kind, True)
    )
    rule = {"Variable": "$.x.y", operator: "$.o" if OPERATORS[operator].by_path else operand}
    with pytest.raises(StatesError) as caught:
        holds(rule, {"o": 1})
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        "Invalid path '$.x.y': The choice state's condition path references an invalid value."
    )


def test_a_missing_operand_is_a_runtime_error() -> None:
    with pytest.raises(StatesError, match=r"Invalid path '\$\.o': The choice state's condition path"):
        holds({"Variable": "$.v", "StringEqualsPath": "$.o"}, {"v": "a"})


@pytest.mark.parametrize("expected", [True, False])
def test_is_present_asks_whether_a_path_leads_anywhere(expected: bool) -> None:
    assert holds({"Variable": "$.a", "IsPresent": expected}, {"a": None}) is expected
    for path in ("$.a.b", "$.x", "$absent", "$$.Nothing", "$.l[3]"):
        assert holds({"Variable": path, "IsPresent": expected}, {"a": None, "l": []}) is not expected


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({}, ()),
        ({"Next": "X"}, ()),
        ({"Variable": "$.a"}, ()),
        ({"StringEquals": "a"}, ()),
        ({"Variable": "$.a", "StringEquals": "a", "IsNull": True}, ()),
        ({"Variable": "$.a", "StringIs": "a"}, ()),
        ({"Not": {}, "And": []}, ()),
        ({"Condition": "{% true %}"}, ()),
        ({"Variable": 1, "IsNull": True}, ("Variable",)),
        ({"Variable": "a", "IsNull": True}, ("Variable",)),
        ({"Variable": "$.a", "IsNull": "true"}, ("IsNull",)),
        ({"Variable": "$.a", "IsPresent": 1}, ("IsPresent",)),
        ({"Variable": "$.a", "StringEquals": 1}, ("StringEquals",)),
        ({"Variable": "$.a", "StringMatches": 1}, ("StringMatches",)),
        ({"Variable": "$.a", "NumericEquals": True}, ("NumericEquals",)),
        ({"Variable": "$.a", "BooleanEquals": "true"}, ("BooleanEquals",)),
        ({"Variable": "$.a", "TimestampEquals": "2012-10-09"}, ("TimestampEquals",)),
        ({"Variable": "$.a", "TimestampEqualsPath": NOON}, ("TimestampEqualsPath",)),
        ({"And": []}, ("And",)),
        ({"Or": {}}, ("Or",)),
        ({"Not": []}, ("Not",)),
        ({"And": [{"Variable": "$.a", "IsNull": True}, {"Not": {"Variable": "$."}}]}, ("And", 1, "Not")),
    ],
)
def test_what_is_no_rule_is_refused_with_the_place(rule: dict[str, Any], pointer: tuple[str | int, ...]) -> None:
    with pytest.raises(ChoiceSyntaxError) as caught:
        compile_rule(rule)
    assert caught.value.pointer == pointer
    assert caught.value.message


def test_the_depth_of_a_rule_is_bounded() -> None:
    rule: dict[str, Any] = {"Variable": "$", "IsNull": True}
    for _ in range(MAX_DEPTH):
        rule = {"Not": rule}
    assert holds(rule)
    with pytest.raises(ChoiceSyntaxError, match=f"nested {MAX_DEPTH} deep"):
        compile_rule({"Not": rule})
