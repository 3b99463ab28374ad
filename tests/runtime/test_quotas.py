"""What is promised of quotas: nothing above them, and no place lost to what failed, has ended, or rests on the disk."""

import pytest

from runtime.world import FULL, HERE, play, task
from stepwell.runtime import quotas
from stepwell.runtime.errors import ExecutionAlreadyExists, ExecutionLimitExceeded
from stepwell.runtime.quotas import ActivityLimitExceeded, StateMachineLimitExceeded
from stepwell.storage.port import StoreError

PASS = {"A": {"Type": "Pass", "End": True}}
FAIL = {"A": {"Type": "Fail"}}
WAITS = {"A": task()}


@pytest.fixture
def one_open(monkeypatch):
    monkeypatch.setattr(quotas, "MAX_OPEN_EXECUTIONS", 1)


async def refused(world, machine, name=None):
    """Return whether the machine can't be started because too many executions run."""
    try:
        await world.run(machine, name=name)
    except ExecutionLimitExceeded:
        return True
    return False


@pytest.mark.usefixtures("one_open")
def test_no_more_executions_run_than_are_allowed_and_an_end_makes_room():
    async def scenario(world):
        machine = await world.machine(WAITS)
        await world.run(machine)
        before = await refused(world, machine)
        world.outside.calls[0].succeed(1)
        await world.quiet()
        return before, await refused(world, machine)

    assert play(scenario) == (True, False)


@pytest.mark.usefixtures("one_open")
def test_a_start_that_is_refused_or_lost_takes_no_room():
    async def scenario(world):
        passes, waits = await world.machine(PASS, "passes"), await world.machine(WAITS, "waits")
        await world.run(passes, name="taken")
        with pytest.raises(ExecutionAlreadyExists):
            await world.run(passes, name="taken", given="1")
        world.disk.failures = [FULL]
        with pytest.raises(StoreError):
            await world.run(passes)
        return await refused(world, waits)

    assert play(scenario) is False


@pytest.mark.usefixtures("one_open")
def test_executions_that_rest_on_the_disk_count_after_a_restart():
    async def scenario(world):
        machine = await world.machine(WAITS)
        await world.run(machine)
        await world.restart()
        return await refused(world, machine)

    assert play(scenario) is True


@pytest.mark.usefixtures("one_open")
def test_a_redrive_needs_room_and_takes_it():
    async def scenario(world):
        failed, waits = await world.machine(FAIL, "fails"), await world.machine(WAITS, "waits")
        record = await world.run(failed)
        await world.run(waits)
        with pytest.raises(ExecutionLimitExceeded):
            await world.engine.redrive_execution(record, None)
        world.outside.calls[0].succeed(1)
        await world.quiet()
        await world.engine.redrive_execution(record, None)
        await world.quiet()
        return await world.status(record), await refused(world, waits)

    assert play(scenario) == ("FAILED", False)


def test_an_account_has_no_more_state_machines_and_activities_than_are_allowed(monkeypatch):
    async def scenario(world):
        machine = await world.machine(PASS, "one")
        await world.activity()
        monkeypatch.setattr(quotas, "MAX_STATE_MACHINES", 1)
        monkeypatch.setattr(quotas, "MAX_ACTIVITIES", 1)
        with pytest.raises(StateMachineLimitExceeded):
            await world.machine(PASS, "two")
        with pytest.raises(ActivityLimitExceeded):
            await world.registry.activities.create(HERE, "more", None, None)
        again = await world.machine(PASS, "one"), await world.activity()
        return again[0].key == machine.key

    assert play(scenario) is True
