"""A graph is drawn of whatever text there is: what is broken is a "?", or is listed with its line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.graph import draw, shown
from stepwell.graph.svg import to_svg

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["A", "Task", "Map", "Choice"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["StartAt", "States", "A", "B", "Type", "Next", "End", "Choices", "Catch", "Default",
                         "Branches",
                         "ItemProcessor", "ErrorEquals", "And", "Not", "Variable", "Resource", "Condition"]),
        inner, max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@settings(deadline=None)
@given(VALUES)
def test_any_json_is_drawn(value):
    graph = draw(json.dumps(value))
    assert json.loads(json.dumps(shown(graph)))
    assert to_svg(graph).startswith("<svg")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_drawn(text):
    assert to_svg(draw(text)).startswith("<svg")


def test_a_text_that_is_no_json_is_a_problem_with_its_line():
    graph = draw('{\n  "StartAt": "A",\n  "States": {,}\n}')
    assert graph.nodes == []
    assert [problem.line for problem in graph.problems] == [3]


def test_what_is_missing_is_a_problem_with_its_line():
    graph = draw(json.dumps({"States": {"A": {"Type": "Map", "ItemProcessor": 7, "End": True}}}, indent=1))
    assert [(problem.message, problem.line) for problem in graph.problems] == [
        ("StartAt is missing, or is no text", 1),
        ("ItemProcessor is no object", 5),
    ]


def test_a_target_that_is_not_there_is_a_question_mark():
    graph = draw(json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B/c"}}}))
    missing = graph.nodes[-1]
    assert (missing.id, missing.kind, missing.name) == ("#missing/B~1c", "unknown", "B/c")
    assert graph.edges[-1].target is missing


@pytest.mark.parametrize("state", [None, 7, "x", [], {}, {"Type": "Nap"}, {"Type": 3}])
def test_a_state_of_no_known_type_is_a_question_mark(state):
    graph = draw(json.dumps({"StartAt": "A", "States": {"A": state}}))
    assert [node.kind for node in graph.nodes] == ["start", "unknown"]


def test_yaml_with_aliases_is_drawn_with_the_lines_of_its_text():
    text = "StartAt: A\nStates:\n  A: &a\n    Type: Pass\n    Next: B\n  B:\n    Type: Succeed\n  C: *a\n"
    lines = {node.name: node.line for node in draw(text).nodes if node.kind == "state"}
    assert lines == {"A": 3, "B": 6, "C": 8}


def test_scopes_without_end_are_cut():
    inner = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
    for _ in range(45):
        inner = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    graph = draw(json.dumps(inner))
    assert [problem.message for problem in graph.problems] == ["only 40 levels of Parallel and Map are drawn"]
