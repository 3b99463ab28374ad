"""The pure machine: how many states it enters in a second on one core, its full history encoded, without store or HTTP.

    .venv/bin/python bench/pure_machine.py [--seconds 1] [--workload chain]

Waits take no time here, so the workloads that wait are left out.
"""

import argparse
import time
from collections.abc import Callable, Container
from random import Random
from uuid import UUID

import msgspec
import workloads
from workloads import Workload

from stepwell.language.compiler import compile_definition
from stepwell.language.definition import Definition
from stepwell.language.document import Document
from stepwell.language.evaluation import BOUNDLESS, Allowance, Entropy
from stepwell.machine.advance import advance
from stepwell.machine.data import Execution
from stepwell.machine.events import Event, Start, TurnCame
from stepwell.machine.history import encode_chunk
from stepwell.machine.limits import Limits

WORKLOADS: dict[str, Callable[[], Workload]] = {
    "chain": workloads.chain,
    "jsonata chain": workloads.jsonata_chain,
    "loop": workloads.loop,
    "map": workloads.inline_map,
    "parallel": workloads.parallel,
}
_ARN = "arn:aws:states:us-east-1:123456789012"
_EXECUTIONS_BETWEEN_LOOKS = 10


class _Moment:
    """A world that stands still."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000
        self.entropy: Entropy = self
        self.limits = Limits()
        self.region = "us-east-1"
        self.allowance = Allowance(BOUNDLESS)
        self.activities: Container[str] = ()
        self._random = Random(1)

    def random(self) -> float:
        return self._random.random()

    def uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def token(self, lane: int, ticket: int) -> str:
        return f"{lane}.{ticket}"


def run_one(definition: Definition, source: str, moment: _Moment) -> Execution:
    """Run an execution from its start to its end, and encode what a store would be given of its history."""
    machine = f"{_ARN}:stateMachine:bench"
    execution = Execution(f"{_ARN}:execution:bench:1", "1", machine, "role", Document(source), moment.now)
    event: Event = Start()
    while execution.status == "RUNNING":
        step = advance(execution, definition, event, moment)
        encode_chunk(step.events)
        event = TurnCame()
    return execution


def transitions_per_second(workload: Workload, seconds: float) -> float:
    """Measure one workload."""
    definition = compile_definition(workload.definition)
    source = msgspec.json.encode(workload.input).decode()
    moment = _Moment()
    output = run_one(definition, source, moment).output
    assert output is not None
    assert workload.is_right(msgspec.json.decode(output.text)), output.text
    executions = 0
    begun = time.process_time()
    while (used := time.process_time() - begun) < seconds:
        for _ in range(_EXECUTIONS_BETWEEN_LOOKS):
            run_one(definition, source, moment)
        executions += _EXECUTIONS_BETWEEN_LOOKS
    return executions * workload.transitions / used


def main() -> None:
    """Measure, and print a line for each workload."""
    parser = argparse.ArgumentParser(description="transitions per second of the pure machine")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--workload", choices=WORKLOADS, action="append")
    options = parser.parse_args()
    for name in options.workload or WORKLOADS:
        workload = WORKLOADS[name]()
        print(f"{transitions_per_second(workload, options.seconds):>12,.0f} transitions/s  {workload.title}")


if __name__ == "__main__":
    main()
