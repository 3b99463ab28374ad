"""Map, inline: one iteration an item, so many at a time, all accounted for."""

import json
from typing import Any

import pytest

from machine.harness import Run, States, each, indexes, lines, machine, mapped, task, told

CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
CAUGHT = {"Type": "Succeed"}
PASS = {"Type": "Pass"}


def test_iterations_of_the_first_wave_start_behind_map_state_started() -> None:
    run = mapped(["a", "b"], machine(A=PASS))
    assert run.story == lines("""
        1<0 ExecutionStarted
        2<0 MapStateEntered M
        3<2 MapStateStarted
        4<3 MapIterationStarted 0
        5<3 MapIterationStarted 1
        6<4 PassStateEntered A
        7<6 PassStateExited A
        8<7 MapIterationSucceeded 0
        9<5 PassStateEntered A
        10<9 PassStateExited A
        11<10 MapIterationSucceeded 1
        12<11 MapStateSucceeded
        13<11 MapStateExited M
        14<13 ExecutionSucceeded
    """)
    assert run.output == '["a","b"]'
    assert run.details("MapStateStarted") == [{"length": 2}]
    assert run.details("MapIterationStarted") == [{"name": "M", "index": 0}, {"name": "M", "index": 1}]


def test_a_later_iteration_starts_behind_the_last_state_of_the_one_that_made_room() -> None:
    run = mapped([1, 2], machine(A=PASS), MaxConcurrency=1)
    assert run.story[2:] == lines("""
        3<2 MapStateStarted
        4<3 MapIterationStarted 0
        5<4 PassStateEntered A
        6<5 PassStateExited A
        7<6 MapIterationSucceeded 0
        8<6 MapIterationStarted 1
        9<8 PassStateEntered A
        10<9 PassStateExited A
        11<10 MapIterationSucceeded 1
        12<11 MapStateSucceeded
        13<11 MapStateExited M
        14<13 ExecutionSucceeded
    """)


def test_a_map_over_nothing_succeeds_with_nothing() -> None:
    assert mapped([]).story == lines("""
        1<0 ExecutionStarted
        2<0 MapStateEntered M
        3<2 MapStateStarted
        4<3 MapStateSucceeded
        5<3 MapStateExited M
        6<5 ExecutionSucceeded
    """)
    assert mapped([]).output == "[]"


def test_a_state_follows_a_map_over_nothing() -> None:
    run = Run(machine(M=each(machine(A=PASS)), T=task()), [])
    assert len(run.commands) == 1
    run.succeed("T", "5")
    assert run.output == "5"


@pytest.mark.parametrize(
    ("wanted", "most"), [(1, 1), (2, 2), (5, 5), (0, 40), (39, 39), (40, 40), (41, 40), (1_000, 40)]
)
def test_at_most_max_concurrency_iterations_are_open(wanted: int, most: int) -> None:
    run = mapped([*range(50)], MaxConcurrency=wanted)
    assert len(run.waiting("T")) == most
    while run.status == "RUNNING":
        assert len(run.waiting("T")) <= most
        run.succeed("T", index=len(run.waiting("T")) - 1)
    assert sorted(indexes(run, "Succeeded")) == indexes(run, "Started") == [*range(50)]


def test_the_concurrency_may_come_from_a_path() -> None:
    run = mapped({"c": 2, "items": [1, 2, 3]}, ItemsPath="$.items", MaxConcurrencyPath="$.c")
    assert indexes(run, "Started") == [0, 1]


def test_results_are_in_the_order_of_the_items_and_not_of_their_ends() -> None:
    run = mapped(["a", "b", "c"])
    for index in (2, 0, 0):
        lane = run.lane("T", index)
        run.succeed("T", json.dumps({"of": lane.input.value}), index)
    assert indexes(run, "Succeeded") == [2, 0, 1]
    assert json.loads(str(run.output)) == [{"of": "a"}, {"of": "b"}, {"of": "c"}]


def test_items_are_selected_by_path_and_shaped_by_the_item_selector() -> None:
    selector = {"v.$": "$$.Map.Item.Value.n", "i.$": "$$.Map.Item.Index", "all.$": "$.k", "fixed": [1]}
    source = {"in": {"items": [{"n": 7}, {"n": 8}], "k": "K"}}
    run = mapped(source, machine(A=PASS), InputPath="$.in", ItemsPath="$.items", ItemSelector=selector)
    assert json.loads(str(run.output)) == [
        {"v": 7, "i": 0, "all": "K", "fixed": [1]},
        {"v": 8, "i": 1, "all": "K", "fixed": [1]},
    ]


def test_the_legacy_fields_mean_the_same() -> None:
    processor = machine(A=PASS)
    legacy = {"Type": "Map", "Iterator": processor, "Parameters": {"v.$": "$$.Map.Item.Value"}}
    new = each(processor, ItemSelector={"v.$": "$$.Map.Item.Value"})
    assert Run(machine(M=legacy), [1, 2]).story == Run(machine(M=new), [1, 2]).story
    assert Run(machine(M=legacy), [1, 2]).output == '[{"v":1},{"v":2}]'


def test_a_result_goes_through_selector_result_path_and_output_path() -> None:
    fields: States = {
        "ItemsPath": "$.items",
        "ResultSelector": {"first.$": "$[0]"},
        "ResultPath": "$.r",
        "OutputPath": "$.r",
    }
    assert mapped({"items": [5]}, machine(A=PASS), **fields).output == '{"first":5}'


@pytest.mark.parametrize("value", [{}, "text", 5, None])
def test_what_is_no_array_cannot_be_mapped_over(value: Any) -> None:
    run = Run(machine(M=each(machine(A=PASS), Catch=CATCH), C=CAUGHT), json.dumps(value))
    assert run.trouble == ("States.Runtime", 'Reference path "$" must point to array.')
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (
            "MaxConcurrencyPath",
            "x",
            'The MaxConcurrencyPath field refers to value "x" which is not a valid integer: $.v',
        ),
        ("ToleratedFailureCountPath", 1.5, 'field refers to value "1.5" which is not a valid integer: $.v'),
        ("ToleratedFailurePercentagePath", "x", 'field refers to value "x" which is not a valid float: $.v'),
        ("ToleratedFailureCountPath", -1, "ToleratedFailureCount cannot be negative."),
        ("ToleratedFailurePercentagePath", -1.1, "ToleratedFailurePercentage must be between 0 and 100."),
        ("ToleratedFailurePercentagePath", 100.1, "ToleratedFailurePercentage must be between 0 and 100."),
    ],
)
def test_a_number_that_is_none_fails_the_state_before_it_starts(field: str, value: Any, words: str) -> None:
    run = mapped({"v": value, "items": [1]}, None, **{"ItemsPath": "$.items", field: "$.v"})
    assert run.trouble[0] == "States.Runtime"
    assert words in str(run.trouble[1])
    assert run.story[-1] == "3<2 ExecutionFailed States.Runtime"


# Nesting


def test_maps_nest_and_each_item_is_the_innermost() -> None:
    inner = each(machine(A={"Type": "Pass", "Parameters": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}}))
    run = mapped([["a"], ["b", "c"]], machine(I=inner), MaxConcurrency=1)
    assert json.loads(str(run.output)) == [[{"v": "a", "i": 0}], [{"v": "b", "i": 0}, {"v": "c", "i": 1}]]
    assert indexes(run, "Started") == [0, 0, 1, 0, 1]


def test_an_inner_failure_aborts_inside_out_and_rises() -> None:
    run = mapped([[1, 2], [3]], machine(I=each(machine(T=task()))))
    run.fail("T", "Boom", "deep", index=0)
    assert told(run, "LambdaFunctionFailed Boom") == [
        "TaskStateAborted",
        "MapIterationFailed 0",
        "TaskStateAborted",
        "MapIterationAborted 1",
        "MapStateFailed",
        "MapIterationFailed 0",
        "TaskStateAborted",
        "MapIterationAborted 0",
        "MapStateAborted",
        "MapIterationAborted 1",
        "MapStateFailed",
        "ExecutionFailed Boom",
    ]
    assert run.trouble == ("Boom", "deep")


def test_an_inner_map_that_fails_is_one_tolerated_failure_of_the_outer() -> None:
    run = mapped([[1], [2]], machine(I=each(machine(T=task()))), ToleratedFailureCount=1)
    run.fail("T", "Boom", "deep")
    run.succeed("T", "2")
    assert json.loads(str(run.output)) == [{"Error": "Boom", "Cause": "deep"}, [2]]


def test_a_map_state_can_be_entered_again_in_the_same_lane() -> None:
    again = {"Type": "Choice", "Choices": [{"Variable": "$.items[1]", "IsPresent": True, "Next": "M"}], "Default": "C"}
    cut = {"Type": "Pass", "Parameters": {"items.$": "$.items[1:]", "r.$": "$.r"}}
    run = Run(
        machine(
            M=each(machine(A=PASS), ItemsPath="$.items", ResultPath="$.r"),
            Cut={**cut, "Next": "Again"},
            Again=again,
            C=CAUGHT,
        ),
        {"items": [1, 2, 3]},
    )
    assert run.output == '{"items":[3],"r":[2,3]}'
    assert indexes(run, "Started") == [0, 1, 2, 0, 1]
