import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.references import uses_of
from stepwell.language.validation import diagnose

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def _machine(language: str = "JSONPath", **states: dict[str, Any]) -> dict[str, Any]:
    """A machine of these states in a row."""
    names = [*states, "Last"]
    rows = {
        name: state if state["Type"] in ("Choice", "Fail") else {**state, "Next": following}
        for (name, state), following in zip(states.items(), names[1:], strict=True)
    }
    return {"QueryLanguage": language, "StartAt": names[0], "States": {**rows, "Last": {"Type": "Succeed"}}}


def _variables(language: str = "JSONPath", **states: dict[str, Any]) -> dict[str, list[str]]:
    definition = _machine(language, **states)
    assert not [error for error in diagnose(json.dumps(definition)).errors if "not reachable" not in error.message]
    return uses_of(definition).variables


def test_references_are_sorted_and_states_without_any_left_out() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1}},
        "B": {"Type": "Pass", "Parameters": {"p.$": "$z", "q.$": "$a.b"}},
    }
    assert _variables(**states) == {"B": ["a", "z"]}


def test_only_what_is_evaluated_refers() -> None:
    assert _variables(A={"Type": "Pass", "Parameters": {"x": "$x"}, "Result": {"y.$": "$y"}, "Comment": "$z"}) == {}
    assert _variables("JSONata", A={"Type": "Pass", "Comment": "{% $x %}", "Output": "$y"}) == {}


def test_paths_templates_and_intrinsic_functions_refer() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
        "InputPath": "$a.b",
        "Parameters": {"x.$": "States.Format('{}', $b)"},
        "Credentials": {"RoleArn.$": "$c"},
        "ResultSelector": {"y": {"z.$": "$d[0]"}},
        "ResultPath": "$.r",
        "OutputPath": "$e",
        "TimeoutSecondsPath": "$f",
        "Assign": {"g.$": "$h"},
        "Catch": [{"ErrorEquals": ["E"], "Next": "Last", "Assign": {"i.$": "$j"}}],
    }
    assert _variables(T=task) == {"T": ["a", "b", "c", "d", "e", "f", "h", "j"]}


def test_the_rules_of_a_choice_refer_at_any_depth() -> None:
    nested = {"And": [{"Not": {"Variable": "$a", "IsNull": True}}, {"Variable": "$.x", "StringEqualsPath": "$b.c"}]}
    rules = [{**nested, "Next": "Last", "Assign": {"x.$": "$d"}}]
    assert _variables(C={"Type": "Choice", "Choices": rules, "Assign": {"y.$": "$e"}, "Default": "Last"}) == {
        "C": ["a", "b", "d", "e"]
    }


def test_nested_states_have_their_own_names() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "InputPath": "$in", "End": True}}}
    other = {"StartAt": "J", "States": {"J": {"Type": "Wait", "SecondsPath": "$s", "End": True}}}
    found = _variables(
        M={"Type": "Map", "ItemsPath": "$items", "ItemProcessor": inner},
        P={"Type": "Parallel", "Parameters": {"x.$": "$p"}, "Branches": [other]},
    )
    assert found == {"M": ["items"], "I": ["in"], "P": ["p"], "J": ["s"]}


def test_the_parts_of_a_distributed_map_are_the_maps() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket.$": "$b", "Key": "k"}}
    inner = {"ProcessorConfig": DISTRIBUTED, "StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    each = {
        "Type": "Map",
        "ItemReader": {**reader, "ReaderConfig": {"InputType": "JSON", "MaxItemsPath": "$m"}},
        "ItemBatcher": {"MaxItemsPerBatch": 1, "BatchInput": {"x.$": "$i"}},
        "ItemProcessor": inner,
    }
    assert _variables(M=each) == {"M": ["b", "i", "m"]}


def test_expressions_refer_to_what_is_neither_theirs_nor_built_in() -> None:
    output = {"a": ["{% $f($x) %}", "{% ($l := 1; $l + $sum($y)) %}"], "b": "{% $map($z, function($v){ $v }) %}"}
    assert _variables("JSONata", A={"Type": "Pass", "Output": output, "Assign": {"n": "{% $states.input %}"}}) == {
        "A": ["f", "x", "y", "z"]
    }


def test_every_field_that_takes_an_expression_refers() -> None:
    rules = [{"Condition": "{% $a %}", "Next": "Last", "Output": "{% $b %}"}]
    assert _variables("JSONata", C={"Type": "Choice", "Choices": rules, "Default": "Last"}) == {"C": ["a", "b"]}
    assert _variables("JSONata", W={"Type": "Wait", "Timestamp": "{% $t %}"}) == {"W": ["t"]}
    assert _variables("JSONata", F={"Type": "Fail", "Error": "{% $e %}", "Cause": "{% $c %}"}) == {"F": ["c", "e"]}
    assert _variables("JSONata", W={"Type": "Wait", "Seconds": "{% $s %}"}) == {"W": ["s"]}


def test_a_state_may_have_another_language_than_its_machine() -> None:
    assert _variables(A={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x %}"}) == {"A": ["x"]}


def test_it_is_known_whether_a_definition_has_variables_or_jsonata() -> None:
    assert not uses_of(_machine(A={"Type": "Pass", "Parameters": {"x.$": "$.y"}})).variables_or_jsonata
    assert uses_of(_machine(A={"Type": "Pass", "Assign": {"x": 1}})).variables_or_jsonata
    assert uses_of(_machine(A={"Type": "Pass", "InputPath": "$x"})).variables_or_jsonata
    assert uses_of(_machine(A={"Type": "Pass", "QueryLanguage": "JSONata"})).variables_or_jsonata
    assert uses_of(_machine("JSONata")).variables_or_jsonata


def test_an_expression_from_before_they_were_checked_refers_to_nothing() -> None:
    assert uses_of(_machine("JSONata", A={"Type": "Pass", "Output": ["{% 1 + %}", "{% $x %}"]})).variables == {
        "A": ["x"]
    }


@given(st.sets(st.from_regex("[a-z]{1,8}", fullmatch=True), max_size=6))
def test_both_languages_list_the_same_names(names: set[str]) -> None:
    in_paths = {"Type": "Pass", "Parameters": {f"{name}.$": f"$v_{name}" for name in names}}
    in_jsonata = {"Type": "Pass", "Output": [f"{{% $v_{name} %}}" for name in names]}
    expected = {"A": sorted(f"v_{name}" for name in names)} if names else {}
    assert _variables(A=in_paths) == _variables("JSONata", A=in_jsonata) == expected
