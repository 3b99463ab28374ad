"""Reading the file of mocked responses: all of it is checked at once, and what is not known in it is refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from stepwell.integrations.port import Failed, Succeeded
from stepwell.language.document import Document, decode

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_ATTEMPTS = 10_000
"""Retries of one state go no further in any sensible test."""

_ATTEMPTS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)

Response = Mapping[int, Succeeded | Failed]
"""Attempt -> its answer."""


class MockFileError(Exception):
    """The file can't be used; the message says which file, where in it, and what to do."""


@dataclass(frozen=True, slots=True)
class MockedResponses:
    """What the file says, ready to be asked."""

    cases: Mapping[tuple[str, str], Mapping[str, Response]]
    """(state machine, test case) -> state -> its response."""

    def has_test_case(self, state_machine: str, test_case: str) -> bool:
        """Return whether there is a test case of this name for a state machine."""
        return (state_machine, test_case) in self.cases

    def response(self, state_machine: str, test_case: str, state: str) -> Response | None:
        """Return the response of a state in a test case; None where the state calls its real service."""
        return self.cases.get((state_machine, test_case), {}).get(state)


def load_mock_file(path: Path) -> MockedResponses:
    """Read a file of mocked responses. Raise `MockFileError` where it can't be used."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MockFileError(f"{path}: is larger than {MAX_FILE_BYTES} bytes. Split it, and use several servers.")
        value = decode(path.read_bytes())
    except OSError as error:
        raise MockFileError(
            f"{path}: can't be read: {error.strerror}. SFN_MOCK_CONFIG must be the path of a file."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise MockFileError(f"{path}: is not JSON: {problem}. Mend that place.") from None
    try:
        return MockedResponses(_read(value))
    except _Problem as problem:
        raise MockFileError(f"{path}: {problem}") from None


class _Problem(Exception):
    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}" if where else what)


def _read(value: Any) -> dict[tuple[str, str], dict[str, Response]]:
    _check_fields(value, "", "StateMachines", "MockedResponses")
    responses = {
        name: _response(response, f"MockedResponses.{name}")
        for name, response in _members(value.get("MockedResponses", {}), "MockedResponses")
    }
    cases: dict[tuple[str, str], dict[str, Response]] = {}
    for machine, described in _members(value.get("StateMachines", {}), "StateMachines"):
        where = f"StateMachines.{machine}"
        _check_fields(described, where, "TestCases")
        for case, states in _members(described.get("TestCases", {}), f"{where}.TestCases"):
            cases[machine, case] = _case(states, f"{where}.TestCases.{case}", responses)
    return cases


def _case(states: Any, where: str, responses: dict[str, Response]) -> dict[str, Response]:
    found: dict[str, Response] = {}
    for state, name in _members(states, where):
        if not isinstance(name, str) or name not in responses:
            raise _Problem(f"{where}.{state}", f"{name!r} is none of the MockedResponses. Add it there.")
        found[state] = responses[name]
    return found


def _response(value: Any, where: str) -> Response:
    answers: dict[int, Succeeded | Failed] = {}
    for key, given in _members(value, where):
        answer = _answer(given, f"{where}.{key}")
        for attempt in _attempts(key, where):
            if attempt in answers:
                raise _Problem(f"{where}.{key}", f"attempt {attempt} has an answer already. Leave one of them out.")
            answers[attempt] = answer
    return answers


def _attempts(key: str, where: str) -> range:
    match = _ATTEMPTS.fullmatch(key)
    first = int(match[1]) if match else 0
    last = int(match[2] or first) if match else -1
    if not first <= last < MAX_ATTEMPTS:
        raise _Problem(
            where,
            f'\'{key}\' is no attempt: write a number like "0", or a range like "1-2", below {MAX_ATTEMPTS}.',
        )
    return range(first, last + 1)


def _answer(value: Any, where: str) -> Succeeded | Failed:
    _check_fields(value, where, "Return", "Throw")
    if len(value) != 1:
        raise _Problem(where, "must have either Return or Throw.")
    if "Return" in value:
        return Succeeded(Document(None, value["Return"]))
    thrown = value["Throw"]
    _check_fields(thrown, f"{where}.Throw", "Error", "Cause")
    for field in ("Error", "Cause"):
        if not isinstance(thrown.get(field), str):
            raise _Problem(f"{where}.Throw.{field}", "must be a text.")
    return Failed(thrown["Error"], thrown["Cause"])


def _check_fields(value: Any, where: str, *known: str) -> None:
    for name, _ in _members(value, where):
        if name not in known:
            place = f"{where}.{name}" if where else name
            raise _Problem(place, f"is not known here. Remove it; there is {' and '.join(known)}.")


def _members(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise _Problem(where, "must be a JSON object.")
    return iter(value.items())
