"""RedriveExecution by boto3 over HTTP, with a server that is killed in between."""

import json

import pytest
from botocore.exceptions import ClientError

from e2e.definitions import states, work
from e2e.server import ROLE, Server, ended, whole_history


def code_of(refused):
    return refused.value.response["Error"]["Code"]


def poll(sfn, activity):
    task = sfn.get_activity_task(activityArn=activity, workerName="worker")
    return task["taskToken"], json.loads(task["input"])


def test_an_execution_is_redriven_until_it_succeeds(sfn, create, start, fresh):
    activity = sfn.create_activity(name=fresh("activity"))["activityArn"]
    execution = start(create(states(Before={"Type": "Pass"}, Work=work(activity))), {"n": 1})
    for count in range(3):
        token, given = poll(sfn, activity)
        assert given == {"n": 1}
        sfn.send_task_failure(taskToken=token, error="Boom", cause="not yet")
        found = ended(sfn, execution)
        assert (found["status"], found["redriveCount"], found["redriveStatus"]) == ("FAILED", count, "REDRIVABLE")
        redriven = sfn.redrive_execution(executionArn=execution, clientToken=f"t{count}")["redriveDate"]
        assert sfn.redrive_execution(executionArn=execution, clientToken=f"t{count}")["redriveDate"] == redriven
    with pytest.raises(ClientError) as refused:
        sfn.redrive_execution(executionArn=execution)
    assert code_of(refused) == "ExecutionNotRedrivable"
    token, _ = poll(sfn, activity)
    sfn.send_task_success(taskToken=token, output='"done"')
    found = ended(sfn, execution)
    assert (found["status"], found["output"], found["redriveCount"]) == ("SUCCEEDED", '"done"', 3)
    assert found["redriveDate"] == redriven
    assert "error" not in found
    events = [event["type"] for event in whole_history(sfn, execution)]
    assert events.count("ExecutionRedriven") == 3
    assert events.count("PassStateEntered") == events.count("TaskStateEntered") == 1


def test_redriven_executions_are_listed_as_such(sfn, create, start):
    machine = create(states(Fail={"Type": "Fail", "Error": "Boom"}))
    one, two = start(machine), start(machine)
    for execution in (one, two):
        ended(sfn, execution)
    sfn.redrive_execution(executionArn=one)
    assert ended(sfn, one)["status"] == "FAILED"
    for kind, expected in (("REDRIVEN", one), ("NOT_REDRIVEN", two)):
        (item,) = sfn.list_executions(stateMachineArn=machine, redriveFilter=kind)["executions"]
        assert item["executionArn"] == expected


def test_a_server_that_is_killed_forgets_no_redrive(tmp_path):
    """Nothing of the lanes that rest, of a redrive, or of what goes on after it, is lost with the process."""
    server = Server(tmp_path / "data").start()
    try:
        sfn = server.client()
        activity = sfn.create_activity(name="work")["activityArn"]
        each = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": states(Work=work(activity))}
        definition = json.dumps(states(Each=each))
        machine = sfn.create_state_machine(name="m", definition=definition, roleArn=ROLE)["stateMachineArn"]
        execution = sfn.start_execution(stateMachineArn=machine, input="[1,2,3]")["executionArn"]
        tasks = dict(reversed(poll(sfn, activity)) for _ in range(2))
        sfn.send_task_success(taskToken=tasks[1], output='"one"')
        sfn.send_task_failure(taskToken=tasks[2], error="Boom")
        assert ended(sfn, execution)["status"] == "FAILED"
        _restarted(server)
        sfn = server.client()
        redriven = sfn.redrive_execution(executionArn=execution, clientToken="t")["redriveDate"]
        _restarted(server)
        sfn = server.client()
        assert sfn.redrive_execution(executionArn=execution, clientToken="t")["redriveDate"] == redriven
        tasks = dict(reversed(poll(sfn, activity)) for _ in range(2))
        assert sorted(tasks) == [2, 3]
        _restarted(server)
        sfn = server.client()
        for number, token in tasks.items():
            sfn.send_task_success(taskToken=token, output=f'"{number}"')
        found = ended(sfn, execution)
        assert (found["status"], found["redriveCount"]) == ("SUCCEEDED", 1)
        assert json.loads(found["output"]) == ["one", "2", "3"]
    finally:
        server.kill()


def _restarted(server):
    server.kill()
    server.start()
