"""StartSyncExecution: running an Express execution while its caller waits."""

from typing import Any

from stepwell.api.operations.executions import (
    INCLUDED,
    NOT_INCLUDED,
    checked_start,
    not_runnable,
    type_not_supported,
)
from stepwell.api.operations.state_machines import EXPRESS, METADATA_ONLY
from stepwell.api.server import Server, seconds
from stepwell.language.compiler import NotRunnable
from stepwell.runtime.arns import Scope
from stepwell.runtime.port import ExecutionRecord

BILLED_MILLISECONDS = 100
"""AWS bills durations in steps of this."""
BILLED_MEMORY_MB = 64
"""The least memory that AWS bills."""
_TIMED_OUT = "States.Timeout"


async def start_sync_execution(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """StartSyncExecution. An execution that fails is an answer like any other."""
    name, text = checked_start(request)
    state_machine, version, alias = await server.registry.startable(scope, request["stateMachineArn"])
    if state_machine.type != EXPRESS:
        raise type_not_supported()
    trace_header = request.get("traceHeader")
    try:
        record = await server.express.run(
            state_machine,
            name=name,
            input=text,
            trace_header=trace_header,
            version=version,
            alias_arn=None if alias is None else alias.arn,
        )
    except NotRunnable as problem:
        raise not_runnable(problem) from None
    return _answer(record, with_data=request.get("includedData") != METADATA_ONLY)


def _answer(record: ExecutionRecord, *, with_data: bool) -> dict[str, Any]:
    assert record.stopped is not None
    included = INCLUDED if with_data else NOT_INCLUDED
    answer: dict[str, Any] = {
        "executionArn": record.arn,
        "stateMachineArn": record.state_machine_arn,
        "name": record.name,
        "startDate": seconds(record.started),
        "stopDate": seconds(record.stopped),
        "status": record.status,
        "inputDetails": included,
        "outputDetails": included,
        "billingDetails": {
            "billedMemoryUsedInMB": BILLED_MEMORY_MB,
            "billedDurationInMilliseconds": _billed(record.stopped - record.started),
        },
    }
    if record.trace_header is not None:
        answer["traceHeader"] = record.trace_header
    if not with_data:
        return answer
    answer["input"] = record.input
    if record.output is not None:
        answer["output"] = record.output
    error = _TIMED_OUT if record.status == "TIMED_OUT" else record.error
    if error is not None:
        answer["error"] = error
    if record.cause is not None:
        answer["cause"] = record.cause
    return answer


def _billed(milliseconds: int) -> int:
    return max(-(-milliseconds // BILLED_MILLISECONDS), 1) * BILLED_MILLISECONDS
