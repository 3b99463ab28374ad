"""A client that never tries again by itself: it says what is known of a call, and what isn't."""

import http.client
import json
import threading
from typing import Any

ANSWER_SECONDS = 15.0
LOOK_SECONDS = 0.05


class Refused(Exception):
    """The server answered with an error: the call changed nothing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Gone(Exception):
    """There was no answer: whether the call took effect isn't known."""


class Over(Exception):
    """The load is to end."""


class Site:
    """Where the server is at the moment, if it is anywhere."""

    def __init__(self) -> None:
        self.host = ""
        self._up = threading.Event()
        self._over = threading.Event()

    def opened(self, url: str) -> None:
        """Say where the server answers now."""
        self.host = url.removeprefix("http://")
        self._up.set()

    def closed(self) -> None:
        """Say that it answers no longer."""
        self._up.clear()

    def end(self) -> None:
        """Let everybody go home."""
        self._over.set()

    @property
    def over(self) -> bool:
        """Whether the load is to end."""
        return self._over.is_set()

    def await_up(self) -> str:
        """Return where the server is, once there is one. Raise `Over`."""
        while not self._up.wait(LOOK_SECONDS):
            if self.over:
                raise Over
        return self.host

    def rest(self, seconds: float) -> None:
        """Wait a moment, unless the load is to end: then raise `Over`."""
        if self._over.wait(seconds):
            raise Over


class Wire:
    """One connection, for one thread."""

    def __init__(self, site: Site, seconds: float = ANSWER_SECONDS) -> None:
        self._site = site
        self._seconds = seconds
        self._connection: http.client.HTTPConnection | None = None
        self._host = ""

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation once; wait for a server where there is none. Raise `Refused`, `Gone` or `Over`."""
        host = self._site.await_up()
        if self._connection is None or host != self._host:
            self.close()
            self._connection = http.client.HTTPConnection(host, timeout=self._seconds)
            self._host = host
        try:
            self._connection.request(
                "POST", "/", json.dumps(request), {"X-Amz-Target": f"AWSStepFunctions.{operation}"}
            )
            response = self._connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as broken:
            self.close()
            if self._site.over:
                raise Over from None
            self._site.rest(0.005)
            raise Gone(repr(broken)) from None
        if response.status != 200:
            raise Refused(answer["__type"].rpartition("#")[2], answer["message"])
        return dict(answer)

    def pages(self, operation: str, member: str, **request: Any) -> list[Any]:
        """Return what all pages of a listing have."""
        items: list[Any] = []
        token: dict[str, str] = {}
        while True:
            page = self.call(operation, maxResults=1000, **request, **token)
            items += page[member]
            if "nextToken" not in page:
                return items
            token = {"nextToken": page["nextToken"]}

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
