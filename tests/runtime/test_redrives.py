"""What the engine promises of redrives: each is one turn on the disk, and is recognised when it is asked for again."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from stepwell.integrations.registry import Integrations
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import SystemEntropy
from stepwell.runtime.engine import Engine
from stepwell.runtime.errors import ExecutionNotRedrivable, TaskTimedOut
from stepwell.runtime.registry import Registry
from stepwell.runtime.revisions import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import StoreError
from stepwell.storage.records import Turn
from stepwell.storage.sqlite import SqliteStore

HERE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/r"
WORK = HERE.activity_arn("work")
MINUTE = 60_000


class Clock:
    def __init__(self):
        self.time = 1_767_225_600_000

    def now(self):
        return self.time


@asynccontextmanager
async def engine_over(store, clock=None):
    engine = Engine(store, Integrations({}), clock or Clock(), SystemEntropy())
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


def work(name):
    return {"StartAt": name, "States": {name: {"Type": "Task", "Resource": WORK, "End": True}}}


async def started(engine, definition=None):
    """Return an execution that has just started."""
    registry = Registry(engine)
    await registry.activities.create(HERE, "work", None, None)
    settings = Settings(definition=json.dumps(definition or work("Work")), role_arn=ROLE)
    machine = await registry.create_state_machine(HERE, "m", "STANDARD", settings, None)
    return await engine.start_execution(machine, name="run", input="{}")


async def token_of(engine):
    task = await engine.poll_activity(WORK, None)
    assert task is not None
    return task[0]


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)


def test_an_execution_goes_on_after_a_redrive_and_restarts(store):
    async def play():
        parallel = {"Type": "Parallel", "Branches": [work("A"), work("B")], "End": True}
        await store.open()
        async with engine_over(store) as engine:
            record = await started(engine, {"StartAt": "P", "States": {"P": parallel}})
            first, second = await token_of(engine), await token_of(engine)
            await engine.complete_task(first, '"a"', account=HERE.account)
            await engine.fail_task(second, "Boom", None, account=HERE.account)
            failed = await engine.ended(record.arn)
        async with engine_over(store) as engine:
            assert len(await store.lanes(record.key)) == 3
            await engine.redrive_execution(failed, "t")
        async with engine_over(store) as engine:
            running = await store.execution(record.arn)
            await engine.complete_task(await token_of(engine), '"b"', account=HERE.account)
            done = await engine.ended(record.arn)
            lanes = await store.lanes(record.key)
            events = await engine.history(done, 1, engine.last_event(done))
        await store.close()
        return failed, running, done, lanes, events

    failed, running, done, lanes, events = asyncio.run(play())
    assert (failed.status, running.status, done.status) == ("FAILED", "RUNNING", "SUCCEEDED")
    assert (running.error, running.stopped, running.redrive.count) == (None, None, 1)
    assert (done.output, lanes) == ('["a","b"]', [])
    assert done.redrive == running.redrive
    assert [event["type"] for event in events].count("ExecutionRedriven") == 1
    assert [event["type"] for event in events].count("ActivityScheduled") == 3


def test_the_same_token_gives_the_same_redrive_for_a_quarter_of_an_hour():
    async def play():
        clock = Clock()
        async with engine_over(MemoryStore(), clock) as engine:
            record = await started(engine)
            await engine.stop_execution(record, None, None)
            first = await engine.redrive_execution(record, "t")
            clock.time += 15 * MINUTE
            again = await engine.redrive_execution(record, "t")
            with pytest.raises(ExecutionNotRedrivable, match="Execution is RUNNING and cannot be redriven"):
                await engine.redrive_execution(record, "other")
            await engine.stop_execution(record, None, None)
            still = await engine.redrive_execution(record, "t")
            clock.time += 1
            later = await engine.redrive_execution(record, "t")
            return first, again, still, later, (await engine.store.execution(record.arn)).redrive.count

    first, again, still, later, count = asyncio.run(play())
    assert first == again == still
    assert later == first + 15 * MINUTE + 1
    assert count == 2


def test_of_redrives_at_the_same_time_one_is_the_redrive(store):
    async def play():
        await store.open()
        async with engine_over(store) as engine:
            record = await started(engine)
            await engine.stop_execution(record, None, None)
            same = [engine.redrive_execution(record, "t") for _ in range(3)]
            others = [engine.redrive_execution(record, token) for token in ("u", None)]
            answers = await asyncio.gather(*same, *others, return_exceptions=True)
            redriven = await store.execution(record.arn)
        await store.close()
        return answers, redriven

    answers, redriven = asyncio.run(play())
    assert len(set(answers[:3])) == 1
    assert all(isinstance(answer, ExecutionNotRedrivable) for answer in answers[3:])
    assert redriven.redrive.count == 1


def test_a_token_of_before_is_not_answered():
    async def play():
        async with engine_over(MemoryStore()) as engine:
            record = await started(engine)
            dead = await token_of(engine)
            await engine.stop_execution(record, None, None)
            await engine.redrive_execution(record, None)
            with pytest.raises(TaskTimedOut):
                await engine.complete_task(dead, "1", account=HERE.account)
            await engine.complete_task(await token_of(engine), "2", account=HERE.account)
            return await engine.ended(record.arn)

    assert asyncio.run(play()).output == "2"


def test_a_redrive_that_could_not_be_written_did_not_happen(tmp_path):
    async def play():
        store = SqliteStore(tmp_path)
        await store.open()
        async with engine_over(store) as engine:
            record = await started(engine)
            await engine.stop_execution(record, None, None)
            commit = store.commit

            async def full(writes):
                if any(isinstance(write, Turn) and write.redriven for write in writes):
                    raise StoreError("the disk is full")
                return await commit(writes)

            store.commit = full
            with pytest.raises(StoreError):
                await engine.redrive_execution(record, "t")
            store.commit = commit
            before = await store.execution(record.arn)
            await engine.redrive_execution(record, "t")
            await engine.complete_task(await token_of(engine), "2", account=HERE.account)
            ended = await engine.ended(record.arn)
        await store.close()
        return before, ended

    before, ended = asyncio.run(play())
    assert (before.status, before.redrive) == ("ABORTED", None)
    assert (ended.status, ended.redrive.count) == ("SUCCEEDED", 1)


def test_an_execution_of_which_nothing_was_kept_is_not_redrivable():
    async def play():
        async with engine_over(MemoryStore()) as engine:
            record = await started(engine)
            await engine.stop_execution(record, None, None)
            ended = await engine.store.execution(record.arn)
            before = replace(ended, version=ended.version + 1)
            await engine.store.commit([Turn(before, new=False, all_lanes_ended=True)])  # as it was once kept
            with pytest.raises(ExecutionNotRedrivable, match="before the launch of RedriveExecution"):
                await engine.redrive_execution(ended, None)
            return await engine.store.execution(record.arn)

    assert asyncio.run(play()).status == "ABORTED"


def test_a_bug_in_a_redrive_is_told_and_fails_nothing(monkeypatch, caplog):
    async def play():
        async with engine_over(MemoryStore()) as engine:
            record = await started(engine)
            await engine.stop_execution(record, None, None)
            monkeypatch.setattr("stepwell.machine.redrive._reopen", None)
            with pytest.raises(StoreError, match="could not be redriven because of a bug"):
                await engine.redrive_execution(record, None)
            return await engine.store.execution(record.arn)

    record = asyncio.run(play())
    assert record.status == "ABORTED"
    assert "Redrive" in record.parked
    assert "is parked" in caplog.text
