"""Where this server's time goes under load: the functions that it was found in, sample by sample. On Linux only.

    .venv/bin/python bench/hotspots.py [--measure chain] [--seconds 10] [--top 40]

The server runs in this process, the load in another. A timer looks at the stacks of the server's threads each
millisecond, and counts for each thread the CPU time that it has used since the last look, so that waiting counts
nothing. A function's `own` time is that of the looks at which it was the innermost one of Python's (what it calls in C
is its own); its `whole` time is that of the looks at which it was anywhere on the stack.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType
from typing import TypeVar

from compare import HERE, MEASURES

from stepwell.app.serving import serve
from stepwell.settings import Settings

SAMPLE_SECONDS = 0.001

K = TypeVar("K")


class Samples:
    """Adds up the CPU time of functions, over all threads."""

    def __init__(self) -> None:
        self._own: defaultdict[CodeType, float] = defaultdict(float)
        self._whole: defaultdict[CodeType, float] = defaultdict(float)
        self._used: dict[int, float] = {}

    def start(self) -> None:
        """Begin to look."""
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, SAMPLE_SECONDS, SAMPLE_SECONDS)

    def stop(self) -> None:
        """Look no more."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _: int, interrupted: FrameType | None) -> None:
        here = threading.get_ident()
        for thread, frame in sys._current_frames().items():  # noqa: SLF001 (there is no other way)
            used = time.clock_gettime(time.pthread_getcpuclockid(thread))
            self._count(interrupted if thread == here else frame, used - self._used.get(thread, used))
            self._used[thread] = used

    def _count(self, frame: FrameType | None, used: float) -> None:
        if frame is None:
            return
        self._own[frame.f_code] += used
        seen = set()
        while frame is not None:
            seen.add(frame.f_code)
            frame = frame.f_back
        for code in seen:
            self._whole[code] += used

    def lines(self, top: int, executions: int) -> list[str]:
        """Return the packages, then the functions with the largest own times, in microseconds for each execution."""
        packages: defaultdict[str, float] = defaultdict(float)
        for code, used in self._own.items():
            packages[_package(code)] += used
        unit = executions / 1_000_000
        lines = [f"{used / unit:7.1f} us  {name}" for name, used in _largest(packages)]
        lines += [
            f"{sum(packages.values()) / unit:7.1f} us  all for each execution",
            "",
            "    own us  whole us  function",
        ]
        for code, used in _largest(self._own)[:top]:
            lines.append(f"{used / unit:10.1f}{self._whole[code] / unit:10.1f}  {_name(code)}")
        return lines


def _largest(times: Mapping[K, float]) -> list[tuple[K, float]]:
    return sorted(times.items(), key=lambda item: -item[1])


def _name(code: CodeType) -> str:
    place = Path(code.co_filename)
    return f"{place.parent.name}/{place.name}:{code.co_firstlineno} {code.co_qualname}"


def _package(code: CodeType) -> str:
    parts = Path(code.co_filename).parts
    for root in ("stepwell", "site-packages"):
        if root in parts[:-1]:
            at = len(parts) - 1 - parts[::-1].index(root)
            return ".".join(parts[at : at + 2] if root == "stepwell" else parts[at + 1 : at + 2])
    return "Python and uvloop"


def _load(url: str, measure: str, seconds: float, results: Connection) -> None:
    made = MEASURES[measure]
    run = made.load(url).run(seconds)
    results.send((len(run.times), run.elapsed))
    os.kill(os.getppid(), signal.SIGINT)


def main() -> None:
    """Serve under load, and print where the time went."""
    parser = argparse.ArgumentParser(description="where the server's time goes")
    parser.add_argument("--measure", choices=MEASURES, default="chain")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--top", type=int, default=40)
    options = parser.parse_args()
    samples = Samples()
    context = multiprocessing.get_context("spawn")
    results, for_child = context.Pipe(duplex=False)

    def ready(url: str, _login: str) -> None:
        arguments = (url, options.measure, options.seconds, for_child)
        context.Process(target=_load, args=arguments, daemon=True).start()
        samples.start()

    with tempfile.TemporaryDirectory(prefix="scratch-", dir=HERE) as directory:
        serve("127.0.0.1", 0, Path(directory), Settings(), ready)
        samples.stop()
    executions, elapsed = results.recv()
    print(f"{executions / elapsed:,.0f} executions/s while being looked at\n")
    print("\n".join(samples.lines(options.top, executions)))


if __name__ == "__main__":
    main()
