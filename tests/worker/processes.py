"""`stepwell worker` as a process of its own, with functions that leave marks in its folder."""

import signal
import subprocess
from pathlib import Path

from e2e.server import STEPWELL, clean_environment

STOP_SECONDS = 30.0
FUNCTIONS = """
import os
import time
from pathlib import Path


def mark(name):
    with Path(name).open("a") as marks:
        marks.write(f"{os.getpid()}\\n")


def wait_for(name):
    while not Path(name).exists():
        time.sleep(0.01)


def double(number):
    mark("began")
    return number * 2


def held(number):
    mark("began")
    wait_for("go")
    mark("ended")
    return number * 2


async def held_on_the_loop(number):
    import asyncio

    mark("began")
    while not Path("go").exists():
        await asyncio.sleep(0.01)
    return number * 2
"""


class WorkerProcess:
    """One process; its log is a file."""

    def __init__(self, folder: Path, number: int, function: str, activity: str, url: str, options):
        (folder / "shop.py").write_text(FUNCTIONS)
        self.folder = folder
        self.log = folder / f"worker-{number}.log"
        command = [str(STEPWELL), "worker", function, "--activity", activity, "--endpoint-url", url, *options]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=clean_environment())

    def marks(self, name: str) -> list[str]:
        """The processes that have left a mark."""
        path = self.folder / name
        return path.read_text().split() if path.exists() else []

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def status(self) -> int:
        """The exit status, once it has ended."""
        return self.process.wait(STOP_SECONDS)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
