"""The inbox: who waits for a person, and their answers, without a task token in the browser."""

import json

import pytest

from console.machines import create, ended, review, start


@pytest.fixture
def waiting(page, sfn, eventually):
    """An execution that waits for a person, and its task in the inbox."""
    states = {"Review": review(sfn, Next="Done", Catch=[{"ErrorEquals": ["Rejected"], "Next": "Gone"}])}
    states["Review"].pop("End")
    machine = create(sfn, states | {"Done": {"Type": "Succeed"}, "Gone": {"Type": "Succeed"}})
    arn = start(sfn, machine, {"amount": 250})

    def task():
        return next((each for each in page.get("inbox")["tasks"] if each["executionArn"] == arn), None)

    return arn, eventually(task)


def test_a_task_says_what_is_to_be_decided_and_nothing_of_its_token(page, sfn, waiting):
    arn, task = waiting
    assert (task["name"], task["state"], task["kind"]) == ("Review", "/States/Review", "token")
    assert task["comment"] == "Somebody has to decide"
    assert json.loads(task["input"]) == {"amount": 250}
    assert json.loads(task["parameters"])["Input"] == {"token": "<task token>", "amount": 250}
    assert task["execution"]["status"] == "RUNNING"
    history = sfn.get_execution_history(executionArn=arn)["events"]
    token = json.loads(
        next(e for e in history if e["type"] == "TaskScheduled")["taskScheduledEventDetails"]["parameters"]
    )
    visit = page.get("execution/visit", arn=arn, visit=task["visit"])
    assert token["Input"]["token"] not in json.dumps(visit)
    assert page.get("overview")["inbox"] >= 1


def test_a_task_is_completed(page, sfn, eventually, waiting):
    arn, task = waiting
    answer = {"executionArn": arn, "lane": task["lane"], "ticket": task["ticket"], "output": '{"ok": true}'}
    assert page.post("inbox/answer", answer) == {}
    assert json.loads(ended(sfn, eventually, arn)["output"]) == {"ok": True}
    error = page.post("inbox/answer", answer, status=400)
    assert error["__type"].endswith("#TaskTimedOut")


def test_a_task_is_rejected(page, sfn, eventually, waiting):
    arn, task = waiting
    answer = {"executionArn": arn, "lane": task["lane"], "ticket": task["ticket"], "error": "Rejected", "cause": "No."}
    assert page.post("inbox/answer", answer) == {}
    assert json.loads(ended(sfn, eventually, arn)["output"]) == {"Error": "Rejected", "Cause": "No."}


def test_an_answer_that_is_none_changes_nothing(page, sfn, waiting):
    arn, task = waiting
    given = {"executionArn": arn, "lane": task["lane"], "ticket": task["ticket"]}
    for wrong in (
        {**given, "output": "{"},
        {**given, "output": "1", "error": "x"},
        {**given, "lane": "0", "output": "1"},
        {**given, "ticket": task["ticket"] + 1, "output": "1"},
        {**given, "ticket": -1, "output": "1"},
    ):
        assert page.post("inbox/answer", wrong, status=400)
    assert page.send("POST", "/console/api/inbox/answer?account=111122223333", {**given, "output": "1"}).status == 400
    assert sfn.describe_execution(executionArn=arn)["status"] == "RUNNING"
    sfn.stop_execution(executionArn=arn)


def test_tasks_of_another_account_are_not_shown(page, sfn, waiting):
    arn, _ = waiting
    assert page.get("inbox", account="111122223333")["tasks"] == []
    assert page.get("inbox", region="eu-west-1")["tasks"] == []
    sfn.stop_execution(executionArn=arn)
    assert arn not in [task["executionArn"] for task in page.get("inbox")["tasks"]]


def test_the_inbox_is_paged(page, sfn, eventually):
    machine = create(sfn, {"Review": review(sfn)})
    arns = {start(sfn, machine, {"amount": number}) for number in range(3)}
    eventually(lambda: arns <= {task["executionArn"] for task in page.get("inbox")["tasks"]})
    found, following = [], {}
    for _ in range(20):
        answer = page.get("inbox", limit=1, **following)
        found += [task["executionArn"] for task in answer["tasks"]]
        if answer["next"] is None:
            break
        following = {"next": answer["next"]}
    assert arns <= set(found)
    assert len(found) == len(set(found))
    for arn in arns:
        sfn.stop_execution(executionArn=arn)


def test_tasks_that_wait_for_a_worker_can_be_done_by_hand(page, sfn, eventually):
    activity = sfn.create_activity(name="by-hand")["activityArn"]
    arn = start(sfn, create(sfn, {"Work": {"Type": "Task", "Resource": activity, "End": True}}), {"n": 1})
    (task,) = eventually(lambda: page.get("inbox", kind="activity")["tasks"])
    assert (task["kind"], task["resource"], json.loads(task["input"])) == ("activity", activity, {"n": 1})
    sfn.get_activity_task(activityArn=activity)
    assert page.get("inbox", kind="activity")["tasks"] == []
    page.post("inbox/answer", {"executionArn": arn, "lane": task["lane"], "ticket": task["ticket"], "output": '"done"'})
    assert ended(sfn, eventually, arn)["output"] == '"done"'
