"""Published versions of state machines: their ARNs, and which revision gets which number."""

import re

from stepwell.runtime.errors import RuntimeRefusal
from stepwell.storage.port import Store
from stepwell.storage.records import RevisionRecord, StateMachineRecord, VersionRecord

MAX_VERSIONS = 1_000
INITIAL = "INITIAL"
"""What a client calls the first revision, which has no id of its own."""

_VERSION_ARN = re.compile(r"([^:]+(?::[^:]*){4}:stateMachine:[^:]+):[1-9][0-9]{0,8}")


class ConflictException(RuntimeRefusal):
    """As things are, the change would contradict them; it says what is in its way."""


class ServiceQuotaExceededException(RuntimeRefusal):
    """The state machine has as many versions, or aliases, as are allowed."""


def state_machine_of(arn: str) -> str | None:
    """Return the ARN of the state machine that a version belongs to; None if the text is no ARN of a version."""
    found = _VERSION_ARN.fullmatch(arn)
    return None if found is None else found[1]


def check_current(revision_id: str, current: RevisionRecord) -> None:
    """Raise `ConflictException` unless this is the id of the current revision."""
    current_id = current.revision_id or INITIAL
    if revision_id != current_id:
        raise ConflictException(
            f"Failed to publish the State Machine version for revision {revision_id}. The current State Machine"
            f" revision is {current_id}."
        )


def numbered(record: StateMachineRecord, revision: int, description: str, now: int) -> VersionRecord:
    """Return the version that a revision becomes when it is published next."""
    number = record.last_version + 1
    return VersionRecord(f"{record.arn}:{number}", record.arn, number, revision, description, now)


async def published(
    store: Store, record: StateMachineRecord, revision: int, description: str, now: int
) -> VersionRecord:
    """Return the version of the current revision: as it was published before, else the next one, yet to be stored.

    Only the current revision is ever published, so its version, where there is one, is the newest.
    """
    versions = await store.versions(record.arn, MAX_VERSIONS, None)
    if versions and versions[0].revision == revision:
        return versions[0]
    if len(versions) >= MAX_VERSIONS:
        raise ServiceQuotaExceededException(
            f"The state machine '{record.arn}' has {MAX_VERSIONS} versions, and can have no more. Delete those that"
            " nobody starts."
        )
    return numbered(record, revision, description, now)
