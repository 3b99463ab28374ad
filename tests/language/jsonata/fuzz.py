"""The differential test's two sides: this evaluator, and the reference implementation run by Node."""

import json
import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

from stepwell.language.jsonata import UNDEFINED, Budget, Function, JsonataError, JsonataSyntaxError, compile_jsonata
from stepwell.language.jsonata.parser import Parser
from stepwell.language.jsonata.steps import Layout
from stepwell.language.jsonata.tree import Node

VERSION = "2.0.6"
HERE = Path(__file__).parent
CACHE = Path(os.environ.get("STEPWELL_TEST_CACHE", Path(tempfile.gettempdir()) / "stepwell-test-cache"))
BUDGET = Budget(depth=400)


class NoEntropy:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


def reference_package() -> Path | None:
    """Return where the reference implementation is, installed into a cache folder; None where that cannot be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    package = CACHE / f"jsonata-{VERSION}" / "node_modules" / "jsonata"
    if node is None or npm is None:
        return None
    if not package.exists():
        package.parent.parent.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", package.parent.parent, f"jsonata@{VERSION}"]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        if done.returncode != 0:
            return None
    return package


def ask_reference(package: Path, data: Any, expressions: list[str]) -> list[dict[str, Any]]:
    """Return the reference's answers."""
    asked = json.dumps({"package": str(package), "data": data, "expressions": expressions})
    done = subprocess.run(
        ["node", HERE / "reference.js"], input=asked, capture_output=True, check=True, text=True, timeout=900
    )
    return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]  # other line ends stand within texts


def ask_ours(data: Any, expression: str) -> dict[str, Any]:
    """Return this evaluator's answer, in the form of the reference's."""
    try:
        value = compile_jsonata(expression)({}, entropy=NoEntropy(), now_ms=0, budget=BUDGET, input=data)
    except (JsonataError, JsonataSyntaxError) as error:
        return {"code": error.code, "message": error.message}
    if value is UNDEFINED:
        return {"undefined": True}
    if has_function(value):
        return {"function": True}
    return {"value": value}


def has_function(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_function, value.values()))
    if isinstance(value, list):
        return any(map(has_function, value))
    return isinstance(value, Function)


def same(ours: Any, theirs: Any, within: float = 0) -> bool:
    """Return whether two values are the same JSON; what JSON has no number for is null.

    Numbers may lie `within` so many of the smallest steps that a double can take.
    """
    if isinstance(ours, float) and not math.isfinite(ours):
        return theirs is None
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(same, ours, theirs, repeat(within)))
    if isinstance(ours, dict):
        return (
            isinstance(theirs, dict)
            and ours.keys() == theirs.keys()
            and all(same(ours[k], theirs[k], within) for k in ours)
        )
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float):
        return isinstance(theirs, int | float) and abs(float(ours) - float(theirs)) <= within * math.ulp(theirs)
    return ours == theirs


def difference(expression: str, ours: dict[str, Any], theirs: dict[str, Any]) -> str | None:
    """Return how two answers differ: in the value, in the error, or not.

    JavaScript leaves the last bit of a power to its engine, and V8 does not round it as the C library does.
    """
    within = 1 if "$power" in expression else 0
    if "code" in theirs:
        if ours.get("code") != theirs["code"]:
            return "error"
        return None if ours["message"] == theirs["message"] else "message"
    if "text" in theirs:
        return None if "value" in ours and same(ours["value"], json.loads(theirs["text"]), within) else "value"
    return None if ours.keys() == theirs.keys() else "value"


def is_known_of_the_reference(expression: str) -> bool:
    """Return whether the reference is known to be wrong: it filters the call in `function(){(f())[0]}`, not its result.

    It leaves a call in tail position to the caller of the body, and takes what stands for it to be the value.
    """
    return any(
        node.kind == "lambda" and _filters_a_tail_call(node.body, False)
        for node in _all_of(Layout().lay_out(Parser(expression).parse()))
    )


def _filters_a_tail_call(node: Node, filtered: bool) -> bool:
    filtered = filtered or bool(node.predicates)
    if node.kind == "condition":
        branches = [branch for branch in (node.right, node.third) if branch is not None]
        return any(_filters_a_tail_call(branch, filtered) for branch in branches)
    if node.kind == "block" and node.items:
        return _filters_a_tail_call(node.items[-1], filtered)
    return node.kind == "call" and filtered and not node.predicates


def _all_of(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children():
        yield from _all_of(child)
