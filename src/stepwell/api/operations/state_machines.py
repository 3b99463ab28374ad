"""Creating, describing, changing, deleting and listing state machines."""

from typing import Any

from stepwell.api.errors import ApiError, not_implemented
from stepwell.api.pagination import page_size
from stepwell.api.server import Server, seconds
from stepwell.language.diagnostics import ERROR
from stepwell.language.validation import diagnose
from stepwell.runtime.arns import Scope
from stepwell.runtime.port import RevisionRecord
from stepwell.runtime.revisions import Settings

METADATA_ONLY = "METADATA_ONLY"
STANDARD, EXPRESS = "STANDARD", "EXPRESS"
MAX_DIAGNOSTICS = 100


async def create_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateStateMachine."""
    _check_publish(request, "CreateStateMachine")
    record = await server.registry.create_state_machine(
        scope, request["name"], request.get("type") or STANDARD, _settings(request), request.get("tags")
    )
    return {"stateMachineArn": record.arn, "creationDate": seconds(record.created)}


async def update_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateStateMachine."""
    _check_publish(request, "UpdateStateMachine")
    revision = await server.registry.update_state_machine(scope, request["stateMachineArn"], _settings(request))
    return {"updateDate": seconds(revision.created), **_revision_id(revision)}


async def describe_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeStateMachine."""
    record = await server.registry.state_machine(scope, request["stateMachineArn"])
    revision = await server.registry.revision(record.revision)
    return {
        "stateMachineArn": record.arn,
        "name": record.name,
        "status": record.status,
        "type": record.type,
        "creationDate": seconds(record.created),
        **described_revision(revision, request.get("includedData")),
    }


def described_revision(revision: RevisionRecord, included_data: str | None) -> dict[str, Any]:
    """Return what the descriptions of a state machine and of an execution's state machine have in common."""
    description = {
        "definition": "{}" if included_data == METADATA_ONLY else revision.definition,
        "roleArn": revision.role_arn,
        "loggingConfiguration": revision.logging_configuration,
        "tracingConfiguration": revision.tracing_configuration,
        **_revision_id(revision),
    }
    if revision.encryption_configuration is not None:
        description["encryptionConfiguration"] = revision.encryption_configuration
    return description


async def delete_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteStateMachine."""
    await server.registry.delete_state_machine(scope, request["stateMachineArn"])
    return {}


async def list_state_machines(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ListStateMachines, newest first."""
    size = page_size(request)
    question = ("ListStateMachines",)
    before = await server.pages.position(scope, question, request.get("nextToken"))
    records = await server.registry.state_machines(scope, size + 1, before)
    answer: dict[str, Any] = {
        "stateMachines": [
            {
                "stateMachineArn": record.arn,
                "name": record.name,
                "type": record.type,
                "creationDate": seconds(record.created),
            }
            for record in records[:size]
        ]
    }
    if len(records) > size:
        answer["nextToken"] = await server.pages.token(scope, question, records[size - 1].key)
    return answer


async def validate_state_machine_definition(_server: Server, _scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ValidateStateMachineDefinition."""
    diagnosis = diagnose(request["definition"], request.get("type") or STANDARD)
    errors = diagnosis.errors
    shown = errors if (request.get("severity") or ERROR) == ERROR else diagnosis.diagnostics
    limit = request.get("maxResults") or MAX_DIAGNOSTICS
    return {
        "result": "FAIL" if errors else "OK",
        "diagnostics": [
            {
                "severity": diagnostic.severity,
                "code": diagnostic.code,
                "message": diagnostic.message,
                **({} if diagnostic.location is None else {"location": diagnostic.location}),
            }
            for diagnostic in shown[:limit]
        ],
        "truncated": len(shown) > limit,
    }


def _settings(request: dict[str, Any]) -> Settings:
    return Settings(
        definition=request.get("definition"),
        role_arn=request.get("roleArn"),
        logging=request.get("loggingConfiguration"),
        tracing=request.get("tracingConfiguration"),
        encryption=request.get("encryptionConfiguration"),
    )


def _revision_id(revision: RevisionRecord) -> dict[str, str]:
    return {} if revision.revision_id is None else {"revisionId": revision.revision_id}


def _check_publish(request: dict[str, Any], operation: str) -> None:
    if request.get("publish"):
        raise not_implemented(f"{operation} with publish set to true")
    if request.get("versionDescription") is not None:
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
