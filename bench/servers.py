"""The servers that are compared, each as a process of its own that can be held while another has its turn."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

BIN = Path(sys.executable).parent
LONGEST_START_SECONDS = 60.0
LONGEST_STOP_SECONDS = 20.0
_LOOK_AGAIN_SECONDS = 0.01


class NotStarted(Exception):
    """A server does not answer; the message has the end of what it said."""


class Server:
    """A server that runs."""

    def __init__(self, name: str, url: str, child: "subprocess.Popen[bytes]") -> None:
        self.name = name
        self.url = url
        self.pid = child.pid

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let a server that is held run for a while."""
        os.kill(self.pid, signal.SIGCONT)
        try:
            yield
        finally:
            self.hold()

    def hold(self) -> None:
        """Hold the server: it costs nothing, and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)


@contextmanager
def stepwell(directory: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve from a directory, as a user would."""
    command = [str(BIN / "stepwell"), "serve", "--port", "0", "--data", str(directory), *options]
    with _child(command, environment or {}) as (child, said):

        def url() -> str | None:
            ready = [word for word in _text(said).split() if word.startswith("http://")]
            return ready[0] if ready else None

        yield Server("stepwell", _until_ready(child, said, url), child)


@contextmanager
def moto(_directory: Path) -> Iterator[Server]:
    """Serve moto, told to run executions in earnest: unless it is, it only says that they run."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    settings = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()

    def configured() -> str | None:
        try:
            with urllib.request.urlopen(f"{url}/moto-api/config", settings, LONGEST_START_SECONDS):
                return url
        except OSError:
            return None

    command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with _child(command, {"MOTO_PORT": str(port)}) as (child, said):
        yield Server("moto", _until_ready(child, said, configured), child)


STARTS = {"stepwell": stepwell, "moto": moto}
"""Name -> how that server is started: with a directory that it may use."""


@contextmanager
def _child(command: list[str], more: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    """Run a command; what it says goes to a file. It is ended at the end, kindly first."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **more})
        try:
            yield child, said
        finally:
            for number in (signal.SIGCONT, signal.SIGTERM):
                child.send_signal(number)
            killer = threading.Timer(LONGEST_STOP_SECONDS, child.kill)
            killer.start()
            child.wait()
            killer.cancel()


def _until_ready(child: "subprocess.Popen[bytes]", said: IO[bytes], url: Callable[[], str | None]) -> str:
    end = time.monotonic() + LONGEST_START_SECONDS
    while child.poll() is None and time.monotonic() < end:
        found = url()
        if found is not None:
            return found
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise NotStarted(f"{child.args!r} does not answer:\n{_text(said)[-2_000:]}")


def _text(said: IO[bytes]) -> str:
    size = os.fstat(said.fileno()).st_size
    return os.pread(said.fileno(), size, 0).decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
