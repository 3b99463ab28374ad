import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.evaluation import Evaluation, StatesError
from stepwell.language.templates import MAX_DEPTH, TemplateError, compile_field, compile_template, template_problems

INPUT = {"a": {"b": [1, 2]}, "name": "N", "status": [{"s": 0}, {"s": 1}]}


class Entropy:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "id"


def evaluation(value: Any = None, **variables: Any) -> Evaluation:
    seen = INPUT if value is None else value
    return Evaluation(seen, lambda: {"Execution": {"Id": "arn"}}, variables, Entropy())


def test_a_field_takes_its_value_from_input_context_variable_or_function() -> None:
    template = compile_template(
        {
            "path.$": "$.a.b",
            "root.$": "$",
            "context.$": "$$.Execution.Id",
            "variable.$": "$v.x",
            "function.$": "States.Format('Hello, {}', $.name)",
            "filter.$": "$.status[?(@.s == 0)]",
            "none.$": "$.absent[*]",
        }
    )
    assert template.evaluate(evaluation(v={"x": 3})) == {
        "path": [1, 2],
        "root": INPUT,
        "context": "arn",
        "variable": 3,
        "function": "Hello, N",
        "filter": [{"s": 0}],
        "none": [],
    }
    assert template.variables == {"v"}
    assert not template.constant


def test_fields_are_found_in_objects_and_arrays_at_any_depth() -> None:
    template = compile_template({"x": [{"y.$": "$.name"}, "$.name", {"z": [[{"w.$": "$w"}]]}], "k": {"n": {}}})
    result = template.evaluate(evaluation(w=None))
    assert result == {"x": [{"y": "N"}, "$.name", {"z": [[{"w": None}]]}], "k": {"n": {}}}


def test_the_keys_of_the_result_are_in_the_order_of_the_template() -> None:
    template = compile_template({"b.$": "$.name", "a": 1, "c.$": "$.a", "0": {"z.$": "$", "y": 1}})
    result = template.evaluate(evaluation())
    assert list(result) == ["b", "a", "c", "0"]
    assert list(result["0"]) == ["z", "y"]


@pytest.mark.parametrize(
    "value",
    [1, "$.a", "States.UUID()", None, [], {}, [1, {"x": ["$.a"]}], {"a": "{% $x %}", "b.c": "$", "d$": "$", ".$x": 1}],
)
def test_a_template_without_fields_is_a_constant_that_is_shared(value: Any) -> None:
    template = compile_template(value)
    assert template.constant
    assert template.evaluate(evaluation()) is value


def test_what_does_not_change_is_shared_and_what_changes_is_new() -> None:
    template = compile_template({"fixed": {"x": [1]}, "changes": {"y.$": "$.name"}})
    first, second = template.evaluate(evaluation()), template.evaluate(evaluation())
    assert first["fixed"] is second["fixed"]
    assert first["changes"] is not second["changes"]
    first["changes"]["y"] = "spoilt"
    assert template.evaluate(evaluation())["changes"] == {"y": "N"}


def test_what_a_path_yields_is_not_taken_for_a_template() -> None:
    value = {"x.$": "$.name"}
    assert compile_template({"copy.$": "$"}).evaluate(evaluation(value)) == {"copy": {"x.$": "$.name"}}


@pytest.mark.parametrize("path", ["$.no_such_jsonpath", "$$.Execution.Input.absent", "$absent", "$.a.b[7]", "$.name.x"])
def test_a_missing_path_is_a_runtime_error_with_the_input(path: str) -> None:
    with pytest.raises(StatesError) as caught:
        compile_template({"x": [{"value.$": path}]}).evaluate(evaluation({"a": {"b": ["ü"]}}))
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        f"The JSONPath '{path}' specified for the field 'value.$' could not be found in the input "
        '\'{"a":{"b":["ü"]}}\''
    )


def test_a_function_fails_in_its_own_words() -> None:
    with pytest.raises(StatesError) as caught:
        compile_template({"value.$": "States.MathAdd('x', 1)"}).evaluate(evaluation())
    assert caught.value.error == "States.IntrinsicFailure"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "",
        "$.",
        "$.a b",
        "$[",
        "States.Nothing()",
        'States.StringToJson(\'{"t":"An \\"x\\" here"}\')',
        5,
        None,
        {},
        ["$"],
    ],
)
def test_a_field_that_is_neither_path_nor_function_is_refused(value: Any) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template({"list": [0, {"parsed.$": value}]})
    assert caught.value.pointer == ("list", 1)
    assert caught.value.field == "parsed.$"
    assert caught.value.message == (
        "The value for the field 'parsed.$' must be a valid JSONPath or a valid intrinsic function call"
    )
    assert caught.value.detail


@pytest.mark.parametrize("value", [{"a": 1, "a.$": "$.x"}, {"a.$": "$.x", "a": 1}])
def test_two_fields_of_the_same_name_are_refused(value: Any) -> None:
    with pytest.raises(TemplateError, match="both have the name 'a' in the result") as caught:
        compile_template({"o": value})
    assert caught.value.pointer == ("o",)
    assert caught.value.field == list(value)[1]


def test_all_problems_are_found_in_the_order_of_the_text() -> None:
    problems = template_problems({"a.$": "x", "b": [{"c.$": "$.", "d.$": "$.x", "d": 1}], "e.$": 1})
    assert [(problem.pointer, problem.field) for problem in problems] == [
        ((), "a.$"),
        (("b", 0), "c.$"),
        (("b", 0), "d"),
        ((), "e.$"),
    ]
    assert template_problems({"a.$": "$.x"}) == []


def test_the_depth_of_a_template_is_bounded() -> None:
    value: Any = {"x.$": "$.name"}
    for _ in range(MAX_DEPTH):
        value = [value]
    assert compile_template(value).evaluate(evaluation()) != value
    with pytest.raises(TemplateError, match=f"nested {MAX_DEPTH} deep"):
        compile_template([value])


def test_one_field_is_compiled_like_the_field_of_a_template() -> None:
    field = compile_field("ErrorPath", "$v")
    assert field.evaluate(evaluation(v="E")) == "E"
    assert field.variables == {"v"}
    with pytest.raises(StatesError, match="specified for the field 'ErrorPath'"):
        field.evaluate(evaluation())
    assert compile_field("CausePath", "States.Format('{}!', $.name)").evaluate(evaluation()) == "N!"
    with pytest.raises(TemplateError, match="the field 'CausePath' must be a valid JSONPath"):
        compile_field("CausePath", "cause")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text("ab", max_size=2), children, max_size=3),
    max_leaves=15,
)


def marked(value: Any) -> Any:
    """A template that takes every value of an object from a path of its own."""
    if isinstance(value, dict):
        return {f"{key}.$": "$.name" if item is None else "$" for key, item in value.items()}
    return [marked(item) for item in value] if isinstance(value, list) else value


@given(values)
def test_a_template_changes_neither_itself_nor_the_input(value: Any) -> None:
    template = marked(value)
    before, seen = copy.deepcopy(template), copy.deepcopy(INPUT)
    compiled = compile_template(template)
    assert compiled.evaluate(evaluation()) == compiled.evaluate(evaluation())
    assert template == before
    assert seen == INPUT


@given(values)
def test_a_value_without_fields_is_its_own_result(value: Any) -> None:
    assert compile_template(value).evaluate(evaluation()) is value
