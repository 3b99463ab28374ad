"""The world as one turn sees it."""

from collections.abc import Container

import msgspec

from stepwell.language.evaluation import Allowance, Entropy
from stepwell.machine.limits import Limits
from stepwell.runtime.arns import region_of
from stepwell.runtime.tokens import TaskTokens


class TurnMoment(msgspec.Struct):
    """The moment of one turn of one execution: time, chance, and the facts that the machine may ask for."""

    now: int
    entropy: Entropy
    limits: Limits
    activities: Container[str]
    allowance: Allowance
    tokens: TaskTokens
    key: int
    arn: str
    """Of the execution."""

    @property
    def region(self) -> str:
        """The region that the execution is in."""
        return region_of(self.arn)

    def token(self, lane: int, ticket: int) -> str:
        """Return the task token of a lane's ticket."""
        return self.tokens.make(self.key, lane, ticket)
