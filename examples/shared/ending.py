"""Ending on Ctrl-C and on the signals of supervisors, in good order."""

import signal
import threading
import time
from types import FrameType

_ASKED = threading.Event()


def end_on_signals() -> None:
    """Have SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def rest(seconds: float) -> None:
    """Sleep between two looks. An interrupt that Python has dropped, as destructors do, is raised here."""
    if not _ASKED.is_set():
        time.sleep(seconds)
    if _ASKED.is_set():
        raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    _ASKED.set()
    raise KeyboardInterrupt
