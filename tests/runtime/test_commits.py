"""What is promised of commits: in order, in groups, and nobody is told anything before it is on the disk."""

import asyncio

import pytest

from runtime.world import FULL, HERE, WORK, branches, play, task, token_task
from stepwell.runtime.committer import LARGEST_BATCH, Committer
from stepwell.runtime.errors import TaskTimedOut
from stepwell.storage.memory import MemoryStore
from stepwell.storage.port import Park, StoreError


async def soon():
    for _ in range(10):
        await asyncio.sleep(0)


def test_writes_of_one_moment_are_committed_together_and_in_their_order():
    async def scenario(world):
        committer = world.shell.committer
        world.disk.free.clear()
        committer.submit(Park(0, None), lambda _: None)
        await soon()
        writes = [Park(number, None) for number in range(1, LARGEST_BATCH + 2)]
        told = []
        for write in writes:
            committer.submit(write, lambda outcome, number=write.execution: told.append((number, outcome)))
        await soon()
        before = list(told)
        world.disk.free.set()
        await world.quiet()
        return before, told, [[write.execution for write in batch] for batch in world.disk.batches]

    before, told, batches = play(scenario)
    assert before == []
    assert batches == [[0], list(range(1, LARGEST_BATCH + 1)), [LARGEST_BATCH + 1]]
    assert told == [(number, False) for number in range(1, LARGEST_BATCH + 2)]  # there are no such executions


def test_a_barrier_is_passed_when_all_before_it_is_written_and_not_earlier():
    async def scenario(world):
        committer, told = world.shell.committer, []
        world.disk.free.clear()
        committer.submit(Park(1, None), lambda _: told.append("written"))
        committer.after(told.append)
        await soon()
        before = list(told)
        world.disk.free.set()
        await world.quiet()
        return before, told

    before, told = play(scenario)
    assert before == []
    assert told == ["written", True]


def test_whoever_is_told_may_break_and_no_other_suffers():
    async def scenario(world):
        committer, told = world.shell.committer, []

        def broken(_):
            raise RuntimeError("broken")

        committer.submit(Park(1, None), broken)
        committer.submit(Park(2, None), told.append)
        await world.quiet()
        committer.submit(Park(3, None), told.append)
        await world.quiet()
        return told

    assert play(scenario) == [False, False]


@pytest.mark.parametrize("failure", [FULL, RuntimeError("a bug of the store")])
def test_a_batch_that_fails_is_told_to_all_in_it_and_the_next_is_written(failure):
    async def scenario(world):
        committer, told = world.shell.committer, []
        world.disk.failures = [failure]
        committer.submit(Park(1, None), told.append)
        committer.submit(Park(2, None), told.append)
        committer.after(told.append)
        await world.quiet()
        committer.submit(Park(3, None), told.append)
        await world.quiet()
        return told

    first, second, third, fourth = play(scenario)
    assert all(isinstance(outcome, StoreError) for outcome in (first, second, third))
    assert fourth is False


def test_closing_commits_what_is_pending():
    async def scenario():
        store, told = MemoryStore(), []
        committer = Committer(store)
        committer.start()
        committer.submit(Park(1, None), told.append)
        await committer.close()
        return told

    assert asyncio.run(scenario()) == [False]


def test_nothing_is_handed_over_nor_answered_before_it_is_on_the_disk():
    async def scenario(world):
        machine = await world.machine({"A": task()})
        world.disk.free.clear()
        starting = asyncio.create_task(world.engine.start_execution(machine, name="x", input="{}"))
        await world.quiet()
        before = starting.done(), list(world.outside.calls)
        world.disk.free.set()
        await world.quiet()
        return before, starting.done(), len(world.outside.calls)

    assert play(scenario) == ((False, []), True, 1)


def test_an_end_is_announced_when_it_is_on_the_disk_and_not_with_an_earlier_turn():
    async def scenario(world):
        record = await world.run(await world.machine({"A": branches(task(), task())}))
        ended = asyncio.create_task(world.engine.ended(record.arn))
        await world.quiet()
        world.disk.free.clear()
        first, second = world.outside.calls
        first.succeed(1)
        await soon()  # its turn is being written
        second.succeed(2)
        await soon()  # and that of the end waits behind it
        world.disk.failures = [None, FULL]
        world.disk.free.set()
        await world.quiet()
        early = ended.done(), await world.status(record)
        world.outside.calls[-1].succeed(2)
        return early, (await ended).output, await world.status(record)

    assert play(scenario) == ((False, "RUNNING"), "[1,2]", "SUCCEEDED")


def test_who_answers_too_late_is_told_so_only_when_the_earlier_answer_is_on_the_disk():
    async def scenario(world):
        record = await world.run(await world.machine({"A": token_task()}))
        (asked,) = world.outside.calls
        asked.submit()
        await world.quiet()
        world.disk.free.clear()
        first, second = (
            asyncio.create_task(world.engine.complete_task(world.token_of(asked), text, account=HERE.account))
            for text in ("1", "2")
        )
        await soon()
        before = first.done(), second.done()
        world.disk.free.set()
        outcomes = await asyncio.gather(first, second, return_exceptions=True)
        return before, outcomes, (await world.ended(record)).output

    before, (first, second), output = play(scenario)
    assert before == (False, False)
    assert first is None
    assert isinstance(second, TaskTimedOut)
    assert output == "1"


def test_who_answers_second_gets_an_error_where_the_first_answer_was_lost_with_its_commit():
    async def scenario(world):
        record = await world.run(await world.machine({"A": token_task()}))
        (asked,) = world.outside.calls
        asked.submit()
        await world.quiet()
        world.disk.free.clear()
        world.disk.failures = [FULL]
        token = world.token_of(asked)
        tasks = []
        for text in ("1", "2"):
            tasks.append(asyncio.create_task(world.engine.complete_task(token, text, account=HERE.account)))
            await soon()
        world.disk.free.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await world.engine.complete_task(token, "3", account=HERE.account)
        return outcomes, (await world.ended(record)).output

    outcomes, output = play(scenario)
    assert [type(outcome) for outcome in outcomes] == [StoreError, StoreError]
    assert output == "3"


def test_who_was_built_on_a_lost_turn_gets_an_error_and_not_an_answer():
    async def scenario(world):
        machine = await world.machine({"A": branches(token_task(), token_task())})
        record = await world.run(machine)
        for asked in world.outside.calls:
            asked.submit()
        await world.quiet()
        tokens = [world.token_of(asked) for asked in world.outside.calls]
        world.disk.free.clear()
        world.disk.failures = [FULL]
        tasks = []
        for text, token in zip("12", tokens, strict=True):
            tasks.append(asyncio.create_task(world.engine.complete_task(token, text, account=HERE.account)))
            await soon()
        world.disk.free.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for text, token in zip("34", tokens, strict=True):
            await world.engine.complete_task(token, text, account=HERE.account)
        return outcomes, (await world.ended(record)).output

    outcomes, output = play(scenario)
    assert [type(outcome) for outcome in outcomes] == [StoreError, StoreError]
    assert output == "[3,4]"


def test_who_waits_is_answered_and_what_was_not_carried_out_is_taken_up_where_what_follows_a_commit_breaks():
    async def scenario(world):
        breaks = [RuntimeError("broken")]

        def broken(*_):
            if breaks:
                raise breaks.pop()

        machine = await world.machine({"A": task()})
        world.engine.watch(broken)
        record = await asyncio.wait_for(world.engine.start_execution(machine, name="x", input="{}"), 10)
        await world.quiet()
        (asked,) = world.outside.calls
        asked.succeed(1)
        return (await world.ended(record)).status

    assert play(scenario) == "SUCCEEDED"


def test_a_full_disk_refuses_starts_and_keeps_nothing_of_them(store):
    async def scenario(world):
        machine = await world.machine({"A": task()})
        world.disk.failures = [FULL]
        refused = await asyncio.gather(
            *(world.engine.start_execution(machine, name=f"x{number}", input="{}") for number in range(3)),
            return_exceptions=True,
        )
        await world.quiet()
        kept = await world.disk.executions(machine.arn, None, 10, None)
        record = await world.run(machine, name="x0")
        return refused, kept, len(world.outside.calls), await world.status(record)

    refused, kept, calls, status = play(scenario, store)
    assert refused == [FULL] * 3
    assert kept == []
    assert (calls, status) == (1, "RUNNING")


def test_an_answer_that_could_not_be_written_is_asked_for_again_under_the_same_key(store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": task(Next="B"), "B": task()}))
        world.disk.failures = [FULL, FULL]
        (first,) = world.outside.calls
        first.succeed(1)
        await world.quiet()
        world.outside.calls[1].succeed(1)
        await world.quiet()
        world.outside.calls[2].succeed(1)
        await world.quiet()
        world.outside.calls[3].succeed(2)
        ended = await world.ended(record)
        return [asked.request for asked in world.outside.calls], ended.output

    (first, second, third, other), output = play(scenario, store)
    assert first.idempotency_key == second.idempotency_key == third.idempotency_key != other.idempotency_key
    assert [asked.redelivered for asked in (first, second, third, other)] == [False, True, True, False]
    assert output == "2"


def test_a_timer_and_an_activity_of_a_turn_that_failed_go_on_and_so_do_others_of_its_batch(store):
    async def scenario(world):
        await world.activity()
        waiting = {"Type": "Wait", "Seconds": 5, "Next": "Work"}
        states = {"W": waiting, "Work": task(WORK)}
        machine = await world.machine(states)
        records = [await world.run(machine) for _ in range(3)]
        world.disk.failures = [FULL]
        await world.pass_time(5_000)  # all three fall due, are advanced, and are lost
        await world.quiet()
        for _ in records:
            token, _ = await world.poll()
            world.disk.failures = [FULL]
            with pytest.raises(StoreError):
                await world.engine.complete_task(token, "1", account=HERE.account)
            await world.quiet()
            await world.engine.complete_task(token, "2", account=HERE.account)
        return [(await world.ended(record)).output for record in records], await world.events(records[0])

    outputs, kinds = play(scenario, store)
    assert outputs == ["2", "2", "2"]
    assert kinds.count("WaitStateExited") == kinds.count("ActivityScheduled") == kinds.count("ActivityStarted") == 1


def test_a_worker_whose_task_could_not_be_written_gets_an_error_and_the_next_worker_the_task():
    async def scenario(world):
        await world.activity()
        record = await world.run(await world.machine({"A": task(WORK)}))
        world.disk.failures = [FULL]
        with pytest.raises(StoreError):
            await world.poll()
        await world.quiet()
        token, _ = await world.poll()
        await world.engine.complete_task(token, "1", account=HERE.account)
        return (await world.ended(record)).output

    assert play(scenario) == "1"
