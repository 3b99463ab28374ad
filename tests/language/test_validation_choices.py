import json
from typing import Any

import pytest

from stepwell.language.validation import diagnose

SELECTORS = "[And, Or, Not, Variable, Condition]"


def _errors(*rules: Any, **fields: Any) -> list[tuple[str, str]]:
    choice = {"Type": "Choice", "Choices": list(rules), "Default": "N", **fields}
    text = json.dumps({"StartAt": "C", "States": {"C": choice, "N": {"Type": "Succeed"}}})
    return [(error.message, (error.location or "").removeprefix("/States/C")) for error in diagnose(text).errors]


def _rule(**fields: Any) -> dict[str, Any]:
    return {"Variable": "$.a", "Next": "N", **fields}


def test_a_choice_has_rules() -> None:
    assert ("Value cannot be empty", "/Choices") in _errors()
    assert ("Expected value of type Object", "/Choices[0]") in _errors("x")


@pytest.mark.parametrize(
    ("operator", "operand"),
    [
        ("StringEquals", "x"),
        ("StringMatches", "a*\\*b"),
        ("NumericLessThan", 1.5),
        ("BooleanEquals", False),
        ("TimestampGreaterThan", "2016-12-05T21:29:29+01:00"),
        ("NumericEqualsPath", "$.b"),
        ("StringEqualsPath", "$$.Execution.Name"),
        ("BooleanEqualsPath", "$flag"),
        ("IsPresent", True),
    ],
)
def test_each_comparison_takes_its_own_type(operator: str, operand: Any) -> None:
    assert _errors(_rule(**{operator: operand})) == []


@pytest.mark.parametrize(
    ("operator", "operand", "message"),
    [
        ("StringEquals", 1, "Expected value of type String"),
        ("NumericEquals", "1", "Expected value of type Float"),
        ("BooleanEquals", "true", "Expected value of type Boolean"),
        ("IsNull", None, "Expected value of type Boolean"),
        ("TimestampEquals", "today", "String does not match RFC3339 timestamp"),
        ("NumericEqualsPath", "b", "Value is not a Reference Path: Reference path didn't start with '$'"),
    ],
)
def test_an_operand_of_another_type_is_refused(operator: str, operand: Any, message: str) -> None:
    assert _errors(_rule(**{operator: operand})) == [(message, f"/Choices[0]/{operator}")]


def test_a_variable_is_a_path() -> None:
    rule = {"Variable": "States.ArrayLength($.a)", "NumericEquals": 0, "Next": "N"}
    message = "Value is not a Reference Path: Reference path didn't start with '$'"
    assert _errors(rule) == [(message, "/Choices[0]/Variable")]
    assert _errors({**rule, "Variable": "$.a[?(@.x == 1)]"}) == []


def test_a_rule_says_one_thing() -> None:
    only_one = (f"The object must have only one of the following fields, {SELECTORS}", "/Choices[0]")
    assert _errors({"Next": "N"}) == [only_one]
    assert _errors(_rule(Not={"Variable": "$", "IsNull": True})) == [only_one]
    ((message, where),) = _errors(_rule(IsNull=True, IsString=True))
    assert message.startswith("There should only be one of the following fields: [")
    assert where == "/Choices[0]"
    ((message, where),) = _errors(_rule())
    assert message.startswith("This object should have only one of the following fields: [")
    assert _errors({"And": [{"Variable": "$", "IsNull": True}], "IsNull": True, "Next": "N"}) == [
        ("Field 'IsNull' is not supported", "/Choices[0]")
    ]


def test_only_the_outer_rule_has_a_next() -> None:
    inner = {"Variable": "$.a", "IsNull": True}
    assert _errors(inner) == [("These fields are required: [Next]", "/Choices[0]")]
    assert _errors({"And": [inner, {**inner, "Next": "N"}], "Next": "N"}) == [
        ("Field 'Next' is not supported", "/Choices[0]/And[1]")
    ]
    assert _errors({"Not": {"Or": [inner, {"Not": inner}]}, "Next": "N", "Comment": "c", "Assign": {"x": 1}}) == []
    assert _errors({"And": [], "Next": "N"}) == [("Value cannot be empty", "/Choices[0]/And")]


def test_rules_are_nested_within_bounds() -> None:
    rule: dict[str, Any] = {"Variable": "$.a", "IsNull": True}
    for _ in range(150):
        rule = {"Not": rule}
    ((message, where),) = _errors({**rule, "Next": "N"})
    assert message == "Rules may be nested 100 deep at most"
    assert where.startswith("/Choices[0]/Not/Not")


def test_rules_belong_to_their_query_language() -> None:
    unsupported = "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage"
    condition = {"Condition": "{% true %}", "Next": "N", "Output": {"a": 1}}
    assert _errors(condition, QueryLanguage="JSONata") == []
    assert _errors({**condition, "Condition": True}, QueryLanguage="JSONata") == []
    assert _errors({"Condition": "{% true %}", "Next": "N"}) == [
        (unsupported.format("JSONPath", "Condition", "JSONata"), "/Choices[0]")
    ]
    assert _errors(_rule(IsNull=True), QueryLanguage="JSONata") == [
        (unsupported.format("JSONata", "Variable", "JSONPath"), "/Choices[0]"),
        (unsupported.format("JSONata", "IsNull", "JSONPath"), "/Choices[0]"),
    ]
    assert _errors({"Next": "N"}, QueryLanguage="JSONata") == [
        ("These fields are required: [Condition]", "/Choices[0]")
    ]
    assert _errors({"Condition": "yes", "Next": "N"}, QueryLanguage="JSONata") == [
        ("Expected value of type Boolean", "/Choices[0]/Condition")
    ]
