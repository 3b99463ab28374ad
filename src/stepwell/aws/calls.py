"""One call: to a service, as an account or a role, in a region."""

import asyncio
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepwell.aws.clients import Clients, Manner
from stepwell.aws.errors import AnswerTooLarge, AwsError, AwsUnreachable, NoCredentials, NoSuchCall

__all__ = ["AwsCalls", "Manner", "Reply"]

BODY_LIMIT = 6 * 1024 * 1024 + 100
"""Bytes of a streamed body that are read: what a function's answer may have on Lambda. No state takes as much."""
_CHUNK = 64 * 1024
_TO_CONNECT = (
    "See that it can be reached from here, or name another: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE>, or "
    "endpoint_url of the profile."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered."""

    output: dict[str, Any]
    """By the names of the model. A body that was streamed is bytes."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""


class AwsCalls:
    """Calls services. `environ` names the endpoints; credentials are those of this process."""

    def __init__(self, environ: Mapping[str, str], manner: Manner | None = None) -> None:
        self._clients = Clients(environ, manner or Manner())

    async def call(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any],
        *,
        account: str,
        region: str,
        role_arn: str | None = None,
    ) -> Reply:
        """Call an operation (`SendMessage`) of a service (`sqs`, as botocore names it), once.

        Parameters have the names and types of the model. Raise `AwsError` where the service answers with an error,
        `AwsUnreachable` where nothing answers or nothing can be asked, `RoleNotAssumed` where the role can't be had.
        """
        try:
            async with self._clients.lease(service, account, region, role_arn) as client:
                method = self._clients.method(client, service, operation)
                return await _read(await method(**parameters))
        except Exception as error:
            # Not by class: what could be caught is imported with the first client.
            if (told := _told(error)) is None:
                raise
            raise told from error

    async def sign(
        self,
        service: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        account: str,
        region: str,
        role_arn: str | None = None,
    ) -> dict[str, str]:
        """Return the headers of an HTTP request to a service that has no model, with a signature (version 4)."""
        request = importlib.import_module("botocore.awsrequest").AWSRequest(method, url, dict(headers), body)
        keys = await self._clients.keys(account, region, role_arn)
        importlib.import_module("botocore.auth").SigV4Auth(keys, service, region).add_auth(request)
        return dict(request.headers.items())

    async def presign(
        self,
        service: str,
        query: str,
        headers: Mapping[str, str],
        seconds: int,
        *,
        account: str,
        region: str,
        role_arn: str | None = None,
    ) -> str:
        """Return the URL of a question to a service which whoever has it may ask, for so long, with these headers."""
        try:
            async with self._clients.lease(service, account, region, None) as client:  # its endpoint is all
                url = f"{client.meta.endpoint_url.rstrip('/')}/?{query}"
            keys = await self._clients.keys(account, region, role_arn, for_service=service)
        except Exception as error:
            if (told := _told(error)) is None:
                raise
            raise told from error
        request = importlib.import_module("botocore.awsrequest").AWSRequest("GET", url, dict(headers))
        importlib.import_module("botocore.auth").SigV4QueryAuth(keys, service, region, seconds).add_auth(request)
        return str(request.url)

    async def model(self, service: str) -> Any:
        """Return the model of a service (botocore's ServiceModel). Raise `NoSuchCall` where there is none."""
        try:
            return await self._clients.model(service)
        except Exception as error:
            if (told := _told(error)) is None:
                raise
            raise told from error

    async def services(self) -> frozenset[str]:
        """Return the names of all services that can be called, as botocore has them."""
        return frozenset(await self._clients.services())

    async def close(self) -> None:
        """Close the connections."""
        await self._clients.close()


async def _read(response: Any) -> Reply:
    metadata = response.pop("ResponseMetadata")
    for name, value in response.items():
        if hasattr(value, "read"):
            response[name] = await _read_body(value)
    return Reply(response, metadata["HTTPStatusCode"], metadata.get("HTTPHeaders", {}), metadata.get("RequestId", ""))


async def _read_body(stream: Any) -> bytes:
    body = bytearray()
    while chunk := await stream.read(_CHUNK):
        body += chunk
        if len(body) > BODY_LIMIT:
            stream.close()
            raise AnswerTooLarge(f"The body of the answer is larger than {BODY_LIMIT} bytes.")
    return bytes(body)


def _told(error: Exception) -> Exception | None:
    exceptions, aiohttp = importlib.import_module("botocore.exceptions"), importlib.import_module("aiohttp")
    if isinstance(error, exceptions.ClientError):
        return _refusal(error.response)
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return NoCredentials(f"Unable to load AWS credentials: {error}")
    if isinstance(error, exceptions.UnknownServiceError):
        return NoSuchCall(str(error))
    if isinstance(error, exceptions.EndpointConnectionError):
        return AwsUnreachable(f"Unable to execute HTTP request: {error}. {_TO_CONNECT}")
    if isinstance(error, exceptions.ParamValidationError):
        return AwsUnreachable(str(error))
    if isinstance(error, importlib.import_module("botocore.parsers").ResponseParserError):
        return AwsUnreachable(f"Unable to read the answer: {error}")
    if isinstance(error, asyncio.TimeoutError | exceptions.BotoCoreError | aiohttp.ClientError | OSError):
        return AwsUnreachable(f"Unable to execute HTTP request: {error}")
    return None


def _refusal(response: Any) -> AwsError:
    told, metadata = response.get("Error", {}), response["ResponseMetadata"]
    code = told.get("Code", "")
    return AwsError(
        "" if code.isdigit() else code,
        told.get("Message", ""),
        metadata["HTTPStatusCode"],
        metadata.get("RequestId", ""),
        metadata.get("HostId", ""),
        told.get("QueryErrorCode", ""),
    )
