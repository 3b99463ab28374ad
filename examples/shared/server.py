"""`stepwell serve` as a child: started, waited for until it is ready, and ended with the one who started it."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STEPWELL = Path(sys.executable).with_name("stepwell")
START_SECONDS, STOP_SECONDS = 30, 15
LOOK_SECONDS = 0.05
LOG = "stepwell.log"
"""The server's log, in the data folder."""
LOG_LINES_SHOWN = 20
MAX_LOG_BYTES = 10_000_000
"""Beyond that the log starts anew, when the server does."""


class NotStarted(Exception):
    """The server could not be started; the text says why and what to do."""


@contextmanager
def serve(settings: Path, port: int, data: Path, *options: str, beside: str = "") -> Iterator[str]:
    """Give the URL of a server that is ready, and end it afterwards. Port 0 means any that is free.

    `beside` is what else the program has to be told to run beside another one, on the next port.
    """
    if port and _taken(port):
        raise NotStarted(
            f"Port {port} is taken, maybe by another `make run`. End what listens there, or use another port:\n"
            f"  {shown(sys.executable)} {shown(sys.argv[0])} --port {port + 1}{beside}"
        )
    log = data / LOG
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.unlink()
    command = [str(STEPWELL), "serve", "--config", str(settings), "--port", str(port), "--data", str(data / "stepwell")]
    with log.open("ab") as output:
        start = output.tell()
        # A session of its own: a Ctrl-C reaches this program alone, which then ends the server in good order.
        child = subprocess.Popen([*command, *options], stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield _url_when_ready(child, log, start)
    finally:
        _stop(child)


def console_link(data: Path) -> str:
    """Return a link that logs a browser in to the console of the server over this data. It is good once."""
    return (data / "stepwell" / "console-link").read_text().strip()


def settings_for(settings: Path, data: Path, **environment: str) -> Path:
    """Write the settings again into a data folder, with more environment for all functions; return the file."""
    functions: dict[str, dict[str, Any]] = tomllib.loads(settings.read_text())["functions"]
    lines = [f"# {settings} for the data in this folder; written anew at every start."]
    for name, function in functions.items():
        variables = {**function.get("environment", {}), **environment}
        values = {**function, "path": str(settings.parent / function.get("path", "."))}
        lines += ["", f"[functions.{name}]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if key != "environment"]
        lines += [f"environment.{key} = {json.dumps(value)}" for key, value in variables.items()]
    written = data / "stepwell.toml"
    written.write_text("\n".join(lines) + "\n")
    return written


def shown(path: str | Path) -> str:
    """Return a path as one would type it here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _url_when_ready(child: "subprocess.Popen[bytes]", log: Path, start: int) -> str:
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if match := re.search(r"ready on (http://\S+)\s", _text_from(log, start)):
            return match[1]
        time.sleep(LOOK_SECONDS)
    why = "is not ready" if child.poll() is None else "has ended"
    last = "\n".join(_text_from(log, start).splitlines()[-LOG_LINES_SHOWN:])
    raise NotStarted(f"The server {why}. Its last words, from {log}:\n{last}")


def _text_from(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        return file.read().decode(errors="replace")


def _stop(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
