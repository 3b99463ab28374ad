import json
from typing import Any

import pytest

from stepwell.language.validation import Diagnosis, diagnose, diagnose_state

Problem = tuple[str, str | None]

TYPES = "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]"
WAITS = "[SecondsPath, Seconds, TimestampPath, Timestamp]"


def machine(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of these states, S0, S1, …, in a row."""
    return {"StartAt": "S0", "States": {f"S{index}": state for index, state in enumerate(states)}, **fields}


def errors(definition: Any, kind: str = "STANDARD") -> list[Problem]:
    """The messages and locations of what keeps a definition from being used."""
    return [(error.message, error.location) for error in diagnose(json.dumps(definition), kind).errors]


def end(type_: str, **fields: Any) -> dict[str, Any]:
    """A state that ends."""
    return {"Type": type_, **fields, **({} if type_ in {"Succeed", "Fail", "Choice"} else {"End": True})}


def inner(**fields: Any) -> dict[str, Any]:
    """A machine within a machine."""
    return {"StartAt": "I", "States": {"I": end("Pass")}, **fields}


def task(**fields: Any) -> dict[str, Any]:
    """A Task that calls a function."""
    return end("Task", Resource="arn:aws:lambda:us-east-1:123456789012:function:f", **fields)


def _state_errors(state: Any) -> list[Problem]:
    return [(message, (where or "").removeprefix("/States/S0")) for message, where in errors(machine(state))]


def test_a_sound_definition_has_no_problem() -> None:
    definition = machine(
        {"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.r", "Next": "S1", "End": False},
        {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "S2"}], "Default": "S3"},
        task(
            Retry=[{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL", "Comment": "again"}],
            Catch=[{"ErrorEquals": ["E", "F"], "Next": "S3", "ResultPath": None}],
            TimeoutSeconds=10,
            HeartbeatSeconds=5,
        ),
        end("Fail", ErrorPath="$.error", CausePath="States.Format('{}', $.cause)"),
        Version="1.0",
        TimeoutSeconds=0,
    )
    diagnosis = diagnose(json.dumps(definition))
    assert isinstance(diagnosis, Diagnosis)
    assert diagnosis.diagnostics == ()
    assert diagnosis.value == definition


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({}, "These fields are required: [States, StartAt]"),
        ({"StartAt": "A"}, "These fields are required: [States]"),
        ({"States": {"A": {"Type": "Succeed"}}}, "These fields are required: [StartAt]"),
    ],
)
def test_missing_fields_are_named_in_aws_order(definition: Any, message: str) -> None:
    assert errors(definition) == [(message, "/")]


@pytest.mark.parametrize(
    ("state", "problems"),
    [
        (end("Pass", Nmae=1), [("Field 'Nmae' is not supported", "")]),
        (end("Pass", TimeoutSeconds=1), [("Field 'TimeoutSeconds' is not supported", "")]),
        (end("Wait", Seconds=1, Catch=[]), [("Field 'Catch' is not supported", "")]),
        ({"Type": "Succeed", "End": True}, [("Field 'End' is not supported", "")]),
        ({"Type": "Task", "End": True}, [("These fields are required: [Resource]", "")]),
        ({"End": True}, [("These fields are required: [Type]", "")]),
        (
            end("Tusk"),
            [
                (
                    f"The field 'Type' should have one of these values: {TYPES}",
                    "/Type",
                )
            ],
        ),
        ("Pass", [("Expected value of type Object", "")]),
        (end("Pass", Comment=1), [("Expected value of type String", "/Comment")]),
        ({"Type": "Pass", "End": "yes"}, [("Expected value of type Boolean", "/End")]),
        ({"Type": "Pass"}, [("This object should have only one of the following fields: [Next, End]", "")]),
        (
            {"Type": "Pass", "End": False},
            [("This object should have only one of the following fields: [Next, End]", "")],
        ),
        (
            {"Type": "Pass", "End": True, "Next": "S0"},
            [("There should only be one of the following fields: [Next, End]", "")],
        ),
        (
            end("Wait"),
            [
                (
                    f"This object should have only one of the following fields: {WAITS}",
                    "",
                )
            ],
        ),
        (
            end("Fail", Error="E", ErrorPath="$.e"),
            [("There should only be one of the following fields: [Error, ErrorPath]", "")],
        ),
        (end("Parallel", Branches=[]), [("Value cannot be empty", "/Branches")]),
        (end("Parallel", Branches={}), [("Expected value of type Array", "/Branches")]),
        (end("Parallel", Branches=[{}]), [("These fields are required: [States, StartAt]", "/Branches[0]")]),
        (
            end("Map", MaxConcurrency=1),
            [("This object should have only one of the following fields: [ItemProcessor, Iterator]", "")],
        ),
    ],
)
def test_a_field_that_is_wrong_is_told_in_aws_words(state: Any, problems: list[Problem]) -> None:
    assert _state_errors(state) == problems


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"TimeoutSeconds": 0}, ("Minimum value is 1", "/TimeoutSeconds")),
        ({"TimeoutSeconds": 100_000_000}, ("Maximum value is 99999999", "/TimeoutSeconds")),
        ({"TimeoutSeconds": "5"}, ("Expected value of type Integer", "/TimeoutSeconds")),
        ({"TimeoutSeconds": 1.5}, ("Expected value of type Integer", "/TimeoutSeconds")),
        ({"TimeoutSeconds": True}, ("Expected value of type Integer", "/TimeoutSeconds")),
        (
            {"TimeoutSeconds": 5, "HeartbeatSeconds": 5},
            ("HeartbeatSeconds must be smaller than TimeoutSeconds", "/HeartbeatSeconds"),
        ),
        ({"Retry": [{}]}, ("These fields are required: [ErrorEquals]", "/Retry[0]")),
        ({"Retry": [{"ErrorEquals": []}]}, ("Value cannot be empty", "/Retry[0]/ErrorEquals")),
        ({"Retry": [{"ErrorEquals": "E"}]}, ("Expected value of type Array", "/Retry[0]/ErrorEquals")),
        (
            {"Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]},
            ("Minimum value is 1.0", "/Retry[0]/BackoffRate"),
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "SOME"}]},
            ("Value should be one of the following: [NONE, FULL]", "/Retry[0]/JitterStrategy"),
        ),
        (
            {"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}]},
            ("MaxDelaySeconds must be greater than IntervalSeconds", "/Retry[0]/MaxDelaySeconds"),
        ),
        (
            {"Retry": [{"ErrorEquals": ["E", "States.ALL"]}]},
            ("States.ALL must appear alone and at end of list", "/Retry[0]/ErrorEquals[1]"),
        ),
        (
            {"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]},
            ("States.ALL must appear alone and at end of list", "/Retry[0]/ErrorEquals[0]"),
        ),
        ({"Catch": [{"ErrorEquals": ["E"]}]}, ("These fields are required: [Next]", "/Catch[0]")),
    ],
)
def test_the_numbers_and_lists_of_a_task_are_checked(fields: dict[str, Any], problem: Problem) -> None:
    assert _state_errors(task(**fields)) == [problem]


@pytest.mark.parametrize(
    "fields", [{"Retry": []}, {"Catch": []}, {"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 0}]}]
)
def test_what_aws_takes_although_its_documents_do_not_say_so_is_taken(fields: dict[str, Any]) -> None:
    assert _state_errors(task(**fields)) == []


def test_fields_belong_to_their_query_language() -> None:
    unsupported = "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage"
    assert errors(machine(end("Pass", Output=1))) == [
        (unsupported.format("JSONPath", "Output", "JSONata"), "/States/S0")
    ]
    definition = machine(end("Pass", InputPath="$"), QueryLanguage="JSONata")
    assert errors(definition) == [(unsupported.format("JSONata", "InputPath", "JSONPath"), "/States/S0")]
    definition = machine(task(Catch=[{"ErrorEquals": ["E"], "Next": "S1", "Output": 1}]), end("Pass"))
    assert errors(definition) == [(unsupported.format("JSONPath", "Output", "JSONata"), "/States/S0/Catch[0]")]


def test_a_jsonata_machine_has_no_jsonpath_states() -> None:
    definition = machine(end("Pass", QueryLanguage="JSONPath"), QueryLanguage="JSONata")
    message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    assert errors(definition) == [(message, "/States/S0")]
    assert errors(machine(end("Pass", QueryLanguage="JSONata", Output="{% 1 %}"), QueryLanguage="JSONPath")) == []


def test_a_query_language_does_not_pass_down() -> None:
    branch = {"StartAt": "I", "States": {"I": end("Pass", Output=1)}}
    definition = machine(end("Parallel", QueryLanguage="JSONata", Branches=[branch]))
    ((message, where),) = errors(definition)
    assert message.startswith("The QueryLanguage is set to 'JSONPath', but field 'Output'")
    assert where == "/States/S0/Branches[0]/States/I"
    definition = machine(end("Map", ItemProcessor=inner(QueryLanguage="JSONata")))
    assert errors(definition) == [("Field 'QueryLanguage' is not supported", "/States/S0/ItemProcessor")]


def test_top_level_values_are_checked() -> None:
    assert errors(machine(end("Pass"), Version="2.0", QueryLanguage="SQL", Name="x")) == [
        ("Value should be one of the following: [1.0]", "/Version"),
        ("Value should be one of the following: [JSONPath, JSONata]", "/QueryLanguage"),
        ("Field 'Name' is not supported", "/"),
    ]
    assert errors({"StartAt": "A", "States": []}) == [("Expected value of type Object", "/States")]
    assert errors({"StartAt": "A", "States": {}})[0] == ("Value cannot be empty", "/States")


def test_a_problem_is_shown_where_it_is_written() -> None:
    text = '{\n "StartAt": "A",\n "States": {\n  "A": {"Type": "Pass",\n   "Oops": 1, "End": true}\n }\n}'
    (error,) = diagnose(text).errors
    assert (error.location, error.line, error.column) == ("/States/A", 5, 4)
    (error,) = diagnose("StartAt: A\nStates:\n  A:\n    Type: Fail\n    Error: 5\n").errors
    assert (error.location, error.line, error.column) == ("/States/A/Error", 5, 12)


def test_names_are_bounded_and_unique_across_all_scopes() -> None:
    found = diagnose(json.dumps({"StartAt": "x" * 81, "States": {"x" * 81: end("Pass")}})).errors
    assert [(error.code, error.location) for error in found] == [("INVALID_STATE_NAME", f"/States/{'x' * 81}")]
    found = diagnose(json.dumps({"StartAt": "", "States": {"": end("Pass")}})).errors
    assert [(error.code, error.message) for error in found] == [("INVALID_STATE_NAME", "State name cannot be empty")]
    definition = machine(end("Parallel", Branches=[inner(), inner()]))
    (error,) = diagnose(json.dumps(definition)).errors
    assert (error.code, error.message) == ("DUPLICATE_STATE_NAME", "Duplicate State name: I")
    assert error.location == "/States/S0/Branches[1]/States/I"


def test_nesting_is_bounded() -> None:
    definition = inner()
    for level in range(40):
        definition = {"StartAt": f"N{level}", "States": {f"N{level}": end("Map", ItemProcessor=definition)}}
    (error,) = diagnose(json.dumps(definition)).errors
    assert (error.code, error.message) == ("TOO_DEEPLY_NESTED", "States are nested more than 32 levels deep")


def test_a_single_state_is_diagnosed_without_its_surroundings() -> None:
    assert diagnose_state('{"Type": "Pass", "Next": "Elsewhere"}').diagnostics == ()
    (error,) = diagnose_state('{"Type": "Wait", "Seconds": -1, "End": true}').errors
    assert (error.message, error.location) == ("Minimum value is 0", "/Seconds")
    assert diagnose_state("{").errors[0].code == "INVALID_JSON_DESCRIPTION"


def test_the_problems_of_one_definition_are_bounded() -> None:
    definition = machine(*[end("Pass", Oops=1) for _ in range(1200)])
    assert len(diagnose(json.dumps(definition)).diagnostics) == 1000
