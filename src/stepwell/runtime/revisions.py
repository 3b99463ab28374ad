"""Making revisions of state machines: the first from what is given, the next from what changes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from stepwell.language.diagnostics import ERROR, Diagnostic, aws_text
from stepwell.runtime import configuration
from stepwell.runtime.arns import check_role_arn
from stepwell.runtime.errors import RuntimeRefusal
from stepwell.storage.records import RevisionRecord


class InvalidDefinition(RuntimeRefusal):
    """The definition is not valid; it says why, in AWS's words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a revision consists of. In an update, None leaves a part as it is."""

    definition: str | None = None
    role_arn: str | None = None
    logging: dict[str, Any] | None = None
    tracing: dict[str, Any] | None = None
    encryption: dict[str, Any] | None = None

    def given(self) -> bool:
        """Return whether any part is given."""
        parts = (self.definition, self.role_arn, self.logging, self.tracing, self.encryption)
        return any(part is not None for part in parts)


def first_revision(arn: str, settings: Settings, key: int, now: int) -> RevisionRecord:
    """Return the revision that a state machine starts with; role and definition, which was checked, are required."""
    assert settings.definition is not None
    assert settings.role_arn is not None
    check_role_arn(settings.role_arn)
    return RevisionRecord(
        key=key,
        state_machine_arn=arn,
        revision_id=None,
        definition=settings.definition,
        role_arn=settings.role_arn,
        logging_configuration=configuration.logging(settings.logging),
        tracing_configuration=configuration.tracing(settings.tracing),
        encryption_configuration=_encryption(settings),
        created=now,
    )


def changed_revision(before: RevisionRecord, changes: Settings, key: int, now: int) -> RevisionRecord:
    """Return the revision that changes make of another, or that itself if they make none. Their definition was checked.

    A role without a definition counts as a change even if it is the same role: so AWS does.
    """
    parts: dict[str, Any] = {}
    if changes.definition is not None:
        parts["definition"] = changes.definition
    if changes.role_arn is not None:
        check_role_arn(changes.role_arn)
        parts["role_arn"] = changes.role_arn
    if changes.logging is not None:
        parts["logging_configuration"] = configuration.logging(changes.logging)
    if changes.tracing is not None:
        parts["tracing_configuration"] = configuration.tracing(changes.tracing)
    if changes.encryption is not None:
        parts["encryption_configuration"] = _encryption(changes)
    role_alone = changes.role_arn is not None and changes.definition is None
    if not role_alone and all(getattr(before, part) == value for part, value in parts.items()):
        return before
    return replace(before, **parts, key=key, revision_id=str(uuid.uuid4()), created=now)


def same_but_for_role(one: RevisionRecord, other: RevisionRecord) -> bool:
    """Return whether creating the one where the other is is a repetition. The definitions' texts must be equal."""
    return (
        one.definition == other.definition
        and one.logging_configuration == other.logging_configuration
        and one.tracing_configuration == other.tracing_configuration
        and configuration.encryption(one.encryption_configuration)
        == configuration.encryption(other.encryption_configuration)
    )


def _encryption(settings: Settings) -> dict[str, Any] | None:
    """Return the encryption configuration that is given; the default is not shown, and so not kept."""
    return None if settings.encryption is None else configuration.encryption(settings.encryption)


def refuse_invalid(diagnostics: Sequence[Diagnostic]) -> None:
    """Raise `InvalidDefinition` where there are errors among what was found in a definition."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == ERROR]
    if errors:
        raise InvalidDefinition(aws_text(errors))
