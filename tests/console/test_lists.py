"""Finding executions across state machines, and the overview."""

import pytest

from console.machines import ANSWERED, create, ended, start

FAILS = {"Type": "Fail", "Error": "Sorry", "Cause": "This is why"}


@pytest.fixture(scope="module")
def filled(server):
    """Three machines, one of them Express, each with executions that have ended."""
    import time

    def eventually(look):
        until = time.monotonic() + 20
        while not (found := look()):
            assert time.monotonic() < until
            time.sleep(0.01)
        return found

    sfn = server.client()
    good, bad = create(sfn, {"A": ANSWERED}), create(sfn, {"B": FAILS})
    express = create(sfn, {"C": ANSWERED}, kind="EXPRESS")
    for number in range(3):
        ended(sfn, eventually, start(sfn, good, {"order": f"Café {number}"}, name=f"order-{number}"))
    ended(sfn, eventually, start(sfn, bad, {"order": "lost"}, name="lost"))
    start(sfn, express, {"order": "quick"}, name="quick")
    return {"good": good, "bad": bad, "express": express}


def names(page, **query):
    answer = page.get("executions", **query)
    assert answer["next"] is None
    return [each["name"] for each in answer["executions"]]


def test_executions_of_all_machines_are_listed_newest_first(filled, page):
    assert names(page) == ["quick", "lost", "order-2", "order-1", "order-0"]


def test_an_execution_is_shown_with_what_lists_need(filled, page):
    quick, lost = page.get("executions", limit=2)["executions"]
    assert (quick["type"], quick["stateMachineArn"], quick["status"]) == ("EXPRESS", filled["express"], "SUCCEEDED")
    assert (lost["type"], lost["status"], lost["error"], lost["cause"]) == (
        "STANDARD",
        "FAILED",
        "Sorry",
        "This is why",
    )
    assert lost["started"] <= lost["stopped"]
    assert lost["stateMachine"] == filled["bad"].rpartition(":")[2]
    assert not {"input", "output"} & lost.keys()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "FAILED"}, ["lost"]),
        ({"status": ["FAILED", "RUNNING"]}, ["lost"]),
        ({"name": "ORDER"}, ["order-2", "order-1", "order-0"]),
        ({"text": "café 1"}, ["order-1"]),
        ({"text": "CAFÉ 1"}, []),
        ({"text": "this is"}, ["lost"]),
        ({"text": "quick"}, ["quick"]),
        ({"to": 1}, []),
        ({"account": "111122223333"}, []),
        ({"region": "eu-west-1"}, []),
    ],
)
def test_what_is_asked_for_is_found(filled, page, query, found):
    assert names(page, **query) == found


def test_executions_of_one_machine_are_found(filled, page):
    assert names(page, machine=filled["bad"]) == ["lost"]
    assert names(page, machine=filled["express"]) == ["quick"]


def test_pages_of_both_engines_follow_each_other(filled, page):
    found, following = [], {}
    for _ in range(10):
        answer = page.get("executions", limit=2, **following)
        found += [each["name"] for each in answer["executions"]]
        if answer["next"] is None:
            break
        following = {"next": answer["next"]}
        assert answer["searchedTo"] == int(answer["next"])
    assert found == ["quick", "lost", "order-2", "order-1", "order-0"]


@pytest.mark.parametrize("query", ["status=NONE", "from=x", "limit=-1", "next=abc"])
def test_what_is_no_question_is_refused(page, query):
    answer = page.send("GET", f"/console/api/executions?{query}")
    assert (answer.status, answer.code) == (400, "ValidationException")


def test_the_overview_counts_and_shows_what_went_wrong(filled, page):
    found = page.get("overview")
    assert found["machines"] == 3
    assert found["running"] == 0
    assert [each["name"] for each in found["failures"]] == ["lost"]
    assert [each["name"] for each in found["recent"]][:2] == ["quick", "lost"]
    assert len(found["buckets"]) == 24
    assert found["complete"]
    last = found["buckets"][-1]
    assert sum(bucket["started"] for bucket in found["buckets"]) == 5
    assert last["at"] <= found["now"] < last["at"] + found["bucket"]
    assert found["scopes"] == [{"account": "123456789012", "region": "us-east-1", "machines": 3}]
