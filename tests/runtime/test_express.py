"""What is promised of Express executions: in memory, five minutes at most, never the same one twice."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from stepwell.integrations.registry import Integrations
from stepwell.machine import events
from stepwell.runtime import express as express_module
from stepwell.runtime import shell as shell_module
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import SystemClock, SystemEntropy
from stepwell.runtime.engine import Engine
from stepwell.runtime.errors import ExecutionLimitExceeded
from stepwell.runtime.express import Express
from stepwell.runtime.registry import Registry
from stepwell.runtime.revisions import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import StoreError

HERE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/r"
FIVE_MINUTES_MS = 300_000
ASK = {"Ask": {"Type": "Pass", "Parameters": {"execution.$": "$$.Execution"}, "End": True}}
HOLD = {"Hold": {"Type": "Wait", "Seconds": 3600, "End": True}}
BLINK = {"Blink": {"Type": "Wait", "Seconds": 1, "End": True}}


class JumpingClock:
    """The system's clock, which can jump ahead."""

    def __init__(self):
        self._clock = SystemClock()
        self.ahead = 0

    def now(self):
        return self._clock.now() + self.ahead


class World:
    """An engine that keeps the state machines, and the Express executions beside it."""

    def __init__(self, clock, evaluators=None):
        self.clock = clock
        self.engine = Engine(MemoryStore(), Integrations({}), clock, SystemEntropy())
        self.store = MemoryStore()
        engine = self.engine
        self.express = Express(
            self.store, engine.definitions, engine.next_key, Integrations({}), clock, SystemEntropy(), evaluators
        )
        self.registry = Registry(engine)

    async def machine(self, states):
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        settings = Settings(definition=definition, role_arn=ROLE)
        return await self.registry.create_state_machine(HERE, next(iter(states)), "EXPRESS", settings, None)

    async def start(self, machine, name="n"):
        return await self.express.start_execution(machine, name=name, input="{}")

    def run(self, machine):
        return asyncio.ensure_future(self.express.run(machine, name="n", input="{}"))

    def jump(self, milliseconds):
        self.clock.ahead += milliseconds
        self.express._shell.timers.look()


@asynccontextmanager
async def world():
    made = World(JumpingClock())
    await made.engine.start()
    await made.express.start()
    try:
        yield made
    finally:
        await made.express.close()
        await made.engine.close()


def in_world(test):
    """Run a test that takes a world."""

    def run(*args):
        async def within():
            async with world() as made:
                await test(made, *args)

        asyncio.run(within())

    run.__name__ = test.__name__
    return run


async def until(is_so):
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.001)


@in_world
async def test_what_waits_for_nothing_has_ended_when_its_start_returns(world):
    record = await world.start(await world.machine(ASK))
    assert record.status == "SUCCEEDED"
    assert world.express._shell.residents.find(record.key) is None
    assert await world.store.open_count() == 0


@in_world
async def test_the_arn_has_the_name_and_a_uuid(world):
    record = await world.start(await world.machine(ASK))
    arn, _, unique = record.arn.rpartition(":")
    assert arn == "arn:aws:states:us-east-1:123456789012:express:Ask:n"
    assert len(unique) == 36


@in_world
async def test_the_same_name_again_is_another_execution(world):
    machine = await world.machine(HOLD)
    one, other = await world.start(machine), await world.start(machine)
    assert (one.name, other.name) == ("n", "n")
    assert one.arn != other.arn
    assert one.key != other.key


@in_world
async def test_only_an_execution_that_is_waited_for_has_no_redrive_count(world):
    machine = await world.machine(ASK)
    started, run = await world.start(machine), await world.run(machine)
    assert json.loads(started.output)["execution"]["RedriveCount"] == 0
    assert "RedriveCount" not in json.loads(run.output)["execution"]
    assert json.loads(run.output)["execution"]["Id"] == run.arn


@in_world
async def test_who_runs_an_execution_waits_for_its_end(world):
    running = world.run(await world.machine(BLINK))
    await until(lambda: world.express._waiting)
    world.jump(1_000)
    record = await asyncio.wait_for(running, 10)
    assert (record.status, record.output) == ("SUCCEEDED", "{}")
    assert not world.express._waiting


@in_world
async def test_five_minutes_are_the_end(world):
    running = world.run(await world.machine(HOLD))
    await until(lambda: world.express._waiting)
    world.jump(FIVE_MINUTES_MS - 1_000)
    await asyncio.sleep(0)
    assert not running.done()
    world.jump(1_000)
    record = await asyncio.wait_for(running, 10)
    assert record.status == "TIMED_OUT"
    assert record.stopped - record.started >= FIVE_MINUTES_MS


@in_world
async def test_nothing_of_it_rests_in_the_durable_store(world):
    machine = await world.machine(ASK)
    record = await world.start(machine)
    assert await world.engine.store.execution(record.arn) is None
    assert await world.engine.store.executions(machine.arn, None, 10, None) == []
    assert (await world.store.execution(record.arn)).status == "SUCCEEDED"


@in_world
async def test_a_state_machine_is_deleted_at_once_and_what_runs_of_it_goes_on(world):
    machine = await world.machine(BLINK)
    running = world.run(machine)
    await until(lambda: world.express._waiting)
    await world.registry.delete_state_machine(HERE, machine.arn)
    assert await world.registry.state_machines(HERE, 10, None) == []
    world.jump(1_000)
    assert (await asyncio.wait_for(running, 10)).status == "SUCCEEDED"


def test_beyond_the_bound_nothing_is_started(monkeypatch):
    @in_world
    async def body(world):
        machine = await world.machine(HOLD)
        await world.start(machine)
        with pytest.raises(ExecutionLimitExceeded, match="maximum number of running executions"):
            await world.start(machine)
        world.jump(FIVE_MINUTES_MS)
        await until(lambda: not world.express._open.count)
        await world.start(machine)

    monkeypatch.setattr(express_module, "MOST_OPEN", 1)
    body()


def breaking(kind):
    """Return an `advance` that has a bug in one kind of event."""
    works = shell_module.advance

    def advance(execution, definition, event, moment):
        if isinstance(event, kind):
            raise RuntimeError("a bug")
        return works(execution, definition, event, moment)

    return advance


def test_a_bug_at_the_start_refuses_it(monkeypatch):
    @in_world
    async def body(world):
        with pytest.raises(StoreError, match="could not be started"):
            await world.start(await world.machine(ASK))
        assert world.express._open.count == 0

    monkeypatch.setattr(shell_module, "advance", breaking(events.Start))
    body()


def test_a_bug_later_ends_the_execution_and_tells_who_waits(monkeypatch):
    @in_world
    async def body(world):
        machine = await world.machine(BLINK)
        running = world.run(machine)
        await until(lambda: world.express._waiting)
        world.jump(1_000)
        with pytest.raises(StoreError, match="was ended by a bug"):
            await asyncio.wait_for(running, 10)
        await until(lambda: not world.express._open.count)
        (record,) = await world.store.executions(machine.arn, None, 10, None)
        assert (record.status, record.error) == ("ABORTED", "States.Runtime")

    monkeypatch.setattr(shell_module, "advance", breaking(events.TimerFired))
    body()
