"""One execution: its states, visits, events, what it waits for, and its data from stage to stage."""

import json

import pytest

from console.machines import ANSWERED, EACH, create, ended, review, start


@pytest.fixture
def mapped(sfn, eventually):
    """The ARN of an execution with a Parallel, and within it a Map of which one iteration fails, caught."""
    each = {**EACH, "ToleratedFailureCount": 0, "End": True}
    both = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "Each", "States": {"Each": each}},
            {"StartAt": "Aside", "States": {"Aside": {"Type": "Pass", "Assign": {"inner": 1}, "End": True}}},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mend", "ResultPath": "$.trouble"}],
        "Next": "Done",
    }
    states = {
        "Begin": {"Type": "Pass", "Assign": {"who.$": "$.who"}, "Next": "Both"},
        "Both": both,
        "Mend": {"Type": "Pass", "End": True},
        "Done": {"Type": "Succeed"},
    }
    arn = start(sfn, create(sfn, states), {"who": "Ada", "items": [1, 3, 200]})
    ended(sfn, eventually, arn)
    return arn


def statuses(summary):
    return {path: (state["status"], state["visits"]) for path, state in summary["states"].items()}


def test_every_state_has_the_status_of_its_visits(page, mapped):
    summary = page.get("execution", arn=mapped)
    inner = "/States/Both/Branches/0/States/Each/ItemProcessor/States"
    found = statuses(summary)
    assert found["/States/Begin"] == ("SUCCEEDED", 1)
    assert found["/States/Both"] == ("CAUGHT", 1)
    assert found["/States/Mend"] == ("SUCCEEDED", 1)
    assert found["/States/Both/Branches/0/States/Each"] == ("FAILED", 1)
    assert found[f"{inner}/Look"][1] == 3
    assert found[f"{inner}/Too much"] == ("FAILED", 1)
    assert "/States/Done" not in found
    assert summary["execution"]["status"] == "SUCCEEDED"
    assert summary["execution"]["input"] == '{"who": "Ada", "items": [1, 3, 200]}'
    assert json.loads(summary["definition"])["StartAt"] == "Begin"
    assert (summary["waits"], summary["moreWaits"]) == ([], False)


def test_visits_come_in_order_with_their_place(page, mapped):
    answer = page.get("execution/visits", arn=mapped)
    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    assert [row["visit"] for row in rows] == sorted(row["visit"] for row in rows)
    by_path = {answer["states"][row["state"]]: row for row in rows}
    both, each = by_path["/States/Both"], by_path["/States/Both/Branches/0/States/Each"]
    assert (both["within"], both["attempts"]) == (0, 1)
    assert (each["within"], each["index"]) == (both["visit"], 0)
    assert by_path["/States/Both/Branches/1/States/Aside"]["index"] == 1
    looks = page.get("execution/visits", arn=mapped, within=each["visit"], index=2)
    assert [looks["states"][row[1]].rpartition("/")[2] for row in looks["rows"]] == ["Look", "Too much"]
    first = page.get("execution/visits", arn=mapped, limit=2)
    assert len(first["rows"]) == 2
    assert page.get("execution/visits", arn=mapped, limit=1, after=first["next"])["rows"][0][0] == rows[2]["visit"]


def test_iterations_are_listed_one_by_one(page, mapped):
    visits = page.get("execution/visits", arn=mapped)
    each = next(row[0] for row in visits["rows"] if visits["states"][row[1]].endswith("/Each"))
    found = page.get("execution/iterations", arn=mapped, visit=each)
    assert found["length"] == 3
    assert [(line["index"], line["status"]) for line in found["iterations"]]== [
        (0, "SUCCEEDED"), (1, "SUCCEEDED"), (2, "FAILED"),
    ]  # fmt: skip
    (failed,) = page.get("execution/iterations", arn=mapped, visit=each, status="FAILED")["iterations"]
    assert (failed["error"], failed["state"].rpartition("/")[2]) == ("TooMuch", "Too much")
    assert page.get("execution/iterations", arn=mapped, visit=each, limit=1, after=1)["iterations"] == [failed]


def test_folding_the_events_gives_the_statuses(page, mapped):
    events = page.get("execution/events", arn=mapped)["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    folded = {}
    for event in events:
        if event["visit"]:
            folded[event["visit"]] = event["status"]
    visits = page.get("execution/visits", arn=mapped)
    for number, _, _, _, _, _, _, status, _, _ in visits["rows"]:
        assert folded[number] == status or status == "ABORTED" or folded[number] == "RUNNING"
    assert "input" not in events[0]["details"]


def test_events_are_filtered_and_paged(page, mapped):
    def types(**query):
        return [event["type"] for event in page.get("execution/events", arn=mapped, **query)["events"]]

    everything = types()
    assert types(type="MapIterationStarted") == ["MapIterationStarted"] * everything.count("MapIterationStarted")
    assert "PassStateEntered" not in types(type="-PassStateEntered")
    assert set(types(failures=1)) <= {kind for kind in everything if kind.endswith(("Failed", "TimedOut", "Aborted"))}
    assert types(state="/States/Mend") == ["PassStateEntered", "PassStateExited"]
    assert types(text="ada", limit=1) == ["ExecutionStarted"]
    assert types(order="desc", limit=1) == ["ExecutionSucceeded"]
    assert types(after=1, before=3) == everything[1:2]
    paged, following = [], 0
    while following is not None:
        answer = page.get("execution/events", arn=mapped, limit=4, after=following)
        paged += [event["type"] for event in answer["events"]]
        following = answer["next"]
    assert paged == everything
    backwards, following = [], {}
    while following is not None:
        answer = page.get("execution/events", arn=mapped, limit=5, order="desc", **following)
        backwards += [event["type"] for event in answer["events"]]
        following = None if answer["next"] is None else {"before": answer["next"]}
    assert backwards == everything[::-1]
    with_data = page.get("execution/events", arn=mapped, data=1, limit=1)["events"][0]
    assert json.loads(with_data["details"]["input"])["who"] == "Ada"


def visit_named(page, arn, name):
    visits = page.get("execution/visits", arn=arn)
    number = next(row[0] for row in visits["rows"] if visits["states"][row[1]].rpartition("/")[2] == name)
    return page.get("execution/visit", arn=arn, visit=number)


def test_a_visit_has_the_variables_that_it_saw_and_set(page, mapped):
    begin, both, aside = (visit_named(page, mapped, name) for name in ("Begin", "Both", "Aside"))
    assert (begin["variables"], begin["assigned"]) == ("{}", {"who": '"Ada"'})
    assert both["variables"] == '{"who":"Ada"}'
    assert (aside["variables"], aside["assigned"]) == ('{"who":"Ada"}', {"inner": "1"})
    assert aside["iteration"] == [["/States/Both", 1]]
    assert both["next"] == "/States/Mend"
    assert both["error"] == "States.ExceedToleratedFailureThreshold"
    assert visit_named(page, mapped, "Each")["iterations"]["length"] == 3


def test_the_stages_of_a_state_are_worked_out_from_its_input_and_its_result(page, sfn, eventually):
    machine = create(
        sfn,
        {
            "Shape": {
                "Type": "Pass", "InputPath": "$.a", "Parameters": {"b.$": "$.b", "id.$": "$$.Execution.Name"},
                "ResultPath": "$.shaped", "OutputPath": "$.shaped", "End": True,
            }
        },
    )  # fmt: skip
    arn = start(sfn, machine, {"a": {"b": 7}}, name="staged")
    ended(sfn, eventually, arn)
    shape = visit_named(page, arn, "Shape")
    stages = {stage["name"]: (json.loads(stage["value"]), stage["exact"]) for stage in shape["stages"]}
    assert stages["afterInputPath"] == ({"b": 7}, False)
    assert stages["afterParameters"] == ({"b": 7, "id": "staged"}, False)
    assert stages["afterResultPath"] == ({"a": {"b": 7}, "shaped": {"b": 7, "id": "staged"}}, False)
    assert json.loads(shape["output"]) == {"b": 7, "id": "staged"}
    assert json.loads(shape["definition"])["Type"] == "Pass"
    assert shape["line"] == 4


def test_a_task_shows_what_it_was_given_and_its_attempts(page, sfn, eventually):
    activity = sfn.create_activity(name="work")["activityArn"]
    task = {
        "Type": "Task", "Resource": activity, "Parameters": {"n.$": "$.n"}, "ResultSelector": {"got.$": "$.r"},
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3600, "MaxAttempts": 5}], "End": True,
    }  # fmt: skip
    arn = start(sfn, create(sfn, {"Work": task}), {"n": 4})
    wait = eventually(lambda: page.get("execution", arn=arn)["waits"])[0]
    assert (wait["kind"], wait["status"], wait["resource"], wait["state"]) == (
        "activity", "WAITING", activity, "/States/Work",
    )  # fmt: skip
    token = sfn.get_activity_task(activityArn=activity, workerName="w1")["taskToken"]
    assert page.get("execution", arn=arn)["waits"][0]["kind"] == "worker"
    assert token not in json.dumps(page.get("inbox"))
    sfn.send_task_failure(taskToken=token, error="Busy", cause="later")
    summary = page.get("execution", arn=arn)
    (wait,) = summary["waits"]
    assert (wait["kind"], wait["status"], wait["attempt"], wait["attempts"]) == ("retry", "RETRYING", 1, 5)
    assert wait["until"] - wait["since"] == 3_600_000
    assert wait["text"] == "retry 1 of 5"
    assert summary["states"]["/States/Work"]["status"] == "RETRYING"
    work = visit_named(page, arn, "Work")
    (attempt,) = work["attempts"]
    assert (attempt["status"], attempt["error"], attempt["worker"]) == ("FAILED", "Busy", "w1")
    assert (work["error"], work["cause"], work["wait"]["kind"]) == ("Busy", "later", "retry")
    assert {stage["name"]: stage["exact"] for stage in work["stages"]}["afterParameters"] is True
    segments = page.get("execution/visits", arn=arn)["rows"][0][-1]
    assert segments[-1][0] == "backoff"
    assert segments[-1][2] is None
    sfn.stop_execution(executionArn=arn)
    assert page.get("execution", arn=arn)["states"]["/States/Work"]["status"] == "ABORTED"


def test_a_wait_says_until_when(page, sfn):
    arn = start(sfn, create(sfn, {"Nap": {"Type": "Wait", "Seconds": 3600, "End": True}}))
    (wait,) = page.get("execution", arn=arn)["waits"]
    assert (wait["kind"], wait["status"]) == ("timer", "WAITING")
    assert abs(wait["until"] - wait["since"] - 3_600_000) < 1_000
    sfn.stop_execution(executionArn=arn)


def test_an_express_execution_that_is_in_memory_is_shown_as_any_other(page, sfn, eventually):
    arn = start(sfn, create(sfn, {"A": {**ANSWERED, "Assign": {"x": 1}}}, kind="EXPRESS"), {"n": 1})
    summary = eventually(
        lambda: (found := page.get("execution", arn=arn))["execution"]["status"] == "SUCCEEDED" and found
    )
    assert statuses(summary) == {"/States/A": ("SUCCEEDED", 1)}
    assert not summary["execution"]["redrivable"]
    assert visit_named(page, arn, "A")["assigned"] == {"x": "1"}


def test_a_redriven_execution_goes_on_in_the_same_visit(page, sfn, eventually):
    arn = start(sfn, create(sfn, {"Review": review(sfn)}), {"amount": 1})
    eventually(lambda: page.get("execution", arn=arn)["waits"][0]["kind"] == "token")
    sfn.stop_execution(executionArn=arn)
    assert page.get("execution", arn=arn)["execution"]["redrivable"]
    sfn.redrive_execution(executionArn=arn)
    summary = eventually(lambda: (found := page.get("execution", arn=arn))["waits"][0]["kind"] == "token" and found)
    assert summary["states"]["/States/Review"]["visits"] == 1
    assert summary["execution"]["redrives"] == 1
    sfn.stop_execution(executionArn=arn)


@pytest.mark.parametrize("call", ["execution", "execution/visits", "execution/events", "execution/visit", "export"])
def test_what_is_not_there_or_another_accounts_is_not_found(page, mapped, call):
    for query in (f"arn={mapped}x", f"arn={mapped}&account=111122223333", "arn=nonsense", ""):
        answer = page.send("GET", f"/console/api/{call}?{query}")
        assert answer.status == 400
        assert answer.code in {"ExecutionDoesNotExist", "InvalidArn", "ValidationException"}


def test_a_visit_that_is_not_there_is_not_found(page, mapped):
    for visit in ("1", "99999", ""):
        assert page.send("GET", f"/console/api/execution/visit?arn={mapped}&visit={visit}").status == 400


def test_hostile_names_come_back_as_they_are(page, sfn, eventually):
    name = '"><script>alert(1)</script> a/b~c \u202egpj.exe'
    arn = start(sfn, create(sfn, {name: ANSWERED}))
    ended(sfn, eventually, arn)
    ((path, state),) = page.get("execution", arn=arn)["states"].items()
    assert path == "/States/" + name.replace("~", "~0").replace("/", "~1")
    found = page.get("execution/visit", arn=arn, visit=state["last"])
    assert (found["name"], found["state"]) == (name, path)
    node = page.post("layout", {"definition": page.get("execution", arn=arn)["definition"]})["nodes"][1]
    assert (node["id"], node["name"]) == (path, name)
