"""What is promised where the machine itself has a bug: the execution is parked, shown, and nothing of it is lost."""

import asyncio
import contextlib
import json

import pytest

from runtime.world import DAY, FULL, HERE, SECOND, WORK, branches, play, task, token_task
from stepwell.language.document import Document
from stepwell.machine import events
from stepwell.runtime import shell
from stepwell.runtime.errors import TaskDoesNotExist
from stepwell.runtime.parking import parked_event, parking_note
from stepwell.storage.port import StoreError

EVENTS = [
    events.Start(),
    events.TaskSucceeded(1, 2, Document('{"a": "ü"}')),
    events.TaskFailed(1, 2, "E", None, by_call=True),
    events.TaskSubmitted(1, 2, Document(None, [1]), None),
    events.TaskSubmitted(1, 2, Document("[]"), "job"),
    events.TaskHeartbeat(1, 2),
    events.ActivityStarted(1, 2, "w"),
    events.TimerFired(1, 2),
    events.DeadlineReached(),
    events.TurnCame(),
    events.Stop("E", None),
    events.Redrive("token"),
]


class Bug:
    """The machine, with a bug for some kinds of events."""

    def __init__(self, monkeypatch):
        self.kinds = ()
        self._advance = shell.advance
        monkeypatch.setattr(shell, "advance", self)

    def __call__(self, execution, definition, event, moment):
        step = self._advance(execution, definition, event, moment)
        if isinstance(event, self.kinds):
            raise ZeroDivisionError(f"bug at {type(event).__name__}")
        return step


@pytest.fixture
def bug(monkeypatch):
    return Bug(monkeypatch)


async def parked_reasons(world):
    return [json.loads(record.parked)["reason"] for record in await world.disk.parked(10)]


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_an_event_is_noted_and_comes_back_as_it_was(event):
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        note = parking_note(event, error)
    assert parked_event(note) == event
    assert json.loads(note)["reason"] == "ZeroDivisionError('a bug')"
    assert "test_parking.py" in json.loads(note)["traceback"]


def test_every_event_of_the_machine_is_noted_in_these_tests():
    assert {type(event) for event in EVENTS} == set(events.Event.__args__)


@pytest.mark.parametrize(
    "event", [{"type": "Unheard", "fields": {}}, {"type": "TimerFired", "fields": {"lane": 1, "place": 2}}]
)
def test_an_event_that_this_version_does_not_know_is_no_event(event):
    assert parked_event(json.dumps({"event": event})) is None


def test_a_start_that_meets_a_bug_is_refused_and_leaves_nothing(bug, store):
    async def scenario(world):
        machine = await world.machine({"A": task()})
        bug.kinds = events.Start
        with pytest.raises(StoreError, match="bug at Start"):
            await world.engine.start_execution(machine, name="x", input="{}")
        await world.quiet()
        left = await world.disk.executions(machine.arn, None, 10, None), await parked_reasons(world)
        bug.kinds = ()
        record = await world.run(machine, name="x")
        return left, await world.status(record)

    assert play(scenario, store) == (([], []), "RUNNING")


def test_a_bug_parks_with_the_rows_as_they_were_and_the_next_start_goes_on_from_there(bug, store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": task(Next="B"), "B": task()}))
        before = await world.disk.lanes(record.key), await world.events(record)
        bug.kinds = events.TaskSucceeded
        world.outside.calls[0].succeed({"n": 1})
        await world.quiet()
        after = await world.disk.lanes(record.key), await world.events(record)
        reasons = await parked_reasons(world)
        bug.kinds = ()
        await world.restart()
        parked = await parked_reasons(world)
        inputs = [asked.request.parameters.value for asked in world.outside.calls]
        world.outside.calls[-1].succeed(2)
        return before == after, reasons, parked, inputs, (await world.ended(record)).output

    same, reasons, parked, inputs, output = play(scenario, store)
    assert same
    assert reasons == ["ZeroDivisionError('bug at TaskSucceeded')"]
    assert parked == []
    assert inputs == [{}, {"n": 1}]  # the first is not asked again: its answer was kept
    assert output == "2"


def test_a_parked_execution_refuses_events_with_an_error_and_keeps_its_tasks(bug):
    async def scenario(world):
        await world.activity()
        wait = {"Type": "Wait", "Seconds": 9, "End": True}
        states = {"A": branches(token_task(), token_task(), task(WORK), wait, task())}
        record = await world.run(await world.machine(states))
        first, second, call = world.outside.calls
        for asked in (first, second):
            asked.submit()
        await world.quiet()
        bug.kinds = events.TaskFailed
        await world.engine.fail_task(world.token_of(first), "E", None, account=HERE.account)  # it is kept: it counts
        bug.kinds = ()
        refusals = []
        for token in map(world.token_of, (first, second)):
            for answer in (
                world.engine.complete_task(token, "1", account=HERE.account),
                world.engine.fail_task(token, "E", None, account=HERE.account),
                world.engine.heartbeat(token, account=HERE.account),
            ):
                with pytest.raises(StoreError) as refused:
                    await answer
                refusals.append(str(refused.value))
        with pytest.raises(TaskDoesNotExist):
            await world.engine.heartbeat(token, account="111111111111")
        before = await world.events(record)
        poll = asyncio.create_task(world.poll())
        await world.pass_time(9 * SECOND)
        call.succeed(1)
        await world.quiet()
        polled = poll.done()
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
        return record.arn, refusals, polled, before == await world.events(record), len(await parked_reasons(world))

    arn, refusals, polled, same, parked = play(scenario)
    assert refusals == [f"{arn} is parked because of a bug: see the server's log and GET /health"] * 6
    assert not polled
    assert same
    assert parked == 1


def test_all_lanes_of_a_parked_execution_go_on_at_the_next_start(bug, store):
    async def scenario(world):
        await world.activity()
        wait = {"Type": "Wait", "Seconds": 9, "End": True}
        record = await world.run(await world.machine({"A": branches(token_task(), task(WORK), wait, task())}))
        asked, call = world.outside.calls
        asked.submit()
        await world.quiet()
        bug.kinds = events.TaskHeartbeat
        await world.engine.heartbeat(world.token_of(asked), account=HERE.account)
        await world.pass_time(9 * SECOND)
        call.succeed("lost with the park")
        await world.quiet()
        bug.kinds = ()
        await world.restart()
        token, _ = await world.poll()
        await world.engine.complete_task(token, "2", account=HERE.account)
        await world.engine.complete_task(world.token_of(asked), "1", account=HERE.account)
        world.outside.calls[-1].succeed(4)
        return json.loads((await world.ended(record)).output)

    assert play(scenario, store) == [1, 2, {}, 4]


def test_a_parked_execution_can_be_stopped(bug, store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": branches(task(), task())}))
        bug.kinds = events.TaskSucceeded
        world.outside.calls[0].succeed(1)
        await world.quiet()
        await world.engine.stop_execution(record, "E", "C")
        await world.quiet()
        row = await world.of(record)
        return row.status, row.error, row.parked, await parked_reasons(world), world.outside.calls[1].cancelled

    assert play(scenario, store) == ("ABORTED", "E", None, [], True)


def test_what_is_parked_is_parked_again_where_the_bug_is_still_there(bug, store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        bug.kinds = events.TaskSucceeded
        world.outside.calls[0].succeed(1)
        await world.quiet()
        await world.restart()
        again = await parked_reasons(world)
        bug.kinds = ()
        await world.restart()
        return again, len(world.outside.calls), (await world.of(record)).output

    again, calls, output = play(scenario, store)
    assert again == ["ZeroDivisionError('bug at TaskSucceeded')"]
    assert (calls, output) == (1, "1")


def test_an_event_that_parked_and_is_stale_at_the_next_start_does_not_keep_the_execution_parked(bug):
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        bug.kinds = events.TaskHeartbeat
        await world.shell.deliver_and_wait(record.key, events.TaskHeartbeat(5, 99))
        parked = await parked_reasons(world)
        bug.kinds = ()
        await world.restart()
        left = await parked_reasons(world)
        world.outside.calls[-1].succeed(1)
        return parked, left, (await world.ended(record)).output

    assert play(scenario) == (["ZeroDivisionError('bug at TaskHeartbeat')"], [], "1")


def test_an_answer_that_was_parked_with_survives_a_crash_while_it_is_tried_again(bug, store):
    async def scenario(world):
        record = await world.run(await world.machine({"A": token_task()}))
        world.outside.calls[0].submit()
        await world.quiet()
        bug.kinds = events.TaskSucceeded
        await world.engine.complete_task(world.token_of(world.outside.calls[0]), "1", account=HERE.account)
        bug.kinds = ()
        await world.crash()
        for written in range(2):
            world.disk.failures = [None] * written + [FULL] * 9
            with contextlib.suppress(StoreError):
                await world.begin()
            await world.crash()
        await world.begin()
        return (await world.ended(record)).output

    assert play(scenario, store) == "1"


def test_nothing_goes_on_between_a_bug_and_the_note_of_it(bug):
    """While the note is on its way, the rows do not yet say that the execution is parked."""

    async def scenario(world):
        record = await world.run(await world.machine({"A": branches(token_task(), token_task())}))
        first, second = world.outside.calls
        for asked in (first, second):
            asked.submit()
        await world.quiet()
        world.disk.free.clear()
        bug.kinds = events.TaskSucceeded
        answers = [asyncio.create_task(world.engine.complete_task(world.token_of(first), "1", account=HERE.account))]
        await world.quiet()
        bug.kinds = ()
        answers.append(
            asyncio.create_task(world.engine.complete_task(world.token_of(second), "2", account=HERE.account))
        )
        await world.quiet()
        world.disk.free.set()
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        parked = await parked_reasons(world)
        await world.restart()
        await world.engine.complete_task(world.token_of(second), "3", account=HERE.account)
        return outcomes, parked, (await world.ended(record)).output

    outcomes, parked, output = play(scenario)
    assert outcomes[0] is None
    assert isinstance(outcomes[1], StoreError)
    assert parked == ["ZeroDivisionError('bug at TaskSucceeded')"]
    assert output == "[1,3]"


def test_a_bug_whose_note_can_not_be_written_loses_no_task(bug):
    async def scenario(world):
        record = await world.run(await world.machine({"A": task()}))
        bug.kinds = events.TaskSucceeded
        world.disk.failures = [FULL]
        world.outside.calls[0].succeed(1)
        await asyncio.sleep(0)
        bug.kinds = ()
        await world.quiet()
        world.outside.calls[1].succeed(2)
        return (await world.ended(record)).output

    assert play(scenario) == "2"


def test_one_execution_that_can_not_be_taken_up_keeps_no_other_from_it():
    async def scenario(world):
        machine = await world.machine({"A": task()})
        records = [await world.run(machine) for _ in range(3)]
        world.disk.read_failures["lanes"] = [ZeroDivisionError("a bug")]
        await world.restart()
        for asked in world.outside.calls[3:]:
            asked.succeed(1)
        await world.quiet()
        return [await world.status(record) for record in records]

    assert play(scenario) == ["RUNNING", "SUCCEEDED", "SUCCEEDED"]


def test_a_timer_that_meets_a_bug_parks_its_execution_and_the_others_fire(bug):
    async def scenario(world):
        machine = await world.machine({"W": {"Type": "Wait", "Seconds": 86_400, "End": True}})
        bad = await world.run(machine)
        bug.kinds = events.TimerFired
        await world.pass_time(DAY)
        bug.kinds = ()
        good = await world.run(machine)
        await world.pass_time(DAY)
        statuses = await world.status(bad), await world.status(good)
        await world.restart()
        return statuses, await world.status(bad), await parked_reasons(world)

    assert play(scenario) == (("RUNNING", "SUCCEEDED"), "SUCCEEDED", [])
