"""The link by which somebody logs in to the console: on the terminal at the start, and in the data directory for later.

A link is good once. When it was used, a new one takes its place in the file, which its owner alone can read; so whoever
may read the data directory may log in, as ever they like, and nobody else.
"""

import contextlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from stepwell.api.server import Server
from stepwell.console.app import Console
from stepwell.console.calls import Calls
from stepwell.console.changes import Changes
from stepwell.console.sessions import Sessions
from stepwell.runtime.engine import Engine
from stepwell.runtime.evaluators.pool import Evaluators
from stepwell.runtime.express import Express

LINK_FILE = "console-link"


async def console_of(server: Server, url: str, evaluators: Evaluators, *engines: Engine | Express) -> Console:
    """Return the console of a server, which is reached under a URL. The engines tell it of their turns."""
    changes = Changes()
    for each in engines:
        each.watch(changes.on_turn)
    place = urlsplit(url)
    sessions = Sessions(await server.engine.store.secret(), server.engine.now, place.port or 80)
    return Console(server, sessions, place.hostname or "", Calls(server, evaluators, changes))


class ConsoleLink:
    """Keeps a link that is good in a file of the data directory; without a directory there is no file."""

    def __init__(self, console: Console, url: str, directory: Path | None) -> None:
        self._console = console
        self._url = url
        self._file = None if directory is None else directory / LINK_FILE

    def first(self) -> str:
        """Return the link to print, and have another in the file."""
        self._console.on_login = self._renew
        self._renew()
        return self._url + self._console.new_link()

    def _renew(self) -> None:
        if self._file is None:
            return
        fresh = self._file.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            file.write(f"{self._url}{self._console.new_link()}\n")
        fresh.replace(self._file)

    def end(self) -> None:
        """Remove the file: the server ends."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)
