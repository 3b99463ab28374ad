"""Aliases of state machines, and executions that were started by one."""

import pytest

from stepwell.storage.port import DeleteAlias, DeleteStateMachine, PutAlias, PutStateMachine
from stepwell.storage.records import AliasRecord
from stepwell.storage.sqlite import SqliteStore
from stepwell.storage.sqlite.queries import QUERIES
from storage.samples import ORDERS, RETURNS, advanced, revision, started, state_machine

STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


def alias(key, name="live", arn=ORDERS, **values):
    given = {"description": "", "routes": ((f"{arn}:1", 100),), "created": 1_700_000_000_000, "updated": 1}
    return AliasRecord(key, f"{arn}:{name}", arn, name, **{**given, **values})


def test_an_alias_is_kept_as_it_was_given(store, run):
    given = alias(1, description="dé", routes=((f"{ORDERS}:2", 30), (f"{ORDERS}:1", 70)))
    assert run(store.commit([PutAlias(given)])) == [True]
    assert run(store.alias(given.arn)) == given
    assert run(store.alias(f"{ORDERS}:dead")) is None


def test_an_alias_is_replaced_and_keeps_its_place(store, run):
    run(store.commit([PutAlias(alias(1)), PutAlias(alias(2, "test"))]))
    turned = alias(1, description="turned", routes=((f"{ORDERS}:9", 100),), updated=2)
    assert run(store.commit([PutAlias(turned)])) == [True]
    assert run(store.alias(turned.arn)) == turned
    assert run(store.aliases(ORDERS, 10, None)) == [turned, alias(2, "test")]


def test_aliases_are_listed_oldest_first_in_pages(store, run):
    run(store.commit([PutAlias(alias(key, f"a{9 - key}")) for key in range(1, 6)]))
    run(store.commit([PutAlias(alias(7, "other", RETURNS))]))
    assert [found.key for found in run(store.aliases(ORDERS, 2, None))] == [1, 2]
    assert [found.key for found in run(store.aliases(ORDERS, 10, 2))] == [3, 4, 5]
    assert [found.key for found in run(store.aliases(RETURNS, 10, None))] == [7]


def test_a_deleted_alias_is_gone_and_its_neighbour_is_not(store, run):
    run(store.commit([PutAlias(alias(1)), PutAlias(alias(2, "test"))]))
    assert run(store.commit([DeleteAlias(f"{ORDERS}:live"), DeleteAlias("nonsense")])) == [True, True]
    assert run(store.aliases(ORDERS, 10, None)) == [alias(2, "test")]


def test_a_deleted_state_machine_takes_its_aliases_along_and_no_others(store, run):
    run(store.commit([PutStateMachine(state_machine(1), revision(1), new=True)]))
    run(store.commit([PutAlias(alias(2)), PutAlias(alias(3, arn=RETURNS))]))
    run(store.commit([DeleteStateMachine(ORDERS)]))
    assert run(store.aliases(ORDERS, 10, None)) == []
    assert run(store.alias(f"{ORDERS}:live")) is None
    assert run(store.alias(f"{RETURNS}:live")) == alias(3, arn=RETURNS)


def test_executions_are_listed_by_alias_newest_first(store, run):
    for key in range(1, 11):
        name = "live" if key % 2 else "7up"
        given = {"state_machine_version_arn": f"{ORDERS}:1", "state_machine_alias_arn": f"{ORDERS}:{name}"}
        run(store.commit([started(key, **given)]))
        run(store.commit([advanced(key, 2, status=STATUSES[key // 2 % 5])]))

    def keys(name, status=None, limit=10, before=None):
        return [found.key for found in run(store.executions(f"{ORDERS}:{name}", status, limit, before))]

    assert (keys("live"), keys("7up")) == ([9, 7, 5, 3, 1], [10, 8, 6, 4, 2])
    assert keys("live", limit=2, before=8) == [7, 5]
    assert [keys("live", status) for status in STATUSES] == [[1], [3], [5], [7], [9]]
    assert keys("1") == list(range(10, 0, -1))


def test_aliases_survive_the_process(tmp_path, run):
    store = SqliteStore(tmp_path)
    run(store.open())
    run(store.commit([PutAlias(alias(1))]))
    run(store.close())
    again = SqliteStore(tmp_path)
    run(again.open())
    assert run(again.alias(f"{ORDERS}:live")) == alias(1)
    run(again.close())


@pytest.mark.parametrize(
    ("name", "parameters", "index"),
    [
        ("alias", ("a",), "sqlite_autoindex_aliases"),
        ("aliases", ("a", 1, 9), "aliases_listed"),
        ("delete_aliases", ("a",), "aliases_listed"),
    ],
)
def test_nothing_of_an_alias_is_searched_without_an_index(sqlite_store, name, parameters, index):
    plan = sqlite_store._reader.execute(f"EXPLAIN QUERY PLAN {QUERIES[name].text}", parameters).fetchall()
    steps = [step[3] for step in plan]
    assert any(index in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)
