"""The model store of these tests is what the runtime's residents make of a real one."""

import asyncio

import pytest
from msgspec.structs import replace

from machine.harness import CALLBACK, Run, each, machine, parallel, task
from machine.invariants import check_same
from machine.rows import MACHINE, REVISION, Rows
from stepwell.language.document import to_text
from stepwell.machine.data import Execution
from stepwell.runtime.definitions import Definitions
from stepwell.runtime.residents import Residents
from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import PutStateMachine
from stepwell.storage.records import StateMachineRecord, Turn

WAIT = {"Type": "Wait", "Seconds": 3}
STATES = machine(
    9,
    P=parallel(
        machine(M=each(machine(T=task()), MaxConcurrency=2, ToleratedFailureCount=1)),
        machine(K=task(CALLBACK, HeartbeatSeconds=5, Parameters={"MessageBody.$": "$$.Task.Token"})),
        machine(W=WAIT),
    ),
)


async def read_by_the_runtime(turns: list[Turn]) -> Execution:
    """Commit turns to a store, and return the execution as the runtime reads it."""
    store = MemoryStore()
    await store.open()
    revision = replace(REVISION, definition=to_text(STATES))
    state_machine = StateMachineRecord(
        2, MACHINE, "1" * 12, "us-east-1", "machine", "STANDARD", "ACTIVE", revision.key, 0
    )
    assert await store.commit([PutStateMachine(state_machine, revision, new=True), *turns]) == [True] * (1 + len(turns))
    resident = await Residents(store, Definitions(store)).get(turns[0].execution.key)
    await store.close()
    assert resident is not None
    return resident.execution


def test_an_execution_is_read_from_its_rows_as_the_runtime_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[Turn] = []
    commit = Rows.commit

    def recorded(rows: Rows, turn: Turn) -> None:
        turns.append(turn)
        commit(rows, turn)

    monkeypatch.setattr(Rows, "commit", recorded)
    run = Run(STATES, [1, 2, 3])
    run.submit("K")
    run.fail("T")
    run.after(2)
    run.beat("K")
    assert {lane.waits for lane in run.lanes} == {"children", "task", "token", "timer", "gathering"}
    check_same(asyncio.run(read_by_the_runtime(turns)), run.rows.read())
