"""What is promised of nested executions, with the API of the server itself in between."""

import asyncio
import json

import pytest

from runtime import world as worlds
from runtime.world import FULL, HERE, World, branches, task
from stepwell.api.pagination import Pages
from stepwell.api.server import Server
from stepwell.app.local_api import LocalApi
from stepwell.integrations.registry import Integrations
from stepwell.integrations.step_functions import StepFunctionsIntegration
from stepwell.runtime.bus.bus import EventBus
from stepwell.runtime.clock import SystemEntropy
from stepwell.runtime.connections import Connections
from stepwell.runtime.express import Express
from stepwell.runtime.vault import Vault
from stepwell.storage.memory import MemoryStore

START = "arn:aws:states:::states:startExecution"
CHILD = HERE.state_machine_arn("child")
WAITS, ENDS, FAILS = task(), {"Type": "Succeed"}, {"Type": "Fail", "Error": "E", "Cause": "C"}


class Nest(World):
    """A world in which tasks start executions of the same engine."""

    def __init__(self, store):
        super().__init__(store)
        self.api = LocalApi()
        self.integrations = Integrations({"function": self.outside, "states": StepFunctionsIntegration(self.api)})

    def connect(self):
        pages = Pages(self.disk.secret, self.engine.now)
        express = Express(
            MemoryStore(), self.engine.definitions, self.engine.next_key, self.integrations, self.clock, SystemEntropy()
        )
        connections = Connections(self.engine, Vault(bytes))
        bus = EventBus(self.engine, self.integrations, self.clock)
        self.api.connect(self.engine, Server(self.engine, express, self.registry, pages, connections, bus))

    async def parent_of(self, child, pattern, **parameters):
        """Create a state machine `child` that is one state, and start one that nests it."""
        await self.machine({"C": child}, "child")
        given = {"StateMachineArn": CHILD, "Input": {"n": 1}, **parameters}
        machine = await self.machine({"P": task(START + pattern, Parameters=given)}, "parent")
        return await self.run(machine)

    async def children(self, status=None):
        return await self.disk.executions(CHILD, status, 10, None)


def play(scenario, store=None):
    return worlds.play(scenario, store, Nest)


@pytest.mark.parametrize(("pattern", "output"), [(".sync", '{"n":1}'), (".sync:2", {"n": 1})])
def test_a_parent_waits_for_its_child_and_gets_what_became_of_it(pattern, output, store):
    async def scenario(world):
        parent = await world.parent_of(WAITS, pattern)
        before = await world.status(parent)
        world.outside.calls[0].succeed({"n": 1})
        row = await world.ended(parent)
        (child,) = await world.children()
        return before, json.loads(row.output), child.arn, await world.events(parent)

    before, result, arn, events = play(scenario, store)
    assert before == "RUNNING"
    assert result["ExecutionArn"] == arn
    assert result["Status"] == "SUCCEEDED"
    assert result["Output"] == output
    assert events[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


@pytest.mark.parametrize("pattern", [".sync", ".sync:2"])
def test_a_parent_fails_with_its_child(pattern):
    async def scenario(world):
        parent = await world.parent_of(FAILS, pattern)
        row = await world.ended(parent)
        return row.status, row.error, json.loads(row.cause)

    status, error, cause = play(scenario)
    assert (status, error) == ("FAILED", "States.TaskFailed")
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "E", "C")


def test_a_parent_that_does_not_wait_goes_on_while_its_child_runs():
    async def scenario(world):
        parent = await world.parent_of(WAITS, "")
        return (await world.ended(parent)).status, len(await world.children("RUNNING"))

    assert play(scenario) == ("SUCCEEDED", 1)


def test_a_parent_waits_for_the_token_that_it_gave_its_child_and_not_for_its_end(store):
    async def scenario(world):
        given = {"Input": {"t.$": "$$.Task.Token"}}
        parent = await world.parent_of(WAITS, ".waitForTaskToken", **given)
        (child,) = world.outside.calls
        child.succeed(1)
        await world.quiet()
        (ended,) = await world.children("SUCCEEDED")
        before = await world.status(parent)
        await world.engine.complete_task(child.request.parameters.value["t"], '"done"', account=HERE.account)
        return ended.status, before, (await world.ended(parent)).output

    assert play(scenario, store) == ("SUCCEEDED", "RUNNING", '"done"')


@pytest.mark.parametrize(("pattern", "status"), [(".sync", "ABORTED"), (".waitForTaskToken", "RUNNING")])
def test_stopping_a_parent_stops_the_child_that_it_waits_for(pattern, status, store):
    async def scenario(world):
        given = {"Input": {"t.$": "$$.Task.Token"}} if "Token" in pattern else {}
        parent = await world.parent_of(WAITS, pattern, **given)
        await world.engine.stop_execution(parent, "E", "C")
        await world.quiet()
        (child,) = await world.children()
        return await world.status(parent), child.status, world.outside.calls[0].cancelled

    assert play(scenario, store) == ("ABORTED", status, status == "ABORTED")


@pytest.mark.parametrize("child", [WAITS, ENDS], ids=["running", "ended"])
@pytest.mark.parametrize("parameters", [{}, {"Name": "fixed"}], ids=["unnamed", "named"])
def test_a_child_whose_start_was_not_noted_before_a_crash_is_found_again_and_not_started_twice(
    child, parameters, store
):
    async def scenario(world):
        await world.machine({"C": child}, "child")
        given = {"StateMachineArn": CHILD, "Input": {"n": 1}, **parameters}
        machine = await world.machine({"P": task(f"{START}.sync", Parameters=given)}, "parent")
        world.disk.failures = [None, None, FULL]  # the two starts are written, and no more
        parent = await world.engine.start_execution(machine, name="p", input="{}")
        while len(world.disk.failures) > 0:
            await asyncio.sleep(0)
        await world.crash()
        before = len(await world.children()), (await world.events(parent))[-1]
        await world.begin()
        await world.quiet()
        for asked in world.outside.calls[1:]:
            asked.succeed(1)
        row = await world.ended(parent)
        return before, len(await world.children()), row.status, (await world.events(parent)).count("TaskSubmitted")

    assert play(scenario, store) == ((1, "TaskStarted"), 1, "SUCCEEDED", 1)


def test_a_child_that_ended_while_nobody_watched_is_seen_at_the_next_start(store):
    async def scenario(world):
        parent = await world.parent_of(WAITS, ".sync")
        world.disk.failures = [None, *[FULL] * 9]  # the end of the child is written, and nothing after it
        world.outside.calls[0].succeed(1)
        async with asyncio.timeout(worlds.PATIENCE):
            while not await world.children("SUCCEEDED"):
                await asyncio.sleep(0)
        await world.crash()
        before = await world.status(parent)
        await world.begin()
        return before, (await world.ended(parent)).status, len(await world.children())

    assert play(scenario, store) == ("RUNNING", "SUCCEEDED", 1)


def test_a_name_that_somebody_else_has_taken_fails_the_task():
    async def scenario(world):
        machine = await world.machine({"C": WAITS}, "child")
        await world.run(machine, '{"n":2}', name="taken")
        machine = await world.machine(
            {"P": task(f"{START}.sync", Parameters={"StateMachineArn": CHILD, "Name": "taken"})}, "parent"
        )
        parent = await world.run(machine)
        row = await world.ended(parent)
        return row.error, row.cause.partition("(")[0], await world.events(parent), len(await world.children("RUNNING"))

    error, cause, events, running = play(scenario)
    assert error == "StepFunctions.ExecutionAlreadyExistsException"
    assert cause == f"Execution Already Exists: '{CHILD.replace(':stateMachine:', ':execution:')}:taken' "
    assert "TaskSubmitFailed" in events
    assert running == 1


def test_the_last_two_answers_of_a_child_at_once_never_make_its_parent_see_it_running():
    """The end is in memory while the turn before it is written: what the parent is told of is on the disk."""

    async def scenario(world):
        parent = await world.parent_of(branches(WAITS, WAITS), ".sync")
        world.disk.free.clear()
        for asked in world.outside.calls:
            asked.succeed(1)
            for _ in range(10):
                await asyncio.sleep(0)
        world.disk.free.set()
        row = await world.ended(parent)
        return row.status, json.loads(row.output)["Status"]

    assert play(scenario) == ("SUCCEEDED", "SUCCEEDED")
