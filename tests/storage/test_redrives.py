"""Executions that were redriven, and the lanes that rest until one is."""

from stepwell.storage.records import RedriveRecord
from stepwell.storage.sqlite import SqliteStore
from storage.samples import ORDERS, advanced, execution, lane, started

ONCE = RedriveRecord(1, 1_700_000_000_500, (("tökén", 1_700_000_000_500),))
TWICE = RedriveRecord(2, 1_700_000_000_900, (("tökén", 1_700_000_000_500), ("b", 1_700_000_000_900)))


def redriven(key, version, redrive, **values):
    turn = advanced(key, version, redrive=redrive, **values)
    turn.redriven = True
    return turn


def ended(key, *lanes, status="FAILED"):
    return [started(key, lanes=[lane(0, "task", due=5)]), advanced(key, 2, status=status, stopped=9, lanes=list(lanes))]


def test_an_execution_keeps_how_often_and_when_it_was_redriven(store, run):
    run(store.commit(ended(1)))
    assert run(store.commit([redriven(1, 3, ONCE)])) == [True]
    assert run(store.execution_by_key(1)) == execution(1, version=3, redrive=ONCE)
    assert run(store.commit([redriven(1, 4, TWICE)])) == [True]
    assert run(store.execution(execution(1).arn)).redrive == TWICE


def test_a_turn_that_redrives_nothing_leaves_it_as_it_is(store, run):
    run(store.commit([*ended(1), redriven(1, 3, ONCE)]))
    assert run(store.commit([advanced(1, 4, status="SUCCEEDED", redrive=ONCE, all_lanes_ended=True)])) == [True]
    assert run(store.execution_by_key(1)).redrive == ONCE
    assert run(store.execution_by_key(1)).status == "SUCCEEDED"


def test_a_refused_redrive_changes_nothing(store, run):
    run(store.commit(ended(1)))
    assert run(store.commit([redriven(1, 9, ONCE), started(2)])) == [False, True]
    assert run(store.execution_by_key(1)).redrive is None
    assert run(store.execution_by_key(1)).status == "FAILED"


def test_lanes_that_rest_are_found_with_their_execution_and_nowhere_else(store, run):
    resting = [lane(0, "ended", ticket=0), lane(1, "gathering", ticket=0, frame=b"large" * 500)]
    run(store.commit(ended(1, *resting)))
    assert run(store.lanes(1)) == resting
    assert run(store.due(10, 10)) == []
    assert run(store.claimable("node", (0, 0), 10)) == []
    run(store.commit([redriven(1, 3, ONCE, lanes=[lane(0, "task", frame=None, due=7)])]))
    assert [(found.lane, found.waits, found.frame) for found in run(store.lanes(1))] == [
        (0, "task", b"frame"),
        (1, "gathering", b"large" * 500),
    ]
    assert run(store.due(10, 10)) == [(7, 1, 0, 1)]
    run(store.commit([advanced(1, 4, status="SUCCEEDED", all_lanes_ended=True)]))
    assert run(store.lanes(1)) == []


def test_executions_are_listed_by_whether_they_were_redriven(store, run):
    version, alias = f"{ORDERS}:1", f"{ORDERS}:live"
    for key in range(1, 9):
        given = {"state_machine_version_arn": version, "state_machine_alias_arn": alias} if key % 2 else {}
        run(store.commit([started(key, **given), advanced(key, 2, status="FAILED", stopped=9)]))
        if key > 4:
            run(store.commit([redriven(key, 3, ONCE, status="RUNNING" if key > 6 else "FAILED")]))

    def keys(arn, flag, status=None, limit=10, before=None):
        return [found.key for found in run(store.executions(arn, status, limit, before, flag))]

    assert keys(ORDERS, None) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert keys(ORDERS, True) == [8, 7, 6, 5]
    assert keys(ORDERS, False) == [4, 3, 2, 1]
    assert keys(ORDERS, True, "FAILED") == [6, 5]
    assert keys(ORDERS, False, "FAILED", limit=2, before=4) == [3, 2]
    assert keys(ORDERS, True, limit=2, before=8) == [7, 6]
    assert keys(version, True) == keys(alias, True) == [7, 5]
    assert keys(alias, False) == [3, 1]
    assert keys(version, True, "RUNNING") == [7]
    assert keys(f"{ORDERS}2", True) == []
    assert run(store.executions(ORDERS, None, 1, None, True))[0].redrive == ONCE


def test_redrives_survive_the_process(tmp_path, run):
    store = SqliteStore(tmp_path)
    run(store.open())
    run(store.commit([*ended(1, lane(0, "ended", ticket=0)), redriven(1, 3, TWICE)]))
    run(store.close())
    again = SqliteStore(tmp_path)
    run(again.open())
    assert run(again.execution_by_key(1)).redrive == TWICE
    run(again.close())
