"""What a request for a test says, read and checked: in the order in which AWS checks it."""

from dataclasses import dataclass
from typing import Any

import msgspec

from stepwell.language.document import Document, decode
from stepwell.language.resources import REQUEST_RESPONSE, Resource, parse_resource
from stepwell.testing.contexts import checked_context
from stepwell.testing.mocks import Mock, read_mock
from stepwell.testing.refusal import INVALID_DEFINITION, TestRefused
from stepwell.testing.subject import Subject, find_subject

INFO, DEBUG, TRACE = "INFO", "DEBUG", "TRACE"
MOCKED_ONLY = frozenset({"Map", "Parallel"})

# What can be asked for only beside a mock: the member of stateConfiguration, and AWS's word for it.
_WITH_MOCK = {
    "retrierRetryCount": "RetrierRetryCount",
    "errorCausedByState": "ErrorCausedByState",
    "mapIterationFailureCount": "MapIterationFailureCount",
    "mapItemReaderData": "MapItemReaderData",
}


@dataclass(frozen=True, slots=True)
class StateTest:
    """One test: everything that the run of the state depends on."""

    subject: Subject
    input: Document
    variables: dict[str, Any]
    role_arn: str | None
    level: str
    reveal_secrets: bool
    mock: Mock | None
    context: dict[str, Any] | None
    """What the request says about the context object."""
    retry_count: int
    """How many retries the matching retrier has made."""
    failed_iterations: int | None
    reader_data: str | None


def read_test(request: dict[str, Any]) -> StateTest:
    """Return the test that a request of TestState asks for; raise `TestRefused`."""
    subject = find_subject(request["definition"], request.get("stateName"))
    asked, reveals = request.get("mock"), bool(request.get("revealSecrets"))
    if asked is None:
        _check_without_mock(request, subject)
    mock = None if asked is None else read_mock(subject, asked, reveals=reveals)
    settings = request.get("stateConfiguration") or {}
    context = request.get("context")
    return StateTest(
        subject=subject,
        input=Document("{}" if request.get("input") is None else request["input"]),
        variables=_variables(request.get("variables")),
        role_arn=request.get("roleArn"),
        level=request.get("inspectionLevel") or INFO,
        reveal_secrets=reveals,
        mock=mock,
        context=None if context is None else checked_context(context, has_task=_has_token(subject)),
        retry_count=settings.get("retrierRetryCount") or 0,
        failed_iterations=settings.get("mapIterationFailureCount"),
        reader_data=settings.get("mapItemReaderData"),
    )


def _check_without_mock(request: dict[str, Any], subject: Subject) -> None:
    """Refuse what can be asked for with a mock only, and then what can be tested with one only."""
    settings = request.get("stateConfiguration") or {}
    for member, name in _WITH_MOCK.items():
        if settings.get(member) is not None:
            raise TestRefused(f"TestState does not support {name} when a mock is not specified.")
    if request.get("context") is not None:
        raise TestRefused("TestState does not support Context when a mock is not specified.")
    if subject.type in MOCKED_ONLY:
        raise TestRefused(
            "TestState API does not support Map or Parallel states. Supported state types include: "
            "[Task, Wait, Pass, Succeed, Fail, Choice]",
            INVALID_DEFINITION,
        )
    if subject.type == "Task":
        _check_task(parse_resource(subject.value["Resource"]), request)


def _check_task(resource: Resource, request: dict[str, Any]) -> None:
    if resource.kind == "activity":
        raise TestRefused("TestState API does not support Activity tasks without a mock.", INVALID_DEFINITION)
    if resource.pattern != REQUEST_RESPONSE:
        words = f"TestState API does not support the .{resource.pattern} service integration pattern without a mock."
        raise TestRefused(words, INVALID_DEFINITION)
    if request.get("roleArn") is None:
        raise TestRefused("RoleArn must be specified when testing a Task state")


def _has_token(subject: Subject) -> bool:
    if subject.type != "Task":
        return False
    resource = parse_resource(subject.value["Resource"])
    return resource.kind == "activity" or resource.pattern != REQUEST_RESPONSE


def _variables(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        value = decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TestRefused("Variables must be a valid JSON object")
    return value
