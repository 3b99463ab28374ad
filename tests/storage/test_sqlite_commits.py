"""What the SQLite store makes of a batch when things go wrong, and how it finds rows."""

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stepwell.storage.port import StoreError
from stepwell.storage.records import Turn
from stepwell.storage.sqlite import SqliteStore
from stepwell.storage.sqlite.queries import QUERIES, ROWS_AT_ONCE
from stepwell.storage.sqlite.rows import EVENT_LIMIT, KEY_LIMIT, chunk_id
from storage.samples import ORDERS, STATES, advanced, execution, lane, started

KILLS = 10

# Commits batches for ever: each starts ten executions, and ends the ten before in a second turn each.
WRITE = """
import asyncio, sys
from pathlib import Path
from storage.samples import advanced, lane, started
from stepwell.storage.sqlite import SqliteStore

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    await store.open()
    key = await store.newest_key() + 1
    waiting = [row.key for row in await store.executions(sys.argv[2], "RUNNING", 100, None)]
    while True:
        new = list(range(key, key + 10))
        ends = [advanced(old, 2, status="SUCCEEDED", all_lanes_ended=True) for old in waiting]
        assert all(await store.commit([started(one, lanes=[lane(0, due=1)]) for one in new] + ends))
        print(new[-1], flush=True)
        waiting, key = new, key + 10

asyncio.run(main())
"""


def limit_pages(store: SqliteStore, pages: int) -> None:
    store._writer._connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_refuses_the_whole_batch_and_the_store_goes_on_afterwards(sqlite_store, run):
    run(sqlite_store.commit([started(1)]))
    run(sqlite_store._thread.run(limit_pages, sqlite_store, 40))
    for _ in range(2):
        with pytest.raises(StoreError, match="full"):
            run(sqlite_store.commit([started(2), advanced(1, 2), started(3, input="x" * 400_000)]))
    assert run(sqlite_store.execution_by_key(1)) == execution(1)
    assert run(sqlite_store.execution_by_key(2)) is None
    assert run(sqlite_store.commit([started(4)])) == [True]
    run(sqlite_store._thread.run(limit_pages, sqlite_store, 1_000_000))
    assert run(sqlite_store.commit([started(2), advanced(1, 2), started(3, input="x" * 400_000)])) == [True] * 3


def test_a_full_disk_refuses_the_whole_batch_where_one_is_refused_as_well(sqlite_store, run):
    run(sqlite_store.commit([started(1)]))
    run(sqlite_store._thread.run(limit_pages, sqlite_store, 40))
    with pytest.raises(StoreError, match="full"):
        run(sqlite_store.commit([started(1), started(2), started(3, input="x" * 400_000)]))
    assert run(sqlite_store.execution_by_key(2)) is None
    assert run(sqlite_store.commit([started(1), started(2)])) == [False, True]


def test_arns_of_a_batch_that_was_not_stored_are_known_no_more(sqlite_store, run):
    run(sqlite_store._thread.run(limit_pages, sqlite_store, 30))
    foreign = execution(1, arn=f"{STATES}:execution:New:a", state_machine_arn=f"{STATES}:stateMachine:New")
    with pytest.raises(StoreError):
        run(sqlite_store.commit([Turn(foreign, True), started(3, input="x" * 400_000)]))
    run(sqlite_store._thread.run(limit_pages, sqlite_store, 1_000_000))
    assert run(sqlite_store.commit([Turn(foreign, True)])) == [True]
    assert run(sqlite_store.execution(foreign.arn)) == foreign


def test_a_bug_in_a_batch_stores_nothing_of_it_and_is_raised_as_it_is(sqlite_store, run):
    bad = started(2, started=1 << 70)
    with pytest.raises(OverflowError):
        run(sqlite_store.commit([started(1), bad]))
    assert run(sqlite_store.newest_key()) == 0
    assert run(sqlite_store.commit([started(1)])) == [True]


def test_events_and_keys_beyond_what_a_row_id_holds_are_refused(sqlite_store, run):
    last = Turn(execution(KEY_LIMIT), True, EVENT_LIMIT, EVENT_LIMIT, b"last")
    assert run(sqlite_store.commit([last])) == [True]
    assert run(sqlite_store.chunks(KEY_LIMIT, 1, EVENT_LIMIT)) == [(EVENT_LIMIT, EVENT_LIMIT, b"last")]
    for key, event in ((KEY_LIMIT + 1, 1), (1, EVENT_LIMIT + 1)):
        with pytest.raises(StoreError, match="can't be stored"):
            chunk_id(key, event)


def test_more_arns_than_are_kept_in_mind_are_stored(sqlite_store, run, monkeypatch):
    monkeypatch.setattr("stepwell.storage.sqlite.writer.KNOWN_ARNS", 3)
    turns = [Turn(execution(key, arn=f"arn:{key}:x", state_machine_arn=f"machine:{key}"), True) for key in range(1, 9)]
    assert run(sqlite_store.commit(turns)) == [True] * 8
    assert run(sqlite_store.execution("arn:2:x")) == turns[1].execution


def test_a_commit_is_done_soon_however_busy_the_loop_is(sqlite_store, run):
    async def spin(done: asyncio.Event) -> None:
        while not done.is_set():
            end = time.perf_counter() + 0.0002
            while time.perf_counter() < end:
                pass
            await asyncio.sleep(0)

    async def commits() -> float:
        done = asyncio.Event()
        spinning = asyncio.create_task(spin(done))
        longest = 0.0
        for key in range(1, 60):
            begin = time.perf_counter()
            await sqlite_store.commit([started(key, input="x" * 50_000)])
            longest = max(longest, time.perf_counter() - begin)
        done.set()
        await spinning
        return longest

    assert run(commits()) < 1


def test_a_writer_that_is_killed_leaves_whole_turns_and_all_that_it_has_answered(tmp_path, run):
    command = [sys.executable, "-c", WRITE, str(tmp_path), ORDERS]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    for kill in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
            for _ in range(1 + 3 * kill):
                writer.stdout.readline()
            writer.kill()
            answered = [int(line) for line in writer.stdout if line.endswith("\n")]
        run(check_whole(tmp_path, max(answered, default=0)))


async def check_whole(directory, answered: int) -> None:
    store = SqliteStore(directory)
    await store.open()
    newest = await store.newest_key()
    assert newest >= max(answered, 10)
    assert newest % 10 == 0
    for key in range(1, newest + 1):
        found = await store.execution_by_key(key)
        is_last = key > newest - 10
        assert (found.version, found.status) == ((1, "RUNNING") if is_last else (2, "SUCCEEDED"))
        assert len(await store.chunks(key, 1, 100)) == found.version
        assert await store.lanes(key) == ([lane(0, due=1)] if is_last else [])
    assert len(await store.due(1, 1_000)) == 10
    await store.close()


@pytest.mark.parametrize(
    ("name", "parameters", "index"),
    [
        ("execution", ("a", "b"), "executions_by_arn"),
        ("parked", (9,), "executions_parked"),
        ("due", (9, 9), "lanes_due"),
        ("claimable", ("n", 0, 0, 9), "lanes_claimable"),
        ("activity_tasks", ("a", 9), "lanes_of_activity"),
        ("jobs", ("j",), "lanes_of_job"),
        ("waiting_jobs", ("", 0, 0, 9), "lanes_of_job"),
        ("chunks", (1, 2, 3, 4), "PRIMARY KEY"),
        ("lanes", (1,), "PRIMARY KEY"),
        ("state_machines", ("a", "r", 9, 9), "state_machines_listed"),
        ("activities", ("a", "r", 9, 9), "activities_listed"),
        ("state_machine_count", ("a", "r"), "state_machines_listed"),
        ("activity_count", ("a", "r"), "activities_listed"),
        ("open_count", (), "executions_listed (machine=? AND status=?)"),
    ],
)
def test_rows_are_found_by_the_index_made_for_it(sqlite_store, name, parameters, index):
    assert any(index in step for step in plan_of(sqlite_store, QUERIES[name].text, parameters))


PIECES = {"listed_keys", "redriven_keys", "not_redriven", "searched_by"}
"""What listings and searches are made of: tests of their own look at the plans."""


@pytest.mark.parametrize("name", [name for name in QUERIES if not name.endswith("_execution") and name not in PIECES])
def test_no_statement_goes_through_all_rows_of_a_table_that_grows(sqlite_store, name):
    query = QUERIES[name]
    sql = query.text
    if query.columns:
        ((sql, _, _),) = query.runs([None] * query.columns * 4)
    numbered = [int(number) for number in re.findall(r"\?(\d)", sql)]
    steps = plan_of(sqlite_store, sql, [None] * (max(numbered) if numbered else sql.count("?")))
    grows = re.compile(r"SCAN (executions|prefix|machine|arns|history|lanes|large_frames|large_inputs)\b(?!.* USING )")
    assert not any(grows.match(step) for step in steps)


def plan_of(store: SqliteStore, sql: str, parameters) -> list[str]:
    return [step[3] for step in store._reader.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]


@pytest.mark.parametrize("rows", [1, 2, 3, 63, 64, 65, 200])
def test_rows_are_written_in_order_and_many_at_once(rows):
    runs = list(QUERIES["insert_chunks"].runs(list(range(3 * rows))))
    assert [number for _, _, values in runs for number in values] == list(range(3 * rows))
    assert all(sql.count("?") == len(values) == 3 * size for sql, size, values in runs)
    assert len(runs) <= rows // ROWS_AT_ONCE + ROWS_AT_ONCE.bit_length()
