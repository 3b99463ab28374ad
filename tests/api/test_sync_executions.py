"""StartSyncExecution and StartExecution of Express state machines, on the wire."""

import pytest


@pytest.fixture
def fast(sfn, pass_definition, role):
    return sfn.create_state_machine(name="fast", definition=pass_definition, roleArn=role, type="EXPRESS")[
        "stateMachineArn"
    ]


def call(api, machine, **params):
    answer = api.call("StartSyncExecution", {"stateMachineArn": machine, **params})
    assert answer.status == 200, answer.body
    return answer.body


def test_the_answer_has_all_that_aws_answers(api, fast):
    api.express.ending = {"status": "SUCCEEDED", "output": '{"a": 1}'}
    answer = call(api, fast, name="n", input='{ "b": 2 }', traceHeader="Root=1")
    start = answer.pop("startDate")
    assert answer.pop("stopDate") == pytest.approx(start + 0.001)
    assert answer.pop("executionArn").startswith("arn:aws:states:us-east-1:123456789012:express:fast:n:")
    assert answer == {
        "stateMachineArn": fast,
        "name": "n",
        "status": "SUCCEEDED",
        "input": '{ "b": 2 }',
        "inputDetails": {"included": True},
        "output": '{"a": 1}',
        "outputDetails": {"included": True},
        "traceHeader": "Root=1",
        "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100},
    }


def test_an_execution_that_fails_is_an_answer_too(api, fast):
    api.express.ending = {"status": "FAILED", "error": "E", "cause": "C"}
    answer = call(api, fast)
    assert (answer["status"], answer["error"], answer["cause"], answer["input"]) == ("FAILED", "E", "C", "{}")
    assert answer["outputDetails"] == {"included": True}
    assert "output" not in answer


def test_an_execution_that_times_out_says_so(api, fast):
    api.express.ending = {"status": "TIMED_OUT"}
    answer = call(api, fast)
    assert (answer["status"], answer["error"]) == ("TIMED_OUT", "States.Timeout")


@pytest.mark.parametrize(("took", "billed"), [(0, 100), (1, 100), (100, 100), (101, 200), (7_560, 7_600)])
def test_durations_are_billed_in_steps_of_100_ms(api, fast, took, billed):
    api.express.milliseconds = took
    assert call(api, fast)["billingDetails"]["billedDurationInMilliseconds"] == billed


def test_the_data_can_be_left_out(api, fast):
    api.express.ending = {"status": "FAILED", "error": "E", "cause": "C"}
    answer = call(api, fast, includedData="METADATA_ONLY")
    assert answer["inputDetails"] == answer["outputDetails"] == {"included": False}
    assert not {"input", "output", "error", "cause"} & set(answer)


@pytest.mark.parametrize("operation", ["StartExecution", "StartSyncExecution"])
def test_names_and_inputs_are_checked(api, fast, operation):
    assert api.call(operation, {"stateMachineArn": fast, "name": "a b"}).error[0] == "InvalidName"
    assert api.call(operation, {"stateMachineArn": fast, "input": "{"}).error[0] == "InvalidExecutionInput"


def test_the_same_name_starts_another_execution(sfn, fast):
    arns = {sfn.start_execution(stateMachineArn=fast, name="n")["executionArn"] for _ in range(2)}
    assert len(arns) == 2
    assert all(arn.split(":")[5:8] == ["express", "fast", "n"] for arn in arns)
