"""What holds of the layout of every definition."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.machines import large, scopes, shuffled
from stepwell.graph import draw, shown

MANY = settings(deadline=None, max_examples=60)


def drawn(definition):
    graph = shown(draw(json.dumps(definition)))
    return graph, {node["id"]: node for node in graph["nodes"]}


def apart(one, other):
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


def crosses(box, begin, end):
    """Say whether a horizontal or vertical line has a part strictly within a box."""
    (x1, y1), (x2, y2) = sorted((begin, end))
    low, high = sorted((y1, y2))
    return (
        max(x1, box["x"]) < min(x2, box["x"] + box["width"]) and box["y"] < y1 < box["y"] + box["height"]
        if y1 == y2
        else box["x"] < x1 < box["x"] + box["width"] and max(low, box["y"]) < min(high, box["y"] + box["height"])
    )


@MANY
@given(scopes())
def test_no_two_boxes_overlap(definition):
    _, nodes = drawn(definition)
    siblings = {}
    for node in nodes.values():
        siblings.setdefault(node["parent"], []).append(node)
    for group in siblings.values():
        for index, one in enumerate(group):
            assert all(apart(one, other) for other in group[index + 1 :])


@MANY
@given(scopes())
def test_what_is_within_a_container_lies_within_it(definition):
    graph, nodes = drawn(definition)
    whole = {"x": 0, "y": 0, "width": graph["width"], "height": graph["height"]}
    for node in nodes.values():
        outer = nodes.get(node["parent"], whole)
        assert outer["x"] <= node["x"]
        assert outer["y"] <= node["y"]
        assert node["x"] + node["width"] <= outer["x"] + outer["width"]
        assert node["y"] + node["height"] <= outer["y"] + outer["height"]


@MANY
@given(scopes())
def test_an_edge_leaves_its_source_below_and_reaches_its_target_above(definition):
    graph, nodes = drawn(definition)
    for edge in graph["edges"]:
        source, target = nodes[edge["from"]], nodes[edge["to"]]
        (x1, y1), (x2, y2) = edge["points"][0], edge["points"][-1]
        assert y1 == source["y"] + source["height"]
        assert y2 == target["y"]
        assert source["x"] <= x1 <= source["x"] + source["width"]
        assert target["x"] <= x2 <= target["x"] + target["width"]


@MANY
@given(scopes())
def test_an_edge_is_of_horizontal_and_vertical_pieces_and_goes_through_no_box(definition):
    graph, nodes = drawn(definition)
    for edge in graph["edges"]:
        beside = [node for node in nodes.values() if node["parent"] == nodes[edge["from"]]["parent"]]
        for begin, end in zip(edge["points"], edge["points"][1:], strict=False):
            assert begin[0] == end[0] or begin[1] == end[1]
            assert not any(crosses(box, begin, end) for box in beside)


@MANY
@given(scopes())
def test_a_state_stands_below_all_that_lead_to_it_but_for_loops(definition):
    graph, nodes = drawn(definition)
    for edge in graph["edges"]:
        source, target = nodes[edge["from"]], nodes[edge["to"]]
        assert edge["back"] == (target["y"] < source["y"] + source["height"])


@MANY
@given(scopes(), st.randoms(use_true_random=False))
def test_the_order_of_the_keys_changes_nothing(definition, random):
    ignored = {"line", "column"}
    plain, mixed = (
        [{key: value for key, value in node.items() if key not in ignored} for node in drawn(each)[0]["nodes"]]
        for each in (definition, shuffled(definition, random))
    )
    assert plain == mixed


def test_there_is_an_edge_for_every_transition():
    definition = {
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Default": "P",
                  "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "T"}]},
            "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "C",
                  "Catch": [{"ErrorEquals": ["Busy", "States.Timeout"], "Next": "P"}]},
            "P": {"Type": "Pass", "End": True},
        },
    }  # fmt: skip
    graph, _ = drawn(definition)
    assert {(edge["id"], edge["kind"], edge["to"], edge["label"], edge["back"]) for edge in graph["edges"]} == {
        ("#start", "start", "/States/C", "", False),
        ("/States/C/Choices/0", "choice", "/States/T", "$.n > 5", False),
        ("/States/C/Default", "default", "/States/P", "", False),
        ("/States/T/Next", "next", "/States/C", "", True),
        ("/States/T/Catch/0", "catch", "/States/P", "Busy, States.Timeout", False),
        ("/States/P#end", "end", "#end", "", False),
    }


def test_a_collapsed_container_is_a_plain_box_that_counts_what_is_in_it():
    text = large(12)
    whole = {node.id: node for node in draw(text).nodes}
    folded = {node.id: node for node in draw(text, frozenset({"/States/Step8"})).nodes}
    assert folded["/States/Step8"].children == whole["/States/Step8"].children == 6
    assert folded["/States/Step8"].height < whole["/States/Step8"].height
    assert whole.keys() - folded.keys() == {key for key in whole if key.startswith("/States/Step8/")}


def test_the_second_line_says_what_a_state_does():
    states = {
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": True},
        "Own": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:own", "End": True},
        "Pause": {"Type": "Wait", "Seconds": 5, "End": True},
        "All": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}, "End": True},
        "Bad": {"Type": "Fail", "Error": "Sorry"},
    }
    _, nodes = drawn({"StartAt": "Call", "States": states})
    assert [nodes[f"/States/{name}"]["label"] for name in states] == [
        "lambda:invoke.waitForTaskToken", "lambda:function:own", "5 s", "DISTRIBUTED", "Sorry",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        ({"Variable": "$.a", "StringEqualsPath": "$.b"}, "$.a = $.b"),
        ({"And": [{"Variable": "$.a", "IsPresent": True}, {"Not": {"Variable": "$.a", "IsNull": True}}]},
         "$.a is there and not ($.a is null)"),
        ({"Variable": "$.t", "TimestampLessThanEquals": "2026-01-01T00:00:00Z"}, '$.t ≤ "2026-01-01T00:00:00Z"'),
        ({"Variable": "$.s", "StringMatches": "a*"}, '$.s like "a*"'),
        ({"Condition": "{% $states.input.n > 5 %}"}, "n > 5"),
        ({"Condition": True}, "true"),
    ],
)  # fmt: skip
def test_a_rule_is_said_in_short(rule, label):
    rule = {**rule, "Next": "C"}
    graph, _ = drawn({"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [rule]}}})

    assert [edge["label"] for edge in graph["edges"] if edge["kind"] == "choice"] == [label]


def test_three_hundred_states_are_laid_out_at_once():
    text = large(205)
    assert len(draw(text).nodes) > 340
    seconds = []
    for _ in range(5):
        began = time.process_time()
        draw(text)
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.15
