"""What is promised of executions in memory: they are the same whether they stay there or are read each time."""

import asyncio
import json

import pytest

from runtime.world import HERE, SECOND, WORK, branches, play, task, token_task
from stepwell.machine import events
from stepwell.runtime import residents
from stepwell.runtime.errors import ExecutionAlreadyExists


@pytest.fixture
def little_room(monkeypatch):
    monkeypatch.setattr(residents, "KEPT", 8)


async def answer_all(world, first):
    for asked in world.outside.calls[first:]:
        asked.succeed(asked.request.parameters.value)
    await world.quiet()


def test_many_executions_come_to_the_same_where_there_is_room_for_few(store, little_room):
    async def scenario(world):
        await world.activity()
        retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 1}]
        states = {
            "A": task(Next="B", Retry=retry),
            "B": {**branches(task(), task()), "Next": "C"},
            "C": {"Type": "Wait", "Seconds": 1, "Next": "D"},
            "D": task(WORK),
        }
        del states["B"]["End"]
        machine = await world.machine(states)
        records = [await world.run(machine, str(number)) for number in range(40)]
        for asked in world.outside.calls[:40]:
            asked.fail("E")
        await world.quiet()
        await world.pass_time(SECOND)
        await answer_all(world, 40)
        await answer_all(world, 80)
        await world.pass_time(SECOND)
        await world.run(machine)
        kept = len(world.shell.residents._kept)
        for _ in records:
            token, given = await world.poll()
            await world.engine.complete_task(token, given, account=HERE.account)
        rows = [await world.of(record) for record in records]
        return kept, [json.loads(row.output) for row in rows], {tuple(await world.events(record)) for record in records}

    kept, outputs, histories = play(scenario, store)
    assert kept <= 8
    assert outputs == [[number, number] for number in range(40)]
    assert {len(history) for history in histories} == {31}


def test_an_execution_with_turns_on_their_way_is_never_let_go(little_room):
    async def scenario(world):
        machine = await world.machine({"A": token_task()})
        records = [await world.run(machine) for _ in range(6)]
        for asked in world.outside.calls:
            asked.submit()
        await world.quiet()
        world.disk.free.clear()
        tokens = [world.token_of(asked) for asked in world.outside.calls]
        answers = [
            asyncio.create_task(world.engine.complete_task(token, "1", account=HERE.account)) for token in tokens
        ]
        starts = [asyncio.create_task(world.engine.start_execution(machine, name=None, input="{}")) for _ in range(30)]
        await world.quiet()
        kept = [world.shell.residents.find(record.key) is not None for record in records]
        world.disk.free.set()
        await asyncio.gather(*answers, *starts)
        return kept, [await world.status(record) for record in records]

    assert play(scenario) == ([True] * 6, ["SUCCEEDED"] * 6)


def test_events_for_more_executions_than_there_is_room_for_are_none_lost_when_all_are_read_at_once(little_room):
    """Each that is read makes another go, before whoever asked for that one has its turn."""

    async def scenario(world):
        machine = await world.machine({"A": branches(task(), task())})
        records = [await world.run(machine) for _ in range(40)]
        for resident in list(world.shell.residents._kept.values()):
            world.shell.residents.forget(resident)
        for asked in world.outside.calls:
            asked.succeed(1)
        async with asyncio.timeout(10):
            while await world.disk.executions(machine.arn, "RUNNING", 1, None):
                await world.quiet()
        return len(world.outside.calls), {(await world.of(record)).output for record in records}

    assert play(scenario) == (80, {"[1,1]"})


def test_who_asks_for_an_execution_that_was_let_go_meanwhile_gets_the_one_in_memory():
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        there = world.shell.residents
        there.forget(there.find(record.key))
        asking = asyncio.create_task(there.get(record.key))
        while there.find(record.key) is None:
            await asyncio.sleep(0)
        there.forget(there.find(record.key))
        found = await asking
        return found is there.find(record.key)

    assert play(scenario)


def test_who_asks_at_once_gets_the_same():
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        there = world.shell.residents
        there.forget(there.find(record.key))
        before = world.disk.calls.get("execution_by_key", 0)
        found = await asyncio.gather(*(there.get(record.key) for _ in range(20)))
        return {id(resident) for resident in found} == {id(there.find(record.key))}, (
            world.disk.calls["execution_by_key"] - before
        )

    assert play(scenario) == (True, 1)


def test_an_event_for_an_execution_that_has_ended_changes_nothing():
    async def scenario(world):
        record = await world.run(await world.machine({"A": {"Type": "Succeed"}}))
        before = await world.events(record)
        world.shell.deliver(record.key, events.Stop(None, None))
        world.shell.deliver(record.key + 1, events.Stop(None, None))
        await world.quiet()
        return before == await world.events(record)

    assert play(scenario)


def test_the_same_start_fifty_times_at_once_is_one_execution(store):
    async def scenario(world):
        machine = await world.machine({"A": task()})
        starts = (world.engine.start_execution(machine, name="x", input='{"a": 1}') for _ in range(50))
        records = await asyncio.gather(*starts)
        await world.quiet()
        stored = await world.disk.executions(machine.arn, None, 100, None)
        return {(record.key, record.arn, record.started) for record in records}, len(stored), len(world.outside.calls)

    same, stored, calls = play(scenario, store)
    assert len(same) == 1
    assert (stored, calls) == (1, 1)


def test_of_different_starts_under_one_name_at_once_one_wins_and_its_repetitions_do(store):
    async def scenario(world):
        machine = await world.machine({"A": task()})
        inputs = [str(number % 5) for number in range(50)]
        starts = (world.engine.start_execution(machine, name="x", input=given) for given in inputs)
        outcomes = await asyncio.gather(*starts, return_exceptions=True)
        won = [given for given, outcome in zip(inputs, outcomes, strict=True) if not isinstance(outcome, Exception)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, ExecutionAlreadyExists)]
        return won, len(refused)

    won, refused = play(scenario, store)
    assert won == ["0"] * 10
    assert refused == 40


def test_a_name_stays_taken_when_its_execution_has_ended(store):
    async def scenario(world):
        machine = await world.machine({"A": {"Type": "Succeed"}})
        await world.run(machine, name="x")
        with pytest.raises(ExecutionAlreadyExists):
            await world.engine.start_execution(machine, name="x", input="{}")
        return len(await world.disk.executions(machine.arn, None, 10, None))

    assert play(scenario, store) == 1
