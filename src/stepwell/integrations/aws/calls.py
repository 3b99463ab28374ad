"""One call for a state: its parameters made the service's, the answer made the state's, failures told as AWS tells."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from stepwell.aws import AnswerTooLarge, AwsCalls, AwsError, AwsUnreachable, NoSuchCall, Reply, RoleNotAssumed
from stepwell.integrations.aws import failures
from stepwell.integrations.aws.dialects import Service
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.shapes import WrongParameter, to_members
from stepwell.integrations.port import TaskRequest
from stepwell.language.parameters import unsupported

TEXT_TYPE = "text/plain; charset=UTF-8"
"""What a text is announced as that is sent as a body, unless the parameters say otherwise."""
BAD_REQUEST = 400
_QUERY_PROTOCOLS = {"query", "ec2"}
_MISSING, _CONSTRAINT = "MissingParameter", "failed to satisfy constraint: Member must"
_TABLE_NAME = "[a-zA-Z0-9_.-]+"
_TABLE = re.compile(rf"{_TABLE_NAME}|arn:.*")
# Headers as the services write them; botocore has them in lower case.
_WRITTEN = {
    "x-amzn-requestid": "x-amzn-RequestId",
    "content-length": "Content-Length",
    "content-type": "Content-Type",
    "date": "Date",
    "server": "Server",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered, as states see it, and how."""

    output: dict[str, Any]
    reply: Reply


class ServiceCalls:
    """Calls services for tasks."""

    def __init__(self, aws: AwsCalls) -> None:
        self._aws = aws

    async def ask(
        self, request: TaskRequest, service: Service, operation: str, parameters: Any, *, once: bool = True
    ) -> Answered:
        """Call an operation (`SendMessage`) with the account, the region and the role of a task.

        Parameters and answer are as states have them: in PascalCase. With `once`, the service is asked to do things
        once however often this attempt of the task is handed over, where it knows of such requests. Raise `CallFailed`.
        """
        try:
            model = await self._aws.model(service.name)
            if operation not in model.operation_names:
                raise NoSuchCall(f"The service {service.name} has no operation {operation}.")
            found = model.operation_model(operation)
            members = _members(found, {} if parameters is None else parameters)
            _check(model, found, members)
            if once:
                members = dict.fromkeys(found.idempotent_members, request.idempotency_key) | members
            reply = await self._aws.call(
                service.name,
                operation,
                members,
                account=request.account,
                region=request.region,
                role_arn=request.role_arn,
            )
        except WrongParameter as error:
            raise CallFailed(failures.wrong_parameters(request, str(error))) from error
        except AwsError as error:
            raise CallFailed(failures.refused(service, error, model)) from error
        except RoleNotAssumed as error:
            raise CallFailed(failures.role_not_assumed(request)) from error
        except AnswerTooLarge as error:
            raise CallFailed(failures.too_large(request)) from error
        except NoSuchCall as error:
            raise CallFailed(failures.failed(failures.RUNTIME, str(error))) from error
        except AwsUnreachable as error:
            raise CallFailed(failures.unreachable(service, str(error))) from error
        shape = found.output_shape
        return Answered({} if shape is None else service.shown(reply.output, shape), reply)


def sdk_metadata_of(reply: Reply) -> dict[str, Any]:
    """Return SdkHttpMetadata and SdkResponseMetadata of an answer."""
    headers = {_WRITTEN.get(name.lower(), name): value for name, value in reply.headers.items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": reply.status,
        },
        "SdkResponseMetadata": {"RequestId": reply.request_id},
    }


def parameters_of(request: TaskRequest) -> dict[str, Any]:
    """Return the parameters of a task that has any."""
    parameters = request.parameters.value
    return parameters if isinstance(parameters, dict) else {}


def result_of(service: Service, answered: Answered) -> dict[str, Any]:
    """Return an answer as the result of a task."""
    return answered.output | (sdk_metadata_of(answered.reply) if service.metadata else {})


def _check(model: Any, operation: Any, members: dict[str, Any]) -> None:
    """Raise what the service would answer where a parameter is missing or can't be one: not every emulator looks."""
    _check_complete(model, operation, members)
    table = members.get("TableName")
    if model.service_name == "dynamodb" and isinstance(table, str) and not _TABLE.fullmatch(table):
        raise _invalid(
            f"Value '{table}' at 'tableName' {_CONSTRAINT} satisfy regular expression pattern: {_TABLE_NAME}"
        )


def _invalid(*problems: str) -> AwsError:
    errors = "error" if len(problems) == 1 else "errors"
    message = f"{len(problems)} validation {errors} detected: {'; '.join(problems)}"
    return AwsError("ValidationException", message, BAD_REQUEST, str(uuid.uuid4()))


def _check_complete(model: Any, operation: Any, members: dict[str, Any]) -> None:
    shape = operation.input_shape
    given = {*members, *operation.idempotent_members}
    missing = [name for name in (shape.required_members if shape else ()) if name not in given]
    if not missing:
        return
    if model.protocol in _QUERY_PROTOCOLS or "awsQueryCompatible" in model.metadata:
        message = f"The request must contain the parameter {missing[0]}."
        raise AwsError(_MISSING, message, BAD_REQUEST, str(uuid.uuid4()))
    raise _invalid(*(f"Value null at '{name[:1].lower()}{name[1:]}' {_CONSTRAINT} not be null" for name in missing))


def _members(operation: Any, parameters: Any) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        if parameters:
            raise WrongParameter(unsupported(next(iter(parameters))))
        return {}
    members: dict[str, Any] = to_members(parameters, shape)
    payload = shape.serialization.get("payload")
    if payload in members and shape.members[payload].serialization.get("streaming") and "ContentType" in shape.members:
        members.setdefault("ContentType", TEXT_TYPE)
    return members
