"""Versions of state machines, and executions that were started of one."""

import sqlite3

import pytest

from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import DeleteStateMachine, DeleteVersion, PutStateMachine
from stepwell.storage.records import VersionRecord
from stepwell.storage.sqlite import SqliteStore, schema
from stepwell.storage.sqlite.listings import listing
from stepwell.storage.sqlite.queries import QUERIES
from stepwell.storage.sqlite.rows import single_statements, turn_statements
from storage.samples import ORDERS, RETURNS, advanced, execution, revision, started, state_machine

STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


def version(number, arn=ORDERS, **values):
    given = {"revision": 1, "description": "", "created": 1_700_000_000_000 + number}
    return VersionRecord(f"{arn}:{number}", arn, number, **{**given, **values})


def published(number, arn=ORDERS, key=1):
    return PutStateMachine(state_machine(key, arn, last_version=number), version=version(number, arn))


@pytest.fixture
def with_machines(store, run):
    run(store.commit([PutStateMachine(state_machine(key), revision(key), new=True) for key in (1,)]))
    run(store.commit([PutStateMachine(state_machine(2, RETURNS), revision(2, RETURNS), new=True)]))
    return store


def test_a_state_machine_may_be_created_and_updated_with_a_version(store, run):
    created = state_machine(1, last_version=1, published_as="")
    first = version(1, description="dé")
    assert run(store.commit([PutStateMachine(created, revision(1), new=True, version=first)])) == [True]
    updated = state_machine(1, revision=5, last_version=2, published_as="")
    assert run(store.commit([PutStateMachine(updated, revision(5), version=version(2, revision=5))])) == [True]
    assert run(store.state_machine(ORDERS)) == updated
    assert run(store.version(f"{ORDERS}:1")) == first
    assert run(store.version(f"{ORDERS}:2")) == version(2, revision=5)


def test_a_version_that_exists_refuses_all_that_comes_with_it(with_machines, run):
    assert run(with_machines.commit([published(1)])) == [True]
    again = PutStateMachine(state_machine(1, revision=7, last_version=1), revision(7), version=version(1))
    assert run(with_machines.commit([again, started(3)])) == [False, True]
    assert run(with_machines.revision(7)) is None
    assert run(with_machines.state_machine(ORDERS)).revision == 1


def test_a_stale_state_machine_refuses_its_version(with_machines, run):
    assert run(with_machines.commit([published(1, key=9)])) == [False]
    assert run(with_machines.version(f"{ORDERS}:1")) is None


def test_versions_are_listed_last_published_first_in_pages(with_machines, run):
    run(with_machines.commit([published(number) for number in range(1, 13)]))
    run(with_machines.commit([published(1, RETURNS, key=2)]))
    first = run(with_machines.versions(ORDERS, 3, None))
    assert [found.number for found in first] == [12, 11, 10]
    assert [found.number for found in run(with_machines.versions(ORDERS, 100, 10))] == list(range(9, 0, -1))
    assert run(with_machines.versions(f"{ORDERS}:1", 10, None)) == []


def test_a_deleted_version_is_gone_and_its_revision_is_not(with_machines, run):
    run(with_machines.commit([published(1), published(2)]))
    assert run(with_machines.commit([DeleteVersion(f"{ORDERS}:1"), DeleteVersion(f"{ORDERS}:1")])) == [True, True]
    assert run(with_machines.commit([DeleteVersion("nonsense"), DeleteVersion(f"{ORDERS}9:1")])) == [True, True]
    assert run(with_machines.version(f"{ORDERS}:1")) is None
    assert run(with_machines.versions(ORDERS, 10, None)) == [version(2)]
    assert run(with_machines.revision(1)) == revision(1)


def test_a_deleted_state_machine_takes_its_versions_along_and_no_others(with_machines, run):
    run(with_machines.commit([published(1), published(2), published(1, RETURNS, key=2)]))
    run(with_machines.commit([DeleteStateMachine(ORDERS)]))
    assert run(with_machines.versions(ORDERS, 10, None)) == []
    assert run(with_machines.version(f"{ORDERS}:1")) is None
    assert run(with_machines.versions(RETURNS, 10, None)) == [version(1, RETURNS)]


def test_an_execution_keeps_what_it_was_started_of(store, run):
    given = {"state_machine_version_arn": f"{ORDERS}:1", "state_machine_alias_arn": f"{ORDERS}:live"}
    run(store.commit([started(1, **given), started(2)]))
    run(store.commit([advanced(1, 2)]))
    assert run(store.execution_by_key(1)) == execution(1, version=2, **given)
    assert run(store.executions(ORDERS, None, 10, None))[1].state_machine_alias_arn == f"{ORDERS}:live"
    assert run(store.execution_by_key(2)).state_machine_version_arn is None


def test_executions_are_listed_by_version_newest_first(store, run):
    for key in range(1, 11):
        number = 1 + key % 2
        run(store.commit([started(key, state_machine_version_arn=f"{ORDERS}:{number}")]))
        run(store.commit([advanced(key, 2, status=STATUSES[key // 2 % 5])]))
    run(store.commit([started(11)]))

    def keys(number, status=None, limit=10, before=None):
        return [found.key for found in run(store.executions(f"{ORDERS}:{number}", status, limit, before))]

    assert (keys(1), keys(2)) == ([10, 8, 6, 4, 2], [9, 7, 5, 3, 1])
    assert keys(1, limit=2, before=8) == [6, 4]
    assert [keys(2, status) for status in STATUSES] == [[1], [3], [5], [7], [9]]
    assert keys(2, "SUCCEEDED", before=3) == []
    assert keys(3) == []
    assert len(run(store.executions(ORDERS, None, 100, None))) == 11


def test_a_forgotten_execution_is_listed_by_no_arn(run):
    store = MemoryStore(ended_executions=0)
    run(store.commit([started(1, state_machine_version_arn=f"{ORDERS}:1")]))
    run(store.commit([advanced(1, 2, status="SUCCEEDED")]))
    assert run(store.executions(ORDERS, None, 10, None)) == []
    assert run(store.executions(f"{ORDERS}:1", None, 10, None)) == []


@pytest.mark.parametrize(
    ("name", "parameters", "index"),
    [
        ("versions", ("a", 9, 9), "versions_listed"),
        ("version", ("a",), "PRIMARY KEY"),
        ("delete_versions", ("a",), "versions_listed"),
    ],
)
def test_nothing_of_a_version_is_searched_without_an_index(sqlite_store, name, parameters, index):
    plan = sqlite_store._reader.execute(f"EXPLAIN QUERY PLAN {QUERIES[name].text}", parameters).fetchall()
    steps = [step[3] for step in plan]
    assert any(index in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)


@pytest.mark.parametrize("redriven", [None, True, False])
@pytest.mark.parametrize("of_status", [True, False])
@pytest.mark.parametrize(
    ("arn", "index"),
    [
        (ORDERS, "executions_listed"),
        (f"{ORDERS}:12", "executions_of_version"),
        (f"{ORDERS}:live.2", "executions_of_alias"),
    ],
)
def test_executions_are_listed_by_an_index(sqlite_store, arn, index, of_status, redriven):
    statement, parameters = listing(arn, "FAILED" if of_status else None, 9, 9, redriven)
    plan = sqlite_store._reader.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    steps = [step[3] for step in plan]
    assert any(("redrives_listed" if redriven else index) in step for step in steps)
    assert not any(step.startswith("SCAN") for step in steps)


def test_a_database_from_before_versions_is_taken_along(tmp_path, run):
    path = tmp_path / "stepwell.db"
    connection = schema.open_writer(path)
    schema.migrate(connection, path, schema.migrations()[:1])
    columns = {"insert_state_machine": 10, "insert_executions": 17}
    connection.execute("INSERT INTO installation VALUES (1, zeroblob(32))")
    for arn in (ORDERS, execution(2).arn.removesuffix("run-2")):
        connection.execute("INSERT INTO arns (arn) VALUES (?)", (arn,))
    machine_row = single_statements(PutStateMachine(state_machine(1), new=True))[0][1]
    execution_row = turn_statements([started(2)], lambda arn: 1 if arn == ORDERS else 2)[0][1]
    for table, name, row in (
        ("state_machines", "insert_state_machine", machine_row),
        ("executions", "insert_executions", execution_row),
    ):
        values = row[: columns[name]]
        connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
    connection.close()

    store = SqliteStore(tmp_path)
    run(store.open())
    assert run(store.state_machine(ORDERS)) == state_machine(1)
    assert run(store.execution_by_key(2)) == execution(2)
    assert run(store.commit([published(1)])) == [True]
    run(store.close())
    with sqlite3.connect(path) as reopened:
        assert reopened.execute("PRAGMA user_version").fetchone() == (len(schema.migrations()),)
    reopened.close()
