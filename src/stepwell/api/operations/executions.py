"""Starting, stopping, describing and listing executions."""

from typing import Any

from stepwell.api.errors import ApiError, not_implemented
from stepwell.api.operations.state_machines import EXPRESS, METADATA_ONLY, described_revision
from stepwell.api.pagination import page_size
from stepwell.api.server import Server, seconds
from stepwell.language.compiler import NotRunnable
from stepwell.language.source import json_problem
from stepwell.runtime.arns import EXECUTION, Scope, check_name, parse_arn
from stepwell.runtime.port import ExecutionRecord

PENDING_REDRIVE = "PENDING_REDRIVE"
REDRIVABLE, NOT_REDRIVABLE = "REDRIVABLE", "NOT_REDRIVABLE"
REDRIVE_FILTERS = {None: None, "REDRIVEN": True, "NOT_REDRIVEN": False}
INCLUDED = {"included": True}
NOT_INCLUDED = {"included": False}


async def start_execution(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """StartExecution."""
    name, text = checked_start(request)
    arn, test_case = _split_test_case(server, request["stateMachineArn"])
    state_machine, version, alias = await server.registry.startable(scope, arn)
    trace_header = request.get("traceHeader")
    common: dict[str, Any] = {"name": name, "input": text, "trace_header": trace_header, "version": version}
    common["alias_arn"] = None if alias is None else alias.arn
    try:
        if state_machine.type != EXPRESS:
            record = await server.engine.start_execution(state_machine, **common, test_case=test_case)
        elif test_case is None:
            record = await server.express.start_execution(state_machine, **common)
        else:
            raise not_implemented("A test case of an EXPRESS state machine")
    except NotRunnable as problem:
        raise not_runnable(problem) from None
    return {"executionArn": record.arn, "startDate": seconds(record.started)}


def _split_test_case(server: Server, arn: str) -> tuple[str, str | None]:
    """Return an ARN, and the name of the test case that is behind its `#` where there are mocked responses."""
    if not server.engine.has_mocks:
        return arn, None
    state_machine, _, test_case = arn.partition("#")
    return state_machine, test_case or None


async def stop_execution(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """StopExecution. One that has ended already answers when it did."""
    record = await found_execution(server, scope, request["executionArn"])
    stopped = await server.engine.stop_execution(record, request.get("error"), request.get("cause"))
    return {"stopDate": seconds(stopped)}


async def redrive_execution(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """RedriveExecution."""
    record = await found_execution(server, scope, request["executionArn"])
    redriven = await server.engine.redrive_execution(record, request.get("clientToken"))
    return {"redriveDate": seconds(redriven)}


async def describe_execution(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeExecution."""
    record = await found_execution(server, scope, request["executionArn"])
    answer = _listed(record)
    reason = await server.engine.why_not_redrivable(record)
    answer["redriveStatus"] = REDRIVABLE if reason is None else NOT_REDRIVABLE
    if reason is not None:
        answer["redriveStatusReason"] = reason
    if record.trace_header is not None:
        answer["traceHeader"] = record.trace_header
    if request.get("includedData") == METADATA_ONLY:
        answer["inputDetails"] = NOT_INCLUDED
        if record.output is not None:
            answer["outputDetails"] = NOT_INCLUDED
        return answer
    answer["input"] = record.input
    answer["inputDetails"] = INCLUDED
    if record.output is not None:
        answer["output"] = record.output
        answer["outputDetails"] = INCLUDED
    if record.error is not None:
        answer["error"] = record.error
    if record.cause is not None:
        answer["cause"] = record.cause
    return answer


async def describe_state_machine_for_execution(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeStateMachineForExecution: the revision that the execution was started with."""
    record = await found_execution(server, scope, request["executionArn"])
    revision = await server.registry.revision(record.revision)
    return {
        "stateMachineArn": record.state_machine_arn,
        "name": record.state_machine_arn.rpartition(":")[2],
        "updateDate": seconds(revision.created),
        **described_revision(server, revision, request.get("includedData")),
    }


async def list_executions(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListExecutions of a state machine, or of a version or an alias of it, newest first."""
    arn = request.get("stateMachineArn")
    if request.get("mapRunArn") is not None:
        raise not_implemented("ListExecutions by mapRunArn")
    if arn is None:
        raise ApiError("ValidationException", "Must provide a StateMachine ARN or MapRun ARN")
    state_machine, *_ = await server.registry.state_machine(scope, arn)
    if state_machine.type == EXPRESS:
        raise type_not_supported()
    status, redriven = request.get("statusFilter"), request.get("redriveFilter")
    question = ("ListExecutions", arn, status, redriven)
    before = await server.pages.position(scope, question, request.get("nextToken"))
    if status == PENDING_REDRIVE:
        return {"executions": []}
    size = page_size(request)
    records = await server.engine.store.executions(arn, status, size + 1, before, REDRIVE_FILTERS[redriven])
    answer: dict[str, Any] = {"executions": [_listed(record) for record in records[:size]]}
    if len(records) > size:
        answer["nextToken"] = await server.pages.token(scope, question, records[size - 1].key)
    return answer


async def found_execution(server: Server, scope: Scope, arn: str) -> ExecutionRecord:
    """Return an execution of the caller's account; raise `ApiError` where there is none."""
    if parse_arn(arn, EXECUTION).account == scope.account:
        record = await server.engine.store.execution(arn)
        if record is not None:
            return record
    raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def type_not_supported() -> ApiError:
    """Return AWS's error for an operation that STANDARD has and EXPRESS has not, or the reverse."""
    return ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")


def _listed(record: ExecutionRecord) -> dict[str, Any]:
    item = {
        "executionArn": record.arn,
        "stateMachineArn": record.state_machine_arn,
        "name": record.name,
        "status": record.status,
        "startDate": seconds(record.started),
        "redriveCount": 0 if record.redrive is None else record.redrive.count,
    }
    if record.redrive is not None:
        item["redriveDate"] = seconds(record.redrive.redriven)
    if record.stopped is not None:
        item["stopDate"] = seconds(record.stopped)
    if record.state_machine_version_arn is not None:
        item["stateMachineVersionArn"] = record.state_machine_version_arn
    if record.state_machine_alias_arn is not None:
        item["stateMachineAliasArn"] = record.state_machine_alias_arn
    return item


def checked_start(request: dict[str, Any]) -> tuple[str | None, str]:
    """Return the name and the input of an execution that is to be started."""
    name, text = request.get("name"), request.get("input")
    if name is not None:
        check_name(name)
    if text is None:
        return name, "{}"
    check_input(text)
    return name, text


def check_input(text: str) -> None:
    """Raise `ApiError` unless the text is JSON."""
    problem = json_problem(text)
    if problem is not None:
        detail = problem if text.strip() else "Invalid execution input."
        raise ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{detail}'")


def not_runnable(problem: NotRunnable) -> ApiError:
    """Return the error for a state machine that this version can't run."""
    return ApiError("UnsupportedOperationException", str(problem))
