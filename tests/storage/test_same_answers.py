"""The stores answer alike, whatever is written: the one in memory is the reference."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import (
    DeleteActivity,
    DeleteStateMachine,
    Park,
    PutActivity,
    PutStateMachine,
    Store,
    Write,
)
from stepwell.storage.records import LaneRecord, Turn
from stepwell.storage.sqlite import SqliteStore
from storage.samples import ACCOUNT, ORDERS, REGION, RETURNS, WORKERS, activity, execution, revision, state_machine

KEYS = st.integers(1, 6)
STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
TEXTS = st.sampled_from(["{}", '"é"', "x" * 2_001])
MACHINES = st.sampled_from([ORDERS, RETURNS])
KEYED_MACHINES = st.tuples(KEYS, MACHINES).map(lambda row: (2 * row[0] + (row[1] == ORDERS), row[1]))
KEYED_ACTIVITIES = st.tuples(KEYS, st.booleans()).map(lambda row: (2 * row[0] + row[1], "b" if row[1] else WORKERS))

LANES = st.builds(
    LaneRecord,
    lane=st.integers(0, 3),
    waits=st.sampled_from(["task", "turn", "timer", "token", "activity", "job", "children", "gathering"]),
    ticket=st.integers(1, 3),
    due=st.none() | st.integers(1, 5),
    resource=st.sampled_from(["a", "b"]),
    frame=st.none() | st.sampled_from([b"", b"frame", b"f" * 1_001]),
    progress=st.binary(max_size=2),
    claimed_by=st.sampled_from([None, "a", "b"]),
    scheduled=st.integers(0, 3),
)
EXECUTIONS = st.builds(
    execution,
    key=KEYS,
    name=st.sampled_from(["a", "b", "c", "d"]),
    state_machine_arn=MACHINES,
    status=st.sampled_from(STATUSES),
    input=TEXTS,
    output=st.none() | TEXTS,
    version=st.integers(1, 4),
    parked=st.none() | st.just("{}"),
)
TURNS = st.builds(
    lambda row, new, chunk, lanes, ended, over: Turn(
        row, new, 2 * row.version, 2 * row.version + 1, chunk, lanes, ended, over
    ),
    EXECUTIONS,
    st.booleans(),
    st.none() | st.binary(max_size=3),
    st.lists(LANES, max_size=3),
    st.lists(st.integers(0, 3), max_size=1),
    st.integers(0, 9).map(lambda number: number == 0),
)
WRITES: st.SearchStrategy[Write] = st.one_of(
    TURNS,
    TURNS,
    st.builds(Park, KEYS, st.none() | st.just("[]")),
    st.builds(
        PutStateMachine,
        KEYED_MACHINES.map(lambda row: state_machine(*row)),
        st.none() | st.builds(revision, KEYS, MACHINES),
        st.booleans(),
    ),
    st.builds(DeleteStateMachine, MACHINES),
    st.builds(PutActivity, KEYED_ACTIVITIES.map(lambda row: activity(*row)), st.booleans()),
    st.builds(DeleteActivity, st.just(WORKERS)),
)


async def answers(store: Store) -> list[Any]:
    """Return all that a store has to say."""
    found: list[Any] = [await store.newest_key(), await store.parked(3), [job async for job in store.waiting_jobs()]]
    for key in range(1, 7):
        row = await store.execution_by_key(key)
        found += [row, row and await store.execution(row.arn), await store.chunks(key, 4, 6), await store.lanes(key)]
        found += [await store.revision(key), await store.claimable("a", (key - 1, 1), 4)]
    for arn in (ORDERS, RETURNS):
        found += [
            await store.executions(arn, status, 3, before) for status in (*STATUSES, None) for before in (None, 4)
        ]
        found += [await store.state_machine(arn)]
    for name in ("a", "b"):
        found += [await store.activity_tasks(name, 4), await store.jobs(name)]
    found += [await store.due(until, 5) for until in (2, 5)]
    found += [await store.state_machines(ACCOUNT, REGION, 2, before) for before in (None, 4)]
    found += [await store.activities(ACCOUNT, REGION, 2, after) for after in (None, 2)]
    found += [await store.state_machine_count(ACCOUNT, REGION), await store.activity_count(ACCOUNT, REGION)]
    found += [await store.open_count()]
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WRITES, min_size=1, max_size=6), max_size=8))
def test_both_stores_give_the_same_answers_after_any_writes(batches: list[list[Write]]) -> None:
    async def play(directory: str) -> None:
        memory, sqlite = MemoryStore(), SqliteStore(Path(directory))
        await sqlite.open()
        try:
            for batch in batches:
                assert await memory.commit(batch) == await sqlite.commit(batch)
                assert await answers(memory) == await answers(sqlite)
        finally:
            await sqlite.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(play(directory))
