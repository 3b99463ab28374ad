"""The process of an evaluator: it reads jobs from its standard input, does one after the other, and writes the answers.

    python -P -m stepwell.runtime.evaluators.process PARENT

A job is a function with its arguments, an answer what it has returned, each a pickle behind its length. Both ends are
this program, so nothing that a user wrote is ever unpickled. The process takes what processor the server leaves, has
bounds for its memory and for the processor time of each job, and ends with its parent, or when its input does.
"""

import ctypes
import os
import pickle
import resource
import signal
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")

DONE, BROKE, NO_MEMORY = "done", "broke", "no memory"

MEMORY_BYTES = 512 * 1024 * 1024
"""The address space of the process, some 50 MiB of it for Python; on Linux only."""
CPU_SECONDS = 30
"""The processor time of one job, which its own bounds end much sooner; then the process is ended."""
NICENESS = 5
KEPT_BYTES = 192 * 1024 * 1024
"""A process that a job has made larger than this ends after it, so that the memory is free again."""

_PR_SET_PDEATHSIG = 1


def main(parent: int) -> None:
    """Do jobs until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the server ends this process
    _end_with(parent)
    os.nice(NICENESS)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed is no answer
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _write(answers, (DONE, None))
    while (job := _read(jobs)) is not None:
        _lower(resource.RLIMIT_CPU, int(time.process_time()) + CPU_SECONDS)
        answer = _answer(*job)
        _write(answers, answer)
        if answer[0] == NO_MEMORY or _largest_bytes() > KEPT_BYTES:
            return


def _answer(function: Any, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return DONE, function(*arguments)
    except MemoryError:
        return NO_MEMORY, None
    except Exception as bug:  # noqa: BLE001 (the server says what it was)
        return BROKE, (repr(bug), traceback.format_exc())


def _read(source: BinaryIO) -> Any:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body = source.read(*LENGTH.unpack(head))
    return pickle.loads(body)  # noqa: S301 (it comes from the server)


def _write(to: BinaryIO, answer: tuple[str, Any]) -> None:
    try:
        body = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        body = pickle.dumps((NO_MEMORY, None))
    to.write(LENGTH.pack(len(body)) + body)
    to.flush()


def _end_with(parent: int) -> None:
    """Have the kernel end this process with its parent, whatever it is doing then; elsewhere its input ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we had asked
        os._exit(1)


def _lower(what: int, soft: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _largest_bytes() -> int:
    """Return the most memory that this process has had."""
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # On Linux that begins with what the server had when it started the process.
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
