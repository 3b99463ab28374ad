"""The official suite of JSONata 2.0.6. It is not part of this repository: see `SUITE`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stepwell.language.jsonata import UNDEFINED, Budget, JsonataError, JsonataSyntaxError, compile_jsonata

ROOT = Path(__file__).parents[3]
SUITE = Path(os.environ.get("STEPWELL_JSONATA_SUITE", ROOT.parent / "shared" / "jsonata-suite"))

# What is different on purpose, by group or by group and file, with the reason.
DIFFERENT = {
    "function-eval": "AWS refuses $eval: it is no function here (T1006)",
    "range-operator/case021.json": "ten million items are beyond AWS's bound of 6,990,256 bytes for a value",
    "range-operator/case024.json": "ten million items are beyond AWS's bound of 6,990,256 bytes for a value",
}
# The cases that bound the depth say it; the others are not about it.
DEPTH = 300


class Half:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return ""


def cases() -> Iterator[Any]:
    for path in sorted(SUITE.glob("groups/*/*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        for index, case in enumerate(found if isinstance(found, list) else [found]):
            yield pytest.param(path, case, id=f"{path.parent.name}/{path.stem}-{index}")


def data_of(case: dict[str, Any]) -> Any:
    if "data" in case:
        return case["data"]
    if not case.get("dataset"):
        return UNDEFINED
    return json.loads((SUITE / "datasets" / f"{case['dataset']}.json").read_text(encoding="utf-8"))


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return ours == pytest.approx(theirs, rel=1e-13)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    return ours == theirs


@pytest.mark.skipif(not SUITE.exists(), reason=f"the official JSONata suite is not at {SUITE}")
def test_the_suite_is_all_there():
    assert len(list(cases())) > 1_600


@pytest.mark.parametrize(("path", "case"), list(cases()))
def test_the_official_suite(path: Path, case: dict[str, Any]):
    group = path.parent.name
    text = case["expr"] if "expr" in case else (path.parent / case["expr-file"]).read_text(encoding="utf-8")
    budget = Budget(depth=case.get("depth", DEPTH))
    outcome: dict[str, Any] = {}
    try:
        value = compile_jsonata(text)(
            case.get("bindings") or {}, entropy=Half(), now_ms=1_700_000_000_000, budget=budget, input=data_of(case)
        )
    except (JsonataError, JsonataSyntaxError) as error:
        outcome = {"code": error.code, "token": error.token}
        value = UNDEFINED
    if group in DIFFERENT or f"{group}/{path.name}" in DIFFERENT:
        assert outcome["code"] in {"T1006", "U1001"} or outcome["code"] == case.get("code")
    elif "result" in case:
        assert not outcome
        if case.get("unordered"):
            assert sorted(map(json.dumps, value)) == sorted(map(json.dumps, case["result"]))
        else:
            assert same(value, case["result"])
    elif case.get("undefinedResult"):
        assert not outcome
        assert value is UNDEFINED
    else:
        assert outcome.get("code") == (case.get("code") or case["error"]["code"])
        assert "token" not in case or str(outcome["token"]) == str(case["token"])
