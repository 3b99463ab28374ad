"""What the engine promises of executions that are started of a version, and of tasks of other accounts."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from stepwell.integrations.registry import Integrations
from stepwell.runtime.arns import Scope
from stepwell.runtime.clock import SystemClock, SystemEntropy
from stepwell.runtime.engine import Engine
from stepwell.runtime.errors import TaskDoesNotExist, TaskTimedOut
from stepwell.runtime.registry import Registry
from stepwell.runtime.revisions import Settings
from stepwell.storage.memory import MemoryStore
from stepwell.storage.sqlite import SqliteStore

HERE = Scope("123456789012", "us-east-1")
OTHER = "111111111111"
ROLE = "arn:aws:iam::123456789012:role/r"
WORK = HERE.activity_arn("work")
ASK = {"id.$": "$$.StateMachine.Id", "name.$": "$$.StateMachine.Name"}


def definition(comment):
    states = {
        "Work": {"Type": "Task", "Resource": WORK, "Parameters": comment, "Next": "Ask"},
        "Ask": {"Type": "Pass", "Parameters": ASK, "End": True},
    }
    return json.dumps({"StartAt": "Work", "States": states})


@asynccontextmanager
async def engine_over(store):
    engine = Engine(store, Integrations({}), SystemClock(), SystemEntropy())
    await engine.start()
    try:
        yield engine, Registry(engine)
    finally:
        await engine.close()


async def published(registry):
    """Return a state machine whose version 1 is not its current revision, and that version."""
    await registry.activities.create(HERE, "work", None, None)
    created = Settings(definition=definition("old"), role_arn=ROLE)
    arn = (await registry.create_state_machine(HERE, "m", "STANDARD", created, None, "")).arn
    await registry.update_state_machine(HERE, arn, Settings(definition=definition("new")))
    return (await registry.startable(HERE, f"{arn}:1"))[:2]


async def polled(engine):
    task = await engine.poll_activity(WORK, None)
    assert task is not None
    return task


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path)


def test_an_execution_of_a_version_follows_it_to_the_end_whatever_happens(store):
    async def play():
        await store.open()
        async with engine_over(store) as (engine, registry):
            machine, version = await published(registry)
            started = await engine.start_execution(machine, name="run", input="{}", version=version)
        async with engine_over(store) as (engine, _):
            token, given = await polled(engine)
            await engine.complete_task(token, "{}", account=HERE.account)
            ended = await engine.ended(started.arn)
            (first,) = await engine.history(ended, 1, 1)
        await store.close()
        return machine.arn, given, ended, first["executionStartedEventDetails"]

    arn, given, ended, details = asyncio.run(play())
    assert given == '"old"'
    assert (ended.state_machine_arn, ended.state_machine_version_arn) == (arn, f"{arn}:1")
    assert ended.arn == f"{arn.replace(':stateMachine:', ':execution:')}:run"
    assert json.loads(ended.output) == {"id": f"{arn}:1", "name": "m"}
    assert details["stateMachineVersionArn"] == f"{arn}:1"
    assert "stateMachineAliasArn" not in details


def test_an_execution_of_the_state_machine_itself_names_no_version():
    async def play():
        async with engine_over(MemoryStore()) as (engine, registry):
            machine, _ = await published(registry)
            await engine.start_execution(machine, name="run", input="{}")
            token, given = await polled(engine)
            await engine.complete_task(token, "{}", account=HERE.account)
            ended = await engine.ended(f"{machine.arn.replace(':stateMachine:', ':execution:')}:run")
            (first,) = await engine.history(ended, 1, 1)
            return machine.arn, given, ended, first["executionStartedEventDetails"]

    arn, given, ended, details = asyncio.run(play())
    assert given == '"new"'
    assert ended.state_machine_version_arn is None
    assert json.loads(ended.output) == {"id": arn, "name": "m"}
    assert set(details) == {"input", "inputDetails", "roleArn"}


def test_a_task_exists_for_the_account_of_its_execution_alone():
    async def answers(engine, token, account):
        refusals = []
        for answer in (
            engine.heartbeat(token, account=account),
            engine.fail_task(token, "E", None, account=account),
            engine.complete_task(token, "{}", account=account),
        ):
            try:
                await answer
            except (TaskDoesNotExist, TaskTimedOut) as refusal:
                refusals.append(type(refusal))
        return refusals

    async def play():
        async with engine_over(MemoryStore()) as (engine, registry):
            machine, _ = await published(registry)
            started = await engine.start_execution(machine, name=None, input="{}")
            token, _ = await polled(engine)
            running = await answers(engine, token, OTHER)
            await engine.complete_task(token, "{}", account=HERE.account)
            ended = await engine.ended(started.arn)
            after = await answers(engine, token, OTHER), await answers(engine, token, HERE.account)
            return running, ended.status, *after

    running, status, others, own = asyncio.run(play())
    assert running == others == [TaskDoesNotExist] * 3
    assert status == "SUCCEEDED"
    assert own == [TaskTimedOut] * 3
