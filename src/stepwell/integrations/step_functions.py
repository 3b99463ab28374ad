"""Step Functions itself as a service: nested executions (`states:startExecution`) and the whole API (`aws-sdk:sfn:…`).

Both call the API of this very server, in process, as the account of the state machine. A nested execution that is
waited for is a job: its ARN is noted when it was started, so after a restart it is waited for again, never started
twice. Where a state machine gives a nested execution no name, it gets the task's idempotency key for one.
"""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from stepwell.integrations.aws import failures
from stepwell.integrations.aws.sdk import unknown
from stepwell.integrations.port import Answer, Failed, Submitted, Succeeded, TaskRequest
from stepwell.integrations.sdk_metadata import sdk_metadata
from stepwell.language.document import Document, decode, to_text
from stepwell.language.parameters import unsupported
from stepwell.language.resources import REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN
from stepwell.language.timestamps import format_milliseconds

_TEXTS = {"Input", "Output"}
_OF_USERS = {"variableReferences"}
"""Members whose names within are the user's."""
_UNMODELLED = "SerializationException"
"""A code that the SDKs have no exception of their own for."""
_TIMES = {"startDate", "stopDate", "creationDate", "updateDate", "redriveDate", "timestamp"}
_DESCRIBED = (
    *("executionArn", "input", "inputDetails", "name", "output", "outputDetails", "startDate", "stateMachineArn"),
    *("status", "stopDate", "error", "cause"),
)
_DESCRIBED_TO_A_ROLE = (*_DESCRIBED, "redriveCount", "redriveStatus", "redriveStatusReason")
"""AWS's answers differ: a task with Credentials is told of redriving, one without is not."""


class ApiRefusal(Exception):
    """The API answered with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class StepFunctionsApi(Protocol):
    """The API of this server, in process."""

    def members(self, operation: str) -> frozenset[str] | None:
        """Return the members of an operation's request, as on the wire; None: there is no such operation."""

    async def call(self, account: str, region: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Call an operation; members are named as on the wire. Raise `ApiRefusal`."""

    async def ended(self, execution_arn: str) -> None:
        """Wait until an execution has ended."""


class StepFunctionsIntegration:
    """Serves `states` and `aws-sdk:sfn`."""

    def __init__(self, api: StepFunctionsApi) -> None:
        self._api = api

    async def call(self, request: TaskRequest) -> Answer:
        """Call the operation that the resource names."""
        operation = request.resource.action[0].upper() + request.resource.action[1:]
        members = self._api.members(operation)
        if members is None:
            return failures.failed(failures.RUNTIME, unknown(request.resource))
        unknown_member = _unknown_member(request.parameters.value, members)
        if unknown_member is not None:
            return failures.wrong_parameters(request, unsupported(unknown_member))
        if request.resource.service == "states":
            return await self._start(request)
        try:
            answer = await self._api.call(
                request.account, request.region, operation, _request(request.parameters.value)
            )
        except ApiRefusal as refusal:
            return _sdk_failure(refusal)
        output = Document(None, _pascal({key: value for key, value in answer.items() if value is not None}, _iso))
        return Submitted(output) if request.resource.pattern == WAIT_FOR_TASK_TOKEN else Succeeded(output)

    async def _start(self, request: TaskRequest) -> Answer:
        wanted = _request(request.parameters.value)
        wanted.setdefault("name", request.idempotency_key)
        try:
            if request.resource.pattern in {SYNC, SYNC_2}:
                await self._check_can_be_waited_for(request, wanted)
            started = await self._api.call(request.account, request.region, "StartExecution", wanted)
        except ApiRefusal as refusal:
            existing = await self._started_before(request, wanted, refusal)
            if existing is None:
                return _optimized_failure(refusal)
            started = existing
        arn = started["executionArn"]
        output = {"ExecutionArn": arn, "StartDate": _epoch_ms(started["startDate"])}
        answer = Document(None, output | sdk_metadata(to_text(started), "application/x-amz-json-1.0"))
        if request.resource.pattern == REQUEST_RESPONSE:
            return Succeeded(answer)
        return Submitted(answer, None if request.resource.pattern == WAIT_FOR_TASK_TOKEN else arn)

    async def _check_can_be_waited_for(self, request: TaskRequest, wanted: dict[str, Any]) -> None:
        """Raise `ApiRefusal` before an Express execution starts whose end nobody could ask for."""
        asked = {"stateMachineArn": wanted.get("stateMachineArn"), "includedData": "METADATA_ONLY"}
        described = await self._api.call(request.account, request.region, "DescribeStateMachine", asked)
        if described["type"] == "EXPRESS":
            raise ApiRefusal(
                "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"
            )

    async def _started_before(
        self, request: TaskRequest, wanted: dict[str, Any], refusal: ApiRefusal
    ) -> dict[str, Any] | None:
        """Return the execution that this very task started before a crash, if that is why the name is taken."""
        if not request.redelivered or refusal.code != "ExecutionAlreadyExists":
            return None
        unqualified = ":".join(wanted["stateMachineArn"].split(":")[:7])
        arn = unqualified.replace(":stateMachine:", ":execution:", 1) + ":" + wanted["name"]
        existing = await self._api.call(request.account, request.region, "DescribeExecution", {"executionArn": arn})
        return existing if existing["input"] == wanted.get("input", "{}") else None

    async def watch(self, request: TaskRequest, job: str) -> Succeeded | Failed:
        """Wait until a nested execution has ended, and answer with its description."""
        await self._api.ended(job)
        described = await self._api.call(request.account, request.region, "DescribeExecution", {"executionArn": job})
        as_json = request.resource.pattern == SYNC_2
        names = _DESCRIBED if request.role_arn is None else _DESCRIBED_TO_A_ROLE
        shown = _pascal({name: described[name] for name in names if described.get(name) is not None}, _epoch_ms)
        succeeded = shown["Status"] == "SUCCEEDED"
        if as_json and succeeded:  # after the names were changed: those within are the user's
            shown |= {name: decode(shown[name]) for name in _TEXTS if name in shown}
        text = to_text(dict(sorted(shown.items())))
        return Succeeded(Document(text)) if succeeded else Failed("States.TaskFailed", text)

    async def stop(self, request: TaskRequest, job: str) -> None:
        """Stop a nested execution."""
        await self._api.call(request.account, request.region, "StopExecution", {"executionArn": job})


def _unknown_member(parameters: Any, members: frozenset[str]) -> str | None:
    """Return a parameter that the operation doesn't have, if there is one."""
    known = {name[0].upper() + name[1:] for name in members}
    return next((name for name in parameters if name not in known), None) if isinstance(parameters, dict) else None


def _request(parameters: Any) -> dict[str, Any]:
    """Return parameters as the wire has them: names in camelCase, inputs and outputs as JSON text, no nulls."""
    wire: dict[str, Any] = {}
    for name, value in (parameters if isinstance(parameters, dict) else {}).items():
        if value is None:
            continue
        as_text = name in _TEXTS and not isinstance(value, str)
        wire[name[:1].lower() + name[1:]] = to_text(value) if as_text else _camel(value)
    return wire


def _camel(value: Any) -> Any:
    """Return what is within a parameter as the wire has it."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(item) for name, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def _pascal(value: Any, time: Callable[[float], Any]) -> Any:
    """Return an answer as a state sees it: names in PascalCase, times in the integration's form."""
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: _member(name, item, time) for name, item in value.items()}
    return [_pascal(item, time) for item in value] if isinstance(value, list) else value


def _member(name: str, value: Any, time: Callable[[float], Any]) -> Any:
    if name in _TIMES:
        return time(value)
    return value if name in _OF_USERS else _pascal(value, time)


def _epoch_ms(seconds: float) -> int:
    return round(seconds * 1000)


def _iso(seconds: float) -> str:
    return format_milliseconds(round(seconds * 1000))


def _optimized_failure(refusal: ApiRefusal) -> Failed:
    details = f"Status Code: 400; Error Code: {refusal.code}; Request ID: {uuid.uuid4()}; Proxy: null"
    return Failed(
        f"StepFunctions.{_exception(refusal.code, 'AWSStepFunctionsException')}",
        f"{refusal.message} (Service: AWSStepFunctions; {details})",
    )


def _sdk_failure(refusal: ApiRefusal) -> Failed:
    details = f"(Service: Sfn, Status Code: 400, Request ID: {uuid.uuid4()}) (SDK Attempt Count: 1)"
    return Failed(f"Sfn.{_exception(refusal.code, 'SfnException')}", f"{refusal.message} {details}")


def _exception(code: str, unmodelled: str) -> str:
    if code == _UNMODELLED:
        return unmodelled
    return code if code.endswith("Exception") else f"{code}Exception"
