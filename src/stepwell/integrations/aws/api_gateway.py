"""`apigateway:invoke`: a call of an API over HTTP, signed with the task's credentials where it asks for that."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.calling_out import calling_out
from stepwell.integrations.aws.calls import parameters_of
from stepwell.integrations.aws.failures import CallFailed, wrong_parameters
from stepwell.integrations.aws.fields import pairs
from stepwell.integrations.http.answers import answer_of
from stepwell.integrations.port import Answer, Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.document import encode
from stepwell.language.parameters import problem_of
from stepwell.language.resources import WAIT_FOR_TASK_TOKEN
from stepwell.outbound import Outbound, Request

PREFIX = "ApiGateway."
LONGEST_SECONDS = 60.0
MAX_BYTES = 1024 * 1024
_SIGNED = "IAM_ROLE"


class ApiGatewayIntegration:
    """Serves `apigateway`."""

    def __init__(self, aws: AwsCalls, outbound: Outbound) -> None:
        self._aws = aws
        self._outbound = outbound

    async def call(self, request: TaskRequest) -> Answer:
        """Call the endpoint that the parameters name."""
        try:
            answer = await self._invoke(request)
        except CallFailed as error:
            return error.failure
        if request.resource.pattern == WAIT_FOR_TASK_TOKEN and isinstance(answer, Succeeded):
            return Submitted(answer.output)
        return answer

    async def _invoke(self, request: TaskRequest) -> Succeeded | Failed:
        given = parameters_of(request)
        call = _read(request, given)
        with calling_out(request, PREFIX):
            if given.get("AuthType") == _SIGNED:
                call = await self._signed(request, call)
            return answer_of(await self._outbound.send(call), PREFIX)

    async def _signed(self, request: TaskRequest, call: Request) -> Request:
        headers = await self._aws.sign(
            "execute-api",
            call.method,
            call.url,
            dict(call.headers),
            call.body or b"",
            account=request.account,
            region=request.region,
            role_arn=request.role_arn,
        )
        return Request(call.method, call.url, list(headers.items()), call.body, call.timeout_seconds, call.max_bytes)


def _read(request: TaskRequest, given: dict[str, Any]) -> Request:
    problem = problem_of(request.resource, request.parameters)
    if problem is not None:
        raise CallFailed(wrong_parameters(request, problem))
    headers = pairs(given.get("Headers"))
    body = given.get("RequestBody")
    content = None if body is None else encode(body)
    if content is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Request(given.get("Method") or "GET", _url(given), headers, content, LONGEST_SECONDS, MAX_BYTES)


def _url(given: dict[str, Any]) -> str:
    endpoint = given["ApiEndpoint"]
    base = endpoint if urlsplit(endpoint).scheme in {"http", "https"} else f"https://{endpoint}"
    parts = [quote(str(given[name]).strip("/")) for name in ("Stage", "Path") if given.get(name)]
    query = pairs(given.get("QueryParameters"))
    return "/".join([base.rstrip("/"), *parts]) + (f"?{urlencode(query)}" if query else "")
