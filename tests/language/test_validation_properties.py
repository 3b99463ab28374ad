"""What holds for any definition, however wrong."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.language.compiler import NotRunnable, compile_definition
from stepwell.language.validation import diagnose

_FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
_INNER = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"a.$": "$.b"}, "End": True}}}
SOUND: dict[str, Any] = {
    "StartAt": "P",
    "TimeoutSeconds": 60,
    "States": {
        "P": {"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.r", "Next": "C"},
        "C": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [{"Variable": "$.a", "NumericEquals": 1}, {"Not": {"Variable": "$", "IsNull": True}}],
                    "Next": "T",
                },
                {"Variable": "$.a", "StringMatches": "x*", "Next": "W"},
            ],
            "Default": "M",
        },
        "T": {
            "Type": "Task",
            "Resource": _FUNCTION,
            "Parameters": {"x.$": "States.Format('{}', $.a)", "y": [{"z.$": "$$.Execution.Id"}]},
            "ResultSelector": {"r.$": "$.r"},
            "TimeoutSeconds": 10,
            "HeartbeatSecondsPath": "$.beat",
            "Retry": [{"ErrorEquals": ["States.ALL"], "BackoffRate": 1.5, "MaxDelaySeconds": 9}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "F"}],
            "Credentials": {"RoleArn.$": "$.role"},
            "End": True,
        },
        "W": {"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "InputPath": "$.a", "Next": "T"},
        "M": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor": _INNER, "Next": "L"},
        "L": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "J", "States": {"J": {"Type": "Succeed", "OutputPath": None}}}],
            "End": True,
        },
        "F": {"Type": "Fail", "ErrorPath": "$.error.Error", "Cause": "c"},
    },
}

_WORDS = [
    "$",
    "$.a",
    "$.a[*]",
    "$$.State.Name",
    "$v",
    "States.UUID()",
    "T",
    "Task",
    "{% 1 %}",
    "{% 1",
    "",
    "a\\",
    "JSONata",
]
_NAMES = [
    "Next",
    "End",
    "Type",
    "Parameters",
    "a.$",
    "And",
    "Variable",
    "ErrorEquals",
    "States",
    "QueryLanguage",
    "RoleArn",
]
_SMALL = st.none() | st.booleans() | st.integers(-2, 10**9) | st.floats(-2, 200) | st.sampled_from(_WORDS)
_ANY = st.recursive(
    _SMALL,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=2),
    max_leaves=6,
)


def _pointers(value: Any, pointer: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(found for key, member in members for found in _pointers(member, (*pointer, key)))]


_POINTERS = _pointers(SOUND)[1:]


def _changed(value: Any, pointer: tuple[Any, ...], new: Any, action: str) -> Any:
    """Return the value with one part replaced, removed, or given another name."""
    key, *rest = pointer
    copy = value.copy()
    if rest:
        copy[key] = _changed(value[key], tuple(rest), new, action)
    elif action == "remove":
        del copy[key]
    elif action == "rename" and isinstance(copy, dict):
        copy["Next" if key != "Next" else "End"] = copy.pop(key)
    else:
        copy[key] = new
    return copy


CHANGES = st.tuples(st.sampled_from(_POINTERS), _ANY, st.sampled_from(["replace", "remove", "rename"]))


def test_the_definition_to_start_from_is_sound() -> None:
    assert diagnose(json.dumps(SOUND)).errors == []


@settings(max_examples=400, deadline=None)
@given(CHANGES, st.sampled_from(["STANDARD", "EXPRESS"]))
def test_what_has_no_errors_compiles_and_what_has_is_located(change: Any, kind: str) -> None:
    text = json.dumps(_changed(SOUND, *change), indent=1)
    diagnosis = diagnose(text, kind)
    lines = text.split("\n")
    for found in diagnosis.diagnostics:
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1
    if not diagnosis.errors:
        with suppress(NotRunnable):
            definition = compile_definition(diagnosis.value)
            for path, scope in definition.scopes.items():
                assert all(definition.state(path, name).name == name for name in scope.states._values)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(_NAMES), _ANY))
def test_no_object_makes_the_check_fail(value: Any) -> None:
    assert diagnose(json.dumps(value)).errors
