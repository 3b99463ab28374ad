"""One call for a state: its parameters made the service's, the answer made the state's, failures told as AWS tells."""

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
_MISSING, _NULL = "MissingParameter", "failed to satisfy constraint: Member must not be null"
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
            _check_complete(model, found, members)
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


def _check_complete(model: Any, operation: Any, members: dict[str, Any]) -> None:
    """Raise what the service would answer where a parameter is missing: not every emulator looks."""
    shape = operation.input_shape
    given = {*members, *operation.idempotent_members}
    missing = [name for name in (shape.required_members if shape else ()) if name not in given]
    if not missing:
        return
    request_id = str(uuid.uuid4())
    if model.protocol in _QUERY_PROTOCOLS or "awsQueryCompatible" in model.metadata:
        raise AwsError(_MISSING, f"The request must contain the parameter {missing[0]}.", BAD_REQUEST, request_id)
    problems = "; ".join(f"Value null at '{name[:1].lower()}{name[1:]}' {_NULL}" for name in missing)
    errors = "error" if len(missing) == 1 else "errors"
    message = f"{len(missing)} validation {errors} detected: {problems}"
    raise AwsError("ValidationException", message, BAD_REQUEST, request_id)


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
