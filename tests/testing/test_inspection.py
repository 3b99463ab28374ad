import pytest

from stepwell.testing.refusal import TestRefused
from testing.trials import EXECUTION, MACHINE, mapped, parallel, run, shown, task


def test_the_first_level_shows_no_data():
    assert run({"Type": "Pass", "End": True}, {}, inspectionLevel="INFO").inspection is None


def test_a_pass_shows_each_stage_of_its_data():
    state = {
        "Type": "Pass",
        "InputPath": "$.in",
        "Parameters": {"b.$": "$.a"},
        "ResultPath": "$.out",
        "OutputPath": "$.out",
        "End": True,
    }
    source = {"in": {"a": 1}}
    outcome = run(state, source)
    assert shown(outcome) == {
        "input": source,
        "afterInputPath": {"a": 1},
        "afterParameters": {"b": 1},
        "afterResultSelector": {"b": 1},
        "afterResultPath": {"in": {"a": 1}, "out": {"b": 1}},
    }
    assert outcome.output == '{"b":1}'


def test_a_pass_with_a_result_shows_it_in_place_of_its_input():
    data = shown(run({"Type": "Pass", "Result": {"r": 1}, "ResultPath": "$.x", "End": True}, {"a": 1}))
    assert data == {
        "input": {"a": 1},
        "result": {"r": 1},
        "afterResultSelector": {"r": 1},
        "afterResultPath": {"a": 1, "x": {"r": 1}},
    }


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Succeed"},
        {"Type": "Fail", "Error": "E"},
        {"Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": True, "Next": "A"}]},
    ],
)
def test_states_without_a_result_show_what_goes_in(state):
    assert shown(run(state, {"a": 1})) == {"input": {"a": 1}, "afterInputPath": {"a": 1}}


def test_a_task_shows_what_it_gave_and_what_it_got():
    state = task(Parameters={"FunctionName": "f", "Payload.$": "$"}, ResultSelector={"code.$": "$.StatusCode"})
    data = shown(run(state, {"a": 1}, answer={"StatusCode": 200}))
    assert data["afterParameters"] == {"FunctionName": "f", "Payload": {"a": 1}}
    assert data["result"] == {"StatusCode": 200}
    assert data["afterResultSelector"] == data["afterResultPath"] == {"code": 200}


def test_the_data_ends_where_the_run_ended():
    failed = run(task(), {"a": 1}, mock={"errorOutput": {"error": "Busy"}})
    assert list(shown(failed)) == ["input", "afterInputPath", "afterParameters"]
    broken = run(task(ResultSelector={"x.$": "$.nowhere"}), {}, answer={})
    assert list(shown(broken)) == ["input", "afterInputPath", "afterParameters", "result"]
    nowhere = run({"Type": "Pass", "InputPath": "$.nowhere", "End": True}, {})
    assert list(shown(nowhere)) == ["input"]


def test_a_stage_shows_what_was_computed_and_is_not_computed_again():
    outcome = run({"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}, {})
    assert shown(outcome)["afterParameters"] == {"id": "uuid"}


def test_a_parallel_shows_what_its_result_becomes():
    data = shown(run(parallel(ResultPath="$.r"), {"a": 1}, mock={"result": [1, 2]}))
    assert data == {"input": {"a": 1}, "afterResultSelector": [1, 2], "afterResultPath": {"a": 1, "r": [1, 2]}}


def test_a_map_shows_its_items_and_numbers():
    state = mapped(
        ItemsPath="$.items",
        ItemSelector={"n.$": "$$.Map.Item.Index", "of.$": "$.name"},
        MaxConcurrency=1,
        ToleratedFailurePercentagePath="$.share",
    )
    source = {"items": ["a", "b"], "name": "x", "share": 50}
    outcome = run(state, source, mock={"result": [1, 2]})
    data = shown(outcome)
    assert outcome.inspection["afterItemsPath"] == '["a", "b"]'
    assert data["afterItemSelector"] == [{"n": 0, "of": "x"}, {"n": 1, "of": "x"}]
    assert (data["maxConcurrency"], data["toleratedFailurePercentage"]) == (1, 50.0)
    assert data["afterResultPath"] == [1, 2]


def distributed(**fields):
    mode = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    state = mapped(**fields)
    return state | {"ItemProcessor": state["ItemProcessor"] | mode}


@pytest.mark.parametrize(
    ("fields", "sizes"),
    [
        ({"MaxItemsPerBatch": 2}, [2, 2, 1]),
        ({"MaxItemsPerBatchPath": "$.most"}, [3, 2]),
        ({"MaxInputBytesPerBatch": len('{"BatchInput":{"of":"x"},"Items":["aaa","bbb"]}')}, [2, 2, 1]),
        ({"MaxInputBytesPerBatch": 1}, [1, 1, 1, 1, 1]),
        ({"MaxItemsPerBatch": 1, "MaxInputBytesPerBatch": 1000}, [1, 1, 1, 1, 1]),
    ],
)
def test_a_map_shows_its_batches(fields, sizes):
    state = distributed(ItemsPath="$.items", ItemBatcher={"BatchInput": {"of.$": "$.name"}, **fields})
    source = {"items": ["aaa", "bbb", "ccc", "ddd", "eee"], "name": "x", "most": 3}
    found = shown(run(state, source, mock={"result": []}))["afterItemBatcher"]
    assert [len(batch["Items"]) for batch in found] == sizes
    assert [item for batch in found for item in batch["Items"]] == source["items"]
    assert all(batch["BatchInput"] == {"of": "x"} for batch in found)


def test_batches_are_iterations_and_may_be_limited_by_an_expression():
    state = distributed(
        Items="{% $states.input %}", ItemBatcher={"MaxItemsPerBatch": "{% 1 + 1 %}"}, QueryLanguage="JSONata"
    )
    configuration = {"mapIterationFailureCount": 3}
    with pytest.raises(TestRefused, match="less than or equal to the number of Map iterations"):
        run(state, [1, 2, 3], mock={"result": []}, stateConfiguration=configuration)
    assert shown(run(state, [1, 2, 3], mock={"result": []}))["afterItemBatcher"] == [{"Items": [1, 2]}, {"Items": [3]}]
    wrong = distributed(ItemsPath="$.items", ItemBatcher={"MaxItemsPerBatchPath": "$.most"})
    assert run(wrong, {"items": [1], "most": 0}, mock={"result": []}).error == "States.Runtime"


def test_a_map_over_nothing_takes_the_mocked_result():
    assert run(mapped(), [], mock={"result": [7]}).output == "[7]"


def test_a_map_without_items_shows_only_its_input():
    outcome = run(mapped(ItemsPath="$.items"), {"items": 1}, mock={"result": []})
    assert outcome.cause == 'Reference path "$.items" must point to array.'
    assert list(shown(outcome)) == ["input", "afterInputPath"]


def test_the_context_object_is_that_of_an_express_execution():
    context = shown(run({"Type": "Pass", "InputPath": "$$", "End": True}, {"a": 1}))["afterInputPath"]
    assert context["Execution"]["Id"] == EXECUTION
    assert context["Execution"]["Input"] == {"a": 1}
    assert context["StateMachine"]["Id"] == MACHINE
    assert context["State"] == {"Name": "StateName", "EnteredTime": "2026-01-01T00:00:00.000Z"}


def test_a_given_context_object_stands_before_the_default():
    given = {"Execution": {"Name": "mine"}, "State": {"RetryCount": 7}}
    state = task(ResultSelector={"c.$": "$$"})
    context = shown(run(state, {}, mock={"result": {}}, context=given))["afterResultSelector"]["c"]
    assert context["Execution"]["Name"] == "mine"
    assert context["Execution"]["Id"] == EXECUTION
    assert context["State"]["RetryCount"] == 7


def test_the_variables_of_the_test_are_seen_and_shown():
    outcome = run({"Type": "Pass", "Parameters": {"v.$": "$name"}, "End": True}, {}, variables={"name": "x"})
    assert outcome.output == '{"v":"x"}'
    assert shown(outcome)["variables"] == {"name": "x"}
    assert "variables" not in shown(run({"Type": "Pass", "End": True}, {}, variables={}))


def test_a_state_is_called_by_one_name_in_its_context_object():
    machine = {"StartAt": "Mine", "States": {"Mine": {"Type": "Pass", "InputPath": "$$.State.Name", "End": True}}}
    assert run(machine, {}, stateName="Mine").output == '"StateName"'
