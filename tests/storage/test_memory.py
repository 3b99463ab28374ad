"""What only the store in memory does: it forgets."""

from stepwell.storage.memory import MemoryStore
from storage.samples import ORDERS, advanced, lane, started


def test_the_execution_that_ended_first_is_forgotten_first(run):
    store = MemoryStore(ended_executions=2)
    run(store.commit([started(key, lanes=[lane(0)]) for key in (1, 2, 3, 4)]))
    run(store.commit([advanced(key, 2, status="SUCCEEDED", all_lanes_ended=True) for key in (3, 1, 2)]))
    assert [item.key for item in run(store.executions(ORDERS, None, 10, None))] == [4, 2, 1]
    assert run(store.execution_by_key(3)) is None
    assert run(store.chunks(3, 1, 10)) == []
    assert run(store.commit([started(3, status="FAILED", parked="{}")])) == [True]
    assert [item.key for item in run(store.parked(10))] == [3]
    assert run(store.execution_by_key(1)) is None


def test_executions_that_run_are_never_forgotten(run):
    store = MemoryStore(ended_executions=0)
    run(store.commit([started(1), started(2, state_machine_arn="other", status="SUCCEEDED")]))
    run(store.commit([started(3)]))
    assert [item.key for item in run(store.executions(ORDERS, None, 10, None))] == [3, 1]
    assert run(store.executions("other", None, 10, None)) == []
    assert run(store.newest_key()) == 3


def test_an_execution_that_runs_again_is_no_longer_among_those_that_ended(run):
    store = MemoryStore(ended_executions=1)
    run(store.commit([started(1, status="FAILED"), advanced(1, 2), started(2, status="FAILED")]))
    assert [item.key for item in run(store.executions(ORDERS, None, 10, None))] == [2, 1]


def test_executions_that_ended_take_a_bounded_room(run):
    store = MemoryStore(ended_bytes=1_000)
    run(store.commit([started(key, status="SUCCEEDED", output="x" * 300) for key in range(1, 9)]))
    assert [item.key for item in run(store.executions(ORDERS, None, 10, None))] == [8, 7, 6]
    run(store.commit([started(9, status="SUCCEEDED", output="x" * 5_000)]))
    assert [item.key for item in run(store.executions(ORDERS, None, 10, None))] == [9]
    run(store.commit([started(10, status="SUCCEEDED", output="x" * 300)]))
    assert [item.key for item in run(store.executions(ORDERS, None, 10, None))] == [10]


def test_a_write_can_be_committed_at_once(run):
    store = MemoryStore()
    assert store.commit_now(started(1))
    assert not store.commit_now(started(1))
    assert run(store.execution_by_key(1)).status == "RUNNING"
