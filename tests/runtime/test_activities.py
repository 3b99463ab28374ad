"""What is promised of activities: the longest waiting task first, each to one worker, and none is lost."""

import asyncio

import pytest

from runtime.world import DAY, HERE, SECOND, WORK, play, task
from stepwell.machine import events
from stepwell.runtime import activities
from stepwell.runtime.activities import Activities
from stepwell.runtime.errors import ActivityWorkerLimitExceeded
from stepwell.storage.port import StoreError


async def waiting_tasks(world, count, first=0):
    """Start executions, a millisecond apart, each of which waits for a worker with its number."""
    machine = await world.machine({"A": task(WORK)}, f"from-{first}")
    for number in range(first, first + count):
        world.clock.time += 1
        await world.engine.start_execution(machine, name=None, input=str(number))


async def spins(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


async def gone(*polls):
    for poll in polls:
        poll.cancel()
    await asyncio.gather(*polls, return_exceptions=True)


def test_the_task_that_waits_longest_is_handed_out_first_before_and_after_a_restart(store):
    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 5)
        before = [(await world.poll())[1] for _ in range(2)]
        await waiting_tasks(world, 2, 5)
        await world.crash()
        await world.begin()
        await waiting_tasks(world, 2, 7)
        return before, [(await world.poll())[1] for _ in range(7)]

    assert play(scenario, store) == (["0", "1"], ["2", "3", "4", "5", "6", "7", "8"])


def test_more_tasks_than_a_batch_holds_are_all_handed_out_once_and_in_their_order(store, monkeypatch):
    monkeypatch.setattr(activities, "BATCH", 10)

    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 35)
        await world.crash()
        await world.begin()
        given = [(await world.poll())[1] for _ in range(5)]
        await waiting_tasks(world, 10, 35)
        given += [(await world.poll())[1] for _ in range(40)]
        poll = asyncio.create_task(world.poll())
        await spins()
        more = poll.done()
        await gone(poll)
        return given, more

    assert play(scenario, store) == ([str(number) for number in range(45)], False)


def test_more_tasks_than_are_kept_in_mind_are_all_handed_out_once_and_in_their_order(monkeypatch):
    monkeypatch.setattr(activities, "BATCH", 10)
    monkeypatch.setattr(activities, "MOST_HINTS", 15)

    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 1)
        given = [(await world.poll())[1]]
        await waiting_tasks(world, 40, 1)
        kept = len(world.shell.activities._queues[WORK].hints)
        return kept, given + [(await world.poll())[1] for _ in range(40)]

    kept, given = play(scenario)
    assert kept <= 15
    assert given == [str(number) for number in range(41)]


def test_many_workers_that_ask_at_once_get_a_task_each_and_none_twice(store, monkeypatch):
    monkeypatch.setattr(activities, "BATCH", 10)

    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 15)
        await world.crash()
        await world.begin()
        polls = [asyncio.create_task(world.poll()) for _ in range(40)]
        await world.quiet()
        early = sorted(int(poll.result()[1]) for poll in polls if poll.done())
        await waiting_tasks(world, 25, 15)
        return early, sorted(int(given) for _, given in await asyncio.gather(*polls))

    assert play(scenario, store) == (list(range(15)), list(range(40)))


def test_workers_that_wait_are_served_in_their_order():
    async def scenario(world):
        await world.activity()
        polls = []
        for _ in range(3):
            polls.append(asyncio.create_task(world.poll()))
            await spins()
        await waiting_tasks(world, 3)
        return [(await poll)[1] for poll in polls]

    assert play(scenario) == ["0", "1", "2"]


def test_a_worker_that_goes_away_while_it_waits_takes_no_task_with_it():
    async def scenario(world):
        await world.activity()
        polls = [asyncio.create_task(world.poll()) for _ in range(4)]
        await spins()
        await gone(polls[0], polls[2])
        await waiting_tasks(world, 2)
        return [(await poll)[1] for poll in (polls[1], polls[3])]

    assert play(scenario) == ["0", "1"]


def test_a_worker_that_goes_away_when_it_is_woken_takes_no_task_with_it():
    async def scenario(world):
        await world.activity()
        polls = [asyncio.create_task(world.poll()) for _ in range(2)]
        await spins()
        world.shell.activities.offer(WORK, (0, 0, 0))  # wakes the first, who will never look
        polls[0].cancel()
        await waiting_tasks(world, 1)
        return (await polls[1])[1]

    assert play(scenario) == "0"


def test_a_worker_that_goes_away_while_its_task_is_read_leaves_it_to_the_next(store):
    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 1)
        await world.crash()
        await world.begin()
        poll = asyncio.create_task(world.engine.poll_activity(WORK, None))
        async with asyncio.timeout(10):
            while not world.shell.residents._loading:
                await asyncio.sleep(0)
        await gone(poll)
        return poll.cancelled(), (await world.poll())[1]

    assert play(scenario, store) == (True, "0")


@pytest.mark.parametrize("method", ["activity_tasks", "execution_by_key"])
def test_a_worker_gets_an_error_where_the_store_can_not_be_read_and_the_next_one_the_task(method):
    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 1)
        await world.crash()
        await world.begin()
        world.disk.read_failures[method] = [StoreError("unreadable")]
        with pytest.raises(StoreError, match="unreadable"):
            await world.poll()
        return (await world.poll())[1]

    assert play(scenario) == "0"


def test_as_many_workers_as_aws_lets_wait_may_wait_and_one_more_is_refused():
    async def scenario(world):
        await world.activity()
        polls = [asyncio.create_task(world.engine.poll_activity(WORK, None)) for _ in range(1_000)]
        await spins()
        with pytest.raises(ActivityWorkerLimitExceeded):
            await world.poll()
        await gone(polls[0])
        polls.append(asyncio.create_task(world.poll()))
        await spins()
        waits = not polls[-1].done()
        await gone(*polls)
        return waits

    assert play(scenario)


def test_a_worker_is_told_of_nothing_after_its_minute(monkeypatch):
    monkeypatch.setattr(activities, "POLL_SECONDS", 0)

    async def scenario(world):
        await world.activity()
        empty = await world.engine.poll_activity(WORK, None)
        await waiting_tasks(world, 1)
        return empty, (await world.poll())[1]

    assert play(scenario) == (None, "0")


def test_the_timeout_of_a_task_counts_from_when_a_worker_has_it_and_a_late_worker_gets_none():
    async def scenario(world):
        await world.activity()
        machine = await world.machine({"A": task(WORK, TimeoutSeconds=5)})
        taken, stopped = await world.run(machine), await world.run(machine)
        await world.pass_time(DAY)
        await world.engine.stop_execution(stopped, None, None)
        await world.poll()
        await world.pass_time(5 * SECOND)
        poll = asyncio.create_task(world.poll())
        await world.quiet()
        late = poll.done()
        await gone(poll)
        return await world.status(taken), await world.status(stopped), late

    assert play(scenario) == ("FAILED", "ABORTED", False)


def test_a_task_that_is_offered_while_the_store_is_read_is_not_missed():
    """A store that answers in its own time does not yet know what is committed behind its back."""

    async def scenario():
        reading, go_on, rows = asyncio.Event(), asyncio.Event(), []

        class Slow:
            async def activity_tasks(self, arn, limit):
                found = rows[:limit]
                reading.set()
                await go_on.wait()
                return found

        async def take(*hint):
            rows.remove(hint)
            return "token", str(hint)

        queues = Activities(Slow())
        poll = asyncio.create_task(queues.poll(WORK, take))
        await reading.wait()
        rows.append((1, 0, 1))
        queues.offer(WORK, (1, 0, 1))
        go_on.set()
        return await asyncio.wait_for(poll, 10)

    assert asyncio.run(scenario()) == ("token", "(1, 0, 1)")


def test_the_tasks_of_executions_that_are_parked_hold_up_no_other(store, monkeypatch):
    monkeypatch.setattr(activities, "BATCH", 3)

    async def scenario(world):
        await world.activity()
        await waiting_tasks(world, 8)
        for key, *_ in (await world.disk.activity_tasks(WORK, 10))[:7]:
            resident = world.shell.residents.find(key)
            world.shell.park(resident, events.TurnCame(), ZeroDivisionError("a bug"), new=False, done=None)
        await world.quiet()
        first = (await world.poll())[1]
        await waiting_tasks(world, 1, 8)
        second = (await world.poll())[1]
        await world.restart()
        return first, second, [(await world.poll())[1] for _ in range(7)]

    assert play(scenario, store) == ("7", "8", [str(number) for number in range(7)])


def test_an_answer_of_a_worker_reaches_the_execution_and_only_once():
    async def scenario(world):
        await world.activity()
        record = await world.run(await world.machine({"A": task(WORK)}))
        token, _ = await world.poll()
        await world.engine.complete_task(token, "1", account=HERE.account)
        return (await world.ended(record)).output, await world.events(record)

    output, kinds = play(scenario)
    assert output == "1"
    assert kinds.count("ActivityStarted") == kinds.count("ActivitySucceeded") == 1
