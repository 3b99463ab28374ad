import json

import pytest

from stepwell.language.document import Document
from testing.trials import NOW, run, shown, task, trial

BUSY = {"errorOutput": {"error": "Busy", "cause": "later"}}
RETRY = [{"ErrorEquals": ["Other"]}, {"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}]
CATCH = [{"ErrorEquals": ["Other"], "Next": "No"}, {"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Yes"}]


def test_a_state_that_ends_its_machine_has_no_next_state():
    outcome = run({"Type": "Pass", "End": True}, {"a": 1})
    assert (outcome.status, outcome.output, outcome.next_state) == ("SUCCEEDED", '{"a": 1}', None)


def test_the_next_state_need_not_be_in_the_definition():
    assert run({"Type": "Pass", "Next": "Elsewhere"}).next_state == "Elsewhere"


def test_a_choice_leads_where_its_rule_does():
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Many"}],
        "Default": "Few",
    }
    assert run(choice, {"n": 2}).next_state == "Many"
    assert run(choice, {"n": 1}).next_state == "Few"


def test_a_choice_that_leads_nowhere_fails():
    outcome = run({"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "One"}]}, {"n": 2})
    assert (outcome.status, outcome.error) == ("FAILED", "States.NoChoiceMatched")


def test_a_fail_state_fails_with_its_error():
    outcome = run({"Type": "Fail", "ErrorPath": "$.e", "Cause": "because"}, {"e": "Broken"})
    assert (outcome.status, outcome.error, outcome.cause) == ("FAILED", "Broken", "because")
    assert outcome.output is None


def test_an_error_of_the_language_fails_the_state():
    outcome = run({"Type": "Pass", "InputPath": "$.nowhere", "End": True}, {})
    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")
    assert "Invalid path '$.nowhere'" in outcome.cause


def test_a_wait_needs_its_moment_to_come():
    waits = trial({"Type": "Wait", "Seconds": 5, "Next": "After"}, {"a": 1})
    need = waits.begin()
    assert (need.until, need.resource) == (NOW + 5000, None)
    waits.pass_by()
    assert (waits.outcome().output, waits.outcome().next_state) == ('{"a": 1}', "After")


def test_a_task_needs_its_call():
    calls = trial(task(TimeoutSeconds=9, Parameters={"FunctionName.$": "$.f"}), {"f": "x"})
    need = calls.begin()
    assert need.until == NOW + 9000
    assert need.resource.label == "invoke"
    assert need.parameters.value == {"FunctionName": "x"}
    calls.succeed(Document(None, {"StatusCode": 200}))
    assert calls.outcome().output == '{"StatusCode":200}'


def test_a_task_that_nobody_answers_in_time_has_timed_out():
    late = trial(task())
    assert late.begin() is not None
    late.time_out()
    assert (late.outcome().status, late.outcome().error, late.outcome().cause) == ("FAILED", "States.Timeout", None)


def test_a_result_beyond_the_limit_fails_the_state():
    outcome = run(task(), answer="x" * 262_143)
    assert (outcome.status, outcome.error) == ("FAILED", "States.DataLimitExceeded")
    assert outcome.cause.startswith("The state/task 'lambda' returned a result")


def test_a_failure_that_a_retrier_takes_is_retriable():
    outcome = run(task(Retry=RETRY, Catch=CATCH), {}, mock=BUSY)
    assert (outcome.status, outcome.error, outcome.cause, outcome.output) == ("RETRIABLE", "Busy", "later", None)
    assert shown(outcome)["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": 3}


def test_the_retries_so_far_make_the_next_pause_longer():
    outcome = run(task(Retry=RETRY), {}, mock=BUSY, stateConfiguration={"retrierRetryCount": 1})
    assert shown(outcome)["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": 6}


def test_a_retrier_that_is_used_up_leaves_the_failure_to_the_catchers():
    used_up = {"retrierRetryCount": 2}
    failed = run(task(Retry=RETRY), {}, mock=BUSY, stateConfiguration=used_up)
    assert (failed.status, shown(failed)["errorDetails"]) == ("FAILED", {"retryIndex": 1})
    caught = run(task(Retry=RETRY, Catch=CATCH), {}, mock=BUSY, stateConfiguration=used_up)
    assert (caught.status, caught.next_state) == ("CAUGHT_ERROR", "Yes")


def test_a_failure_that_a_catcher_takes_has_its_output():
    outcome = run(task(Catch=CATCH), {"a": 1}, mock=BUSY)
    assert (outcome.status, outcome.error, outcome.next_state) == ("CAUGHT_ERROR", "Busy", "Yes")
    assert json.loads(outcome.output) == {"a": 1, "e": {"Error": "Busy", "Cause": "later"}}
    assert shown(outcome)["errorDetails"] == {"catchIndex": 1}


@pytest.mark.parametrize("name", ["States.Runtime"])
def test_what_cannot_be_caught_fails(name):
    outcome = run(task(Retry=RETRY, Catch=CATCH), {}, mock={"errorOutput": {"error": name}})
    assert outcome.status == "FAILED"
    assert "errorDetails" not in shown(outcome)
