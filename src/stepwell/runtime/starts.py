"""What an execution is started with, and the execution in memory that comes of it: Standard and Express alike."""

import msgspec

from stepwell.language.definition import Definition
from stepwell.runtime.residents import Resident, new_execution
from stepwell.storage.records import ExecutionRecord, RevisionRecord, StateMachineRecord, VersionRecord


class Start(msgspec.Struct, frozen=True):
    """What a caller asks for, but for the name."""

    state_machine: StateMachineRecord
    version: VersionRecord | None
    alias_arn: str | None
    """The alias that led to the version."""
    input: str
    trace_header: str | None
    test_case: str | None = None
    own_revision: int | None = None
    """The key of a revision that is to be followed whatever the state machine or the version has."""

    @property
    def revision(self) -> int:
        """The key of the revision that the execution follows."""
        if self.own_revision is not None:
            return self.own_revision
        return (self.state_machine if self.version is None else self.version).revision


def new_resident(
    start: Start, revision: RevisionRecord, definition: Definition, *, key: int, arn: str, name: str, started: int
) -> Resident:
    """Return a new execution, which nothing has happened to yet. `started`: in ms since the epoch."""
    record = ExecutionRecord(
        key=key,
        arn=arn,
        state_machine_arn=start.state_machine.arn,
        name=name,
        revision=revision.key,
        status="RUNNING",
        input=start.input,
        started=started,
        trace_header=start.trace_header,
        state_machine_version_arn=None if start.version is None else start.version.arn,
        state_machine_alias_arn=start.alias_arn,
        mock_test_case=start.test_case,
    )
    return Resident(record, new_execution(record, revision), definition, revision.logging_configuration)
