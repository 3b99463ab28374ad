"""What a nested execution tells the task that waits for it."""

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any

import pytest

from stepwell.api.pagination import Pages
from stepwell.api.server import Server
from stepwell.app.local_api import LocalApi
from stepwell.integrations.registry import Integrations
from stepwell.integrations.step_functions import StepFunctionsIntegration
from stepwell.runtime.arns import Scope
from stepwell.runtime.bus.bus import EventBus
from stepwell.runtime.clock import SystemClock, SystemEntropy
from stepwell.runtime.connections import Connections
from stepwell.runtime.engine import Engine
from stepwell.runtime.express import Express
from stepwell.runtime.registry import Registry
from stepwell.runtime.revisions import Settings
from stepwell.runtime.vault import Vault
from stepwell.storage.memory import MemoryStore

HERE = Scope("123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/r"
OTHER_ROLE = "arn:aws:iam::222222222222:role/other"
WORK = HERE.activity_arn("work")
CHILD = {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": WORK, "End": True}}}


def _parent(**more: Any) -> dict[str, Any]:
    nested = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": HERE.state_machine_arn("child"), "Name": "nested", "Input": {}},
        "End": True,
        **more,
    }
    return {"StartAt": "Nested", "States": {"Nested": nested}}


@asynccontextmanager
async def _engine_over(store):
    api = LocalApi()
    integrations = Integrations({"states": StepFunctionsIntegration(api)})
    clock, entropy = SystemClock(), SystemEntropy()
    engine = Engine(store, integrations, clock, entropy)
    express = Express(MemoryStore(), engine.definitions, engine.next_key, integrations, clock, entropy)
    registry = Registry(engine)
    pages = Pages(store.secret, engine.now)
    bus = EventBus(engine, integrations, clock)
    api.connect(engine, Server(engine, express, registry, pages, Connections(engine, Vault(bytes)), bus))
    await engine.start()
    try:
        yield engine, registry
    finally:
        await engine.close()


async def _started(engine, registry, parent):
    """Start the parent; return its ARN once the child's task is with a worker, and that task's token."""
    await registry.activities.create(HERE, "work", None, None)
    for name, definition in (("child", CHILD), ("parent", parent)):
        settings = Settings(definition=json.dumps(definition), role_arn=ROLE)
        await registry.create_state_machine(HERE, name, "STANDARD", settings, None)
    machine, *_ = await registry.startable(HERE, HERE.state_machine_arn("parent"))
    arn = (await engine.start_execution(machine, name="run", input="{}")).arn
    token, _ = await engine.poll_activity(WORK, None)
    return arn, token


async def _watched(engine, arn):
    """Wait until the parent has been told which execution it waits for."""
    record = await engine.store.execution(arn)
    while not any(lane.waits == "job" for lane in await engine.store.lanes(record.key)):
        await asyncio.sleep(0)


def _play(parent, *, restart=False, fails=False):
    """Return the output, or where it fails the cause, of a parent whose child has ended."""

    async def play():
        store = MemoryStore()
        await store.open()
        async with _engine_over(store) as (engine, registry):
            arn, token = await _started(engine, registry, parent)
            await _watched(engine, arn)
            if not restart:
                return await _finished(engine, arn, token, fails)
        async with _engine_over(store) as (engine, _):
            return await _finished(engine, arn, token, fails)

    return json.loads(asyncio.run(asyncio.wait_for(play(), 30)))


async def _finished(engine, arn, token, fails):
    if fails:
        await engine.fail_task(token, "Boom", None, account=HERE.account)
    else:
        await engine.complete_task(token, '{"n":1}', account=HERE.account)
    ended = await engine.ended(arn)
    return ended.cause if fails else ended.output


@pytest.mark.parametrize("restart", [False, True])
def test_a_task_with_credentials_is_told_of_redriving(restart):
    described = _play(_parent(Credentials={"RoleArn": OTHER_ROLE}), restart=restart)
    assert list(described) == sorted(described)
    assert (described["Output"], described["RedriveCount"]) == ({"n": 1}, 0)
    assert described["RedriveStatus"] == "NOT_REDRIVABLE"
    assert described["RedriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"


@pytest.mark.parametrize("restart", [False, True])
def test_a_task_without_credentials_is_not(restart):
    described = _play(_parent(), restart=restart)
    assert described["Status"] == "SUCCEEDED"
    assert not [name for name in described if name.startswith("Redrive")]


def test_the_cause_of_a_nested_failure_tells_of_redriving_too():
    described = _play(_parent(Credentials={"RoleArn": OTHER_ROLE}), fails=True)
    assert (described["Status"], described["RedriveStatus"]) == ("FAILED", "REDRIVABLE")
    assert "RedriveStatusReason" not in described
