"""The benchmarks, with tiny counts: that they run, and that a wrong output or a broken bound doesn't pass."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import report
import wishes
import workloads
from load import Load, WentWrong, _seconds

BENCH = Path(__file__).parents[2] / "bench"
MEASURES = ["chain", "jsonata chain", "alone", "map", "loop", "parallel", "wait", "steady", "beside hostile"]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Return what comparing wrote, and what it printed."""
    file = tmp_path_factory.mktemp("bench") / "figures.json"
    counts = [
        *("--rounds", "1", "--seconds", "0.01", "--warmup", "0", "--machine-seconds", "0.01"),
        *("--idle-seconds", "0", "--without-moto"),
    ]
    measures = [word for name in MEASURES for word in ("--measure", name)]
    command = [sys.executable, BENCH / "compare.py", *counts, *measures, "--json", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text()), done.stdout


@pytest.mark.parametrize("measure", MEASURES)
def test_our_server_gives_the_right_output_of_each_workload(compared, measure):
    figures = compared[0]["medians"][measure]["stepwell"]
    assert figures["executions"] >= 1
    assert figures["p50_ms"] > 0


def test_the_pure_machine_gives_the_right_outputs(compared):
    assert compared[0]["medians"]["machine map"]["stepwell"]["transitions_per_s"] > 0


def test_the_circumstances_are_noted(compared):
    assert {"when", "load_average", "cores", "python", "versions"} <= compared[0].keys()


def test_every_measure_and_every_wish_is_shown(compared):
    for measure in MEASURES:
        assert f"| {measure} | stepwell |" in compared[1]
    for wish in wishes.WISHES:
        assert f"| {wish.text} |" in compared[1]


def test_what_was_not_measured_is_not_judged(compared):
    holds = {found["wish"]: found["holds"] for found in compared[0]["wishes"]}
    assert holds["chain: executions/s, in moto's"] is None
    assert holds["chain: transitions/s"] is not None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="CPU clocks of threads are Linux's")
def test_the_hotspots_of_the_server_are_named():
    command = [sys.executable, BENCH / "hotspots.py", "--seconds", "0.2", "--top", "300"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "executions/s while being looked at" in done.stdout
    assert "us  all for each execution" in done.stdout
    assert "us  stepwell.storage" in done.stdout


def test_nothing_is_left_behind(compared):
    assert compared
    assert not list(BENCH.glob("scratch-*"))


def test_a_busy_machine_is_named():
    assert report.doubt({"chain": {"moto": {"strangers": 1.2}, "stepwell": {"strangers": 0.1}}}).startswith("Others")
    assert not report.doubt({"chain": {"stepwell": {"strangers": 0.1}}, "start": {"stepwell": {"idle_mib": 1.0}}})


def test_a_bound_is_held_against_the_number():
    figures = {"alone": {"stepwell": {"p50_ms": 2.0}, "moto": {"p50_ms": 39.0}}}
    (found,) = (row for row in wishes.judged(figures) if row["wish"].startswith("alone"))
    assert found["measured"] == 19.5
    assert found["holds"] is False


@pytest.mark.parametrize("found", [{"status": "FAILED"}, {"status": "SUCCEEDED", "output": '{"n":8}'}])
def test_an_execution_that_goes_wrong_ends_the_run(found):
    load = Load("http://127.0.0.1:1", workloads.wait(), 1)
    with pytest.raises(WentWrong):
        load._check({**found, "startDate": 1.0, "stopDate": 2.0})


def test_times_are_read_as_each_server_writes_them():
    assert _seconds("2026-01-01T00:00:00.500Z") == _seconds(_seconds("2026-01-01T00:00:00.500+00:00"))


def test_tasks_wait_for_http_endpoints_at_once():
    command = [sys.executable, BENCH / "http_waits.py", "--tasks", "20", "--seconds", "0.5", "--tls"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "at_once: 20.00" in done.stdout


def test_sends_are_measured_beside_moto():
    command = [sys.executable, BENCH / "sqs_sends.py", "--rounds", "1", "--seconds", "0.2", "--at-once", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "sqs sends: sends/s, in moto's" in done.stdout
