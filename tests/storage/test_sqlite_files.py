"""The files of the SQLite store: their modes, their settings, their one owner, their versions."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest

from stepwell.storage.port import PutStateMachine, StoreError
from stepwell.storage.sqlite import SqliteStore, schema
from stepwell.storage.sqlite import store as store_module
from storage.samples import ORDERS, advanced, execution, lane, revision, started, state_machine

HOLD = """
import asyncio, sys
from pathlib import Path
from stepwell.storage.sqlite import SqliteStore
asyncio.run(SqliteStore(Path(sys.argv[1])).open())
print("open", flush=True)
sys.stdin.read()
"""


def test_everything_is_there_after_opening_it_again(tmp_path, run):
    async def write() -> bytes:
        store = SqliteStore(tmp_path)
        await store.open()
        await store.commit([PutStateMachine(state_machine(1), revision(1), new=True)])
        await store.commit([started(2, lanes=[lane(0, due=5)]), started(3, input="x" * 9_000)])
        await store.commit([advanced(2, 2)])
        secret = await store.secret()
        await store.close()
        return secret

    async def read() -> bytes:
        store = SqliteStore(tmp_path)
        await store.open()
        assert await store.state_machine(ORDERS) == state_machine(1)
        assert await store.execution_by_key(2) == execution(2, version=2)
        assert await store.execution_by_key(3) == execution(3, input="x" * 9_000)
        assert await store.due(5, 5) == [(5, 2, 0, 1)]
        assert await store.newest_key() == 3
        assert await store.commit([started(4, "run-3"), started(4)]) == [False, True]
        secret = await store.secret()
        await store.close()
        return secret

    assert run(write()) == run(read()) == run(read_secret(tmp_path))


async def read_secret(directory) -> bytes:
    store = SqliteStore(directory)
    await store.open()
    secret = await store.secret()
    await store.close()
    return secret


def test_only_the_owner_may_read_the_files(tmp_path, run):
    store = SqliteStore(tmp_path / "a" / "b")
    run(store.open())
    run(store.commit([started(1)]))
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a" / "b").iterdir()}
    names = ("stepwell.db", "stepwell.db-shm", "stepwell.db-wal", "stepwell.lock")
    assert modes == dict.fromkeys(names, 0o600)
    run(store.close())


def test_a_commit_is_on_the_disk_when_it_is_answered(sqlite_store, run):
    def settings_of_writer():
        connection = sqlite_store._writer._connection
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]

    assert run(sqlite_store._thread.run(settings_of_writer)) == ["wal", 2]


@pytest.mark.parametrize("setting", ["synchronous = NORMAL", "journal_mode = DELETE"])
def test_settings_that_do_not_hold_are_refused(tmp_path, setting):
    path = tmp_path / "a.db"
    connection = schema.open_writer(path)
    connection.execute(f"PRAGMA {setting}")
    with pytest.raises(StoreError, match=setting.split(maxsplit=1)[0]):
        schema.check_settings(connection, path)
    connection.close()


def test_the_connection_that_reads_can_not_write_and_makes_no_checkpoint(sqlite_store):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        sqlite_store._reader.execute("DELETE FROM executions")
    assert sqlite_store._reader.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)


def test_the_log_stays_bounded(sqlite_store, tmp_path, run):
    for key in range(1, 60):
        run(sqlite_store.commit([started(key, input="x" * 400_000)]))
    log = (tmp_path / "data" / "stepwell.db-wal").stat().st_size
    assert log < 2 * schema.CHECKPOINT_PAGES * 4096


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path, run):
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with first:
        assert first.stdout.readline() == "open\n"
        with pytest.raises(StoreError) as refused:
            run(SqliteStore(tmp_path).open())
        assert str(tmp_path) in str(refused.value)
        assert f"pid {first.pid}" in str(refused.value)
        os.kill(first.pid, signal.SIGKILL)
    store = SqliteStore(tmp_path)
    run(store.open())
    run(store.close())


def test_a_second_store_in_the_same_process_is_refused(sqlite_store, tmp_path, run):
    with pytest.raises(StoreError, match=f"pid {os.getpid()}"):
        run(SqliteStore(tmp_path / "data").open())
    assert run(sqlite_store.commit([started(1)])) == [True]


def test_a_directory_that_can_not_be_made_is_named(tmp_path, run):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        run(SqliteStore(tmp_path / "file").open())


def test_a_file_that_is_no_database_is_refused_and_let_go_of(tmp_path, run):
    (tmp_path / "stepwell.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        run(SqliteStore(tmp_path).open())
    (tmp_path / "stepwell.db").unlink()
    store = SqliteStore(tmp_path)
    run(store.open())
    run(store.close())


def test_a_newer_schema_is_refused(tmp_path, run):
    run(read_secret(tmp_path))
    connection = sqlite3.connect(tmp_path / "stepwell.db")
    connection.execute("PRAGMA user_version = 1000")
    connection.close()
    with pytest.raises(StoreError, match="has version 1000 of the schema, and this Stepwell knows versions up to "):
        run(SqliteStore(tmp_path).open())


def test_a_step_of_the_schema_that_fails_leaves_the_version_before(tmp_path, run, monkeypatch):
    secret = run(read_secret(tmp_path))
    step = "CREATE TABLE more (a);\nALTER TABLE executions ADD COLUMN more;\n"
    known = schema.migrations()
    monkeypatch.setattr(store_module, "migrations", lambda: [*known, step, f"{step}SELECT no_such_function();"])
    with pytest.raises(StoreError, match=f"step {len(known) + 2}"):
        run(SqliteStore(tmp_path).open())
    connection = sqlite3.connect(tmp_path / "stepwell.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (len(known) + 1,)
    connection.close()
    monkeypatch.setattr(store_module, "migrations", lambda: [*known, step, "CREATE TABLE even_more (a)"])
    assert run(read_secret(tmp_path)) == secret
    connection = sqlite3.connect(tmp_path / "stepwell.db")
    assert connection.execute("PRAGMA user_version").fetchone() == (len(known) + 2,)
    assert connection.execute("SELECT count(*) FROM more, even_more").fetchone() == (0,)
    connection.close()


MIGRATE_AND_DIE = """
import os, sqlite3, sys
from pathlib import Path
from stepwell.storage.sqlite import schema
connection = schema.open_writer(Path(sys.argv[1]))
connection.create_function("die", 0, lambda: os.kill(os.getpid(), 9))
step = "CREATE TABLE a (b); SELECT die(); CREATE TABLE c (d)"
schema.migrate(connection, Path(sys.argv[1]), [*schema.migrations(), step])
"""


def test_a_process_killed_within_a_step_of_the_schema_leaves_the_version_before(tmp_path, run):
    run(read_secret(tmp_path))
    path = tmp_path / "stepwell.db"
    assert subprocess.run([sys.executable, "-c", MIGRATE_AND_DIE, str(path)], check=False).returncode == -signal.SIGKILL
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.migrations()),)
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'a'").fetchone() == (0,)
    connection.close()
    run(read_secret(tmp_path))
