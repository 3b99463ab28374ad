"""Checking definitions for services and actions that don't exist: the models know, which the language can't ask."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from stepwell.integrations.aws.sdk import AwsSdkIntegration, unknown
from stepwell.language.diagnostics import ERROR, SCHEMA_VALIDATION_FAILED, Diagnostic, Pointer, location
from stepwell.language.resources import Resource, UnknownResource, parse_resource
from stepwell.language.source import read
from stepwell.runtime.evaluators.diagnoses import Diagnose

_ARN = re.compile(r"arn:aws[a-z-]*:states:[^:\s\"']*:[^:\s\"']*:aws-sdk:[\w.:-]+")
_OUR_OWN = "aws-sdk:sfn"
"""Served by this server itself, which says what it has."""


def knowing_actions(diagnose: Diagnose, services: AwsSdkIntegration) -> Diagnose:
    """Return what checks a definition, and what it calls by AWS SDK integrations."""

    async def diagnosed(definition: str, kind: str) -> Sequence[Diagnostic]:
        found = await diagnose(definition, kind)
        missing = {
            resource.arn: unknown(resource) for resource in _called(definition) if not await services.knows(resource)
        }
        return [*found, *_told(definition, missing)] if missing else found

    return diagnosed


def _called(definition: str) -> Iterator[Resource]:
    for arn in sorted(set(_ARN.findall(definition))):
        try:
            resource = parse_resource(arn)
        except UnknownResource:
            continue  # the language has said so
        if resource.service != _OUR_OWN:
            yield resource


def _told(definition: str, missing: dict[str, str]) -> Iterator[Diagnostic]:
    source = read(definition)
    for pointer, arn in _resources(source.value, ()):
        if arn in missing:
            where = source.position(pointer)
            place = location(pointer)
            yield Diagnostic(ERROR, SCHEMA_VALIDATION_FAILED, missing[arn], place, where.line, where.column)


def _resources(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "Resource" and isinstance(item, str) and value.get("Type") == "Task":
                yield (*pointer, name), item
            else:
                yield from _resources(item, (*pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _resources(item, (*pointer, index))
