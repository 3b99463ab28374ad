"""What the emulated Glue lacks: it keeps record of a job's runs, and executes none. Here they are executed."""

import json
import os
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SECONDS_BETWEEN_LOOKS = 0.2
_HELD = {"progression": "manual", "times": 1_000_000_000}
_FREE = {"progression": "immediate"}


@contextmanager
def executing(glue: Any, job: str, script: Callable[[Sequence[str]], None]) -> Iterator[None]:
    """Execute a job's script for each run that is begun; the run goes on as long as the script does."""
    _let_runs_be(_HELD)
    done: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            for run in glue.get_job_runs(JobName=job)["JobRuns"]:
                if run["Id"] not in done:
                    done.add(run["Id"])
                    script([text for pair in run["Arguments"].items() for text in pair])
                    _let_runs_be(_FREE)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def _let_runs_be(transition: dict[str, Any]) -> None:
    """Say how the emulator's runs pass from RUNNING to SUCCEEDED."""
    setting = json.dumps({"model_name": "glue::job_run", "transition": transition}).encode()
    url = f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/state-manager/set-transition"
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, setting, headers)):
        pass
