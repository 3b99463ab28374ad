import json
from typing import Any

import pytest

from stepwell.language.validation import diagnose

CALL = "must be a valid JSONPath or a valid intrinsic function call"


def _diagnose(*states: dict[str, Any], **fields: Any) -> list[tuple[str, str, str, str]]:
    named = {f"S{index}": state for index, state in enumerate(states)}
    diagnosis = diagnose(json.dumps({"StartAt": "S0", "States": named, **fields}))
    return [
        (found.severity, found.code, found.message, (found.location or "").removeprefix("/States/S0"))
        for found in diagnosis.diagnostics
    ]


def _messages(*states: dict[str, Any], **fields: Any) -> list[tuple[str, str]]:
    return [(message, where) for _, _, message, where in _diagnose(*states, **fields)]


def _pass(**fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "End": True, **fields}


def test_a_templates_field_is_located_at_the_object_that_holds_it() -> None:
    assert _messages(_pass(Parameters={"parsed.$": 'States.StringToJson(\'{"a":"\\"b\\""}\')'})) == [
        (f"The value for the field 'parsed.$' {CALL}", "/Parameters")
    ]
    assert _messages(_pass(Parameters={"a": [{"x.$": "$.ok", "y.$": 5}]})) == [
        (f"The value for the field 'y.$' {CALL}", "/Parameters/a[0]")
    ]


def test_a_templates_problem_is_shown_at_its_field() -> None:
    text = json.dumps({"StartAt": "S", "States": {"S": _pass(Parameters={"ok.$": "$", "bad.$": "x"})}}, indent=1)
    (error,) = diagnose(text).errors
    assert text.split("\n")[error.line - 1][error.column - 1 :].startswith('"bad.$"')


def test_a_result_selector_is_an_object() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}
    assert _messages({**state, "ResultSelector": []}) == [("Expected value of type Object", "/ResultSelector")]
    assert _messages({**state, "ResultSelector": {"a.$": "$.b"}}) == []


def test_expressions_in_json_are_framed() -> None:
    output = {"a": ["{% 1 %}", "{% 2"], "b": "plain {% text %} here"}
    assert _messages(_pass(Output=output), QueryLanguage="JSONata") == [
        ("JSONata string must start with {% and end with %}", "/Output/a[1]")
    ]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("states", "RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'."),
        ("a b", "INVALID_VARIABLE_NAME", "Invalid variable name 'a b': the variable name contains invalid characters."),
        ("1a", "INVALID_VARIABLE_NAME", "Invalid variable name '1a': the variable name contains invalid characters."),
        ("x.y", "INVALID_VARIABLE_NAME", "Invalid variable name 'x.y': the variable name contains invalid characters."),
        (
            "v" * 81,
            "INVALID_VARIABLE_NAME",
            f"Invalid variable name '{'v' * 81}': the variable name exceeds 80 characters.",
        ),
    ],
)
def test_variables_have_names_of_unicode_letters(name: str, code: str, message: str) -> None:
    assert _diagnose(_pass(Assign={name: 1})) == [("ERROR", code, message, "/Assign")]
    assert _diagnose(_pass(Assign={f"{name}.$": "$"})) == [("ERROR", code, message, "/Assign")]


def test_in_jsonata_a_name_has_no_suffix() -> None:
    message = "Invalid variable name 'x.$': the variable name contains invalid characters."
    found = _diagnose(_pass(Assign={"x.$": 1}), QueryLanguage="JSONata")
    assert found == [("ERROR", "INVALID_VARIABLE_NAME", message, "/Assign")]


def test_sound_variables_are_taken() -> None:
    assert _messages(_pass(Assign={"größe_1": 1, "x.$": "$.a", "y": {"z.$": "$größe_1"}})) == []
    assert _messages(_pass(Assign=[])) == [("Expected value of type Object", "/Assign")]
    assert _messages(_pass(Assign={"x.$": "nothing"})) == [(f"The value for the field 'x.$' {CALL}", "/Assign")]


def test_an_inner_scope_cannot_assign_what_an_outer_one_has() -> None:
    branch = {"StartAt": "I", "States": {"I": _pass(Assign={"x": 1})}}
    outer = {"Type": "Parallel", "Branches": [branch], "Next": "S1"}
    ((severity, code, message, where),) = _diagnose(outer, _pass(Assign={"x": 1}))
    assert (severity, code, where) == ("ERROR", "INVALID_VARIABLE_NAME", "/Branches[0]/States/I/Assign")
    assert "outer scope" in message


def test_a_name_that_is_assigned_outside_when_the_inner_scope_is_no_more_is_suspicious() -> None:
    branch = {"StartAt": "I", "States": {"I": _pass(Assign={"x": 1})}}
    nested = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch], "End": True}}}
    outer = {"Type": "Parallel", "Branches": [nested], "Assign": {"x": 1}, "Next": "S1"}
    assert [severity for severity, *_ in _diagnose(outer, _pass())] == ["WARNING"]
    catch = [{"ErrorEquals": ["E"], "Next": "S1", "Assign": {"x": 1}}]
    assert [severity for severity, *_ in _diagnose({**outer, "Assign": {}, "Catch": catch}, _pass())] == ["WARNING"]
    assert [severity for severity, *_ in _diagnose(outer, _pass(Assign={"x": 2}))] == ["ERROR"]


def test_a_distributed_map_sees_no_outer_variables() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"StartAt": "I", "States": {"I": _pass(Assign={"x": 1})}, "ProcessorConfig": config}
    assert _diagnose({"Type": "Map", "ItemProcessor": processor, "Assign": {"x": 1}, "End": True}) == []


def test_what_looks_like_a_path_but_is_taken_as_it_is_gets_a_warning() -> None:
    found = _diagnose(_pass(Parameters={"a": "$.b", "c": ["States.UUID()"], "d": "States of matter", "e": "$5"}))
    assert [(severity, code, where) for severity, code, _, where in found] == [
        ("WARNING", "NO_DOLLAR", "/Parameters/a"),
        ("WARNING", "NO_DOLLAR", "/Parameters/c[0]"),
    ]
    ((severity, code, _, where),) = _diagnose(_pass(Result={"a.$": "$.b"}))
    assert (severity, code, where) == ("WARNING", "PASS_RESULT_IS_STATIC", "/Result/a.$")
    ((severity, code, _, where),) = _diagnose({"Type": "Fail", "Cause": "$.cause"})
    assert (severity, code, where) == ("WARNING", "NO_PATH", "/Cause")
