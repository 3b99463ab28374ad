"""`apigateway:invoke`: a call of an API over HTTP, signed with the task's credentials where it asks for that."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from stepwell.aws import AwsCalls, AwsUnreachable, RoleNotAssumed
from stepwell.integrations.aws import failures
from stepwell.integrations.aws.calls import parameters_of
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.http.answers import answer_of
from stepwell.integrations.port import Answer, Failed, Submitted, Succeeded, TaskRequest
from stepwell.language.document import encode
from stepwell.language.resources import WAIT_FOR_TASK_TOKEN
from stepwell.outbound import Failed as NotAnswered
from stepwell.outbound import Outbound, Refused, Request, TooLarge

PREFIX = "ApiGateway."
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
AUTHORIZATIONS = frozenset({"NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY"})
LONGEST_SECONDS = 60.0
MAX_BYTES = 1024 * 1024
_FIELDS = frozenset(
    [
        "ApiEndpoint",
        "Method",
        "Headers",
        "Stage",
        "Path",
        "QueryParameters",
        "RequestBody",
        "AllowNullValues",
        "AuthType",
    ]
)
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
        try:
            if given.get("AuthType") == _SIGNED:
                call = await self._signed(request, call)
            return answer_of(await self._outbound.send(call), PREFIX)
        except Refused as error:
            raise CallFailed(Failed(failures.RUNTIME, str(error))) from error
        except TooLarge as error:
            raise CallFailed(failures.too_large(request)) from error
        except RoleNotAssumed as error:
            raise CallFailed(failures.role_not_assumed(request)) from error
        except (NotAnswered, AwsUnreachable) as error:
            raise CallFailed(Failed(f"{PREFIX}SdkClientException", str(error))) from error

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
    for name in given:
        if name not in _FIELDS:
            raise _wrong(request, f"The field '{name}' is not supported by Step Functions")
    for name, allowed in (("Method", METHODS), ("AuthType", AUTHORIZATIONS)):
        if given.get(name, "GET" if name == "Method" else "NO_AUTH") not in allowed:
            raise _invalid(request, name)
    headers = [(name, value) for name, values in _lists(request, given, "Headers") for value in values]
    body = given.get("RequestBody")
    content = None if body is None else encode(body)
    if content is not None and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Request(given.get("Method", "GET"), _url(request, given), headers, content, LONGEST_SECONDS, MAX_BYTES)


def _url(request: TaskRequest, given: dict[str, Any]) -> str:
    endpoint = given.get("ApiEndpoint")
    if not isinstance(endpoint, str) or not endpoint:
        raise _wrong(request, "The field 'ApiEndpoint' is required but was missing")
    base = endpoint if urlsplit(endpoint).scheme in {"http", "https"} else f"https://{endpoint}"
    parts = [quote(str(given[name]).strip("/")) for name in ("Stage", "Path") if given.get(name)]
    query = [(name, value) for name, values in _lists(request, given, "QueryParameters") for value in values]
    return "/".join([base.rstrip("/"), *parts]) + (f"?{urlencode(query)}" if query else "")


def _lists(request: TaskRequest, given: dict[str, Any], name: str) -> list[tuple[str, list[str]]]:
    """Return a map of names to lists of texts, as AWS wants it to be."""
    found = given.get(name) or {}
    if not isinstance(found, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in found.values()
    ):
        raise _invalid(request, name)
    return list(found.items())


def _invalid(request: TaskRequest, name: str) -> CallFailed:
    return _wrong(request, f"The value of the field '{name}' has an invalid format")


def _wrong(request: TaskRequest, problem: str) -> CallFailed:
    return CallFailed(failures.wrong_parameters(request, problem))
