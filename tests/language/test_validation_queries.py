import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.validation import diagnose

INVALID, UNSUPPORTED = "INVALID_JSONATA_EXPRESSION", "UNSUPPORTED_JSONATA_EXPRESSION"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
ITERATE = {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}


def _machine(state: dict[str, Any]) -> str:
    last = {"End": True} if state["Type"] not in ("Choice", "Succeed", "Fail") else {}
    states = {"Main": {**state, **last}, "Other": {"Type": "Succeed"}}
    start = {"Type": "Choice", "Choices": [{"Condition": True, "Next": "Main"}], "Default": "Other"}
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "Start", "States": {"Start": start, **states}})


def _found(state: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The errors of a state: code, message, and where in the state."""
    errors = diagnose(_machine(state)).errors
    return [(error.code, error.message, str(error.location).removeprefix("/States/Main")) for error in errors]


def _output(expression: str) -> list[tuple[str, str]]:
    found = _found({"Type": "Pass", "Output": f"{{% {expression} %}}"})
    assert all(where == "/Output" for _, _, where in found)
    return [(code, message) for code, message, _ in found]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a[1,2)", 'Expected "]", got ","'),
        ('"unterminated', "String literal must be terminated by a matching quote"),
        ("1 +", "Unexpected end of expression"),
        ('{"a":}', 'The symbol "}" cannot be used as a unary operator'),
        ("$x :=", "Unexpected end of expression"),
        ('$match("a", /abc', "No terminating / in regular expression"),
        ("phone %.other", 'The symbol "." cannot be used as a unary operator'),
        ("", "Unexpected end of expression"),
    ],
)
def test_what_does_not_parse_is_refused_in_the_parsers_words_without_its_code(expression: str, message: str) -> None:
    assert _output(expression) == [(INVALID, message)]


@pytest.mark.parametrize(
    "expression",
    [
        "phone",
        "phone[0].number",
        "-phone",
        "$states.input.a ? phone : 2",
        "phone in $states.input.b",
        "phone(1)",
        "[1..phone]",
        "(phone).other",
        "{phone: 1}",
        "($x := phone; $x)",
        "$map($states.input.a, function($y){ phone })",
        "$count(phone[inner])",
        "phone.**.deeper",
        "phone + phone",
    ],
)
def test_a_name_at_the_top_level_is_refused_once(expression: str) -> None:
    assert _output(expression) == [(UNSUPPORTED, "Reference to 'phone' at the top level is not supported.")]


@pytest.mark.parametrize(
    "expression", ["$", "$.phone", "$[0]", "$string($)", "$map($states.input.a, function($x){ $ })"]
)
def test_the_context_at_the_top_level_is_refused(expression: str) -> None:
    assert _output(expression) == [(UNSUPPORTED, "Reference to '$' at the top level is not supported.")]


def test_the_root_is_refused_everywhere() -> None:
    assert _output("$$.phone") == [(UNSUPPORTED, "Reference to '$$' is not supported.")]
    assert _output("$states.input.a[b = $$.c]") == [(UNSUPPORTED, "Reference to '$$' is not supported.")]


def test_names_are_told_of_in_the_order_of_the_text() -> None:
    named = [message.split("'")[1] for _, message in _output("[bbb, aaa, $, bbb]")]
    assert named == ["bbb", "aaa", "$"]


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.items[phone > 3]",
        "$states.input.a^(phone)",
        "$states.input.a{'k': phone}",
        "$states.input.a.(phone)",
        "$states.input ~> |phone|{'b': 1}|",
        "**.phone",
        "*",
        "{'k': 1}.phone",
        "$states.input.a[$ > 1]",
        "function($x){ $x.phone }",
        "$phone",
        "$nobody($knows)",
        "$eval('1')",
        "$now()",
        "$states",
        "$states.input.errorOutput",
        "$states.context.Execution.Id",
        "1" + " + 1" * 400,
    ],
)
def test_what_aws_takes_is_taken(expression: str) -> None:
    assert _output(expression) == []


def test_the_result_is_there_only_on_the_way_out_of_work() -> None:
    result = "{% $states.result %}"
    missing = (UNSUPPORTED, "Field '$states.result' does not exist.")
    assert _found({"Type": "Task", "Resource": FUNCTION, "Output": {"a": [result]}, "Assign": {"x": result}}) == []
    assert _found({"Type": "Task", "Resource": FUNCTION, "Arguments": result}) == [(*missing, "/Arguments")]
    assert _found({"Type": "Pass", "Assign": {"x": result}}) == [(*missing, "/Assign/x")]
    catch = [{"ErrorEquals": ["E"], "Next": "Other", "Output": result}]
    assert _found({"Type": "Task", "Resource": FUNCTION, "Catch": catch}) == [(*missing, "/Catch[0]/Output")]


def test_the_error_output_is_there_only_in_a_catcher() -> None:
    error = "{% $states.errorOutput.Cause %}"
    missing = (UNSUPPORTED, "Field '$states.errorOutput' does not exist.")
    catch = [{"ErrorEquals": ["E"], "Next": "Other", "Output": error, "Assign": {"x": {"y": error}}}]
    assert _found({"Type": "Task", "Resource": FUNCTION, "Catch": catch}) == []
    assert _found({"Type": "Task", "Resource": FUNCTION, "Output": error}) == [(*missing, "/Output")]
    assert _found({"Type": "Succeed", "Output": {"a": {"b": error}}}) == [(*missing, "/Output/a/b")]


def test_a_member_that_is_nowhere_is_suspicious() -> None:
    (found,) = diagnose(_machine({"Type": "Pass", "Output": "{% $states.inputs %}"})).diagnostics
    assert (found.severity, found.code) == ("WARNING", UNSUPPORTED)
    assert found.message == "Field '$states.inputs' does not exist."


@pytest.mark.parametrize(
    ("state", "where"),
    [
        ({"Type": "Wait", "Seconds": "{% a %}"}, "/Seconds"),
        ({"Type": "Wait", "Timestamp": "{% a %}"}, "/Timestamp"),
        ({"Type": "Fail", "Error": "{% a %}", "Cause": "plain"}, "/Error"),
        ({"Type": "Choice", "Choices": [{"Condition": "{% a %}", "Next": "Other"}]}, "/Choices[0]/Condition"),
        ({"Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": "{% a %}"}, "/TimeoutSeconds"),
        ({"Type": "Task", "Resource": FUNCTION, "Credentials": {"RoleArn": "{% a %}"}}, "/Credentials/RoleArn"),
        ({"Type": "Map", "Items": "{% a %}", "ItemProcessor": ITERATE}, "/Items"),
    ],
)  # fmt: skip
def test_every_field_that_takes_expressions_is_checked(state: dict[str, Any], where: str) -> None:
    assert _found(state) == [(UNSUPPORTED, "Reference to 'a' at the top level is not supported.", where)]


def test_end_is_no_expression() -> None:
    states = {"Main": {"Type": "Pass", "End": "{% true %}"}}
    (error,) = diagnose(json.dumps({"QueryLanguage": "JSONata", "StartAt": "Main", "States": states})).errors
    assert error.message == "Expected value of type Boolean"


def test_in_a_jsonpath_state_an_expression_is_a_text() -> None:
    state = {"Type": "Pass", "Result": "{% a[ %}", "Parameters": {"x": "{% b %}"}, "End": True}
    assert diagnose(json.dumps({"StartAt": "S", "States": {"S": state}})).diagnostics == ()


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("{%   $sum(phone)%}", "phone"),
        ("{% $states.input.a[1,2) %}", ",2)"),
        ("{% 1 + %}", " %}"),
        ("{% $x := %}", " %}"),
        ("{% ] %}", "] %}"),
    ],
)
def test_a_problem_is_shown_inside_its_expression(expression: str, shown: str) -> None:
    text = _machine({"Type": "Pass", "Output": {"a": [expression]}})
    (error,) = diagnose(text).errors
    assert error.line == 1
    assert text[error.column - 1 :].startswith(shown)


def test_where_escapes_are_in_the_way_the_text_is_shown() -> None:
    text = _machine({"Type": "Pass", "Output": '{% "a" & phone %}'})
    (error,) = diagnose(text).errors
    assert text[error.column - 1 :].startswith('"{% ')


def test_in_yaml_a_problem_is_shown_inside_its_expression_too() -> None:
    lines = [
        "QueryLanguage: JSONata",
        "StartAt: S",
        "States:",
        "  S:",
        "    Type: Succeed",
        "    Output: '{% $sum(phone) %}'",
    ]
    (error,) = diagnose("\n".join(lines)).errors
    assert (error.line, lines[5][error.column - 1 :]) == (6, "phone) %}'")


@given(st.text("$ab.[]{}()'\"%|~*/:=1,;?<>&^@# \\\n", max_size=20))
def test_any_text_between_the_delimiters_is_judged_and_shown_within_the_definition(expression: str) -> None:
    text = _machine({"Type": "Pass", "Output": {"v": f"{{% {expression} %}}"}})
    for found in diagnose(text).diagnostics:
        assert found.location == "/States/Main/Output/v"
        assert 1 <= found.column <= len(text)
