"""Calls about definitions that need not be stored anywhere: their graph, their problems, JSON to YAML and back."""

from typing import Any

import msgspec
import yaml

from stepwell.api.errors import ApiError
from stepwell.api.server import Server
from stepwell.console.beside import beside
from stepwell.console.request import Asked, invalid
from stepwell.graph import draw, shown
from stepwell.language.diagnostics import Diagnostic
from stepwell.language.document import encode
from stepwell.language.source import read
from stepwell.runtime.evaluators.pool import Evaluators

MAX_COLLAPSED = 10_000
TYPES = ("STANDARD", "EXPRESS")


class Definitions:
    """Answers calls about definitions."""

    def __init__(self, server: Server, evaluators: Evaluators) -> None:
        self._server = server
        self._evaluators = evaluators

    async def layout(self, asked: Asked) -> dict[str, Any]:
        """Return the graph of a definition."""
        text = asked.member("definition")
        ids = asked.body.get("collapsed", [])
        if not isinstance(ids, list) or len(ids) > MAX_COLLAPSED or not all(isinstance(each, str) for each in ids):
            raise invalid("collapsed", f"must be a list of at most {MAX_COLLAPSED} ids")
        graph: dict[str, Any] = await beside(self._evaluators, len(text), _drawn, text, frozenset(ids))
        return graph

    async def lint(self, asked: Asked) -> dict[str, Any]:
        """Return what is wrong with a definition: what creating a state machine of it would say."""
        text = asked.member("definition")
        kind = asked.optional_member("type") or TYPES[0]
        if kind not in TYPES:
            raise invalid("type", f"must be one of {', '.join(TYPES)}")
        found = await self._server.registry.diagnose(text, kind)
        form = await beside(self._evaluators, len(text), _format_of, text)
        return {"format": form, "diagnostics": [_told(each) for each in found]}

    async def convert(self, asked: Asked) -> dict[str, Any]:
        """Return a definition as JSON or as YAML."""
        text, to = asked.member("definition"), asked.member("to")
        if to not in {"json", "yaml"}:
            raise invalid("to", "must be json or yaml")
        converted, problem = await beside(self._evaluators, len(text), _converted, text, to)
        if problem is not None:
            raise ApiError("InvalidDefinition", problem)
        return {"definition": converted}


def _drawn(text: str, collapsed: frozenset[str]) -> dict[str, Any]:
    return shown(draw(text, collapsed))


def _format_of(text: str) -> str:
    return read(text).format


def _told(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "location": diagnostic.location,
        "line": diagnostic.line,
        "column": diagnostic.column,
    }


def _converted(text: str, to: str) -> tuple[str | None, str | None]:
    """Return a definition in its other form, or what keeps it from being read."""
    source = read(text)
    if source.value is None:
        first = source.problems[0]
        return None, f"line {first.line}, column {first.column}: {first.message}"
    if to == "json":
        return indented(source.value), None
    return yaml.dump(source.value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100), None


class _Dumper(yaml.SafeDumper):
    """Writes every value out: names like `&id001` would be no help to who reads it."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Say so."""
        return True


def indented(value: Any) -> str:
    """Return a value as JSON for people."""
    return msgspec.json.format(encode(value), indent=2).decode()
