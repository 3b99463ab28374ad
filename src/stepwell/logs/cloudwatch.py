"""Logs in CloudWatch Logs: those of AWS, or whatever speaks its API at an endpoint.

A server writes one stream for each state machine, named as AWS names them. That a log group is there is found out as
AWS does it: by a stream that is created in it when a state machine begins to log there.
"""

import logging
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from stepwell.aws import AwsCalls, AwsError, AwsUnreachable, Manner
from stepwell.logs.delivery import NOT_FOUND
from stepwell.logs.port import Line, LinesLost, LogGroup

log = logging.getLogger("stepwell.logs")

VALIDATION_STREAM = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"
VALIDATION_TEXT = (
    "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a subscription."
)
NOT_AUTHORIZED = "The state machine IAM Role is not authorized to access the Log Destination"
BATCH_LINES = 10_000
BATCH_BYTES = 1_048_576
LINE_OVERHEAD_BYTES = 26
MANNER = Manner(connect_seconds=2.0, read_seconds=10.0, attempts=3)
"""Lines wait in a buffer meanwhile, so nothing waits for long; nobody else would try again."""
MAX_STREAMS = 10_000
"""Streams that are remembered as created; beyond that the oldest gets a successor when it is needed."""


class CloudWatchLogs:
    """Writes to log groups; closes what it calls them with."""

    def __init__(self, aws: AwsCalls) -> None:
        self._aws = aws
        self._server = uuid.uuid4().hex[:8]
        self._streams: OrderedDict[tuple[LogGroup, str], str] = OrderedDict()

    async def problem(self, group: LogGroup) -> str | None:
        """Create the stream that AWS creates to try a destination, and return why that failed."""
        try:
            if await self._create(group, VALIDATION_STREAM):
                now = round(datetime.now(UTC).timestamp() * 1000)
                await self._put(group, VALIDATION_STREAM, [Line(now, VALIDATION_TEXT.encode())])
        except AwsError as error:
            match error.code:
                case "ResourceNotFoundException":
                    return NOT_FOUND
                case "AccessDeniedException":
                    return NOT_AUTHORIZED
            log.warning("whether the log group %s is there can't be told: %s", group.name, error)
        except AwsUnreachable as error:
            log.warning("whether the log group %s is there can't be told: %s", group.name, error)
        return None

    async def write(self, group: LogGroup, state_machine: str, lines: list[Line]) -> None:
        """Write lines to the stream of a state machine, which is created where it is missing."""
        try:
            for batch in batches(sorted(lines, key=_time)):
                await self._write((group, state_machine), batch)
        except (AwsError, AwsUnreachable) as error:
            raise LinesLost(str(error)) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._aws.close()

    async def _write(self, place: tuple[LogGroup, str], lines: list[Line]) -> None:
        known = place in self._streams
        if not known:
            await self._new_stream(place, lines[0].milliseconds)
        try:
            await self._put(place[0], self._streams[place], lines)
        except AwsError as error:
            if not known or error.code != "ResourceNotFoundException":
                raise
            await self._new_stream(place, lines[0].milliseconds)  # somebody has deleted it
            await self._put(place[0], self._streams[place], lines)

    async def _new_stream(self, place: tuple[LogGroup, str], milliseconds: int) -> None:
        group, state_machine = place
        minute = datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d-%H-%M")
        name = f"states/{state_machine}/{minute}/{self._server}"
        self._streams.pop(place, None)
        await self._create(group, name)
        self._streams[place] = name
        if len(self._streams) > MAX_STREAMS:
            self._streams.popitem(last=False)

    async def _create(self, group: LogGroup, stream: str) -> bool:
        """Create a stream; return whether it was not there."""
        try:
            await self._call(group, "CreateLogStream", logStreamName=stream)
        except AwsError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
            return False
        return True

    async def _put(self, group: LogGroup, stream: str, lines: list[Line]) -> None:
        events = [{"timestamp": line.milliseconds, "message": line.text.decode()} for line in lines]
        await self._call(group, "PutLogEvents", logStreamName=stream, logEvents=events)

    async def _call(self, group: LogGroup, operation: str, **parameters: Any) -> None:
        named = {"logGroupName": group.name, **parameters}
        await self._aws.call("logs", operation, named, account=group.account, region=group.region)


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


def _time(line: Line) -> int:
    return line.milliseconds
