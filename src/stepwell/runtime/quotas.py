"""AWS's quotas of an account that bound what a store holds, and what is refused where one is used up."""

from stepwell.runtime.arns import Scope
from stepwell.runtime.committer import Done
from stepwell.runtime.errors import ExecutionLimitExceeded, RuntimeRefusal
from stepwell.storage.port import Store, StoreError

MAX_STATE_MACHINES = 100_000
"""State machines of an account in a region."""

MAX_ACTIVITIES = 100_000
"""Activities of an account in a region."""

MAX_OPEN_EXECUTIONS = 1_000_000
"""Durable executions that run at the same time: AWS's quota of an account, here of the whole server."""


class StateMachineLimitExceeded(RuntimeRefusal):
    """The account has as many state machines as are allowed."""


class ActivityLimitExceeded(RuntimeRefusal):
    """The account has as many activities as are allowed."""


async def check_room_for_state_machine(store: Store, scope: Scope) -> None:
    """Raise `StateMachineLimitExceeded` where the account can't have another state machine."""
    if await store.state_machine_count(scope.account, scope.region) >= MAX_STATE_MACHINES:
        raise StateMachineLimitExceeded


async def check_room_for_activity(store: Store, scope: Scope) -> None:
    """Raise `ActivityLimitExceeded` where the account can't have another activity."""
    if await store.activity_count(scope.account, scope.region) >= MAX_ACTIVITIES:
        raise ActivityLimitExceeded


class OpenExecutions:
    """How many executions run: counted once when a server starts, and kept up to date from then on."""

    def __init__(self, most: int | None = None) -> None:
        self.count = 0
        self._most = most

    def take(self) -> None:
        """Count one more; raise `ExecutionLimitExceeded` where as many run as are allowed."""
        if self.count >= (MAX_OPEN_EXECUTIONS if self._most is None else self._most):
            raise ExecutionLimitExceeded(
                "The maximum number of running executions has been reached. Running executions must end or be stopped"
                " before a new execution can be started."
            )
        self.count += 1

    def held(self, done: Done) -> Done:
        """Return what is to be told what became of the turn that opens it: where that was not taken, it is not open."""

        def told(outcome: bool | StoreError) -> None:
            if outcome is not True:
                self.give_back()
            done(outcome)

        return told

    def give_back(self) -> None:
        """Count one less: it has ended, or has not started."""
        self.count -= 1
