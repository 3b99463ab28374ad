"""The load: threads that start executions, answer tokens, work for activities, stop, and read, through every crash.

What each of them was told goes to the ledger: what was acknowledged, what was refused, and what remained unanswered.
"""

import json
import os
import queue
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crash.machines import ACTIVITY, KINDS, input_of, machine_arn
from crash.wire import Gone, Over, Refused, Site, Wire
from machine.checker import check_growth, check_history

STARTERS = 3
WORKERS = 3
ANSWERERS = 3
POLL_SECONDS = 2.0
AGAIN = 0.3
"""How often what was acknowledged is asked for once more."""
TAKEN, UNKNOWN = "taken", "unknown"


@dataclass
class Started:
    """An execution that was asked for, and what came of it."""

    kind: str
    name: str | None
    number: int
    arn: str | None = None
    """Its ARN, once it was acknowledged."""
    date: float | None = None
    unanswered: int = 0
    stopped: bool = False


@dataclass
class Answer:
    """An answer to a task token, with an output that no other has."""

    token: str
    output: str
    outcome: str = UNKNOWN


@dataclass
class Ledger:
    """What the load was told."""

    starts: list[Started] = field(default_factory=list)
    callbacks: dict[str, list[Answer]] = field(default_factory=dict)
    activities: dict[str, list[Answer]] = field(default_factory=dict)
    read: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)


class Load:
    """Runs the threads. `order` has executions started; everything else follows from that."""

    def __init__(self, site: Site, notes: Path, seed: int) -> None:
        self.site = site
        self.ledger = Ledger()
        self._notes = notes
        self._seed = seed
        self._orders: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._ordered = 0
        self._to_stop: queue.SimpleQueue[Started] = queue.SimpleQueue()
        self._to_answer: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answering = threading.Event()
        work: list[Callable[[Wire, random.Random], None]] = [
            *[self._start] * STARTERS,
            *[self._serve_activity] * WORKERS,
            *[self._answer_callbacks] * ANSWERERS,
            self._find_tokens,
            self._stop,
            self._read,
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(task, number), daemon=True) for number, task in enumerate(work)
        ]
        for thread in self._threads:
            thread.start()

    def order(self, count: int) -> None:
        """Have so many executions started."""
        for _ in range(count):
            self._orders.put(self._ordered)
            self._ordered += 1

    def answer(self, now: bool) -> None:
        """Say whether task tokens are to be answered now. Until then they gather, so that many come at once."""
        if now:
            self._answering.set()
        else:
            self._answering.clear()

    def started_all(self) -> bool:
        """Return whether all that was ordered has been acknowledged."""
        return len(self.ledger.starts) == self._ordered and all(start.arn for start in self.ledger.starts)

    def end(self) -> None:
        """Send everybody home."""
        self.site.end()
        for thread in self._threads:
            thread.join()

    def _run(self, task: Callable[[Wire, random.Random], None], number: int) -> None:
        seconds = POLL_SECONDS if task == self._serve_activity else None
        wire = Wire(self.site, seconds) if seconds else Wire(self.site)
        try:
            task(wire, random.Random(f"{self._seed}/{number}"))
        except Over:
            pass
        except Exception as fault:  # noqa: BLE001 (shown by the test, which would else wait in vain)
            self.ledger.faults.append(fault)
        finally:
            wire.close()

    def _next(self, waiting: "queue.SimpleQueue[Any]") -> Any:
        while True:
            try:
                return waiting.get(timeout=0.05)
            except queue.Empty:
                self.site.rest(0)

    def _start(self, wire: Wire, dice: random.Random) -> None:
        while True:
            number = self._next(self._orders)
            kind = KINDS[number % len(KINDS)]
            named = kind != "chain" or number % 2 == 0
            start = Started(kind, f"{kind}-{number}" if named else None, number)
            self.ledger.starts.append(start)
            self._start_one(wire, start)
            if start.name is not None and dice.random() < AGAIN:
                self._start_one(wire, start)
            if kind == "stop":
                self._to_stop.put(start)

    def _start_one(self, wire: Wire, start: Started) -> None:
        asked = {"stateMachineArn": machine_arn(start.kind), "input": json.dumps(input_of(start.number))}
        if start.name is not None:
            asked["name"] = start.name
        while True:
            try:
                answer = wire.call("StartExecution", **asked)
            except Gone:
                start.unanswered += 1
                continue
            except Refused as refusal:
                if refusal.code != "ExecutionAlreadyExists" or not (start.arn or start.unanswered):
                    raise
                start.arn = machine_arn(start.kind).replace(":stateMachine:", ":execution:") + f":{start.name}"
                return
            assert start.arn in {None, answer["executionArn"]}, f"{start} started a second one: {answer}"
            assert start.date in {None, answer["startDate"]}, f"{start} started once more: {answer}"
            start.arn, start.date = answer["executionArn"], answer["startDate"]
            return

    def _answer(self, wire: Wire, token: str, said: list[Answer], dice: random.Random) -> None:
        """Answer a token until somebody says what became of it; each time with another output."""
        while True:
            answer = Answer(token, f"{dice.getrandbits(64):016x}")
            said.append(answer)
            try:
                wire.call("SendTaskSuccess", taskToken=token, output=json.dumps({"answer": answer.output}))
            except Gone:
                continue
            except Refused as refusal:
                answer.outcome = refusal.code
                return
            answer.outcome = TAKEN
            return

    def _find_tokens(self, wire: Wire, dice: random.Random) -> None:
        """Find the tokens in what the functions note. One may come twice: its task was handed over once more."""
        with self._notes.open("rb") as notes:
            while True:
                line = notes.readline()
                if not line.endswith(b"\n"):
                    notes.seek(-len(line), os.SEEK_CUR)
                    self.site.rest(0.005)
                    continue
                note = json.loads(line)
                if note["kind"] == "ask" and note["token"] not in self.ledger.callbacks:
                    self.ledger.callbacks[note["token"]] = []
                    self._to_answer.put(note["token"])

    def _answer_callbacks(self, wire: Wire, dice: random.Random) -> None:
        while True:
            if not self._answering.wait(0.02):
                self.site.rest(0)
                continue
            token = self._next(self._to_answer)
            said = self.ledger.callbacks[token]
            self._answer(wire, token, said, dice)
            if dice.random() < AGAIN:
                self._answer(wire, token, said, dice)

    def _serve_activity(self, wire: Wire, dice: random.Random) -> None:
        while True:
            try:
                token = wire.call("GetActivityTask", activityArn=ACTIVITY).get("taskToken")
            except Gone:
                continue
            if token is not None:
                said = self.ledger.activities.setdefault(token, [])
                assert not said, "a task was given to two workers"
                self._answer(wire, token, said, dice)

    def _stop(self, wire: Wire, dice: random.Random) -> None:
        while True:
            start = self._next(self._to_stop)
            while not start.stopped:
                try:
                    wire.call("StopExecution", executionArn=start.arn, error="Driver")
                    start.stopped = True
                except Gone:
                    continue

    def _read(self, wire: Wire, dice: random.Random) -> None:
        """Read histories at any moment: what was once told stays, and what is told is legal."""
        while True:
            self.site.rest(0.01)
            known = [start.arn for start in self.ledger.starts if start.arn is not None]
            if not known:
                continue
            arn = dice.choice(known[-30:])
            try:
                events = wire.call("GetExecutionHistory", executionArn=arn, maxResults=1000)["events"]
            except Gone:
                continue
            check_growth(self.ledger.read.get(arn, []), events)
            check_history(events)
            self.ledger.read[arn] = events
