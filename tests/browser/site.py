"""The server that the browser's tests look at, and what is made in it by boto3."""

import itertools
import json
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

from e2e.server import ROLE, client_of, ended

_numbers = itertools.count(1)


class Site:
    """A server with its console."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.aws = client_of(url)
        self._data = data
        self._cookie: str | None = None

    @classmethod
    def of(cls, data: Path) -> "Site":
        """Return the server that runs on a data folder."""
        return cls(_link(data).split("/console/")[0], data)

    def link(self) -> str:
        """Return the link of the moment: it is good once, and then there is another."""
        return _link(self._data)

    def cookies(self) -> list[dict[str, str]]:
        """Return the cookie of a session, made with the link that the server gave."""
        if self._cookie is None:
            token = self.link().split("token=")[1]
            request = urllib.request.Request(
                f"{self.url}/console/api/session",
                data=json.dumps({"token": token}).encode(),
                headers={"Content-Type": "application/json", "Origin": self.url},
            )
            with urllib.request.urlopen(request) as response:
                self._cookie = response.headers["Set-Cookie"].split(";")[0]
        name, _, value = self._cookie.partition("=")
        return [{"name": name, "value": value, "url": f"{self.url}/console/"}]

    def machine(self, definition: dict[str, Any] | str, name: str | None = None, **more: Any) -> str:
        """Create a state machine; return its ARN."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        name = name or f"machine-{next(_numbers)}"
        return self.aws.create_state_machine(name=name, definition=text, roleArn=ROLE, **more)["stateMachineArn"]

    def start(self, machine: str, value: Any = None, **more: Any) -> str:
        """Start an execution; return its ARN."""
        started = self.aws.start_execution(stateMachineArn=machine, input=json.dumps(value or {}), **more)
        return started["executionArn"]

    def ended(self, arn: str, seconds: float = 30.0) -> dict[str, Any]:
        """Return the description of an execution once it has ended."""
        return ended(self.aws, arn, seconds)

    @staticmethod
    def quoted(arn: str) -> str:
        """Return an ARN as a part of an address."""
        return quote(arn, safe="")

    def page(self, path: str = "") -> str:
        """Return the address of a page of the console."""
        return f"{self.url}/console/{path}"

    def execution_page(self, arn: str, query: str = "") -> str:
        """Return the address of an execution's page."""
        return self.page(f"executions/{self.quoted(arn)}{query}")


def _link(data: Path) -> str:
    return (data / "console-link").read_text().strip()
