"""The definition of the bank's state machine, beside the functions that it calls."""

import json
import tomllib
from pathlib import Path

import pytest

from stepwell.language.validation import diagnose

BANK = Path(__file__).parents[2] / "examples" / "bank_account"

DEFINITION = (BANK / "account_application.asl.json").read_text()
FUNCTIONS = tomllib.loads((BANK / "stepwell.toml").read_text())["functions"]


def tasks(machine):
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for branch in state.get("Branches", ()):
            yield from tasks(branch)


TASKS = dict(tasks(json.loads(DEFINITION)))


def test_the_definition_has_no_errors_and_no_warnings():
    assert diagnose(DEFINITION).diagnostics == ()


@pytest.mark.parametrize("name", TASKS)
def test_every_task_calls_a_declared_function_and_is_retried(name):
    assert TASKS[name]["Parameters"]["FunctionName"] in FUNCTIONS
    assert TASKS[name]["Retry"]


def test_the_review_has_an_end_even_if_nobody_reviews():
    review = TASKS["Wait For Review"]
    assert review["TimeoutSeconds"] == 7 * 24 * 60 * 60
    assert [catcher["ErrorEquals"] for catcher in review["Catch"]] == [["States.Timeout"]]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_declared_function_exists(name):
    module, _, function = FUNCTIONS[name]["handler"].rpartition(".")
    path = BANK / FUNCTIONS[name]["path"] / (module.replace(".", "/") + ".py")
    assert f"\ndef {function}(event" in path.read_text()
