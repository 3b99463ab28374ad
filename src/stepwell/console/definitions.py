"""Calls about definitions that need not be stored anywhere: their graph, their problems, JSON to YAML and back."""

import asyncio
from typing import Any

import msgspec
import yaml

from stepwell.api.errors import ApiError
from stepwell.console.request import Asked, invalid
from stepwell.graph import draw, shown
from stepwell.language.document import encode
from stepwell.language.source import read
from stepwell.language.validation import diagnose

MAX_COLLAPSED = 10_000
TYPES = ("STANDARD", "EXPRESS")
_INLINE = 1_000
"""Characters of a definition that is so short that no thread is asked for it."""


async def layout(asked: Asked) -> dict[str, Any]:
    """Return the graph of a definition."""
    text = asked.member("definition")
    ids = asked.body.get("collapsed", [])
    if not isinstance(ids, list) or len(ids) > MAX_COLLAPSED or not all(isinstance(each, str) for each in ids):
        raise invalid("collapsed", f"must be a list of at most {MAX_COLLAPSED} ids")
    return await _beside(text, lambda: shown(draw(text, frozenset(ids))))


async def lint(asked: Asked) -> dict[str, Any]:
    """Return what is wrong with a definition."""
    text = asked.member("definition")
    kind = asked.optional_member("type") or TYPES[0]
    if kind not in TYPES:
        raise invalid("type", f"must be one of {', '.join(TYPES)}")
    return await _beside(text, lambda: _linted(text, kind))


def _linted(text: str, kind: str) -> dict[str, Any]:
    diagnosis = diagnose(text, kind)
    found = [
        {
            "severity": each.severity,
            "code": each.code,
            "message": each.message,
            "location": each.location,
            "line": each.line,
            "column": each.column,
        }
        for each in diagnosis.diagnostics
    ]
    return {"format": diagnosis.source.format, "diagnostics": found}


async def convert(asked: Asked) -> dict[str, Any]:
    """Return a definition as JSON or as YAML."""
    text, to = asked.member("definition"), asked.member("to")
    if to not in {"json", "yaml"}:
        raise invalid("to", "must be json or yaml")
    return await _beside(text, lambda: {"definition": _converted(text, to)})


def _converted(text: str, to: str) -> str:
    source = read(text)
    if source.value is None:
        first = source.problems[0]
        raise ApiError("InvalidDefinition", f"line {first.line}, column {first.column}: {first.message}")
    if to == "json":
        return indented(source.value)
    made: str = yaml.dump(source.value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return made


class _Dumper(yaml.SafeDumper):
    """Writes every value out: names like `&id001` would be no help to who reads it."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Say so."""
        return True


def indented(value: Any) -> str:
    """Return a value as JSON for people."""
    return msgspec.json.format(encode(value), indent=2).decode()


async def _beside(text: str, work: Any) -> dict[str, Any]:
    """Do what takes long for a long text in a thread, so that executions go on meanwhile."""
    answer: dict[str, Any] = work() if len(text) < _INLINE else await asyncio.to_thread(work)
    return answer
