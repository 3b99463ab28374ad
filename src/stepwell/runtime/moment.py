"""The world as one turn sees it."""

from collections.abc import Container

from stepwell.language.evaluation import Allowance, Entropy
from stepwell.machine.limits import Limits
from stepwell.runtime.tokens import TaskTokens


class TurnMoment:
    """The moment of one turn of one execution: time, chance, and the facts that the machine may ask for."""

    __slots__ = ("_execution", "_tokens", "activities", "allowance", "entropy", "limits", "now", "region")

    def __init__(
        self,
        now: int,
        entropy: Entropy,
        limits: Limits,
        region: str,
        activities: Container[str],
        tokens: TaskTokens,
        execution: int,
        allowance: Allowance,
    ) -> None:
        self.now = now
        self.entropy = entropy
        self.limits = limits
        self.region = region
        self.activities = activities
        self._tokens = tokens
        self._execution = execution
        self.allowance = allowance

    def token(self, lane: int, ticket: int) -> str:
        """Return the task token of a lane's ticket."""
        return self._tokens.make(self._execution, lane, ticket)
