"""Checking definitions for services and actions that don't exist: the models know, which the language can't ask."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.sdk import AwsSdkIntegration, unknown
from stepwell.language.diagnostics import ERROR, SCHEMA_VALIDATION_FAILED, Diagnostic, Pointer, location
from stepwell.language.resources import Resource, UnknownResource, parse_resource
from stepwell.language.source import read
from stepwell.runtime.evaluators.diagnoses import Diagnose, diagnose_here

_ARN = re.compile(r"arn:aws[a-z-]*:states:[^:\s\"']*:[^:\s\"']*:aws-sdk:[\w.:-]+")


def knowing_actions(diagnose: Diagnose, services: AwsSdkIntegration) -> Diagnose:
    """Return what checks a definition, and what it calls by AWS SDK integrations."""

    async def diagnosed(definition: str, kind: str) -> Sequence[Diagnostic]:
        found = await diagnose(definition, kind)
        missing = {
            resource.arn: unknown(resource) for resource in _called(definition) if not await services.knows(resource)
        }
        return [*found, *_told(definition, missing)] if missing else found

    return diagnosed


async def diagnose_all(definitions: Sequence[str], kind: str) -> list[Sequence[Diagnostic]]:
    """Check definitions as a server does when state machines are created of them, where there is none."""
    diagnose = knowing_actions(diagnose_here, AwsSdkIntegration(AwsCalls(os.environ)))
    return [await diagnose(definition, kind) for definition in definitions]


def _called(definition: str) -> Iterator[Resource]:
    for arn in sorted(set(_ARN.findall(definition))):
        with suppress(UnknownResource):  # the language has said so
            yield parse_resource(arn)


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
