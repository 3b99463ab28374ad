"""Redrives under the simulation: an execution that is stopped, again and again, and redriven, comes to the same."""

import random
from functools import lru_cache

import pytest

from machine.invariants import check_lanes
from machine.simulator import MOST_ACTIONS, Message, Pending, Simulation
from machine.test_simulation import ONLY, PARTS, SCHEDULES_OF_A_WORKFLOW, SEEDS, Outcome, failure
from machine.workflows import workflow
from stepwell.machine import events
from stepwell.machine.advance import advance
from stepwell.machine.history import type_of
from stepwell.runtime.turns import turn_of

STOPS = 6


class Redriven(Simulation):
    """A schedule with stops, each followed by redrives until one is on the disk, and by one more after a failure."""

    stops = STOPS
    after_failure = 1
    redrives = 0

    def run(self) -> Outcome:
        """Go through the schedule to the end."""
        self._deliver(Message(events.Start(), self.world.now))
        self._commit_all()
        for _ in range(MOST_ACTIONS):
            status = self.rows.record.status
            if status == "RUNNING":
                self._stop_or_act()
            elif status == "ABORTED" or (status == "FAILED" and self.after_failure):
                self.after_failure -= status == "FAILED"
                self._redrive()
            else:
                break
        record = self.rows.record
        assert record.status in {"SUCCEEDED", "FAILED"}, "it does not come to an end"
        assert record.status == "FAILED" or not self.rows.lanes, "lanes of an execution that has succeeded"
        assert (0 if record.redrive is None else record.redrive.count) == self.redrives
        self._check_history()
        return record.status, record.output, record.error

    def _stop_or_act(self) -> None:
        if self.stops and self.rng.random() < 0.1:
            self.stops -= 1
            self._deliver(Message(events.Stop("Stopped", None), self.world.now))
            self._commit_all()
        else:
            self._act()

    def _redrive(self) -> None:
        """Redrive; a node that dies before that is on the disk has told nobody, and is asked again."""
        while True:
            self.resident = None
            execution = self._execution()
            step = advance(execution, self.workflow.definition, events.Redrive(None), self.world)
            assert self.resident is not None
            turn = turn_of(self.resident, step, "node", new=False)
            assert turn.redriven
            check_lanes(execution)
            if self.rng.random() < 0.7:
                break
        self.redrives += 1
        self.in_flight.append(Pending(step, turn, None))
        self._commit_all()


def seeds(part: int) -> list[int]:
    return [int(ONLY)] if ONLY else list(range(part, SEEDS, PARTS))


@lru_cache(maxsize=256)
def calm(number: int) -> tuple[Outcome, bool]:
    """Return what a workflow comes to at once, and whether a Parallel or a Map of it was retried on the way.

    The attempts of what is retried count from 0 after a redrive, and answers of the simulated outside follow them.
    """
    simulation = Simulation(workflow(number), None)
    outcome = simulation.run()
    kinds = [type_of(event) for event in simulation.rows.events]
    fan_outs = [kind for kind in kinds if kind.startswith(("Parallel", "MapState"))]
    started, entered = (sum(kind.endswith(f"State{what}") for kind in fan_outs) for what in ("Started", "Entered"))
    return outcome, started > entered


@pytest.mark.parametrize("part", range(PARTS))
def test_stops_and_redrives_change_nothing_of_what_an_execution_comes_to(part: int) -> None:
    for seed in seeds(part):
        number = seed // SCHEDULES_OF_A_WORKFLOW
        outcome, retried = calm(number)
        try:
            found = Redriven(workflow(number), random.Random(f"{seed} redriven")).run()
            assert retried or found == outcome
        except Exception as wrong:
            raise failure(seed, wrong) from wrong


def test_most_workflows_are_stopped_and_redriven() -> None:
    simulations = [Redriven(workflow(number), random.Random(number)) for number in range(40)]
    for simulation in simulations:
        simulation.run()
    assert sum(simulation.redrives for simulation in simulations) > 40
    assert sum(not calm(number)[1] for number in range(40)) > 20
