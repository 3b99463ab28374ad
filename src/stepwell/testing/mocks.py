"""A mock: the result or the error that a test has in place of what the state would call."""

from dataclasses import dataclass
from typing import Any

import msgspec

from stepwell.language.document import Document
from stepwell.language.resources import parse_resource
from stepwell.testing.refusal import TestRefused
from stepwell.testing.schemas import PRESENT, STRICT, check_result
from stepwell.testing.subject import Subject

MOCKABLE = frozenset({"Task", "Map", "Parallel"})


@dataclass(frozen=True, slots=True)
class Mock:
    """What the call is taken to have answered: a result, or else an error."""

    result: Document | None
    error: str | None = None
    cause: str | None = None


def read_mock(subject: Subject, asked: dict[str, Any], *, reveals: bool) -> Mock:
    """Return the mock that a request has for a state; raise `TestRefused` where the state can't have it."""
    if subject.type not in MOCKABLE:
        raise TestRefused(f"State type '{subject.type}' is not supported when a mock is specified")
    if reveals:
        raise TestRefused("TestState does not support RevealSecrets when a mock is specified.")
    text, error = asked.get("result"), asked.get("errorOutput")
    if (text is None) == (error is None):
        raise TestRefused("A test mock should have only one of the following fields: [result, errorOutput].")
    if error is not None:
        return Mock(None, error.get("error"), error.get("cause"))
    result = Document(text)
    try:
        value = result.value
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise TestRefused("Mocked result must be valid JSON") from None
    _CHECKS[subject.type](subject, value, asked.get("fieldValidationMode") or STRICT)
    return Mock(result)


def _check_parallel(subject: Subject, value: Any, _: str) -> None:
    if not isinstance(value, list):
        raise TestRefused("Mocked result must be an array.")
    if len(value) != len(subject.value["Branches"]):
        raise TestRefused("Mocked result must contain the same number of items as number of Parallel branches.")


def _check_map(subject: Subject, value: Any, _: str) -> None:
    if "ResultWriter" in subject.value:
        if not isinstance(value, dict):
            raise TestRefused("Mocked result must be a JSON object.")
    elif not isinstance(value, list):
        raise TestRefused("Mocked result must be an array.")


def _check_task(subject: Subject, value: Any, mode: str) -> None:
    if mode in {STRICT, PRESENT}:
        check_result(parse_resource(subject.value["Resource"]), value, mode)


_CHECKS = {"Task": _check_task, "Map": _check_map, "Parallel": _check_parallel}
