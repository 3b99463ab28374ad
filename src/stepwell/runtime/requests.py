"""What is handed over to an integration for a wait of an execution."""

from stepwell.integrations.port import TaskRequest
from stepwell.language.document import Document
from stepwell.language.resources import Resource
from stepwell.machine.data import Lane
from stepwell.runtime.arns import account_of, region_of
from stepwell.runtime.residents import Resident


def task_request(
    resident: Resident,
    resource: Resource,
    parameters: Document,
    idempotency_key: str,
    now: int,
    *,
    lane: Lane | None = None,
    redelivered: bool = False,
) -> TaskRequest:
    """Return what is handed over at a moment; of a lane that is gone there is no more to say."""
    record = resident.record
    timeout_at = None if lane is None else lane.timeout_at
    return TaskRequest(
        resource=resource,
        parameters=parameters,
        account=account_of(record.arn),
        region=region_of(record.arn),
        execution_arn=record.arn,
        idempotency_key=idempotency_key,
        redelivered=redelivered,
        timeout_seconds=None if timeout_at is None else max(timeout_at - now, 0) / 1000,
        state_name="" if lane is None or lane.state is None else lane.state,
        attempt=0 if lane is None else lane.retries,
        test_case=record.mock_test_case,
        role_arn=None if lane is None else lane.role_arn,
        execution_role_arn=resident.execution.role_arn,
    )
