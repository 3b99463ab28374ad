import os
import random
from collections import Counter
from functools import lru_cache

import pytest

from machine.simulator import Simulation
from machine.workflows import workflow
from stepwell.machine.history import show

SEEDS = int(os.environ.get("STEPWELL_SIMULATION_SEEDS", "2500"))
"""How many schedules each of the two tests goes through."""
ONLY = os.environ.get("STEPWELL_SIMULATION_SEED")
"""One seed, to run a failure again."""
PARTS = 4
SCHEDULES_OF_A_WORKFLOW = 4

Outcome = tuple[str, str | None, str | None]


def seeds(part: int) -> list[int]:
    return [int(ONLY)] if ONLY else list(range(part, SEEDS, PARTS))


@lru_cache(maxsize=256)
def calm_outcome(number: int) -> Outcome:
    return Simulation(workflow(number), None).run()


def simulate(seed: int, *, chaos: bool) -> Outcome:
    rng = random.Random(f"{seed} {chaos}")
    return Simulation(workflow(seed // SCHEDULES_OF_A_WORKFLOW), rng, chaos=chaos).run()


def failure(seed: int, wrong: Exception) -> AssertionError:
    return AssertionError(f"seed {seed}: {wrong!r}; run it again with STEPWELL_SIMULATION_SEED={seed}")


@pytest.mark.parametrize("part", range(PARTS))
def test_delays_repeats_and_crashes_change_nothing_of_what_an_execution_comes_to(part: int) -> None:
    for seed in seeds(part):
        try:
            assert simulate(seed, chaos=False) == calm_outcome(seed // SCHEDULES_OF_A_WORKFLOW)
        except Exception as wrong:
            raise failure(seed, wrong) from wrong


@pytest.mark.parametrize("part", range(PARTS))
def test_no_loss_no_stop_and_no_forged_answer_breaks_an_invariant(part: int) -> None:
    for seed in seeds(part):
        try:
            status, _, _ = simulate(seed, chaos=True)
        except Exception as wrong:
            raise failure(seed, wrong) from wrong
        assert status in {"SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"}


def test_the_same_seed_is_the_same_schedule() -> None:
    assert [simulate(seed, chaos=True) for seed in range(8)] == [simulate(seed, chaos=True) for seed in range(8)]


def test_the_workflows_come_to_all_kinds_of_ends() -> None:
    ends = Counter(calm_outcome(number)[0] for number in range(100))
    assert ends["SUCCEEDED"] > 30
    assert ends["FAILED"] > 10


def test_the_workflows_wait_in_every_way() -> None:
    types: Counter[str] = Counter()
    for number in range(100):
        simulation = Simulation(workflow(number), None)
        simulation.run()
        types.update(show(number, event)["type"] for number, event in enumerate(simulation.rows.events, 1))
    started = "TaskSubmitted", "TaskStarted", "ActivityStarted", "LambdaFunctionStarted", "WaitStateExited"
    assert all(types[each] >= 10 for each in started), types
