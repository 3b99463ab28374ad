"""Calling the API server of a cluster: at the endpoint and with the authority that the definition names, by a token.

The token is a question to STS, signed but not asked: the cluster asks it, and is told who has signed. It holds for a
quarter of an hour, whatever its URL says, so it is kept for a while; a cluster that refuses it is called once more,
with a new one.
"""

import base64
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from stepwell.aws import AwsCalls, AwsError
from stepwell.integrations.aws.calling_out import calling_out
from stepwell.integrations.aws.failures import CallFailed
from stepwell.integrations.http.answers import answer_of
from stepwell.integrations.port import Failed, TaskRequest
from stepwell.outbound import Outbound, Request, Response

PREFIX = "EKS."
LONGEST_SECONDS = 60.0
MAX_BYTES = 1024 * 1024
"""How large an answer may be, unless it is asked for otherwise."""
TOKEN_PREFIX = "k8s-aws-v1."
TOKEN_HEADER = "x-k8s-aws-id"
SIGNED_SECONDS = 60
"""What the URL says; STS takes such questions for 15 minutes."""
KEPT_SECONDS = 600.0
KEPT_TOKENS = 256
_QUESTION = "Action=GetCallerIdentity&Version=2011-06-15"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_UNAUTHORIZED = 401
_JSON = "application/json"

Query = Sequence[tuple[str, str]]
_Key = tuple[str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, as far as a definition names it."""

    name: str
    endpoint: str
    authority: str
    """The certificates of its authority, in PEM."""

    def region(self, otherwise: str) -> str:
        """Return the region that the endpoint's name has in it."""
        labels = (urlsplit(self.endpoint).hostname or "").split(".")
        return next((label for label in labels if _REGION.fullmatch(label)), otherwise)


class Clusters:
    """Calls clusters, as the task's role."""

    def __init__(self, aws: AwsCalls, outbound: Outbound) -> None:
        self._aws = aws
        self._outbound = outbound
        self._tokens: OrderedDict[_Key, tuple[str, float]] = OrderedDict()

    async def ask(self, request: TaskRequest, cluster: Cluster, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Return an answer as the result of a task. Raise `CallFailed`, its cause an `AwsError` with the status."""
        response = await self.send(request, cluster, method, path, **more)
        answer = answer_of(response, PREFIX)
        if isinstance(answer, Failed):
            raise CallFailed(answer) from AwsError(str(response.status), response.reason, response.status)
        result: dict[str, Any] = answer.output.value
        return result

    async def send(
        self,
        request: TaskRequest,
        cluster: Cluster,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: bytes | None = None,
        content_type: str = _JSON,
        max_bytes: int = MAX_BYTES,
    ) -> Response:
        """Return whatever the cluster answers. Raise `CallFailed` where it doesn't."""
        url = f"{cluster.endpoint.rstrip('/')}/{path.lstrip('/')}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json, */*"} | ({} if body is None else {"Content-Type": content_type})
        key = (cluster.name, request.account, cluster.region(request.region), request.role_arn)
        with calling_out(request, PREFIX):
            was_kept = self._is_kept(key)
            call = (method, url, body, max_bytes, cluster.authority)
            response = await self._outbound.send(_request(*call, headers, await self._token(key)))
            if response.status == _UNAUTHORIZED:
                self._tokens.pop(key, None)
                if was_kept:
                    response = await self._outbound.send(_request(*call, headers, await self._token(key)))
            return response

    def _is_kept(self, key: _Key) -> bool:
        return key in self._tokens and time.monotonic() < self._tokens[key][1]

    async def _token(self, key: _Key) -> str:
        if not self._is_kept(key):
            name, account, region, role_arn = key
            url = await self._aws.presign(
                *("sts", _QUESTION, {TOKEN_HEADER: name}, SIGNED_SECONDS),
                account=account,
                region=region,
                role_arn=role_arn,
            )
            token = TOKEN_PREFIX + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
            self._tokens[key] = (token, time.monotonic() + KEPT_SECONDS)
            if len(self._tokens) > KEPT_TOKENS:
                self._tokens.popitem(last=False)
        return self._tokens[key][0]


def _request(
    method: str, url: str, body: bytes | None, max_bytes: int, authority: str, headers: Mapping[str, str], token: str
) -> Request:
    given = [*headers.items(), ("Authorization", f"Bearer {token}")]
    return Request(method, url, given, body, LONGEST_SECONDS, max_bytes, authority)
