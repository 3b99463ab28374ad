"""What a workflow costs here, beside what it costs with moto, measured in the same run.

    .venv/bin/python bench/compare.py [--measure chain] [--rounds 3] [--seconds 5] [--without-moto] [--check]

Both servers run all the time and take turns, round by round, measure by measure; the one whose turn it is not is held.
The figures are the medians of the rounds. README.md says how to read them.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import pure_machine
import report
import workloads
from load import Load
from processes import busy_seconds, cpu_seconds, memory_mib
from servers import STARTS, Server
from steady import Steady
from wishes import Figures, judged
from workloads import Workload

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Measure:
    """A workload, and how many executions of it are in flight at once."""

    workload: Workload
    at_once: int
    express: bool = False
    """Whether they are Express executions, which moto has not."""
    ours_alone: bool = False
    """Whether moto can't run it."""
    rate: float = 0.0
    """So many executions begin each second, however many are in flight."""
    hostile: bool = False
    """Whether hostile ones run beside them."""

    def load(self, url: str) -> Load | Steady:
        """Return the load for a server."""
        if self.rate:
            return Steady(url, self.workload, self.rate, hostile=self.hostile)
        return Load(url, self.workload, self.at_once, express=self.express)


MEASURES = {
    "chain": Measure(workloads.chain(), 32),
    "alone": Measure(workloads.chain(), 1),
    "jsonata chain": Measure(workloads.jsonata_chain(), 32, ours_alone=True),
    "map": Measure(workloads.inline_map(), 1),
    "express": Measure(workloads.chain(), 32, express=True),
    "express alone": Measure(workloads.chain(), 1, express=True),
    "loop": Measure(workloads.loop(), 1),
    "parallel": Measure(workloads.parallel(), 32),
    "wait": Measure(workloads.wait(), 200),
    "steady": Measure(workloads.chain(), 0, ours_alone=True, rate=40),
    "beside hostile": Measure(workloads.chain(), 0, ours_alone=True, rate=40, hostile=True),
}
WISHED = ("chain", "jsonata chain", "alone", "map", "express", "express alone", "steady", "beside hostile")


class _Turn:
    """A measure of a server, which is made in each round."""

    def __init__(self, name: str, server: Server) -> None:
        self.name = name
        self.server = server
        self.load = MEASURES[name].load(server.url)


def _can(server: Server, name: str) -> bool:
    return server.name == "stepwell" or not (MEASURES[name].express or MEASURES[name].ours_alone)


class Comparison:
    """Measures that were made, one after the other."""

    def __init__(self, options: argparse.Namespace, servers: list[str], scratch: Path) -> None:
        self._options = options
        self._servers = servers
        self._scratch = scratch
        self.made: list[dict[str, Any]] = []

    def run(self) -> None:
        """Make all the measures."""
        for number in range(self._options.rounds):
            for name in self._servers:
                self._start(name, number)
        for name in pure_machine.WORKLOADS:
            speed = pure_machine.transitions_per_second(pure_machine.WORKLOADS[name](), self._options.machine_seconds)
            self._note(f"machine {name}", "stepwell", {"transitions_per_s": speed})
        names = self._options.measure or WISHED
        with ExitStack() as stack:
            servers = [stack.enter_context(STARTS[name](self._scratch / name)) for name in self._servers]
            for server in servers:
                server.hold()
            self._take_turns([_Turn(name, server) for name in names for server in servers if _can(server, name)])

    def _start(self, name: str, number: int) -> None:
        """Start a server anew, and see how long it takes until an execution has ended, and what memory it keeps."""
        begun = time.perf_counter()
        with STARTS[name](self._scratch / f"{name}-{number}") as server:
            Load(server.url, MEASURES["alone"].workload, 1).run(0)
            took = time.perf_counter() - begun
            time.sleep(self._options.idle_seconds)
            self._note("start", name, {"first_execution_s": took, "idle_mib": memory_mib(server.pid)})

    def _take_turns(self, turns: "list[_Turn]") -> None:
        """Measure: all of them in each round, so that what is compared was measured at about the same time."""
        for turn in turns:
            with turn.server.turn():
                turn.load.run(self._options.warmup)
        for _ in range(self._options.rounds):
            for turn in turns:
                with turn.server.turn():
                    figures = self._measured(turn.server, turn.load, MEASURES[turn.name].workload)
                self._note(turn.name, turn.server.name, figures)

    def _measured(self, server: Server, load: Load | Steady, workload: Workload) -> dict[str, float]:
        before = cpu_seconds(server.pid), time.process_time(), busy_seconds()
        run = load.run(self._options.seconds)
        after = cpu_seconds(server.pid), time.process_time(), busy_seconds()
        of_server, of_client, of_all = (late - early for late, early in zip(after, before, strict=True))
        count = len(run.times)
        return {
            "executions": count,
            "executions_per_s": count / run.elapsed,
            "transitions_per_s": count * workload.transitions / run.elapsed,
            "p50_ms": run.percentile(50) * 1000,
            "p99_ms": run.percentile(99) * 1000,
            "cpu_ms_each": of_server * 1000 / count,
            "memory_mib": memory_mib(server.pid),
            "strangers": max(of_all - of_server - of_client, 0) / run.elapsed,
        }

    def _note(self, measure: str, server: str, figures: dict[str, float]) -> None:
        self.made.append({"measure": measure, "server": server, **figures})
        if not self._options.quiet:
            print(report.line(self.made[-1]), file=sys.stderr, flush=True)

    def figures(self) -> Figures:
        """Return the medians of what was measured."""
        found: Figures = {}
        for made in self.made:
            found.setdefault(made["measure"], {})[made["server"]] = {}
        for measure, servers in found.items():
            for server, figures in servers.items():
                rows = [row for row in self.made if (row["measure"], row["server"]) == (measure, server)]
                figures |= {
                    key: median(row[key] for row in rows) for key in rows[0] if key not in {"measure", "server"}
                }
        return found


def _circumstances(servers: list[str]) -> dict[str, Any]:
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in servers},
    }


@contextmanager
def _scratch() -> Iterator[Path]:
    """Make a folder on the disk of the project: /tmp may be in memory, where to be durable costs nothing."""
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=HERE) as path:
        yield Path(path)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0] if __doc__ else None,
        epilog="Measures: "
        + "; ".join(f"{name}: {m.workload.title}, {m.at_once or f'{m.rate:g}/s'}" for name, m in MEASURES.items()),
    )
    parser.add_argument(
        "--measure", choices=MEASURES, action="append", help=f"may be repeated; by default {', '.join(WISHED)}"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of load, for each measure of a round")
    parser.add_argument("--warmup", type=float, default=1.0, help="seconds of load before the first round")
    parser.add_argument("--machine-seconds", type=float, default=1.0, help="for each workload of the pure machine")
    parser.add_argument("--idle-seconds", type=float, default=1.0, help="before the idle memory is looked at")
    parser.add_argument("--without-moto", action="store_true", help="measure this server alone")
    parser.add_argument("--check", action="store_true", help="end with status 1 unless all that is wished holds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    parser.add_argument("--quiet", action="store_true", help="print the result only")
    return parser.parse_args()


def main() -> int:
    """Compare, print, and return the exit status."""
    options = _options()
    servers = ["stepwell"] if options.without_moto else list(STARTS)
    circumstances = _circumstances(servers)
    with _scratch() as scratch:
        comparison = Comparison(options, servers, scratch)
        comparison.run()
    figures = comparison.figures()
    wishes = judged(figures)
    print("\n\n".join(filter(None, [report.table(figures), report.wishes(wishes), report.doubt(figures)])))
    if options.json is not None:
        whole = {**circumstances, "measures": comparison.made, "medians": figures, "wishes": wishes}
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(whole)))
    return int(options.check and any(wish["holds"] is False for wish in wishes))


if __name__ == "__main__":
    sys.exit(main())
