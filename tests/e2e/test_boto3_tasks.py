"""Task tokens and activities, by boto3 over HTTP."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from e2e.definitions import callback, states, work
from e2e.server import ended, eventually, whole_history

HELD_SECONDS = 2.0


@pytest.fixture
def activity(sfn, fresh):
    return sfn.create_activity(name=fresh("activity"))["activityArn"]


def code_of(refused):
    return refused.value.response["Error"]["Code"]


def token_of(sfn, execution):
    """Return the task token that an execution has given away, once it has."""
    events = eventually(
        lambda: whole_history(sfn, execution), lambda seen: any(event["type"] == "TaskSubmitted" for event in seen)
    )
    scheduled = next(event for event in events if event["type"] == "TaskScheduled")
    return json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Payload"]["token"]


def poll(sfn, activity, worker="worker"):
    return sfn.get_activity_task(activityArn=activity, workerName=worker)


def test_a_callback_is_answered_with_success(sfn, create, start):
    execution = start(create(states(Ask=callback())))
    sfn.send_task_success(taskToken=token_of(sfn, execution), output='{"approved": true}')
    assert json.loads(ended(sfn, execution)["output"]) == {"approved": True}


def test_a_callback_is_answered_with_failure(sfn, create, start):
    execution = start(create(states(Ask=callback())))
    sfn.send_task_failure(taskToken=token_of(sfn, execution), error="Rejected", cause="no")
    found = ended(sfn, execution)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Rejected", "no")


def test_a_function_may_answer_the_token_that_it_is_given(sfn, create, start):
    execution = start(create(states(Ask=callback("answer"))))
    assert ended(sfn, execution)["output"] == '"by the function"'


def test_heartbeats_keep_a_task_and_their_absence_ends_it(sfn, create, start):
    execution = start(create(states(Ask=callback(HeartbeatSeconds=2))))
    token = token_of(sfn, execution)
    kept_until = time.monotonic() + 3
    eventually(lambda: sfn.send_task_heartbeat(taskToken=token), lambda _: time.monotonic() > kept_until)
    assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
    assert ended(sfn, execution)["error"] == "States.Timeout"
    with pytest.raises(ClientError) as refused:
        sfn.send_task_heartbeat(taskToken=token)
    assert code_of(refused) == "TaskTimedOut"


def test_a_token_answers_once_however_many_answer(sfn, create, start):
    execution = start(create(states(Ask=callback())))
    token = token_of(sfn, execution)

    def answer(number):
        try:
            sfn.send_task_success(taskToken=token, output=json.dumps(number))
        except ClientError as refusal:
            return refusal.response["Error"]["Code"]
        return number

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(answer, range(16)))
    (taken,) = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert set(outcomes) == {taken, "TaskTimedOut"}
    assert json.loads(ended(sfn, execution)["output"]) == taken


def test_a_forged_token_and_a_result_that_is_no_json_change_nothing(sfn, create, start):
    execution = start(create(states(Ask=callback())))
    token = token_of(sfn, execution)
    forged = ("A" if token[20] != "A" else "B").join((token[:20], token[21:]))
    for wrong, output, code in (
        (forged, "1", "InvalidToken"),
        ("x", "1", "InvalidToken"),
        (token, "{", "InvalidOutput"),
    ):
        with pytest.raises(ClientError) as refused:
            sfn.send_task_success(taskToken=wrong, output=output)
        assert code_of(refused) == code
    assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
    sfn.send_task_success(taskToken=token, output="1")
    assert ended(sfn, execution)["output"] == "1"


def test_a_worker_gets_a_task_and_answers_it(sfn, create, start, activity):
    execution = start(create(states(Work=work(activity))), {"n": 1})
    task = poll(sfn, activity, "anna")
    assert json.loads(task["input"]) == {"n": 1}
    sfn.send_task_heartbeat(taskToken=task["taskToken"])
    sfn.send_task_success(taskToken=task["taskToken"], output='{"n": 2}')
    assert json.loads(ended(sfn, execution)["output"]) == {"n": 2}
    (started,) = [event for event in whole_history(sfn, execution) if event["type"] == "ActivityStarted"]
    assert started["activityStartedEventDetails"]["workerName"] == "anna"


def test_a_poll_is_held_until_a_task_comes(sfn, create, start, activity):
    machine = create(states(Work=work(activity)))
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        waiting = pool.submit(poll, sfn, activity)
        threading.Event().wait(HELD_SECONDS)  # what is tested: nothing comes meanwhile
        assert not waiting.done()
        start(machine, {"late": True})
        task = waiting.result(10)
    assert time.monotonic() - began >= HELD_SECONDS
    assert json.loads(task["input"]) == {"late": True}
    sfn.send_task_success(taskToken=task["taskToken"], output="{}")


def test_each_task_goes_to_one_worker(sfn, create, start, activity):
    machine = create(states(Each={"Type": "Map", "ItemProcessor": states(Work=work(activity))}))
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(poll, sfn, activity) for _ in range(8)]
        execution = sfn.start_execution(stateMachineArn=machine, input="[0,1,2,3,4,5,6,7]")["executionArn"]
        tasks = [task.result(20) for task in waiting]
    assert sorted(task["input"] for task in tasks) == [str(number) for number in range(8)]
    for task in tasks:
        sfn.send_task_success(taskToken=task["taskToken"], output=task["input"])
    assert ended(sfn, execution)["output"] == "[0,1,2,3,4,5,6,7]"


def test_a_worker_that_has_left_gets_no_task(server, sfn, create, start, activity):
    with pytest.raises(ReadTimeoutError):
        poll(server.client(read_timeout=0.5), activity, "gone")
    execution = start(create(states(Work=work(activity))), {"n": 1})
    task = poll(sfn, activity, "here")
    assert json.loads(task["input"]) == {"n": 1}
    sfn.send_task_success(taskToken=task["taskToken"], output="{}")
    assert ended(sfn, execution)["status"] == "SUCCEEDED"


def test_a_task_that_its_worker_lets_fall_is_retried(sfn, create, start, activity):
    retry = [{"ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    execution = start(create(states(Work=work(activity, HeartbeatSeconds=1, Retry=retry))))
    fallen = poll(sfn, activity)
    second = poll(sfn, activity)
    assert second["taskToken"] != fallen["taskToken"]
    with pytest.raises(ClientError) as refused:
        sfn.send_task_success(taskToken=fallen["taskToken"], output="{}")
    assert code_of(refused) == "TaskTimedOut"
    sfn.send_task_success(taskToken=second["taskToken"], output="{}")
    assert ended(sfn, execution)["status"] == "SUCCEEDED"


def test_activities_are_listed_page_by_page_and_deleted(server):
    sfn = server.client("333333333333")
    made = [sfn.create_activity(name=f"a{number}")["activityArn"] for number in range(5)]
    pages = list(sfn.get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["activities"]) for page in pages] == [2, 2, 1]
    assert sorted(found["activityArn"] for page in pages for found in page["activities"]) == made
    sfn.delete_activity(activityArn=made[0])
    with pytest.raises(ClientError) as refused:
        sfn.describe_activity(activityArn=made[0])
    assert code_of(refused) == "ActivityDoesNotExist"
    with pytest.raises(ClientError) as refused:
        poll(sfn, made[0])
    assert code_of(refused) == "ActivityDoesNotExist"
