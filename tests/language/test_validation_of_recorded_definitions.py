"""Definitions that AWS was asked about: what it accepted is accepted, what it refused is refused in its words."""

import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from stepwell.language.diagnostics import aws_text
from stepwell.language.validation import diagnose

_FOLDER = os.environ.get("STEPWELL_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance"
_CASES = Path(_FOLDER) / "cases"
_REFERENCE = re.compile(r"\{\{[^{}]*\}\}")
_ARN = "arn:aws:states:us-east-1:111111111111:activity:name"

pytestmark = pytest.mark.skipif(not _CASES.is_dir(), reason="the recorded conversations are not here")


def _text(definition: Any) -> str:
    """The text of a definition in a case, its references to earlier answers filled in."""
    if isinstance(definition, dict):
        definition = definition.get("$raw", json.dumps(definition["$json"]))
    filled = _REFERENCE.sub(lambda found: _ARN if "rn}}" in found[0] else "x", definition)
    return filled.replace(f'"FunctionName": "{_ARN}"', '"FunctionName": "f"')


@lru_cache
def _asked() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    found = []
    for path in sorted(_CASES.glob("*/*.json")):
        case = json.loads(path.read_text())
        found += [
            (path.stem, call, case["expected"])
            for call in case["calls"]
            if call.get("op") in {"CreateStateMachine", "UpdateStateMachine"} and "definition" in call["params"]
        ]
    return found


def _accepted() -> Iterator[tuple[str, str, str]]:
    for name, call, expected in _asked():
        if not (call.get("raises") and "InvalidDefinition" in json.dumps(expected)):
            yield name, _text(call["params"]["definition"]), call["params"].get("type", "STANDARD")


def test_what_aws_accepted_has_no_errors() -> None:
    refused = {name: errors for name, text, kind in _accepted() if (errors := diagnose(text, kind).errors)}
    assert not refused


def test_what_aws_refused_is_refused_in_its_words() -> None:
    asked = 0
    for name, call, expected in _asked():
        answers = json.dumps(expected)
        if call.get("raises") and "InvalidDefinition" in answers:
            text = _text(call["params"]["definition"])
            message = aws_text(diagnose(text, call["params"].get("type", "STANDARD")).errors)
            assert json.dumps(message).strip('"').replace("arn:aws:", "arn:<partition>:") in answers, name
            asked += 1
    assert asked


def test_each_validation_has_the_diagnostics_that_aws_gave() -> None:
    asked = 0
    for path in sorted(_CASES.glob("api_validation/*.json")):
        case = json.loads(path.read_text())
        for call in case["calls"]:
            errors = diagnose(_text(call["params"]["definition"]), call["params"]["type"]).errors
            given = [
                {"code": e.code, "message": e.message, "severity": e.severity}
                | ({} if e.location is None else {"location": e.location})
                for e in errors
            ]
            assert given == case["expected"]["validation_response"]["diagnostics"], path.stem
            asked += 1
    assert asked
