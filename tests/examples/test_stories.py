"""The examples on emulated services, each run as its readers run it; and their definitions and parts."""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from stepwell.language.validation import diagnose

EXAMPLES = Path(__file__).parents[2] / "examples"
DEFINITIONS = [*EXAMPLES.glob("order_processing/*.asl.json"), *EXAMPLES.glob("etl_pipeline/*.asl.json")]
DEFINITIONS += EXAMPLES.glob("account_deletion/*.asl.json")
DEADLINE_SECONDS = 120.0


def told(example):
    """Run an example as a program; return what it has told."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, EXAMPLES / example / "run.py"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stdout}\n{done.stderr}"
    return done.stdout


def part(path):
    """Return a module of an example."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(text, *patterns):
    """Assert that lines are there, in this order."""
    rest = text
    for pattern in patterns:
        found = re.search(pattern, rest)
        assert found, f"{pattern!r} is not told where it should be:\n{text}"
        rest = rest[found.end() :]


def test_orders_survive_that_billing_is_down_and_each_is_charged_once():
    text = told("order_processing")
    before, after = text.split("Billing is back.")
    assert before.count("failed: BillingUnavailable") == 3 * 4  # the first try of each, and three more
    assert before.count("waits for an answer") == 3
    assert "3 orders wait in the dead-letter queue" in before
    lines(
        after,
        "order-2 .* CardDeclined",
        "charged by billing: +order-1, order-3\n",
        "to be shipped: +order-1, order-3\n",
    )
    lines(after, "order-1: PAID, receipt [0-9a-f]{8}", "order-2: DECLINED, the card of order order-2", "order-3: PAID")


def test_sales_reach_the_table_and_an_unusable_file_is_put_aside():
    text = told("etl_pipeline")
    lines(text, "sales-2026-11-20 +Add Up", "sales-2026-11-20 +waits for the job", "sales-2026-11-20 +Store Totals")
    lines(text, "sales-2026-11-21 +failed: UnusableFile", "sales-2026-11-21 +Put Aside", "UnusableFile: incoming/")
    lines(text, "Berlin +3 sales, 119.8\n", "Hamburg +2 sales, 200.5\n", "Munich +1 sales, 310")
    lines(text, "s3://sales/totals/2026-11-20.json", "s3://sales/unusable/incoming/sales-2026-11-21.csv")
    assert "Sales of 2026-11-20: 630.3 in all" in text
    assert "A file of sales could not be used: incoming/sales-2026-11-21.csv has the columns" in text


def test_an_account_is_deleted_in_ten_services_or_in_none():
    text = told("account_deletion")
    lines(text, "delete-ada +failed: Busy", "delete-ada +Delete Everywhere", "delete-ada +Keep Proof")
    lines(text, "delete-charles +failed: MayNotDelete", "delete-charles +Open Again", "invoices: MayNotDelete")
    assert len(re.findall(r"delete-ada +Delete  \w+", text)) == 10
    assert len(re.findall(r"delete-charles +Open  \w+", text)) == 10
    assert not re.search(r"delete-charles +Delete", text)
    lines(
        text, "ada: deleted in all 10 services", "charles: open in all 10 services", "kept as proof: ada, 10 services"
    )


def test_a_story_that_is_stopped_leaves_nothing_behind(tmp_path):
    child = subprocess.Popen(
        [sys.executable, EXAMPLES / "order_processing" / "run.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    watchdog = threading.Timer(DEADLINE_SECONDS, child.kill)
    watchdog.start()
    try:
        url = re.search(r"http://\S+:(\d+)", next(line for line in child.stdout if "serves on" in line))
        next(line for line in child.stdout if "Charge Card" in line)
        child.send_signal(signal.SIGINT)
        rest, errors = child.communicate()
    finally:
        watchdog.cancel()
    assert (child.returncode, errors) == (0, "")
    assert rest.endswith("Stopped.\n")
    assert list(tmp_path.iterdir()) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url[1]))) != 0


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.parent.name)
def test_a_definition_has_no_errors_and_no_warnings_and_retries_every_task(path):
    text = path.read_text()
    assert diagnose(text).diagnostics == ()
    found = list(tasks(json.loads(text)))
    assert found
    assert all(state["Retry"] for state in found)


def tasks(machine):
    for state in machine["States"].values():
        if state["Type"] == "Task":
            yield state
        for inner in [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())]:
            yield from tasks(inner)


def test_all_ten_services_are_asked():
    (definition,) = (path for path in DEFINITIONS if path.parent.name == "account_deletion")
    branches = json.loads(definition.read_text())["States"]["Close Everywhere"]["Branches"]
    asked = {branch["States"][branch["StartAt"]]["Arguments"]["FunctionName"] for branch in branches}
    assert asked == set(tomllib.loads((definition.parent / "stepwell.toml").read_text())["functions"])
    assert len(asked) == 10


def test_what_a_service_does_may_be_repeated(tmp_path, monkeypatch):
    monkeypatch.setenv("SERVICES_DATA", str(tmp_path))
    service = part(EXAMPLES / "account_deletion" / "service.py")
    for name, action, state in (
        ("files", "CLOSE", "closed"),
        ("files", "OPEN", "open"),
        ("files", "DELETE", "deleted"),
    ):
        monkeypatch.setenv("SERVICE", name)
        for _ in range(2):
            service.handler({"action": action, "customer": "ada"}, None)
            assert service.state_of(name, "ada") == state


def test_totals_are_exact():
    job = part(EXAMPLES / "etl_pipeline" / "totals_job.py")
    rows = "shop,article,price\n" + "Berlin,pen,0.10\n" * 3
    assert job.totals(rows) == [{"shop": "Berlin", "sales": 3, "total": 0.3}]
