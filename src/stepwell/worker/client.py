"""Step Functions as workers see it: four calls, by aiobotocore, with the credentials and endpoints of every AWS tool.

The botocore family is imported with the first client: whoever only imports `stepwell.worker` doesn't wait for it.
"""

import asyncio
import importlib
import os
from contextlib import AsyncExitStack
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

from stepwell.worker.errors import CallFailed, TokenRefused

REFUSED_TOKENS = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}
POLL_SECONDS = 75.0
"""Longer than the minute that an empty poll takes."""
CALL_SECONDS = 10.0
CONNECT_SECONDS = 5.0
_PASSING_CODES = {"ActivityWorkerLimitExceeded", "RequestTimeout", "RequestTimeoutException", "RequestLimitExceeded"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class StepFunctions:
    """The calls of a worker. Each raises `TokenRefused` or `CallFailed`, and is tried once: its caller tries again."""

    def __init__(self, region: str, account: str, endpoint_url: str | None, connections: int) -> None:
        self._region = region
        self._account = account
        self._endpoint_url = endpoint_url
        self._connections = connections
        self._client: Any = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        session_of, config_of = await asyncio.to_thread(_imported)
        config = config_of(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=POLL_SECONDS,
            max_pool_connections=self._connections,
            retries={"total_max_attempts": 1},
            warm_up_loader_caches=True,
        )
        try:
            session = session_of()
            made_up = await self._made_up_credentials(session)
            client = session.create_client(
                "stepfunctions", region_name=self._region, endpoint_url=self._endpoint_url, config=config, **made_up
            )
            self._client = await self._stack.enter_async_context(client)
        except Exception as error:  # noqa: BLE001 (sorted out, or raised as it is)
            _raise(error)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def endpoint(self) -> str:
        """The URL that is called."""
        return str(self._client.meta.endpoint_url)

    @property
    def is_aws(self) -> bool:
        """Whether this is AWS itself."""
        host = urlsplit(self.endpoint).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))

    async def poll(self, activity_arn: str, worker_name: str) -> tuple[str, str] | None:
        """Wait for a task; return its token and its input, or None where none came in a minute."""
        answer = await self._call(POLL_SECONDS, "get_activity_task", activityArn=activity_arn, workerName=worker_name)
        return (answer["taskToken"], answer.get("input", "{}")) if answer.get("taskToken") else None

    async def succeed(self, token: str, output: str) -> None:
        """SendTaskSuccess."""
        await self._call(CALL_SECONDS, "send_task_success", taskToken=token, output=output)

    async def fail(self, token: str, error: str, cause: str) -> None:
        """SendTaskFailure."""
        await self._call(CALL_SECONDS, "send_task_failure", taskToken=token, error=error, cause=cause)

    async def heartbeat(self, token: str) -> None:
        """SendTaskHeartbeat."""
        await self._call(CALL_SECONDS, "send_task_heartbeat", taskToken=token)

    async def _call(self, seconds: float, operation: str, **request: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(seconds):
                answer: dict[str, Any] = await getattr(self._client, operation)(**request)
                return answer
        except Exception as error:  # noqa: BLE001 (sorted out, or raised as it is)
            _raise(error)

    async def _made_up_credentials(self, session: Any) -> dict[str, str]:
        """Return credentials for a server on this machine, which takes any, where there are none."""
        endpoint = self._endpoint_url or next(
            (os.environ[name] for name in ("AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL") if os.environ.get(name)), ""
        )
        if urlsplit(endpoint).hostname not in _LOOPBACK or await session.get_credentials() is not None:
            return {}
        return {"aws_access_key_id": self._account, "aws_secret_access_key": "local"}


def _imported() -> tuple[Any, Any]:
    session = importlib.import_module("aiobotocore.session")
    return session.get_session, importlib.import_module("aiobotocore.config").AioConfig


def _raise(error: Exception) -> NoReturn:
    """Raise what an exception of botocore or of the network means here; any other as it is."""
    exceptions, aiohttp = importlib.import_module("botocore.exceptions"), importlib.import_module("aiohttp")
    if isinstance(error, exceptions.ClientError):
        raise refusal(error) from error
    unreachable = exceptions.HTTPClientError, exceptions.ConnectionError, aiohttp.ClientError, OSError
    if isinstance(error, unreachable):  # a TimeoutError is an OSError
        raise CallFailed("Unreachable", str(error) or "no answer came in time", lasting=False) from error
    if isinstance(error, exceptions.BotoCoreError):
        raise CallFailed(type(error).__name__, str(error), lasting=True) from error
    raise error


def refusal(error: Any) -> CallFailed | TokenRefused:
    """Return what an error that the API has answered means here."""
    code, message = str(error.response["Error"].get("Code", "")), str(error.response["Error"].get("Message", ""))
    if code in REFUSED_TOKENS:
        return TokenRefused(code, message)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    passing = status >= 500 or status == 429 or "Throttl" in code or code in _PASSING_CODES
    return CallFailed(code, message, lasting=not passing)
