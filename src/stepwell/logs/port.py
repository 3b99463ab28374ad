"""What lies between the runtime, which says what is to be logged, and the places that logs go to."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

_GROUP_ARN = re.compile(
    r"arn:aws[a-z-]*:logs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):log-group:(?P<name>[.\-_/#A-Za-z0-9]{1,512})(:\*)?"
)
_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group of CloudWatch Logs, whether it is there or not."""

    account: str
    region: str
    name: str


class Line(NamedTuple):
    """One event of an execution."""

    milliseconds: int
    text: bytes
    """JSON."""


@lru_cache(_KEPT)
def log_group(arn: str) -> LogGroup | None:
    """Return the log group of an ARN, which may end with `:*`; None where the text is no such ARN."""
    found = _GROUP_ARN.fullmatch(arn)
    return None if found is None else LogGroup(found["account"], found["region"], found["name"])


class LogSink(Protocol):
    """Takes what is to be logged, and never makes anybody wait."""

    def append(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        """Take lines of an execution of a state machine (its name), in their order."""


class LinesLost(Exception):
    """Lines could not be written; the message says why."""


class Destination(Protocol):
    """A place that logs go to."""

    async def problem(self, group: LogGroup) -> str | None:
        """Return in AWS's words why nothing can be logged to a group; None where it can, or nobody can tell."""

    async def write(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        """Write lines, in the order of their times. Raise `LinesLost` where that failed."""

    async def close(self) -> None:
        """Let go of everything."""
