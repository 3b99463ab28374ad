"""Forking: a new execution from any state of an old one."""

import json

import pytest

from console.machines import ANSWERED, EACH, create, ended, start
from stepwell.console.deriving import derived
from stepwell.console.outline import find_state, outline_of

STATES = {
    "First": {"Type": "Pass", "Assign": {"who.$": "$.who", "odd": ["{% 1 %}", {"x.y": None}]}, "Next": "Second"},
    "Second": {"Type": "Pass", "Parameters": {"hello.$": "$who", "n.$": "$.n"}, "Next": "Third"},
    "Third": {"Type": "Pass", "ResultPath": "$.third", "Result": True, "End": True},
}


@pytest.fixture
def old(sfn, eventually):
    arn = start(sfn, create(sfn, STATES), {"who": "Ada", "n": 1})
    ended(sfn, eventually, arn)
    return arn


def test_a_fork_goes_on_from_a_state_with_what_that_had(page, sfn, eventually, old):
    answer = page.post("fork", {"executionArn": old, "state": "/States/Second", "name": "forked"})
    assert answer["executionArn"].endswith(":forked")
    output = json.loads(ended(sfn, eventually, answer["executionArn"])["output"])
    assert output == {"hello": "Ada", "n": 1, "third": True}
    variables = page.get("execution/visits", arn=answer["executionArn"])
    assert variables["states"] == ["/States/Variables of the fork", "/States/Second", "/States/Third"]
    odd = page.get("execution/visit", arn=answer["executionArn"], visit=variables["rows"][1][0])["variables"]
    assert json.loads(odd) == {"who": "Ada", "odd": ["{% 1 %}", {"x.y": None}]}


def test_a_fork_takes_another_input_other_variables_and_another_definition(page, sfn, eventually, old):
    changed = {"StartAt": "First", "States": {**STATES, "Third": {"Type": "Pass", "Result": "new", "End": True}}}
    answer = page.post(
        "fork",
        {"executionArn": old, "state": "/States/Second", "input": '{"n": 2}', "variables": '{"who": "Bob"}',
         "definition": json.dumps(changed)},
    )  # fmt: skip
    second = page.get("execution/visits", arn=answer["executionArn"])["rows"]
    assert json.loads(ended(sfn, eventually, answer["executionArn"])["output"]) == "new"
    third = page.get("execution/visit", arn=answer["executionArn"], visit=page.get(
        "execution/visits", arn=answer["executionArn"])["rows"][-1][0])  # fmt: skip
    assert json.loads(third["input"]) == {"hello": "Bob", "n": 2}
    assert second


def test_a_fork_changes_nothing_of_its_state_machine(page, sfn, old):
    machine = old.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    before = sfn.describe_state_machine(stateMachineArn=machine)
    forked = page.post("fork", {"executionArn": old, "state": "/States/Third"})["executionArn"]
    after = sfn.describe_state_machine(stateMachineArn=machine)
    assert {**before, "ResponseMetadata": None} == {**after, "ResponseMetadata": None}
    followed = json.loads(sfn.describe_state_machine_for_execution(executionArn=forked)["definition"])
    assert list(followed["States"]) == ["Variables of the fork", "Third"]


def test_a_dry_run_starts_nothing(page, sfn, old):
    machine = old.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    answer = page.post("fork", {"executionArn": old, "state": "/States/Third", "variables": "{}", "dryRun": True})
    assert json.loads(answer["definition"])["StartAt"] == "Third"
    assert answer["warnings"] == ["What can't be reached from Third is left out: First, Second"]
    assert json.loads(answer["input"]) == {"hello": "Ada", "n": 1}
    assert "executionArn" not in answer
    assert len(sfn.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_fork_within_a_map_runs_the_iteration_alone(page, sfn, eventually):
    arn = start(sfn, create(sfn, {"Each": {**EACH, "End": True}}), {"items": [5, 6]})
    ended(sfn, eventually, arn)
    path = "/States/Each/ItemProcessor/States/Look"
    answer = page.post("fork", {"executionArn": arn, "state": path, "input": "101"})
    assert answer["warnings"][0].startswith("/States/Each/ItemProcessor alone is run")
    assert ended(sfn, eventually, answer["executionArn"])["error"] == "TooMuch"
    same = page.post("fork", {"executionArn": arn, "state": path})
    assert ended(sfn, eventually, same["executionArn"])["output"] == "6"


def test_an_express_execution_is_forked_to_another(page, sfn, eventually):
    arn = start(sfn, create(sfn, {"A": {"Type": "Pass", "Next": "B"}, "B": ANSWERED}, kind="EXPRESS"), {"n": 1})
    forked = page.post("fork", {"executionArn": arn, "state": "/States/B", "input": "2"})["executionArn"]
    assert ":express:" in forked
    summary = eventually(lambda: (e := page.get("execution", arn=forked))["execution"]["status"] == "SUCCEEDED" and e)
    assert list(summary["states"]) == ["/States/B"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "/States/Gone"},
        {"state": "/States/First", "input": "{"},
        {"state": "/States/First", "variables": "[]"},
        {"state": "/States/First", "variables": '{"a b": 1}'},
        {"state": "/States/First", "definition": "{}"},
        {"state": "/States/First", "visit": 9999},
        {"state": "/States/First", "name": "a b"},
        {},
    ],
)
def test_a_fork_that_can_not_be_is_refused(page, old, wrong):
    assert page.post("fork", {"executionArn": old, **wrong}, status=400)["message"]


def test_a_state_that_was_never_entered_needs_an_input(page, sfn, eventually):
    states = {"A": {"Type": "Fail"}, "B": ANSWERED}
    rule = {"Type": "Choice", "Choices": [{"Variable": "$.b", "IsPresent": True, "Next": "B"}], "Default": "A"}
    arn = start(sfn, create(sfn, {"C": rule, **states}))
    ended(sfn, eventually, arn)
    assert "never entered" in page.post("fork", {"executionArn": arn, "state": "/States/B"}, status=400)["message"]
    assert page.post("fork", {"executionArn": arn, "state": "/States/B", "input": "1"})


def test_what_is_derived_keeps_all_ways_onward():
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}], "Default": "A"}
    task = {"Type": "Task", "Resource": "x", "Next": "C", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "D"}]}
    states = {"A": task, "B": {"Type": "Succeed"}, "C": choice, "D": {"Type": "Fail"}, "E": {"Type": "Fail"}}
    root = {"StartAt": "A", "QueryLanguage": "JSONata", "TimeoutSeconds": 9, "States": states}
    scope, state = find_state(outline_of(json.dumps(root)), "/States/C")
    value, warnings = derived(root, scope, state.name, {})
    assert value == {**root, "StartAt": "C", "States": {name: states[name] for name in "ABCD"}}
    assert warnings == ["What can't be reached from C is left out: E"]
