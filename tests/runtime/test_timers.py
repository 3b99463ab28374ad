"""What is promised of time: nothing fires early, all of it fires once, whatever the clock and the store do."""

import asyncio
import time

import pytest

from runtime.world import DAY, SECOND, START, branches, play, task
from stepwell.runtime import clock, timers
from stepwell.runtime.timers import BATCH, HORIZON_MS
from stepwell.storage.port import StoreError

YEAR = 365 * DAY


def wait(**until):
    return {"Type": "Wait", **until, "End": True}


@pytest.mark.parametrize("seconds", [1, 29, 31, 59, 61, 86_400, 86_400 * 200])
def test_a_timer_fires_at_its_moment_and_not_a_millisecond_before(seconds, store):
    async def scenario(world):
        record = await world.run(await world.machine({"W": wait(Seconds=seconds)}))
        statuses = []
        for step in (seconds * SECOND - 1, 1):
            await world.pass_time(step)
            statuses.append(await world.status(record))
        return statuses, (await world.of(record)).stopped

    assert play(scenario, store) == (["RUNNING", "SUCCEEDED"], START + seconds * SECOND)


def test_far_timers_are_read_from_the_store_when_their_time_comes_whatever_steps_it_takes(store):
    async def scenario(world):
        moments = [100, 70_000, 3_600_000, DAY, 30 * DAY, YEAR - 1]
        states = {"W": {"Type": "Wait", "TimestampPath": "$", "End": True}}
        machine = await world.machine(states)
        ended = []
        for moment in moments:
            seconds, ms = divmod(START + moment, 1_000)
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{ms:03}Z"
            await world.run(machine, f'"{at}"')
        for moment in moments:
            await world.pass_time(START + moment - world.clock.time)
            records = await world.disk.executions(machine.arn, "SUCCEEDED", 10, None)
            ended.append(sorted(record.stopped - START for record in records))
        return moments, ended

    moments, ended = play(scenario, store)
    assert ended == [moments[: number + 1] for number in range(len(moments))]


def test_a_year_that_passes_at_once_fires_all_that_fell_due_in_it():
    async def scenario(world):
        machine = await world.machine({"W": {"Type": "Wait", "SecondsPath": "$", "End": True}})
        for seconds in (1, 100, 10_000, 1_000_000):
            await world.run(machine, str(seconds))
        await world.pass_time(YEAR - SECOND)
        return [record.status for record in await world.disk.executions(machine.arn, None, 10, None)]

    assert play(scenario) == ["SUCCEEDED"] * 4


def test_timers_that_fell_due_while_nobody_watched_fire_at_the_next_start(store):
    async def scenario(world):
        machine = await world.machine({"W": wait(Seconds=5)})
        records = [await world.run(machine) for _ in range(3)]
        slow = await world.run(await world.machine({"A": task(TimeoutSeconds=5)}, "slow"))
        await world.crash()
        world.clock.time += DAY
        await world.begin()
        await world.quiet()
        return [await world.status(record) for record in (*records, slow)], (await world.of(slow)).error

    assert play(scenario, store) == (["SUCCEEDED"] * 3 + ["FAILED"], "States.Timeout")


def test_an_execution_ends_at_its_deadline_whatever_its_lanes_wait_for(store):
    async def scenario(world):
        states = {"A": branches(task(), wait(Seconds=9_000), {"Type": "Wait", "Seconds": 50, "End": True})}
        record = await world.run(await world.machine(states, TimeoutSeconds=100))
        statuses = []
        for step in (100 * SECOND - 1, 1):
            await world.pass_time(step)
            statuses.append(await world.status(record))
        return statuses, (await world.events(record))[-1], world.outside.calls[0].cancelled

    assert play(scenario, store) == (["RUNNING", "TIMED_OUT"], "ExecutionTimedOut", True)


def test_an_execution_without_a_timeout_ends_after_a_year():
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        statuses = []
        for step in (YEAR - 1, 1):
            await world.pass_time(step)
            statuses.append(await world.status(record))
        return statuses

    assert play(scenario) == ["RUNNING", "TIMED_OUT"]


def test_a_clock_that_is_set_back_fires_nothing_early_and_nothing_twice():
    async def scenario(world):
        machine = await world.machine({"W": wait(Seconds=10)})
        first = await world.run(machine)
        statuses = []
        for step in (9 * SECOND, -8 * SECOND, 8 * SECOND, SECOND, -9 * SECOND, 9 * SECOND):
            await world.pass_time(step)
            statuses.append(await world.status(first))
        events = await world.events(first)
        return statuses, events.count("WaitStateExited")

    assert play(scenario) == (["RUNNING"] * 3 + ["SUCCEEDED"] * 3, 1)


def test_the_system_clock_never_runs_backwards(monkeypatch):
    readings = iter([5_000_000, 9_000_000, 1_000_000, 8_999_999, 10_000_000])
    monkeypatch.setattr(clock.time, "time_ns", lambda: next(readings))
    watch = clock.SystemClock()
    assert [watch.now() for _ in range(5)] == [5, 9, 9, 9, 10]


def test_more_executions_than_a_batch_holds_all_go_on_once_when_they_fall_due_together(store):
    async def scenario(world):
        machine = await world.machine({"W": wait(Seconds=20)})
        count = BATCH + 100
        await asyncio.gather(
            *(world.engine.start_execution(machine, name=None, input="{}") for _ in range(count)),
        )
        await world.pass_time(20 * SECOND)
        async with asyncio.timeout(10):
            while running := await world.disk.executions(machine.arn, "RUNNING", 1, None):
                await world.quiet()
        ended = await world.disk.executions(machine.arn, "SUCCEEDED", count, None)
        turns = sum(record.version == 2 for record in ended)
        return running, len(ended) - count, turns - count

    assert play(scenario, store) == ([], 0, 0)


class Rows:
    """A store of nothing but timers. A fired one is gone with the next `commit`."""

    def __init__(self, dues):
        self.dues = dues
        self.reads = 0
        self.failures = []

    async def due(self, until, limit):
        self.reads += 1
        if self.failures:
            raise self.failures.pop(0)
        found = sorted((due, key, 0, 1) for key, due in self.dues.items() if due <= until)
        return found[:limit]


class Standing:
    def __init__(self, now):
        self.time = now

    def now(self):
        return self.time


async def watched(rows, now, until, *, keep=lambda key: False):
    """Watch timers until a condition holds; return what has fired, with the moments."""
    fired, standing = [], Standing(now)

    def fire(key, _):
        fired.append((key, standing.time))
        if not keep(key):
            rows.dues.pop(key, None)

    watch = timers.Timers(rows, standing, fire)
    watch.start()
    async with asyncio.timeout(10):
        await until(fired, standing, watch)
    await watch.close()
    return fired


async def spins(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("spread", [1_000, 1], ids=["within a second", "at one millisecond"])
def test_twenty_thousand_that_fall_due_together_all_fire_once_and_none_early(spread):
    count = 10 * BATCH

    async def until(fired, standing, watch):
        await spins()
        assert fired == []
        standing.time += 9_999
        watch.look()
        await spins()
        assert fired == []
        for _ in range(spread):
            standing.time += 1
            watch.look()
            await spins(3)
        while len(fired) < count:
            await asyncio.sleep(0)
        await spins()

    due = {key: START + 10_000 + key % spread for key in range(count)}
    fired = asyncio.run(watched(Rows(dict(due)), START, until))
    assert sorted(key for key, _ in fired) == list(range(count))
    assert all(moment >= due[key] for key, moment in fired)


def test_many_that_fall_due_later_are_not_read_again_and_again_until_then():
    rows = Rows(dict.fromkeys(range(2 * BATCH), START + 10000))

    async def until(fired, standing, watch):
        for _ in range(20):
            watch.look()
            await spins(3)

    assert asyncio.run(watched(rows, START, until)) == []
    assert rows.reads == 1


def test_many_that_can_not_go_on_keep_no_other_from_firing():
    """Executions that are parked keep their timers: these are fired in vain."""
    stuck = 2 * BATCH
    rows = Rows(dict.fromkeys(range(stuck), START - 1) | {stuck + key: START + 5 for key in range(10)})

    async def until(fired, standing, watch):
        standing.time += 5
        watch.look()
        while sum(key >= stuck for key, _ in fired) < 10:
            await asyncio.sleep(0)

    fired = asyncio.run(watched(rows, START, until, keep=lambda key: key < stuck))
    assert sorted(key for key, _ in fired if key >= stuck) == list(range(stuck, stuck + 10))


def test_a_timer_set_within_the_horizon_costs_no_reading_and_one_beyond_it_is_found_in_time():
    rows = Rows({})

    async def until(fired, standing, watch):
        await spins()
        for key, due in ((1, START + 5), (2, START + HORIZON_MS + 5)):
            rows.dues[key] = due
            watch.set(due, key, 0)
        standing.time += 5
        watch.look()
        await spins()
        assert (fired, rows.reads) == ([(1, START + 5)], 1)
        standing.time = START + HORIZON_MS + 4
        watch.look()
        await spins()
        assert len(fired) == 1
        standing.time += 1
        watch.look()
        await spins()

    fired = asyncio.run(watched(rows, START, until))
    assert fired == [(1, START + 5), (2, START + HORIZON_MS + 5)]


@pytest.mark.parametrize("failure", [StoreError("unreadable"), ZeroDivisionError("a bug")])
def test_a_store_that_can_not_be_read_delays_the_timers_and_ends_them_not(failure):
    rows = Rows({1: START - 1})
    rows.failures = [failure] * 3

    async def until(fired, standing, watch):
        while not fired:
            await asyncio.sleep(0)

    assert asyncio.run(watched(rows, START, until)) == [(1, START)]


def test_a_timer_that_breaks_keeps_no_other_from_firing():
    rows = Rows(dict.fromkeys(range(3), START - 1))
    broken = [1]

    def keep(key):
        if key in broken:
            broken.remove(key)
            raise ZeroDivisionError("a bug")
        return False

    async def until(fired, standing, watch):
        while len(fired) < 3:
            await asyncio.sleep(0)

    assert [key for key, _ in asyncio.run(watched(rows, START, until, keep=keep))] == [0, 1, 2]
