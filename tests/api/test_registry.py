import asyncio

import pytest

from stepwell.runtime import registry
from stepwell.runtime.arns import Scope
from stepwell.runtime.registry import StateMachineAlreadyExists, StateMachineDoesNotExist
from stepwell.runtime.revisions import Settings

HERE = Scope("123456789012", "us-east-1")


@pytest.fixture
def slow(api, monkeypatch):
    """Writes that let others go first, as those of a store on a disk do."""
    commit = api.engine.store.commit

    async def commit_later(writes):
        await asyncio.sleep(0)
        return await commit(writes)

    monkeypatch.setattr(api.engine.store, "commit", commit_later)


def create(api, definition, role, name="m"):
    settings = Settings(definition=definition, role_arn=role)
    return api.registry.create_state_machine(HERE, name, "STANDARD", settings, None)


def test_of_creations_at_the_same_time_one_is_the_first(api, slow, pass_definition, role):
    async def race():
        other = pass_definition.replace("Hello", "Other")
        rivals = [create(api, definition, role) for definition in (pass_definition, pass_definition, other)]
        return await asyncio.gather(*rivals, return_exceptions=True)

    first, second, third = api.run(race())
    assert first == second
    assert isinstance(third, StateMachineAlreadyExists)


def test_changes_at_the_same_time_are_all_kept(api, slow, pass_definition, role):
    arn = api.run(create(api, pass_definition, role)).arn

    async def race():
        tags = [api.registry.tagging.tag(HERE, arn, [{"key": f"k{number}", "value": "v"}]) for number in range(5)]
        update = api.registry.update_state_machine(HERE, arn, Settings(role_arn=role + "2"))
        await asyncio.gather(*tags, update)
        return await api.registry.state_machine(HERE, arn)

    record = api.run(race()).state_machine
    assert set(record.tags) == {"k0", "k1", "k2", "k3", "k4"}
    assert api.run(api.registry.revision(record.revision)).role_arn == role + "2"
    assert api.run(api.engine.store.state_machine(arn)) == record


def test_a_known_state_machine_is_found_without_the_store(api, monkeypatch, pass_definition, role):
    arn = api.run(create(api, pass_definition, role)).arn
    found, *_ = api.run(api.registry.state_machine(HERE, arn))
    monkeypatch.setattr(api.engine.store, "state_machine", None)
    assert api.run(api.registry.startable(HERE, arn))[0] is found


def test_few_state_machines_are_kept_in_memory(api, monkeypatch, pass_definition, role):
    monkeypatch.setattr(registry, "MAX_CACHED_STATE_MACHINES", 3)
    arns = [api.run(create(api, pass_definition, role, name=f"m{number}")).arn for number in range(6)]
    for arn in arns * 2:
        assert api.run(api.registry.state_machine(HERE, arn))[0].arn == arn
    assert len(api.registry._cached) == 3


def test_a_write_that_fails_changes_nothing(api, monkeypatch, pass_definition, role):
    arn = api.run(create(api, pass_definition, role)).arn
    before = api.run(api.registry.state_machine(HERE, arn))

    async def fail(write, /):
        raise OSError("disk")

    monkeypatch.setattr(api.engine, "write", fail)
    for change in (
        api.registry.update_state_machine(HERE, arn, Settings(role_arn=role + "2")),
        api.registry.tagging.tag(HERE, arn, [{"key": "k", "value": "v"}]),
        api.registry.delete_state_machine(HERE, arn),
        api.registry.publish_version(HERE, arn, None, ""),
    ):
        with pytest.raises(OSError, match="disk"):
            api.run(change)
    assert api.run(api.registry.startable(HERE, arn)) == before


def test_another_accounts_state_machine_does_not_exist(api, pass_definition, role):
    arn = api.run(create(api, pass_definition, role)).arn
    with pytest.raises(StateMachineDoesNotExist, match=":stateMachine:m"):
        api.run(api.registry.state_machine(Scope("111111111111", "us-east-1"), arn))
    assert api.run(api.registry.startable(HERE, arn)).state_machine.arn == arn
    with pytest.raises(StateMachineDoesNotExist, match=":stateMachine:m"):
        api.run(api.registry.startable(Scope("111111111111", "us-east-1"), arn))


def test_nothing_is_started_of_a_state_machine_whose_deletion_is_on_its_way(api, slow, pass_definition, role):
    arn = api.run(create(api, pass_definition, role)).arn

    async def body():
        await api.registry.startable(HERE, arn)
        deletion = asyncio.ensure_future(api.registry.delete_state_machine(HERE, arn))
        while arn in api.registry._cached:
            await asyncio.sleep(0)
        assert not deletion.done()
        with pytest.raises(StateMachineDoesNotExist):
            await api.registry.startable(HERE, arn)
        await deletion

    api.run(asyncio.wait_for(body(), 10))
