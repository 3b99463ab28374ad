"""One call for a state: its parameters made the service's, the answer made the state's, failures told as AWS tells."""

from dataclasses import dataclass
from typing import Any

from stepwell.aws import AnswerTooLarge, AwsCalls, AwsError, AwsUnreachable, NoSuchCall, Reply, RoleNotAssumed
from stepwell.integrations.aws import failures
from stepwell.integrations.aws.dialects import Service
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.aws.shapes import WrongParameter, to_members
from stepwell.integrations.port import TaskRequest

TEXT_TYPE = "text/plain; charset=UTF-8"
"""What a text is announced as that is sent as a body, unless the parameters say otherwise."""
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
            found = model.operation_model(operation)
            members = _members(found, {} if parameters is None else parameters)
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


def _members(operation: Any, parameters: Any) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        if parameters:
            raise WrongParameter(f"The field '{next(iter(parameters))}' is not supported by Step Functions")
        return {}
    members: dict[str, Any] = to_members(parameters, shape)
    payload = shape.serialization.get("payload")
    if payload in members and shape.members[payload].type_name == "blob" and "ContentType" in shape.members:
        members.setdefault("ContentType", TEXT_TYPE)
    return members
