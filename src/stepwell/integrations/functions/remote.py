"""Functions that are elsewhere: the API of AWS Lambda, or of something that speaks it."""

import asyncio
import importlib
from base64 import b64decode
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from stepwell.integrations.functions.outcomes import RESPONSE_LIMIT, Invocation, InvokeRefused

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL")
MAX_CLIENTS = 64
"""Clients that are kept, one for each account and region; beyond that the oldest is closed."""
MAX_CONNECTIONS = 256
CONNECT_SECONDS = 5.0
READ_SECONDS = 905.0
"""A little longer than a function may run on Lambda; the state's own timeout ends the call earlier."""
_CHUNK = 64 * 1024


class LambdaUnreachable(Exception):
    """The API could not be reached, or the call could not even be made."""


class RemoteFunctions:
    """Invokes functions by the API at an endpoint. Without credentials in the usual places it makes up a pair."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session: Any = None
        self._has_credentials = False
        self._clients: dict[tuple[str, str], tuple[Any, AsyncExitStack]] = {}
        self._lock = asyncio.Lock()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "RemoteFunctions | None":
        """Return what the endpoint variables of AWS's SDKs name, or None where they name nothing."""
        found = next((environ[name] for name in ENDPOINT_VARIABLES if environ.get(name)), None)
        return None if found is None else cls(found)

    async def invoke(self, account: str, region: str, parameters: Mapping[str, Any]) -> Invocation:
        """Invoke once, without retries: those are the state's. `parameters` are those of Lambda's Invoke.

        Raise `InvokeRefused` where Lambda answers with an error, `LambdaUnreachable` where nothing answers.
        """
        try:
            client = await self._client(account, region)
            return await _read(await client.invoke(**parameters))
        except Exception as error:
            # Not by class: what could be caught is imported with the first client.
            if (told := _told(error)) is None:
                raise
            raise told from error

    async def close(self) -> None:
        """Close the connections."""
        clients, self._clients = list(self._clients.values()), {}
        for _, stack in clients:
            await stack.aclose()

    async def _client(self, account: str, region: str) -> Any:
        key = (account, region)
        if key not in self._clients:
            async with self._lock:
                if key not in self._clients:
                    await self._open(account, region)
        return self._clients[key][0]

    async def _open(self, account: str, region: str) -> None:
        if self._session is None:
            # Half a second of imports: not on the event loop. Nor is the reading of Lambda's model, see `_config`.
            self._session = await asyncio.to_thread(_session)
            self._has_credentials = await self._session.get_credentials() is not None
        while len(self._clients) >= MAX_CLIENTS:
            _, oldest = self._clients.pop(next(iter(self._clients)))
            await oldest.aclose()
        # Emulators take an access key id of twelve digits for the account.
        made_up = {} if self._has_credentials else {"aws_access_key_id": account, "aws_secret_access_key": "local"}
        stack = AsyncExitStack()
        client = await stack.enter_async_context(
            self._session.create_client(
                "lambda", region_name=region, endpoint_url=self._endpoint_url, config=_config(), **made_up
            )
        )
        self._clients[account, region] = client, stack


def _session() -> Any:
    return importlib.import_module("aiobotocore.session").get_session()


def _config() -> Any:
    return importlib.import_module("aiobotocore.config").AioConfig(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=MAX_CONNECTIONS,
        parameter_validation=False,
        retries={"total_max_attempts": 1},
        warm_up_loader_caches=True,
    )


async def _read(response: Any) -> Invocation:
    metadata = response["ResponseMetadata"]
    payload = bytearray()
    while chunk := await response["Payload"].read(_CHUNK):
        payload += chunk
        if len(payload) > RESPONSE_LIMIT:
            response["Payload"].close()
            raise LambdaUnreachable(f"The function's answer is larger than {RESPONSE_LIMIT} bytes.")
    return Invocation(
        bytes(payload),
        "FunctionError" in response,
        response.get("ExecutedVersion", ""),
        metadata.get("RequestId", ""),
        status=response["StatusCode"],
        headers=metadata["HTTPHeaders"],
        log_tail=b64decode(response.get("LogResult", "")),
    )


def _told(error: Exception) -> Exception | None:
    exceptions, aiohttp = importlib.import_module("botocore.exceptions"), importlib.import_module("aiohttp")
    if isinstance(error, exceptions.ClientError):
        response: Any = error.response
        told, metadata = response["Error"], response["ResponseMetadata"]
        code = told.get("Code", "")
        code = "AWSLambdaException" if not code or code.isdigit() else code
        return InvokeRefused(code, told.get("Message", ""), metadata["HTTPStatusCode"], metadata.get("RequestId", ""))
    if isinstance(error, (exceptions.BotoCoreError, aiohttp.ClientError, OSError)):
        return LambdaUnreachable(f"Unable to execute HTTP request: {error}")
    return None
