"""What a worker does with its tasks, at a server over HTTP."""

import asyncio
import json
import threading
from concurrent.futures import Future

import pytest

from e2e.server import ended, eventually, whole_history
from stepwell.worker import TaskFailed, TokenRefused, Worker, WorkerRefused
from stepwell.worker.client import StepFunctions

PATIENCE = 20.0


@pytest.fixture
def worker(server):
    """Return a worker for the server, with settings of the test."""
    return lambda **settings: Worker(endpoint_url=server.url, **settings)


def test_a_function_does_the_tasks_of_its_activity(sfn, activity, start, worker, working):
    crew = worker(name="crew 1")

    @crew.activity(activity)
    def greet(given):
        return {"text": f"Hello, {given['name']}"}

    with working(crew):
        execution = start({"name": "Ada"})
        assert json.loads(ended(sfn, execution)["output"]) == {"text": "Hello, Ada"}
    (began,) = [event for event in whole_history(sfn, execution) if event["type"] == "ActivityStarted"]
    assert began["activityStartedEventDetails"]["workerName"] == "crew 1"


def test_a_coroutine_function_does_too_and_is_told_of_its_task(sfn, activity, start, worker, working):
    crew = worker(name="crew 2")

    @crew.activity(activity)
    async def greet(given, task):
        await asyncio.sleep(0)
        return [given, task.input, task.activity_arn, task.worker_name, task.cancelled, bool(task.token)]

    with working(crew):
        output = ended(sfn, start({"n": 1}))["output"]
    assert json.loads(output) == [{"n": 1}, {"n": 1}, activity, "crew 2", False, True]


class CardDeclined(Exception):
    pass


async def decline(given):
    raise CardDeclined("no money")


def decline_in_a_thread(given):
    raise CardDeclined("no money")


@pytest.mark.parametrize("function", [decline, decline_in_a_thread])
def test_an_exception_is_caught_by_its_name(sfn, activity, start, worker, working, function):
    crew = worker()
    crew.activity(activity)(function)
    with working(crew):
        found = ended(sfn, start())
    cause = json.loads(found["cause"])
    assert (found["status"], found["error"]) == ("FAILED", "CardDeclined")
    assert (cause["errorMessage"], cause["errorType"]) == ("no money", "CardDeclined")
    assert function.__name__ in cause["stackTrace"][-1]


@pytest.mark.parametrize(
    ("error", "name"), [(TaskFailed("Billing.Down", "why"), "Billing.Down"), (SystemExit(3), "SystemExit")]
)
def test_whatever_is_raised_fails_the_task_and_the_worker_goes_on(sfn, activity, start, worker, working, error, name):
    crew = worker(concurrency=1)

    @crew.activity(activity)
    async def choose(given):
        if given["fails"]:
            raise error
        return "well"

    with working(crew):
        assert ended(sfn, start({"fails": True}))["error"] == name
        assert ended(sfn, start({"fails": False}))["output"] == '"well"'


def test_no_more_tasks_run_at_a_time_than_were_allowed(sfn, activity, start, worker, working):
    crew = worker(concurrency=3)
    running, most, lock, go = [], [], threading.Lock(), threading.Event()

    @crew.activity(activity)
    def hold(given):
        with lock:
            running.append(given)
            most.append(len(running))
        go.wait(PATIENCE)
        with lock:
            running.pop()

    with working(crew):
        executions = [start({"n": n}) for n in range(8)]
        eventually(lambda: len(running), lambda count: count == 3)
        go.set()
        assert {ended(sfn, execution)["status"] for execution in executions} == {"SUCCEEDED"}
    assert len(most) == 8
    assert max(most) == 3


def test_a_worker_has_several_activities(sfn, names, activity, start, worker, working):
    other = sfn.create_activity(name=next(names))["activityArn"]
    crew = worker(concurrency=2)
    crew.activity(activity)(lambda given: "one")
    crew.activity(other, concurrency=1)(lambda given: "other")
    with working(crew):
        both = start(Resource=other), start()
        assert [ended(sfn, execution)["output"] for execution in both] == ['"other"', '"one"']


def test_heartbeats_keep_a_long_task_alive(sfn, names, activity, start, worker, working):
    crew = worker(heartbeat_seconds=0.25)
    go = threading.Event()

    @crew.activity(activity)
    def hold(given):
        return go.wait(PATIENCE)

    with working(crew):
        kept = start(HeartbeatSeconds=1)
        unkept = sfn.create_activity(name=next(names))["activityArn"]
        again = [{"ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        other = start(Resource=unkept, HeartbeatSeconds=1, Retry=again)
        for _ in range(2):
            sfn.get_activity_task(activityArn=unkept)
        assert ended(sfn, other)["error"] == "States.Timeout"  # twice over: the server's own clock
        go.set()
        assert ended(sfn, kept)["output"] == "true"


@pytest.mark.parametrize("fields", [{"TimeoutSeconds": 1}, {"HeartbeatSeconds": 1}])
def test_a_handler_in_a_thread_learns_that_nobody_waits_any_more(sfn, activity, start, worker, working, fields):
    crew = worker(heartbeat_seconds=None)
    learned, execution_of = [], Future()

    @crew.activity(activity)
    def hold(given, task):
        ended(sfn, execution_of.result(PATIENCE))
        eventually(lambda: refusal_of(task), lambda refusal: refusal is not None)
        learned.append((refusal_of(task).code, task.cancelled))

    with working(crew):
        execution = start(**fields)
        execution_of.set_result(execution)
        assert ended(sfn, execution)["status"] == "FAILED"
        eventually(lambda: learned, bool)
    assert learned == [("TaskTimedOut", True)]


def refusal_of(task):
    try:
        task.heartbeat()
    except TokenRefused as refused:
        return refused
    return None


def test_a_handler_on_the_loop_is_cancelled_when_its_execution_is_stopped(sfn, activity, start, worker, working):
    crew = worker(heartbeat_seconds=0.1)
    began, cancelled = threading.Event(), []

    @crew.activity(activity)
    async def hold(given, task):
        began.set()
        try:
            await asyncio.sleep(PATIENCE)
        except asyncio.CancelledError:
            cancelled.append(task.cancelled)
            raise

    with working(crew):
        execution = start()
        assert began.wait(PATIENCE)
        sfn.stop_execution(executionArn=execution)
        eventually(lambda: cancelled, bool)
    assert cancelled == [True]


def test_heartbeats_by_hand_are_all_that_is_sent_where_that_was_wanted(sfn, activity, start, worker, working):
    """A handler that hangs is found out: nothing beats for it."""
    crew = worker(heartbeat_seconds=None)
    go = threading.Event()

    @crew.activity(activity)
    def hang(given):
        go.wait(PATIENCE)

    with working(crew):
        assert ended(sfn, start(HeartbeatSeconds=1))["error"] == "States.Timeout"
        go.set()


def test_a_result_that_is_too_large_is_a_failure_that_can_be_caught(sfn, activity, start, worker, working):
    crew = worker()
    crew.activity(activity)(lambda given: "x" * 300_000)
    with working(crew):
        assert ended(sfn, start())["error"] == "States.DataLimitExceeded"


def test_a_worker_that_is_stopped_leaves_no_task_behind(sfn, activity, start, worker, working):
    first, second = worker(), worker()
    first.activity(activity)(lambda given: "first")
    with working(first):
        assert ended(sfn, start())["output"] == '"first"'
    execution = start()
    second.activity(activity)(lambda given: "second")
    with working(second):
        assert ended(sfn, execution)["output"] == '"second"'


def test_at_aws_a_worker_that_stops_does_what_its_open_polls_still_bring(
    sfn, activity, start, worker, working, monkeypatch
):
    monkeypatch.setattr(StepFunctions, "is_aws", True)
    crew = worker(stop_seconds=1)
    crew.activity(activity)(lambda given: "done")
    with working(crew):
        assert ended(sfn, start())["output"] == '"done"'
        crew.stop()
        assert ended(sfn, start())["output"] == '"done"'


def test_a_worker_without_an_activity_says_so(worker):
    with pytest.raises(WorkerRefused, match="has no activity"):
        asyncio.run(worker().serve())


def test_a_worker_of_an_activity_that_is_not_there_says_what_to_do(worker):
    crew = worker()
    crew.activity("arn:aws:states:us-east-1:123456789012:activity:nowhere")(lambda given: given)
    with pytest.raises(WorkerRefused, match="create-activity --name nowhere"):
        asyncio.run(crew.serve())
