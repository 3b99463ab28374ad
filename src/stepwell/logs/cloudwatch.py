"""Logs in CloudWatch Logs: those of AWS, or whatever speaks its API at an endpoint.

A server writes one stream for each state machine, named as AWS names them. That a log group is there is found out as
AWS does it: by a stream that is created in it when a state machine begins to log there.
"""

import asyncio
import importlib
import logging
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from stepwell.logs.delivery import NOT_FOUND
from stepwell.logs.port import Line, LinesLost, LogGroup

log = logging.getLogger("stepwell.logs")

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "AWS_ENDPOINT_URL_LOGS", "AWS_ENDPOINT_URL")
VALIDATION_STREAM = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"
VALIDATION_TEXT = (
    "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription."
)
NOT_AUTHORIZED = "The state machine IAM Role is not authorized to access the Log Destination"
BATCH_LINES = 10_000
BATCH_BYTES = 1_048_576
LINE_OVERHEAD_BYTES = 26
CONNECT_SECONDS = 2.0
READ_SECONDS = 10.0
ATTEMPTS = 3
MAX_CLIENTS = 64
"""Clients that are kept, one for each account and region; beyond that the oldest is closed."""
MAX_STREAMS = 10_000
"""Streams that are remembered as created; beyond that the oldest gets a successor when it is needed."""


class CloudWatchLogs:
    """Writes to log groups by the API at an endpoint (None: AWS's own)."""

    def __init__(self, endpoint_url: str | None) -> None:
        self._endpoint_url = endpoint_url
        self._server = uuid.uuid4().hex[:8]
        self._session: Any = None
        self._clients: dict[tuple[str, str], tuple[Any, AsyncExitStack]] = {}
        self._opening = asyncio.Lock()
        self._streams: OrderedDict[tuple[LogGroup, str], str] = OrderedDict()

    async def problem(self, group: LogGroup) -> str | None:
        """Create the stream that AWS creates to try a destination, and return why that failed."""
        try:
            client = await self._client(group)
            if await _create(client, group, VALIDATION_STREAM):
                now = round(datetime.now(UTC).timestamp() * 1000)
                await _put(client, group, VALIDATION_STREAM, [Line(now, VALIDATION_TEXT.encode())])
        except Exception as error:
            match _code(error):
                case None:
                    raise
                case "ResourceNotFoundException":
                    return NOT_FOUND
                case "AccessDeniedException":
                    return NOT_AUTHORIZED
                case _:
                    log.warning("whether the log group %s is there can't be told: %s", group.name, error)
        return None

    async def write(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        """Write lines to the stream of a state machine, which is created where it is missing."""
        try:
            client = await self._client(group)
            for batch in batches(sorted(lines, key=_time)):
                await self._write(client, group, state_machine, batch)
        except Exception as error:
            # Not by class: what could be caught is imported with the first client.
            if _code(error) is None:
                raise
            raise LinesLost(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        clients, self._clients = list(self._clients.values()), {}
        for _, stack in clients:
            await stack.aclose()

    async def _write(self, client: Any, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        place = (group, state_machine)
        known = place in self._streams
        if not known:
            await self._new_stream(client, place, lines[0].milliseconds)
        try:
            await _put(client, group, self._streams[place], lines)
        except Exception as error:
            if not known or _code(error) != "ResourceNotFoundException":
                raise
            await self._new_stream(client, place, lines[0].milliseconds)  # somebody has deleted it
            await _put(client, group, self._streams[place], lines)

    async def _new_stream(self, client: Any, place: tuple[LogGroup, str], milliseconds: int) -> None:
        group, state_machine = place
        minute = datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d-%H-%M")
        name = f"states/{state_machine}/{minute}/{self._server}"
        self._streams.pop(place, None)
        await _create(client, group, name)
        self._streams[place] = name
        if len(self._streams) > MAX_STREAMS:
            self._streams.popitem(last=False)

    async def _client(self, group: LogGroup) -> Any:
        key = (group.account, group.region)
        if key not in self._clients:
            async with self._opening:
                if key not in self._clients:
                    await self._open(*key)
        return self._clients[key][0]

    async def _open(self, account: str, region: str) -> None:
        if self._session is None:
            # Half a second of imports: not on the event loop.
            self._session = await asyncio.to_thread(_session)
        while len(self._clients) >= MAX_CLIENTS:
            _, oldest = self._clients.pop(next(iter(self._clients)))
            await oldest.aclose()
        has_credentials = self._endpoint_url is None or await self._session.get_credentials() is not None
        # Emulators take an access key id of twelve digits for the account.
        made_up = {} if has_credentials else {"aws_access_key_id": account, "aws_secret_access_key": "local"}
        stack = AsyncExitStack()
        client = await stack.enter_async_context(
            self._session.create_client(
                "logs", region_name=region, endpoint_url=self._endpoint_url, config=_config(), **made_up
            )
        )
        self._clients[account, region] = client, stack


def endpoint_of(environ: Mapping[str, str]) -> str | None:
    """Return the endpoint that the variables of AWS's SDKs name, or None where they name nothing."""
    return next((environ[name] for name in ENDPOINT_VARIABLES if environ.get(name)), None)


def batches(lines: list[Line]) -> Iterator[list[Line]]:
    """Cut lines into what PutLogEvents takes at once."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        more = len(line.text) + LINE_OVERHEAD_BYTES
        if batch and (size + more > BATCH_BYTES or len(batch) == BATCH_LINES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += more
    if batch:
        yield batch


async def _create(client: Any, group: LogGroup, stream: str) -> bool:
    """Create a stream; return whether it was not there."""
    try:
        await client.create_log_stream(logGroupName=group.name, logStreamName=stream)
    except Exception as error:
        if _code(error) != "ResourceAlreadyExistsException":
            raise
        return False
    return True


async def _put(client: Any, group: LogGroup, stream: str, lines: list[Line]) -> None:
    events = [{"timestamp": line.milliseconds, "message": line.text.decode()} for line in lines]
    await client.put_log_events(logGroupName=group.name, logStreamName=stream, logEvents=events)


def _time(line: Line) -> int:
    return line.milliseconds


def _session() -> Any:
    return importlib.import_module("aiobotocore.session").get_session()


def _config() -> Any:
    return importlib.import_module("aiobotocore.config").AioConfig(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        parameter_validation=False,
        retries={"total_max_attempts": ATTEMPTS},
        warm_up_loader_caches=True,
    )


def _code(error: Exception) -> str | None:
    """Return the code of an error of the API, an empty one where it was not reached, None for any other exception."""
    exceptions, aiohttp = importlib.import_module("botocore.exceptions"), importlib.import_module("aiohttp")
    if isinstance(error, exceptions.ClientError):
        response: Any = error.response
        return str(response["Error"].get("Code", ""))
    return "" if isinstance(error, (exceptions.BotoCoreError, aiohttp.ClientError, OSError)) else None
