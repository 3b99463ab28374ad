"""The tool that plays recorded conversations: what passed before has to pass, and the list only grows."""

import contextlib
import importlib.util
import json
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "conformance.py"

# A player that asks the server one thing, and reports what the test has laid down: the second time, what `again` says.
PLAYER = """
import argparse, json, os, sys
from pathlib import Path
import urllib.request

parser = argparse.ArgumentParser()
options = ("endpoint", "services-endpoint", "functions-port", "report", "class", "jobs", "timeout", "ids-file")
for option in (*options, "area", "id"):
    parser.add_argument(f"--{option}")
parser.add_argument("-v", action="store_true")
parser.add_argument("--mock-config", action="store_true")
parser.add_argument("--write-mock-config", type=Path)
options = parser.parse_args()
if options.write_mock_config:
    options.write_mock_config.write_text('{"StateMachines": {}}')
    sys.exit()
assert options.mock_config
assert json.loads(urllib.request.urlopen(options.endpoint + "/health").read())["status"] == "ok"
results = json.loads((Path(__file__).parent / ("again.json" if options.ids_file else "first.json")).read_text())
if options.area:
    results = {name: result for name, result in results.items() if name.startswith(options.area)}
rows = [{"id": name, "class": "engine", "result": result} for name, result in results.items()]
Path(options.report).write_text(json.dumps(rows))
"""


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Play with a list of what passed before and what the player finds; return (exit status, the list after it)."""
    spec = importlib.util.spec_from_file_location("conformance_tool", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    (tmp_path / "play.py").write_text(PLAYER)
    passing = tmp_path / "passing.json"
    monkeypatch.setattr(tool, "PASSING", passing)
    monkeypatch.setattr(tool, "EXEMPT", tmp_path / "exempt.json")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool, "services", lambda: contextlib.nullcontext("http://127.0.0.1:1"))
    monkeypatch.setenv("STEPWELL_CONFORMANCE", str(tmp_path))

    def play(before, first, again=None, *options):
        passing.write_text(json.dumps(before))
        (tmp_path / "first.json").write_text(json.dumps(first))
        (tmp_path / "again.json").write_text(json.dumps(again or {}))
        monkeypatch.setattr(sys, "argv", ["conformance.py", *options])
        return tool.main(), json.loads(passing.read_text())

    return play


def test_without_the_cases_nothing_is_played(play, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STEPWELL_CONFORMANCE", str(tmp_path / "not-there"))
    assert play(["a"], {}) == (0, ["a"])
    assert "nothing is played" in capsys.readouterr().out


def test_what_failed_before_may_fail(play):
    assert play(["a"], {"a": "passed", "b": "failed", "c": "unsupported"}) == (0, ["a"])


def test_what_passed_before_and_fails_is_named(play, capsys):
    status, _ = play(["a", "b", "gone"], {"a": "passed", "b": "failed"}, {"b": "failed"})
    assert status == 1
    named = [line for line in capsys.readouterr().out.splitlines() if line.startswith("PASSED BEFORE")]
    assert named == ["PASSED BEFORE, AND NOT NOW: b", "PASSED BEFORE, AND NOT NOW: gone"]


def test_what_passes_when_played_alone_is_no_step_back(play):
    assert play(["a"], {"a": "failed"}, {"a": "passed"})[0] == 0


def test_an_update_adds_and_takes_out_only_by_force(play):
    results = {"a": "failed", "b": "passed"}
    assert play(["a"], results, {"a": "failed"}, "--update") == (1, ["a", "b"])
    assert play(["a"], results, {"a": "failed"}, "--update", "--force") == (0, ["b"])


def test_a_part_is_compared_with_its_part(play):
    assert play(["a", "b"], {"a": "passed", "b": "failed"}, None, "--area", "a") == (0, ["a", "b"])


def test_what_the_stand_in_for_the_services_does_otherwise_is_said_and_no_failure(play, tmp_path, capsys):
    (tmp_path / "exempt.json").write_text(json.dumps({"m::a": "the stand-in does it otherwise"}))
    status, _ = play(["m::b"], {"m::a": "failed", "m::b": "passed"})
    assert status == 0
    assert "exempt: a: the stand-in does it otherwise" in capsys.readouterr().out
