"""Checking the calls in definitions against the models of services, which the language can't ask.

A service or an action that does not exist is told, and so is a parameter that the action does not have. What only a
run makes of a template, the run is told of.
"""

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from stepwell.aws import AwsCalls
from stepwell.integrations.aws.models import CallModels
from stepwell.integrations.aws.sdk import unknown
from stepwell.language.diagnostics import ERROR, SCHEMA_VALIDATION_FAILED, Diagnostic, Pointer, location
from stepwell.language.parameters import unsupported
from stepwell.language.resources import Resource, UnknownResource, parse_resource
from stepwell.language.source import Source, read
from stepwell.runtime.evaluators import LONGEST_INLINE_DEFINITION
from stepwell.runtime.evaluators.diagnoses import CallProblems, Diagnose, diagnose_here

_ARN = re.compile(r"arn:aws[a-z-]*:states:[^:\s\"']*:[^:\s\"']*:[\w.:-]+")


def call_problems(models: CallModels) -> CallProblems:
    """Return what checks the calls in definitions."""

    async def told(definition: str) -> Sequence[Diagnostic]:
        called = {resource.arn: resource for resource in _called(definition) if models.has(resource)}
        if not called:
            return ()
        inline = len(definition) <= LONGEST_INLINE_DEFINITION
        source = read(definition) if inline else await asyncio.to_thread(read, definition)
        found: list[Diagnostic] = []
        for pointer, task in _tasks(source.value, ()):
            resource = called.get(task["Resource"])
            if resource is not None:
                found += await _problems(models, resource, task, source, pointer)
        return found

    return told


def knowing_actions(diagnose: Diagnose, told: CallProblems) -> Diagnose:
    """Return what checks a definition, and the calls in it."""

    async def diagnosed(definition: str, kind: str) -> Sequence[Diagnostic]:
        found = await diagnose(definition, kind)
        known = {(diagnostic.message, diagnostic.location) for diagnostic in found}
        more = [each for each in await told(definition) if (each.message, each.location) not in known]
        return [*found, *more] if more else found

    return diagnosed


async def diagnose_all(definitions: Sequence[str], kind: str) -> list[Sequence[Diagnostic]]:
    """Check definitions as a server does when state machines are created of them, where there is none."""
    diagnose = knowing_actions(diagnose_here, call_problems(CallModels(AwsCalls(os.environ))))
    return [await diagnose(definition, kind) for definition in definitions]


def _called(definition: str) -> Iterator[Resource]:
    for arn in sorted(set(_ARN.findall(definition))):
        try:
            yield parse_resource(arn)
        except UnknownResource:
            continue  # the language has said so


def _tasks(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    if isinstance(value, dict):
        if value.get("Type") == "Task" and isinstance(value.get("Resource"), str):
            yield pointer, value
        for name, item in value.items():
            yield from _tasks(item, (*pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _tasks(item, (*pointer, index))


async def _problems(
    models: CallModels, resource: Resource, task: dict[str, Any], source: Source, pointer: Pointer
) -> list[Diagnostic]:
    if not await models.knows(resource):
        return [_diagnostic(source, (*pointer, "Resource"), unknown(resource))]
    return [
        _diagnostic(source, (*pointer, field), unsupported(name))
        for field in ("Parameters", "Arguments")
        for name in await models.unknown_fields(resource, task.get(field))
    ]


def _diagnostic(source: Source, pointer: Pointer, message: str) -> Diagnostic:
    where = source.position(pointer)
    return Diagnostic(ERROR, SCHEMA_VALIDATION_FAILED, message, location(pointer), where.line, where.column)
