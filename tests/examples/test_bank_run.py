"""The bank for real: the server, its functions, three applications, and a person who decides."""

import json
import os
import signal
import subprocess
import sys
import time

import boto3
import pytest
from accounts import ledger

from examples.bank_run import BANK, DEADLINE_SECONDS, ROOT, running


def client(command):
    port = command[command.index("--port") + 1]
    return boto3.client(
        "stepfunctions",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="local",
    )


def executions(stepfunctions, name="AccountApplications"):
    machine = f"arn:aws:states:us-east-1:123456789012:stateMachine:{name}"
    return {
        found["name"]: stepfunctions.describe_execution(executionArn=found["executionArn"])
        for found in stepfunctions.list_executions(stateMachineArn=machine)["executions"]
    }


def named(found, prefix):
    (execution,) = [execution for name, execution in found.items() if name.startswith(prefix)]
    return execution


def count(found, status):
    return sum(execution["status"] == status for execution in found.values())


def eventually(look, is_so):
    """Return what is seen once it is so, or, when the time is over, as it is then."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so(found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_so(found), found
    return found


def review(command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("BANK_DATA", str(tmp_path))
    return tmp_path


def test_an_approved_application_has_one_account(data):
    with running(data) as bank:
        command, application_id = bank.review_command()
        stepfunctions = client(command)
        before = executions(stepfunctions)
        assert named(before, "charles-babbage")["status"] == "RUNNING"
        unprocessable = json.loads(named(before, "31415926")["output"])
        assert (unprocessable["status"], unprocessable["reason"]) == (
            "UNPROCESSABLE",
            "The name has no letters: '31415926'",
        )
        assert review([*command, "--reviewer", "grace", "--comment", "I know him"]).returncode == 0
        number = bank.until(r"charles-babbage.*APPROVED +account (\d+), I know him, reviewed by grace")[1]
        after = executions(stepfunctions)
        again = review(command)
    assert {execution["status"] for execution in after.values()} == {"SUCCEEDED"}
    assert len(after) == 3
    assert json.loads(named(after, "charles-babbage")["output"])["account_number"] == number
    assert [account.account_number for account in ledger.accounts_of(application_id)] == [number]
    clean = json.loads(named(after, "ada-lovelace")["output"])
    assert len(ledger.accounts_of(clean["application_id"])) == 1
    assert (again.returncode, again.stderr) == (1, f"{_closed(application_id)}\n")


def _closed(application_id):
    return f"Application {application_id} is APPROVED, it must be FLAGGED for this"


def test_an_event_of_the_approval_opens_the_account_and_nobody_calls_accounts(data):
    with running(data) as bank:
        bank.until(r"ada-lovelace-\S+ +Announce Approval")
        number = bank.until(r"ada-lovelace-\S+ +by event: account (\d+) is open")[1]
        command, _ = bank.review_command()
        stepfunctions = client(command)
        (opened,) = executions(stepfunctions, "OpenAccount").values()
        application = json.loads(named(executions(stepfunctions), "ada-lovelace")["output"])
    assert (application["status"], application["account_number"]) == ("APPROVED", number)
    given = json.loads(opened["input"])
    assert given["application_id"] == application["application_id"]
    assert json.loads(opened["output"]) == {"account_number": number}


def test_a_review_survives_a_stop_and_a_rejected_application_has_no_account(data):
    with running(data) as bank:
        _, application_id = bank.review_command()
        assert bank.stop() == 0
    with running(data) as bank:
        bank.until("From before: 3 executions, 1 of them still running")
        command, second = bank.review_command()
        assert second != application_id
        command = [application_id if word == second else word for word in command]
        command[command.index("approve")] = "reject"
        assert review(command).returncode == 0
        bank.until(rf"{application_id} +REJECTED")
        found = executions(client(command))
        assert bank.stop() == 0
    assert sorted(execution["status"] for execution in found.values()) == ["RUNNING", *["SUCCEEDED"] * 5]
    assert json.loads(found[application_id]["output"])["status"] == "REJECTED"
    assert ledger.accounts_of(application_id) == []


def test_a_killed_server_loses_no_application_and_opens_no_account_twice(data):
    with running(data) as bank:
        bank.until("Check Applicant")
        os.kill(int((data / "stepwell" / "stepwell.lock").read_text()), signal.SIGKILL)
        bank.until("The server has ended")
        assert bank.end() == 1
    with running(data) as bank:
        command, application_id = bank.review_command()
        stepfunctions = client(command)
        found = eventually(lambda: executions(stepfunctions), lambda found: count(found, "SUCCEEDED") == 4)
        assert count(found, "RUNNING") == 2
        (second,) = (name for name in found if name.startswith("charles") and name != application_id)
        assert review([second if word == application_id else word for word in command]).returncode == 0
        found = eventually(lambda: executions(stepfunctions), lambda found: count(found, "SUCCEEDED") == 5)
    approved = [name for name in found if name.startswith("ada") or name == second]
    assert [len(ledger.accounts_of(name)) for name in approved] == [1, 1, 1]


def test_a_taken_port_is_said_with_what_to_do(data):
    with running(data / "first") as bank:
        command, _ = bank.review_command()
        port = command[command.index("--port") + 1]
        second = subprocess.run(
            [sys.executable, BANK / "run.py", "--port", port, "--data", data / "second"],
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} is taken")
    assert f"--port {int(port) + 1}" in second.stderr
