"""Creating, describing, changing, deleting and listing state machines."""

from typing import Any

from stepwell.api.errors import ApiError
from stepwell.api.pagination import page_size
from stepwell.api.server import Server, seconds
from stepwell.language.diagnostics import ERROR
from stepwell.runtime import configuration
from stepwell.runtime.arns import Scope
from stepwell.runtime.port import RevisionRecord
from stepwell.runtime.revisions import Settings

METADATA_ONLY = "METADATA_ONLY"
STANDARD, EXPRESS = "STANDARD", "EXPRESS"
MAX_DIAGNOSTICS = 100


async def create_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """CreateStateMachine."""
    publish = _publish(request)
    kind = request.get("type") or STANDARD
    record = await server.registry.create_state_machine(
        scope, request["name"], kind, _settings(request), request.get("tags"), publish
    )
    answer = {"stateMachineArn": record.arn, "creationDate": seconds(record.created)}
    if publish is not None:
        answer["stateMachineVersionArn"] = f"{record.arn}:1"
    return answer


async def update_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateStateMachine."""
    revision, version = await server.registry.update_state_machine(
        scope, request["stateMachineArn"], _settings(request), _publish(request)
    )
    answer = {"updateDate": seconds(revision.created), **_revision_id(revision)}
    if version is not None:
        answer["stateMachineVersionArn"] = version.arn
    return answer


async def describe_state_machine(server: Server, scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeStateMachine, or a version of one; by an alias, the version that it leads to most."""
    record, version, _ = await server.registry.state_machine(scope, request["stateMachineArn"])
    described = record if version is None else version
    revision = await server.registry.revision(described.revision)
    answer = {
        "stateMachineArn": described.arn,
        "name": record.name,
        "status": record.status,
        "type": record.type,
        "creationDate": seconds(described.created),
        **described_revision(server, revision, request.get("includedData")),
    }
    if version is not None and version.description:
        answer["description"] = version.description
    return answer


def described_revision(server: Server, revision: RevisionRecord, included_data: str | None) -> dict[str, Any]:
    """Return what the descriptions of a state machine and of an execution's state machine have in common."""
    uses = server.uses.get(revision)
    description = {
        "definition": "{}" if included_data == METADATA_ONLY else revision.definition,
        "roleArn": revision.role_arn,
        "loggingConfiguration": revision.logging_configuration,
        "tracingConfiguration": revision.tracing_configuration,
        **_revision_id(revision),
    }
    # What AWS was seen to answer: before there were variables and JSONata, an encryption that nobody had configured was
    # not shown; since then the default is. So it is shown where a definition has what came with that change.
    if revision.encryption_configuration is not None:
        description["encryptionConfiguration"] = revision.encryption_configuration
    elif uses.variables_or_jsonata:
        description["encryptionConfiguration"] = configuration.encryption(None)
    if uses.variables and included_data != METADATA_ONLY:
        description["variableReferences"] = uses.variables
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


async def validate_state_machine_definition(server: Server, _scope: Scope, request: dict[str, Any]) -> dict[str, Any]:
    """ValidateStateMachineDefinition."""
    found = await server.registry.diagnose(request["definition"], request.get("type") or STANDARD)
    errors = [diagnostic for diagnostic in found if diagnostic.severity == ERROR]
    shown = errors if (request.get("severity") or ERROR) == ERROR else found
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


def _publish(request: dict[str, Any]) -> str | None:
    """Return the description of the version to publish (empty where none is given), None where none is wanted."""
    description: str | None = request.get("versionDescription")
    if request.get("publish"):
        return description or ""
    if description is not None:
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
    return None
