"""Turns that take too long for the loop: taken in a process, they come to the same, and nothing else waits for them."""

import asyncio
import json
import time

import pytest

from e2e.hostile import DEFINITIONS, JSONATA
from runtime.test_express import JumpingClock
from runtime.test_express import World as ExpressWorld
from runtime.world import FULL, HERE, ROLE, branches, play, task
from stepwell.runtime import long_turns
from stepwell.runtime.evaluators import INLINE_STEPS, pool
from stepwell.runtime.evaluators.pool import Evaluators, Exceeded, Place
from stepwell.runtime.revisions import Settings
from stepwell.storage.port import StoreError

LONG = "$sum($map([1..10000], function($v){ $v * 2 }))"
ENDLESS, _ = JSONATA["endless loop"]
LOOP_STALL_MS = 60
"""The processor time that the loop may take at once: an endless loop takes 500 ms, its allowance some 5."""


def evaluated(expression, **more):
    """Return a Pass state that evaluates an expression."""
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {expression} %}}", **more}
    return state if "Next" in state else {**state, "End": True}


def beside(scenario, store=None):
    """Run a scenario in a world whose long turns are taken in processes."""

    async def all_of_it(world):
        world.evaluators = Evaluators()
        try:
            await world.restart()
            return await scenario(world)
        finally:
            world.disk.free.set()
            await world.engine.close()
            await world.evaluators.close()

    return play(all_of_it, store)


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.fixture
def taken(monkeypatch):
    """Return a list that gets an entry for each turn in a process."""
    found = []
    take = long_turns.LongTurns._step

    def noted(self, turn, place):
        found.append(type(turn.event).__name__)
        return take(self, turn, place)

    monkeypatch.setattr(long_turns.LongTurns, "_step", noted)
    return found


def test_a_long_turn_comes_to_what_it_comes_to_on_the_loop(store, taken):
    states = {
        "First": evaluated("{'given': $states.context.Execution.Input.n}", Next="Long", Assign={"v": "{% 7 %}"}),
        "Long": evaluated(f"{{'sum': {LONG}, 'v': $v, 'now': $millis()}}", Next="Last"),
        "Last": {"Type": "Pass", "End": True},
    }

    async def scenario(world):
        record = await world.run(await world.machine(states), '{"n": [1,  2]}', name="same")
        row = await world.of(record)
        events = await world.engine.history(row, 1, world.engine.last_event(row))
        return row.output, row.status, row.version, events

    assert play(scenario) == beside(scenario, store)
    assert taken == ["Start"]


def test_a_turn_that_is_short_costs_no_process(taken):
    async def scenario(world):
        record = await world.run(await world.machine({"Short": evaluated("$sum([1..100])")}))
        assert (await world.of(record)).output == "5050"
        assert not world.evaluators._idle

    beside(scenario)
    assert not taken


def test_chance_is_drawn_in_the_process_too():
    async def scenario(world):
        record = await world.run(await world.machine({"Long": evaluated(f"[{LONG}, $random(), $random(), $uuid()]")}))
        _, one, other, uuid = json.loads((await world.of(record)).output)
        assert 0 <= one < 1
        assert one != other
        assert len(uuid) == 36

    beside(scenario)


def test_the_next_turn_like_it_is_not_tried_on_the_loop(taken, monkeypatch):
    tried = []
    put_back = long_turns.LongTurns._put_back

    def noted(self, turn):
        tried.append(turn)
        return put_back(self, turn)

    monkeypatch.setattr(long_turns.LongTurns, "_put_back", noted)

    async def scenario(world):
        machine = await world.machine({"Maybe": evaluated(f"$states.input.long ? {LONG} : 1")})
        for long in (True, True, False, False):
            await world.run(machine, json.dumps({"long": long}))

    beside(scenario)
    assert taken == ["Start"] * 3
    assert len(tried) == 1


def test_states_that_take_long_together_give_way_to_others(taken):
    half = f"$sum($map([1..{INLINE_STEPS // 9}], function($v){{ $v * 2 }}))"
    states = {f"S{n}": evaluated(half, **({"Next": f"S{n + 1}"} if n < 5 else {})) for n in range(6)}

    async def scenario(world):
        record = await world.run(await world.machine(states))
        assert await world.status(record) == "SUCCEEDED"
        assert (await world.of(record)).version >= 2

    beside(scenario)
    assert set(taken) == {"TurnCame"}


def test_events_wait_for_the_end_of_a_long_turn(taken):
    states = {"Long": evaluated(LONG, Next="Ask"), "Ask": task(End=True)}

    async def scenario(world):
        machine = await world.machine(states)
        starting = asyncio.ensure_future(world.engine.start_execution(machine, name="n", input="{}"))
        await until(lambda: taken)
        assert not starting.done()
        record = await starting
        await world.quiet()
        (asked,) = world.outside.calls
        asked.succeed({})
        await world.quiet()
        assert await world.status(record) == "SUCCEEDED"

    beside(scenario)


def test_a_stop_during_a_long_turn_is_not_lost(store, taken):
    states = {"Ask": task(Next="Long"), "Long": evaluated(LONG, Next="Hold"), "Hold": task(End=True)}

    async def scenario(world):
        record = await world.run(await world.machine(states))
        world.outside.calls[0].succeed({})
        await until(lambda: taken)
        await world.engine.stop_execution(record, None, None)
        assert await world.status(record) == "ABORTED"
        types = await world.events(record)
        assert types.count("PassStateExited") == 1, "the long turn was taken, and then the execution stopped"
        assert types[-1] == "ExecutionAborted"

    beside(scenario, store)
    assert taken == ["TaskSucceeded"]


def test_what_earlier_turns_have_handed_over_is_called_once(store, taken):
    one = {"StartAt": "A", "States": {"A": task(Next="A2"), "A2": task()}}
    other = {"StartAt": "B", "States": {"B": task(Next="L"), "L": evaluated(LONG, Next="B2"), "B2": task()}}

    async def scenario(world):
        both = {"Type": "Parallel", "Branches": [one, other], "End": True}
        record = await world.run(await world.machine({"Both": both}))
        first, second = world.outside.calls
        world.disk.free.clear()
        first.succeed({})  # the next task of this branch is handed over once this turn is on the disk,
        second.succeed({})  # and when it is, what is in memory of the execution is of no use
        await until(lambda: len(world.disk.batches[-1]) == 1 and not world.shell.residents.find(record.key))
        world.disk.free.set()
        await world.quiet()
        assert [asked.request.state_name for asked in world.outside.calls] == ["A", "B", "A2", "B2"]
        for asked in world.outside.calls[2:]:
            asked.succeed({})
        await world.quiet()
        assert await world.status(record) == "SUCCEEDED"

    beside(scenario, store)
    assert taken


def test_a_long_turn_behind_one_that_could_not_be_written_is_taken_up_again(store):
    one = {"StartAt": "A", "States": {"A": task()}}
    other = {"StartAt": "B", "States": {"B": task(Next="L"), "L": evaluated(LONG)}}

    async def scenario(world):
        both = {"Type": "Parallel", "Branches": [one, other], "End": True}
        record = await world.run(await world.machine({"Both": both}))
        world.disk.failures = [FULL]
        for asked in list(world.outside.calls):
            asked.succeed({})
        await until(lambda: len(world.outside.calls) == 4)
        for asked in world.outside.calls[2:]:
            asked.succeed({})
        await world.quiet()
        assert await world.status(record) == "SUCCEEDED"

    beside(scenario, store)


@pytest.mark.parametrize("expression", [ENDLESS, LONG])
def test_a_turn_that_no_process_can_take_fails_in_the_state_that_is_at_fault(expression, monkeypatch):
    async def exceed(*_):
        raise Exceeded("memory")

    monkeypatch.setattr(Place, "do", exceed)
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}]
    states = {
        "Before": {"Type": "Pass", "Next": "Work"},
        "Work": {**branches(evaluated(expression)), "Catch": catch},
        "Caught": {"Type": "Pass", "Result": "caught", "End": True},
    }

    async def scenario(world):
        record = await world.run(await world.machine(states))
        assert (await world.of(record)).output == '"caught"'

    beside(scenario)


def test_a_bug_in_a_process_parks_the_execution_with_its_place(monkeypatch):
    monkeypatch.setattr(long_turns, "take_turn", time.time)
    states = {"Ask": task(Next="Long"), "Long": evaluated(LONG)}

    async def scenario(world):
        record = await world.run(await world.machine(states))
        world.outside.calls[0].succeed({})
        await world.quiet()
        note = json.loads((await world.of(record)).parked)
        assert "TypeError" in note["reason"]
        assert "process.py" in note["traceback"]

    beside(scenario)


def test_where_too_many_wait_a_start_that_takes_long_is_refused(monkeypatch):
    monkeypatch.setattr(pool, "MOST_WAITING", 0)

    async def scenario(world):
        machine = await world.machine({"Long": evaluated(LONG)})
        with pytest.raises(StoreError, match="too much waits"):
            await world.run(machine, name="n")
        assert world.engine._open.count == 0

    beside(scenario)


def test_an_express_execution_is_answered_at_its_end_however_long_it_takes(taken):
    async def body():
        evaluators = Evaluators()
        world = ExpressWorld(JumpingClock(), evaluators)
        await world.engine.start()
        await world.express.start()
        try:
            machine = await world.machine({"Long": evaluated(LONG)})
            short = await world.machine({"Short": evaluated("1")})
            ends = await asyncio.gather(*(world.run(machine) for _ in range(3)), world.run(short))
            assert [end.output for end in ends] == ["100010000"] * 3 + ["1"]
            assert world.express._open.count == 0
        finally:
            await world.express.close()
            await world.engine.close()
            await evaluators.close()

    asyncio.run(body())
    assert taken == ["Start"] * 3


def _machine(number, definition):
    return HERE, f"m{number}", "STANDARD", Settings(definition=json.dumps(definition), role_arn=ROLE), None


def test_no_hostile_expression_keeps_the_loop_from_others():
    """The loop's own processor time between two beats of a heart: what else the machine does is no part of it."""
    longest = [0.0]

    async def heart(stopped):
        while not stopped.is_set():
            before = time.thread_time()
            await asyncio.sleep(0.001)
            longest[0] = max(longest[0], time.thread_time() - before)

    async def scenario(world):
        machines = [
            await world.registry.create_state_machine(*_machine(number, definition))
            for number, definition in enumerate(DEFINITIONS.values())
        ]
        stopped = asyncio.Event()
        beating = asyncio.ensure_future(heart(stopped))
        for machine in machines:
            record = await world.engine.start_execution(machine, name=None, input="{}")
            ended = await asyncio.wait_for(world.engine.ended(record.arn), 60)
            assert (ended.status, ended.error[:7]) == ("FAILED", "States.")
        stopped.set()
        await beating

    beside(scenario)
    assert longest[0] * 1000 < LOOP_STALL_MS
