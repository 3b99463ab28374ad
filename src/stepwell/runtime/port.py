"""The port between the durable engine and whoever offers it to clients: all that may be asked of executions."""

from typing import Any, Protocol

from stepwell.machine.history import without_data
from stepwell.runtime.arns import Scope
from stepwell.runtime.journal import Journal
from stepwell.storage.port import Store, StoreError
from stepwell.storage.records import ActivityRecord, ExecutionRecord, RevisionRecord, StateMachineRecord, VersionRecord
from stepwell.storage.search import STATUSES, ExecutionSearch
from stepwell.testing.trial import Outcome

__all__ = [
    "STATUSES",
    "ActivityRecord",
    "ExecutionRecord",
    "ExecutionSearch",
    "Executions",
    "ExpressExecutions",
    "RevisionRecord",
    "StateMachineRecord",
    "Store",
    "StoreError",
    "VersionRecord",
    "without_data",
]


class Executions(Journal, Protocol):
    """The engine, as a client of it sees it. It refuses with the exceptions of `runtime.errors`."""

    async def start_execution(
        self,
        state_machine: StateMachineRecord,
        *,
        name: str | None,
        input: str,  # noqa: A002 (AWS's own word)
        trace_header: str | None = None,
        version: VersionRecord | None = None,
        test_case: str | None = None,
        alias_arn: str | None = None,
        revision: int | None = None,
    ) -> ExecutionRecord:
        """Start an execution, of `version` if given, or return the one that runs under the name with the same input.

        `alias_arn`: the alias that led to the version. `revision`: the key of one that is to be followed instead.
        """

    async def stop_execution(self, record: ExecutionRecord, error: str | None, cause: str | None) -> int:
        """Abort an execution; return when it stopped, which may have been earlier."""

    async def redrive_execution(self, record: ExecutionRecord, token: str | None) -> int:
        """Let an execution that ended without success go on; return when it was redriven, by this token."""

    async def why_not_redrivable(self, record: ExecutionRecord) -> str | None:
        """Return why an execution can't be redriven at this moment; None where it can be."""

    def task_token(self, record: ExecutionRecord, lane: int, ticket: int) -> str:
        """Return the task token of a lane's ticket, which may be none that is good."""

    async def complete_task(self, token: str, output: str, *, account: str) -> None:
        """Answer the task of a token with a result. For another account than its own the task does not exist."""

    async def fail_task(self, token: str, error: str | None, cause: str | None, *, account: str) -> None:
        """Answer the task of a token with a failure."""

    async def heartbeat(self, token: str, *, account: str) -> None:
        """Start the heartbeat's clock of a token's task again."""

    async def poll_activity(self, activity_arn: str, worker_name: str | None) -> tuple[str, str] | None:
        """Wait for a task of an activity: its token and its input, or None when none came in time."""

    async def history(self, record: ExecutionRecord, first: int, last: int) -> list[dict[str, Any]]:
        """Return the events with ids first to last, as the wire shows them."""

    @property
    def has_mocks(self) -> bool:
        """Whether there are mocked responses, and so test cases to start executions with."""

    async def test_state(self, request: dict[str, Any], scope: Scope) -> Outcome:
        """Run one state alone; nothing of it is stored."""

    def last_event(self, record: ExecutionRecord) -> int:
        """Return the id of the last event, which is how many there are."""


class ExpressExecutions(Protocol):
    """The engine of Express executions, as a client of it sees it. It refuses as the durable one does."""

    @property
    def store(self) -> Store:
        """Those that run, and the last that have ended."""

    async def start_execution(
        self,
        state_machine: StateMachineRecord,
        *,
        name: str | None,
        input: str,  # noqa: A002 (AWS's own word)
        trace_header: str | None = None,
        version: VersionRecord | None = None,
        alias_arn: str | None = None,
        revision: int | None = None,
    ) -> ExecutionRecord:
        """Start an execution. The same call again starts another."""

    async def run(
        self,
        state_machine: StateMachineRecord,
        *,
        name: str | None,
        input: str,  # noqa: A002 (AWS's own word)
        trace_header: str | None = None,
        version: VersionRecord | None = None,
        alias_arn: str | None = None,
    ) -> ExecutionRecord:
        """Run an execution to its end."""
