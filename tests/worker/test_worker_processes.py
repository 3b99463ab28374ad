"""`stepwell worker` as a process: signals, crashes, and servers that come and go."""

import re
import signal

import pytest

from e2e.server import Server, ended, eventually, whole_history

RETRIED = [{"ErrorEquals": ["States.TaskFailed", "States.HeartbeatTimeout"], "IntervalSeconds": 1, "MaxAttempts": 3}]
HELD = ["shop:held", "shop:held_on_the_loop"]


def began(process, times=1):
    eventually(lambda: process.marks("began"), lambda marks: len(marks) >= times)


def go(process):
    (process.folder / "go").touch()


def test_a_function_does_the_tasks_until_it_is_told_to_stop(sfn, server, activity, start, spawn):
    worker = spawn("shop:double", activity, server.url, "--worker-name", "shop 7")
    assert ended(sfn, start(21))["output"] == "42"
    worker.send(signal.SIGTERM)
    assert worker.status() == 0
    log = worker.log.read_text()
    assert f"shop 7 polls {activity} at {server.url}" in log
    assert "ERROR" not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("function", HELD)
def test_a_worker_that_is_told_to_stop_finishes_what_runs_and_takes_nothing_more(
    sfn, server, activity, start, spawn, number, function
):
    worker = spawn(function, activity, server.url)
    first = start(1)
    began(worker)
    worker.send(number)
    eventually(worker.log.read_text, lambda log: "stopping: 1 tasks" in log)
    second = start(2)
    go(worker)
    assert worker.status() == 0
    assert ended(sfn, first)["output"] == "2"
    assert whole_history(sfn, second)[-1]["type"] == "ActivityScheduled"
    assert len(worker.marks("began")) == 1


@pytest.mark.parametrize("function", HELD)
def test_what_is_not_done_in_time_is_failed_so_that_another_worker_has_it_at_once(
    sfn, server, activity, start, spawn, function
):
    first = spawn(function, activity, server.url, "--stop-seconds", "0.2")
    execution = start(4, Retry=RETRIED)
    began(first)
    first.send(signal.SIGTERM)
    assert first.status() == 0
    second = spawn(function, activity, server.url)
    began(second, 2)
    go(second)
    assert ended(sfn, execution)["output"] == "8"
    (failed,) = [event for event in whole_history(sfn, execution) if event["type"] == "ActivityFailed"]
    assert failed["activityFailedEventDetails"]["error"] == "Worker.Stopped"


def test_a_second_signal_ends_a_worker_at_once(server, activity, start, spawn):
    worker = spawn("shop:held", activity, server.url)
    start(1)
    began(worker)
    worker.send(signal.SIGINT)
    eventually(worker.log.read_text, lambda log: "stopping" in log)
    worker.send(signal.SIGINT)
    assert worker.status() == 0
    assert "ended at once" in worker.log.read_text()


def test_the_task_of_a_worker_that_was_killed_goes_to_another_once_its_heartbeat_is_missed(
    sfn, server, activity, start, spawn
):
    first = spawn("shop:held", activity, server.url, "--heartbeat", "0.3")
    execution = start(5, HeartbeatSeconds=2, Retry=RETRIED)
    began(first)
    first.send(signal.SIGKILL)
    assert first.status() == -signal.SIGKILL
    second = spawn("shop:held", activity, server.url)
    began(second, 2)
    go(second)
    assert ended(sfn, execution)["output"] == "10"
    assert [event["type"] for event in whole_history(sfn, execution)].count("ActivityTimedOut") == 1


@pytest.fixture
def restartable(tmp_path):
    """A server of this test alone, that comes back at the same port."""
    folder = tmp_path / "server"
    folder.mkdir()
    first = Server(folder / "data").start()
    port = re.search(r":(\d+)$", first.url)[1]
    first.stop()
    server = Server(folder / "data", "--port", port).start()
    yield server
    server.stop()


def test_an_answer_outlives_a_server_that_is_killed_while_the_task_runs(restartable, names, start, spawn):
    sfn = restartable.client()
    activity = sfn.create_activity(name=next(names))["activityArn"]
    worker = spawn("shop:held", activity, restartable.url, "--heartbeat", "0.2")
    execution = start(6, client=sfn, Resource=activity)
    began(worker)
    restartable.kill()
    go(worker)
    eventually(worker.log.read_text, lambda log: "an answer to a task" in log)
    restartable.start()
    assert ended(sfn, execution)["output"] == "12"
    types = [event["type"] for event in whole_history(sfn, execution)]
    assert types.count("ActivityStarted") == types.count("ActivitySucceeded") == 1
    assert len(worker.marks("began")) == 1


def test_a_worker_finds_the_server_again_that_was_killed_while_it_polled(restartable, names, start, spawn):
    sfn = restartable.client()
    activity = sfn.create_activity(name=next(names))["activityArn"]
    worker = spawn("shop:double", activity, restartable.url)
    assert ended(sfn, start(1, client=sfn, Resource=activity))["output"] == "2"
    restartable.kill()
    eventually(worker.log.read_text, lambda log: "could be got" in log)
    restartable.start()
    assert ended(sfn, start(2, client=sfn, Resource=activity))["output"] == "4"


def test_a_worker_may_be_there_before_its_server(restartable, names, start, spawn):
    sfn = restartable.client()
    activity = sfn.create_activity(name=next(names))["activityArn"]
    restartable.stop()
    worker = spawn("shop:double", activity, restartable.url)
    eventually(worker.log.read_text, lambda log: "could be got" in log)
    restartable.start()
    assert ended(sfn, start(2, client=sfn, Resource=activity))["output"] == "4"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("double", "write MODULE:FUNCTION"),
        ("shop:nothing", "has no function nothing"),
        ("nowhere:f", "there is no module nowhere"),
        ("shop:FUNCTIONS", "has no function FUNCTIONS"),
    ],
)
def test_a_function_that_is_not_there_is_named(server, activity, spawn, function, said):
    worker = spawn(function, activity, server.url)
    assert worker.status() == 1
    assert said in worker.log.read_text()


def test_an_activity_that_is_not_there_ends_the_worker_with_advice(server, activity, spawn):
    worker = spawn("shop:double", f"{activity}-gone", server.url)
    assert worker.status() == 1
    assert "create-activity --name" in worker.log.read_text()
