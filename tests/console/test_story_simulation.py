"""The story, told from the history alone, agrees with what the machine knows of its lanes, under every schedule."""

import copy
import random

import pytest

from machine.simulator import Simulation
from machine.test_redrive_simulation import Redriven
from machine.workflows import workflow
from stepwell.console.execution import rows_of
from stepwell.console.outline import outline_of
from stepwell.console.story import Story
from stepwell.console.telling import tell
from stepwell.language.document import to_text
from stepwell.machine.data import ENDED, GATHERING, JOB, NO_PARENT, TIMER, TOKEN
from stepwell.machine.history import decode_chunk

SEEDS = 300
PARTS = 4


class Told:
    """Has a story told of what a simulation commits, and compares the two after each turn."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.story = Story(outline_of(to_text(self.workflow.value)))
        self.rows_known = {}
        """The visits as who is told of changes alone has them."""
        self.told_until = 0
        commit = self.rows.commit

        def told(turn):
            commit(turn)
            if turn.chunk is not None:
                tell(self.story, decode_chunk(turn.chunk))
            self.check()

        self.rows.commit = told

    def check(self):
        self.check_changes()
        self.check_lanes()

    def check_changes(self):
        for visit in self.story.visits.values():
            if visit.touched > self.told_until:
                self.rows_known[visit.number] = copy.copy(visit)
                self.rows_known[visit.number].segments = copy.deepcopy(visit.segments)
        self.told_until = self.story.last
        told, all_of_it = rows_of(self.rows_known.values()), rows_of(self.story.visits.values())
        assert told == all_of_it, "something of a visit changed without an event that it was touched by"

    def check_lanes(self):
        execution, story = self.rows.read(), self.story
        assert story.status == execution.status
        assert story.last == execution.next_event - 1
        if execution.status != "RUNNING":
            assert not [visit for visit in story.visits.values() if visit.open]
            return
        going = {lane.entered: lane for lane in execution.lanes.values() if lane.waits not in {GATHERING, ENDED}}
        going.pop(0, None)
        assert {number for number, visit in story.visits.items() if visit.open} == going.keys()
        for number, lane in going.items():
            visit = story.visits[number]
            assert visit.state.name == lane.state
            assert [index for _, index in visit.iteration()] == self.indexes(execution, lane)
            if lane.waits == TIMER:
                assert visit.status == ("WAITING" if visit.state.type == "Wait" else "RETRYING")
            elif lane.waits in {TOKEN, JOB} and visit.events[-1] != lane.scheduled + 1:
                assert visit.status in {"WAITING", "RUNNING"}

    def indexes(self, execution, lane):
        found = []
        while lane.parent != NO_PARENT:
            found.append(lane.index)
            lane = execution.lanes[lane.parent]
        return found[::-1]


class ToldSimulation(Told, Simulation):
    pass


class ToldRedriven(Told, Redriven):
    pass


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", ["plain", "chaos", "redriven"])
def test_the_story_agrees_with_the_lanes(kind, part):
    for seed in range(part, SEEDS, PARTS):
        rng = random.Random(f"story {seed} {kind}")
        chosen = ToldRedriven if kind == "redriven" else ToldSimulation
        simulation = chosen(workflow(seed), rng, chaos=kind == "chaos")
        try:
            simulation.run()
        except Exception as wrong:
            raise AssertionError(f"seed {seed}, {kind}: {wrong!r}") from wrong
