"""What is promised of tasks that were handed over: asked until answered, cancelled when nobody waits."""

import asyncio
from dataclasses import replace

import pytest

from runtime.world import FUNCTION, HERE, SECOND, branches, play, task, token_task
from stepwell.integrations.port import TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import parse_resource
from stepwell.machine import events
from stepwell.runtime import handover
from stepwell.storage.port import StoreError

SYNC = "arn:aws:states:::states:startExecution.sync"
CHILD = {"StateMachineArn": HERE.state_machine_arn("child")}


@pytest.mark.parametrize("bug", [RuntimeError("broken"), asyncio.CancelledError()])
def test_an_integration_that_breaks_is_asked_again_under_the_same_key(bug):
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        world.outside.calls[0].breaks(bug)
        await asyncio.sleep(0)
        await world.quiet()
        world.outside.calls[1].succeed(1)
        return [asked.request for asked in world.outside.calls], (await world.ended(record)).output

    (first, second), output = play(scenario)
    assert second == replace(first, redelivered=True)
    assert output == "1"


def test_the_pause_before_an_integration_is_asked_again_grows_up_to_its_bound(monkeypatch):
    pauses = []

    async def pause(seconds):
        pauses.append(seconds)

    monkeypatch.setattr(handover, "FIRST_PAUSE_SECONDS", 1.0)
    monkeypatch.setattr(handover.asyncio, "sleep", pause)
    answers = [RuntimeError("broken")] * 8 + ["answer"]

    async def ask(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario():
        resource = parse_resource(FUNCTION)
        request = TaskRequest(resource, Document("{}"), HERE.account, HERE.region, "e", "k")
        return await handover._until_answered(ask, request)

    assert asyncio.run(scenario()) == "answer"
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_call_is_cancelled_when_its_state_has_timed_out_and_its_answer_is_too_late():
    async def scenario(world):
        failed = {"Type": "Fail", "Error": "Late"}
        catch = [{"ErrorEquals": ["States.Timeout"], "Next": "F"}]
        record = await world.run(await world.machine({"A": task(TimeoutSeconds=5, Catch=catch), "F": failed}))
        (asked,) = world.outside.calls
        await world.pass_time(5 * SECOND)
        return asked, len(world.shell.handover), await world.of(record)

    asked, leases, row = play(scenario)
    assert asked.request.timeout_seconds == 5
    assert asked.cancelled
    assert leases == 0
    assert (row.status, row.error) == ("FAILED", "Late")


def test_stopping_cancels_every_call_and_stops_every_job():
    async def scenario(world):
        states = {"A": branches(task(), task(SYNC, Parameters=CHILD))}
        record = await world.run(await world.machine(states))
        call, job = world.outside.calls
        job.submit("the job")
        await world.quiet()
        await world.engine.stop_execution(await world.of(record), "E", "C")
        await world.quiet()
        return call.cancelled, world.outside.watched[0].cancelled, world.outside.stopped, await world.of(record)

    call, watch, stopped, row = play(scenario)
    assert call
    assert watch
    assert stopped == ["the job"]
    assert (row.status, row.error, row.cause) == ("ABORTED", "E", "C")


def test_a_call_that_breaks_while_it_is_cancelled_is_not_made_again():
    async def scenario(world):
        class Stubborn:
            calls = 0

            async def call(self, request):
                self.calls += 1
                try:
                    await asyncio.get_running_loop().create_future()
                except asyncio.CancelledError:
                    raise RuntimeError("the connection is gone") from None

        stubborn = world.integrations._served["function"] = Stubborn()
        record = await world.run(await world.machine({"A": task()}))
        await world.engine.stop_execution(record, None, None)
        await world.quiet()
        await asyncio.sleep(0)
        await world.quiet()
        return stubborn.calls, len(world.shell.handover)

    assert play(scenario) == (1, 0)


def test_answers_of_stale_tickets_change_nothing():
    async def scenario(world):
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
        record = await world.run(await world.machine({"A": task(Retry=retry)}))
        world.outside.calls[0].fail()
        await world.quiet()
        await world.pass_time(SECOND)
        lane = (await world.disk.lanes(record.key))[0]
        before = await world.events(record)
        for ticket in range(lane.ticket):
            world.shell.deliver(record.key, events.TaskFailed(0, ticket, "Stale", None))
            world.shell.deliver(record.key, events.TaskFailed(7, lane.ticket, "Nobody", None))
        await world.quiet()
        after = await world.events(record)
        world.outside.calls[1].succeed(1)
        return before == after, (await world.ended(record)).output

    assert play(scenario) == (True, "1")


def test_what_was_handed_over_is_handed_over_again_after_a_crash_as_the_same_attempt(store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": branches(task(), task(), token_task())}))
        await world.crash()
        await world.begin()
        await world.quiet()
        for asked in world.outside.calls[3:]:
            asked.succeed(1)
        await world.quiet()
        return [asked.request for asked in world.outside.calls], (await world.ended(record)).output

    requests, output = play(scenario, store)
    assert [request.redelivered for request in requests] == [False] * 3 + [True] * 3
    assert [request.idempotency_key for request in requests[3:]] == [
        request.idempotency_key for request in requests[:3]
    ]
    assert output == "[1,1,1]"


def test_a_job_is_watched_again_after_a_crash_and_never_started_twice(store):
    async def scenario(world):
        machine = await world.machine({"A": branches(*[task(SYNC, Parameters=CHILD)] * 3)})
        record = await world.run(machine)
        for number, asked in enumerate(world.outside.calls):
            asked.submit(f"job {number}")
        await world.quiet()
        await world.crash()
        await world.begin()
        await world.quiet()
        watched = [asked.job for asked in world.outside.watched]
        for asked in world.outside.watched[3:]:
            asked.succeed(asked.job)
        await world.quiet()
        return len(world.outside.calls), watched, (await world.ended(record)).output

    calls, watched, output = play(scenario, store)
    assert calls == 3
    assert watched == ["job 0", "job 1", "job 2"] * 2
    assert output == '["job 0","job 1","job 2"]'


def test_a_job_that_can_not_be_stopped_harms_nobody():
    async def scenario(world):
        async def stop(request, job):
            raise RuntimeError("it can't be stopped")

        world.outside.stop = stop
        record = await world.run(await world.machine({"A": task(SYNC, Parameters=CHILD)}))
        world.outside.calls[0].submit("the job")
        await world.quiet()
        await world.engine.stop_execution(record, None, None)
        await world.quiet()
        return await world.status(record), len(world.shell.handover)

    assert play(scenario) == ("ABORTED", 0)


def test_a_job_that_is_being_submitted_while_its_execution_is_stopped_is_stopped_once_it_is_known():
    async def scenario(world):
        record = await world.run(await world.machine({"A": task(SYNC, Parameters=CHILD)}))
        (submission,) = world.outside.calls
        await world.engine.stop_execution(record, None, None)
        await world.quiet()
        before = list(world.outside.stopped), submission.cancelled
        submission.submit("the job")
        await world.quiet()
        return before, world.outside.stopped, len(world.shell.handover), await world.status(record)

    assert play(scenario) == (([], False), ["the job"], 0, "ABORTED")


def test_a_job_whose_submission_is_answered_while_the_end_of_its_execution_is_written_is_stopped():
    async def scenario(world):
        record = await world.run(await world.machine({"A": task(SYNC, Parameters=CHILD)}))
        world.disk.free.clear()
        stopping = asyncio.create_task(world.engine.stop_execution(record, None, None))
        await world.quiet()
        world.outside.calls[0].submit("the job")
        await world.quiet()
        before = list(world.outside.stopped)
        world.disk.free.set()
        await stopping
        await world.quiet()
        return before, world.outside.stopped, len(world.shell.handover), world.shell.handover._submitted

    assert play(scenario) == ([], ["the job"], 0, {})


def test_a_submission_that_breaks_is_not_tried_again_once_nobody_waits_for_it(monkeypatch):
    monkeypatch.setattr("stepwell.runtime.handover.FIRST_PAUSE_SECONDS", 0)

    async def scenario(world):
        record = await world.run(await world.machine({"A": task(SYNC, Parameters=CHILD)}))
        await world.engine.stop_execution(record, None, None)
        await world.quiet()
        world.outside.calls[0].breaks(RuntimeError("a bug"))
        await world.quiet()
        return len(world.outside.calls), len(world.shell.handover)

    assert play(scenario) == (1, 0)


def test_nothing_is_handed_over_once_the_engine_closes(store):
    async def scenario(world):
        machine = await world.machine({"A": task()})
        world.disk.free.clear()
        starting = asyncio.create_task(world.engine.start_execution(machine, name="x", input="{}"))
        await world.quiet()
        closing = asyncio.create_task(world.engine.close())
        await world.quiet()
        world.disk.free.set()
        await closing
        record = await starting
        await asyncio.sleep(0)
        called = len(world.outside.calls)
        await world.begin()
        await world.quiet()
        return called, len(world.outside.calls), await world.status(record)

    assert play(scenario, store) == (0, 1, "RUNNING")


def test_an_answer_for_an_execution_that_can_not_be_read_is_kept_until_it_can():
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        world.shell.residents.forget(world.shell.residents.find(record.key))
        world.disk.read_failures["execution_by_key"] = [StoreError("unreadable")] * 2
        world.outside.calls[0].succeed(1)
        for _ in range(5):
            await asyncio.sleep(0)
            await world.quiet()
        return len(world.outside.calls), (await world.of(record)).output

    assert play(scenario) == (1, "1")


def test_a_turn_that_comes_after_a_crash_hands_over_what_it_enters_once_and_when_it_is_written(store):
    """Lanes whose turn was over wait for the next; a crash, and all of them are found, and all go on in one turn."""

    async def scenario(world):
        steps = {f"P{number}": {"Type": "Pass", "Next": f"P{number + 1}"} for number in range(3)}
        inner = {"StartAt": "P0", "States": {**steps, "P3": task()}}
        states = {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}
        world.shell.limits = replace(world.shell.limits, transitions_per_turn=3)
        machine = await world.machine(states)
        world.disk.failures = [None, StoreError("the power failed")]
        started = asyncio.create_task(world.engine.start_execution(machine, name="x", input="[1,2,3]"))
        record = await started
        waits = [lane.waits for lane in await world.disk.lanes(record.key)]
        await world.crash()
        before = len(world.outside.calls)
        world.disk.free.clear()
        await world.begin()
        await world.quiet()
        uncommitted = len(world.outside.calls) - before
        world.disk.free.set()
        await world.quiet()
        calls = world.outside.calls[before:]
        for asked in calls:
            asked.succeed(asked.request.parameters.value)
        await world.quiet()
        return waits, before, uncommitted, len(calls), (await world.ended(record)).output

    waits, before, uncommitted, calls, output = play(scenario, store)
    assert "turn" in waits
    assert (before, uncommitted, calls) == (0, 0, 3)
    assert output == "[1,2,3]"


def test_what_is_taken_up_again_is_handed_over_only_as_it_is_on_the_disk():
    async def scenario(world):
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
        record = await world.run(await world.machine({"A": task(Next="B"), "B": task(Retry=retry)}))
        world.disk.free.clear()
        world.outside.calls[0].succeed(1)
        await world.quiet()
        taking_up = asyncio.create_task(world.shell.take_up(record.key))
        await world.quiet()
        before = len(world.outside.calls)
        world.disk.free.set()
        await world.quiet()
        await taking_up
        return before, len(world.outside.calls)

    assert play(scenario) == (1, 2)
