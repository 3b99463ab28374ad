"""The definitions of the bank's state machines, beside the functions that they call, and the rule between the two."""

import json
import tomllib
from pathlib import Path

import pytest
from bank import APPROVED

from stepwell.events.patterns import Pattern
from stepwell.language.validation import diagnose

BANK = Path(__file__).parents[2] / "examples" / "bank_account"

DEFINITION = (BANK / "account_application.asl.json").read_text()
OPEN_ACCOUNT = (BANK / "open_account.asl.json").read_text()
FUNCTIONS = tomllib.loads((BANK / "stepwell.toml").read_text())["functions"]


def tasks(machine):
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        for branch in state.get("Branches", ()):
            yield from tasks(branch)


TASKS = dict([*tasks(json.loads(DEFINITION)), *tasks(json.loads(OPEN_ACCOUNT))])
CALLING = {name: task for name, task in TASKS.items() if "FunctionName" in task["Parameters"]}
ANNOUNCING = {name: task for name, task in TASKS.items() if "Entries" in task["Parameters"]}


@pytest.mark.parametrize("definition", [DEFINITION, OPEN_ACCOUNT])
def test_the_definitions_have_no_errors_and_no_warnings(definition):
    assert diagnose(definition).diagnostics == ()


@pytest.mark.parametrize("name", CALLING)
def test_every_function_that_is_called_is_declared_and_the_call_retried(name):
    assert CALLING[name]["Parameters"]["FunctionName"] in FUNCTIONS
    assert CALLING[name]["Retry"]


def test_accounts_listens_to_approvals_and_to_nothing_else():
    rule = Pattern(json.dumps(APPROVED))
    heard = {
        name
        for name, task in ANNOUNCING.items()
        for entry in task["Parameters"]["Entries"]
        if rule.matches({"source": entry["Source"], "detail-type": entry["DetailType"]})
    }
    assert heard == {"Announce Approval"}


def test_no_state_of_the_applications_calls_accounts():
    functions = {task["Parameters"].get("FunctionName") for _, task in tasks(json.loads(DEFINITION))}
    assert "open-account" not in functions


def test_the_review_has_an_end_even_if_nobody_reviews():
    review = TASKS["Wait For Review"]
    assert review["TimeoutSeconds"] == 7 * 24 * 60 * 60
    assert [catcher["ErrorEquals"] for catcher in review["Catch"]] == [["States.Timeout"]]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_declared_function_exists(name):
    module, _, function = FUNCTIONS[name]["handler"].rpartition(".")
    path = BANK / FUNCTIONS[name]["path"] / (module.replace(".", "/") + ".py")
    assert f"\ndef {function}(event" in path.read_text()
