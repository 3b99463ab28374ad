"""Which catcher took an error, and where it led."""

from console.machines import ANSWERED, create, ended, start


def visit_named(page, arn, name):
    visits = page.get("execution/visits", arn=arn)
    number = next(row[0] for row in visits["rows"] if visits["states"][row[1]].rpartition("/")[2] == name)
    return page.get("execution/visit", arn=arn, visit=number)


def catcher(error, after):
    return {"ErrorEquals": [error], "Next": after}


def test_a_task_says_which_of_its_catchers_took_its_error_and_where_it_led(page, sfn, eventually):
    activity = sfn.create_activity(name="caught")["activityArn"]
    catch = [catcher("Other", "Mend"), catcher("Busy", "Mend"), catcher("States.ALL", "Give up")]
    work = {"Type": "Task", "Resource": activity, "Catch": catch, "End": True}
    machine = create(sfn, {"Work": work, "Mend": ANSWERED, "Give up": ANSWERED})
    arn = start(sfn, machine)
    assert visit_named(page, arn, "Work")["caughtBy"] is None
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_failure(taskToken=token, error="Busy", cause="later")
    ended(sfn, eventually, arn)
    found, mend = visit_named(page, arn, "Work"), visit_named(page, arn, "Mend")
    assert (found["status"], found["error"], found["cause"]) == ("CAUGHT", "Busy", "later")
    assert found["caughtBy"] == {
        "state": "/States/Work", "visit": found["visit"], "catcher": 1, "errors": ["Busy"],
        "next": "/States/Mend", "nextVisit": mend["visit"],
    }  # fmt: skip
    assert mend["caughtBy"] is None


def test_an_error_within_a_parallel_says_that_the_parallel_caught_it(page, sfn, eventually):
    inner = {"Type": "Parallel", "Branches": [branch("Fails", Type="Fail", Error="Odd")], "End": True}
    both = {
        "Type": "Parallel",
        "Branches": [branch("Inner", **inner), branch("Aside", Type="Wait", Seconds=3600, End=True)],
        "Catch": [catcher("States.ALL", "Mend")],
        "Next": "Mend",
    }
    arn = start(sfn, create(sfn, {"Both": both, "Mend": ANSWERED}))
    ended(sfn, eventually, arn)
    taken = visit_named(page, arn, "Both")["caughtBy"]
    assert (taken["state"], taken["catcher"], taken["next"]) == ("/States/Both", 0, "/States/Mend")
    assert visit_named(page, arn, "Inner")["caughtBy"] == taken
    assert visit_named(page, arn, "Fails")["caughtBy"] == taken
    assert visit_named(page, arn, "Aside")["caughtBy"] is None  # it was aborted: the error was not its own


def test_what_failed_in_an_attempt_that_was_retried_was_not_caught(page, sfn, eventually):
    both = {
        "Type": "Parallel",
        "Branches": [branch("Fails", Type="Fail", Error="Odd")],
        "Retry": [{"ErrorEquals": ["Odd"], "MaxAttempts": 1, "IntervalSeconds": 1}],
        "Catch": [catcher("Odd", "Mend")],
        "End": True,
    }
    arn = start(sfn, create(sfn, {"Both": both, "Mend": ANSWERED}))
    ended(sfn, eventually, arn)
    visits = page.get("execution/visits", arn=arn, state="/States/Both/Branches/0/States/Fails")
    first, second = (page.get("execution/visit", arn=arn, visit=row[0])["caughtBy"] for row in visits["rows"])
    assert first is None
    assert second["state"] == "/States/Both"


def branch(name, **state):
    return {"StartAt": name, "States": {name: state}}
