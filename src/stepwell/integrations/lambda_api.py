"""Functions as a Task calls them: by their own ARN, or by `lambda:invoke` with or without a token.

A local function of the name that is meant comes first, whatever region, account or qualifier is named beside it. Else
the call goes to a Lambda API, where there is one. Else there is no such function.
"""

import contextlib
import uuid

from stepwell.aws import RoleNotAssumed
from stepwell.integrations.aws.failures import role_not_assumed
from stepwell.integrations.functions import Invocation, InvokeRefused, LocalFunctions
from stepwell.integrations.functions.invoke_request import (
    DRY_RUN,
    EVENT,
    InvokeRequest,
    plain_request,
    read_request,
    refused,
)
from stepwell.integrations.functions.invoke_result import CAUSE_LIMIT, plain_result, service_result
from stepwell.integrations.functions.remote import LambdaUnreachable, NoLambda, RemoteFunctions
from stepwell.integrations.port import Answer, Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.parameters import problem_of, unusable
from stepwell.language.resources import WAIT_FOR_TASK_TOKEN

ACCEPTED, NO_CONTENT = 202, 204


class LambdaIntegration:
    """Serves functions and `lambda:invoke`."""

    def __init__(self, functions: LocalFunctions | None = None, remote: RemoteFunctions | None = None) -> None:
        self._functions = functions
        self._remote = remote

    async def call(self, request: TaskRequest) -> Answer:
        """Invoke a function, and answer as AWS does: with what it returned, or with why it failed."""
        try:
            if request.resource.kind == "function":
                return await self._call_function(request)
            return await self._call_service(request)
        except InvokeRefused as refusal:
            return Failed(f"Lambda.{refusal.code}", refusal.cause[:CAUSE_LIMIT])
        except LambdaUnreachable as error:
            return Failed("Lambda.SdkClientException", str(error)[:CAUSE_LIMIT])
        except RoleNotAssumed:
            return role_not_assumed(request)

    async def _call_function(self, request: TaskRequest) -> Answer:
        # The ARN itself, not its last part: a function may be another account's.
        asked = plain_request(request.resource.arn, request.parameters, request.region, request.account)
        return plain_result(await self._invoke(asked, request))

    async def _call_service(self, request: TaskRequest) -> Answer:
        problem = problem_of(request.resource, request.parameters)
        if problem is not None:
            return Failed("States.Runtime", unusable(request.parameters, problem)[:CAUSE_LIMIT])
        asked = read_request(request.parameters, request.region, request.account)
        answer = service_result(await self._invoke(asked, request), asked.log_type == "Tail")
        if request.resource.pattern == WAIT_FOR_TASK_TOKEN and isinstance(answer, Succeeded):
            return Submitted(answer.output)
        return answer

    async def _invoke(self, asked: InvokeRequest, request: TaskRequest) -> Invocation:
        if self._functions is not None and asked.function.name in self._functions:
            return await _invoke_local(self._functions, asked)
        if self._remote is not None:
            with contextlib.suppress(NoLambda):
                return await self._remote.invoke(
                    request.account, request.region, asked.remote_parameters, request.role_arn
                )
        raise refused("ResourceNotFoundException", f"Function not found: {asked.function.qualified_arn}", 404)


async def _invoke_local(functions: LocalFunctions, asked: InvokeRequest) -> Invocation:
    event, context = asked.local_event(), asked.local_client_context()
    name, arn = asked.function.name, asked.function.invoked_arn
    if asked.invocation_type == DRY_RUN:
        return Invocation(b"", False, "", str(uuid.uuid4()), status=NO_CONTENT)
    if asked.invocation_type == EVENT:
        request_id = functions.post(name, event, arn=arn, client_context=context)
        return Invocation(b"", False, "", request_id, status=ACCEPTED)
    return await functions.invoke(name, event, arn=arn, client_context=context)
