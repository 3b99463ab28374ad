"""The server is killed at any instant, under a load of everything that it can do, and loses nothing that it told of.

STEPWELL_CRASH_KILLS says how often (40; 200 for the long run), STEPWELL_CRASH_SEED repeats a run's instants, and
STEPWELL_CRASH_RECOVERY_SECONDS widens the bound of a recovery on a slow machine. It holds for the median; one recovery
that others on the machine disturb may take twice as long.
"""

import json
import os
import random
import sqlite3
import time
from contextlib import closing
from statistics import median

import pytest

from crash.load import Load
from crash.machines import DEFINITIONS, input_of, install, machine_arn
from crash.verdict import Found, check
from crash.wire import Site, Wire
from e2e.server import ROLE, Server, eventually

KILLS = int(os.environ.get("STEPWELL_CRASH_KILLS", "40"))
SEED = int(os.environ.get("STEPWELL_CRASH_SEED") or random.SystemRandom().getrandbits(32))
RECOVERY_SECONDS = float(os.environ.get("STEPWELL_CRASH_RECOVERY_SECONDS", "2"))
STARTED_A_LIFE = 40
BALLAST = 300
"""Executions that wait all the while: what a recovery has to look through."""
FINISH_SECONDS = 90.0

# Phase -> from when to when, in seconds. While it recovers: after the command; else: after it was ready.
PHASES = {
    "recovering": (0.2, 0.5),
    "starting": (0.0, 0.1),
    "working": (0.1, 0.7),
    "answering": (0.0, 0.1),
    "draining": (0.0, 0.4),
}


class Lives:
    """A server that is started and killed again and again, and the load that doesn't mind."""

    def __init__(self, folder, seed):
        settings, self.notes = install(folder)
        self.server = Server(folder / "data", "--config", str(settings))
        self.site = Site()
        self.seed = seed
        self.dice = random.Random(seed)
        self.load = None
        self.recoveries = []
        self.phases = []
        self.wire = Wire(self.site)

    def prepare(self):
        """Create what is to run, in a first life; begin the load."""
        self.begin()
        self.wire.call("CreateActivity", name="work")
        for kind, definition in DEFINITIONS.items():
            self.wire.call("CreateStateMachine", name=kind, definition=json.dumps(definition), roleArn=ROLE)
        for number in range(BALLAST):
            self.wire.call("StartExecution", stateMachineArn=machine_arn("ballast"), input=json.dumps(input_of(number)))
        self.load = Load(self.site, self.notes, self.seed)
        self.kill()

    def begin(self):
        """Start the server; note how long it took from the command to the first answer."""
        began = time.monotonic()
        self.server.start()
        self.site.opened(self.server.url)
        self.wire.call("ListActivities")
        self.recoveries.append(time.monotonic() - began)

    def kill(self):
        self.server.kill()
        self.site.closed()

    def live_and_die(self, phase):
        """Live one life, which ends in a phase."""
        assert self.load.ledger.faults == []
        self.phases.append(phase)
        instant = self.dice.uniform(*PHASES[phase])
        if phase == "recovering":
            self.server.launch()
        else:
            self.begin()
            self.load.answer(phase == "answering")
            self.load.order(0 if phase == "draining" else STARTED_A_LIFE)
        time.sleep(instant)
        self.kill()

    def running(self, kinds):
        return [
            found["executionArn"]
            for kind in kinds
            for found in self.wire.pages(
                "ListExecutions", "executions", stateMachineArn=machine_arn(kind), statusFilter="RUNNING"
            )
        ]

    def finish(self):
        """Live on until all that was started has ended."""
        self.begin()
        self.load.answer(True)
        eventually(
            lambda: self.load.ledger.faults or self.load.started_all(), lambda done: done, seconds=FINISH_SECONDS
        )
        busy = [kind for kind in DEFINITIONS if kind != "ballast"]
        eventually(
            lambda: not self.load.ledger.faults and self.running(busy), lambda left: not left, seconds=FINISH_SECONDS
        )
        for arn in self.running(["ballast"]):
            self.wire.call("StopExecution", executionArn=arn)

    def end(self):
        if self.load is not None:
            self.load.end()
        self.wire.close()
        return self.server.stop()

    def told(self, found):
        notes = len(self.notes.read_text(encoding="utf-8").splitlines())
        ledger = self.load.ledger
        answers = [
            answer for group in (ledger.callbacks, ledger.activities) for said in group.values() for answer in said
        ]
        return (
            f"seed {SEED}: {len(self.phases)} kills; {len(found.described)} executions, "
            f"{sum(map(len, found.histories.values()))} events, {notes} invocations, {len(answers)} answers of which "
            f"{sum(answer.outcome == 'unknown' for answer in answers)} got no reply, "
            f"{sum(start.unanswered for start in ledger.starts)} starts without a reply; "
            f"recovery {median(self.recoveries):.2f} s, at most {max(self.recoveries):.2f} s"
        )


@pytest.fixture
def lives(tmp_path):
    print(f"STEPWELL_CRASH_SEED={SEED} repeats this run's instants")
    lives = Lives(tmp_path, SEED)
    yield lives
    lives.end()
    print(lives.server.log_text())


def test_a_server_that_is_killed_at_any_instant_loses_nothing_and_does_nothing_twice(lives, record_property):
    phases = [*PHASES] * (KILLS // len(PHASES) + 1)
    lives.prepare()
    for phase in phases[:KILLS]:
        lives.live_and_die(phase)
    lives.finish()
    assert lives.load.ledger.faults == []
    found = Found(lives.wire)
    told = lives.told(found)
    record_property("crash", told)
    print(told)
    check(found, lives.load.ledger, lives.notes)
    assert median(lives.recoveries) < RECOVERY_SECONDS, told
    assert max(lives.recoveries) < 2 * RECOVERY_SECONDS, told
    assert lives.end() == 0
    with closing(sqlite3.connect(lives.server.data / "stepwell.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
