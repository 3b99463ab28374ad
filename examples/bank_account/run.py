"""Run the bank: serve its state machine, process three applications, and wait for a person where one is needed.

    .venv/bin/python examples/bank_account/run.py [--port 8083] [--data FOLDER] [--fresh]

The data stay. Run it again, and the executions from before are still there, the waiting ones still waiting.
"""

import argparse
import json
import os
import shlex
import shutil
import sys
import webbrowser
from pathlib import Path
from typing import Any

import bank
from account_applications import functions
from botocore.exceptions import EndpointConnectionError, HTTPClientError
from progress import outcome, told, told_of_account
from shared.ending import end_on_signals, rest
from shared.progress import SECONDS_BETWEEN_LOOKS, Execution, say, tell
from shared.server import NotStarted, console_link, serve, settings_for, shown

APPLICANTS = (
    ("Ada Lovelace", "12 St James's Square, London"),  # clean
    ("Charles Babbage", "PO Box 42, London"),  # flagged: nobody lives in a post office box
    ("31415926", "1 Circle Road, Syracuse"),  # unprocessable: a name without letters
)
MAX_FOLLOWED = 20
"""How many waiting executions from earlier runs are followed."""
ROLE = f"arn:aws:iam::{bank.ACCOUNT}:role/bank"


def main() -> int:
    """Serve until Ctrl-C; return 0, or 1 if the server can't be started."""
    options = _options()
    data: Path = options.data.resolve()
    if options.fresh:
        _forget(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = bank.SETTINGS if data == bank.DEFAULT_DATA else settings_for(bank.SETTINGS, data, BANK_DATA=str(data))
    beside = f" --data {shown(data)}-{options.port + 1}"
    end_on_signals()
    try:
        with serve(settings, options.port, data, beside=beside) as url:
            bank.use(url, data)
            _process(url, options)
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 1
    except (EndpointConnectionError, HTTPClientError):
        print(f"The server has ended; {data / 'stepwell.log'} says why", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped. What waits goes on waiting in the database; run it again to go on.")
    return 0


def _process(url: str, options: argparse.Namespace) -> None:
    client = bank.client()
    _deploy(client)
    started_by_events = StartedByEvents(client)
    earlier = _earlier(client)
    say(f"Stepwell serves the state machine {bank.MACHINE_NAME} on {url}. Its console, by a link that logs in once:")
    link = console_link(options.data.resolve())
    say(f"  {link}\n")
    if _has_screen():
        webbrowser.open(link)
    say("Three people apply for an account:\n")
    submitted = [functions.submit_application({"name": name, "address": address}, None) for name, address in APPLICANTS]
    executions = [Execution(client, application["execution_arn"], told) for application in submitted]
    _follow(executions, started_by_events, until_all_rest=True)
    _summarise(executions, options)
    _follow(executions + earlier, started_by_events, until_all_rest=False)


def _has_screen() -> bool:
    """Return whether somebody sits at this terminal, with a screen for a browser."""
    graphic = sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return graphic and sys.stdout.isatty()


def _deploy(client: Any) -> None:
    _deploy_state_machine(client, bank.ACCOUNTS_MACHINE_ARN, bank.ACCOUNTS_DEFINITION)
    _deploy_state_machine(client, bank.MACHINE_ARN, bank.DEFINITION)
    events = bank.client("events")
    events.put_rule(Name=bank.ACCOUNTS_RULE, EventPattern=json.dumps(bank.APPROVED))
    target = {"Id": "open-account", "Arn": bank.ACCOUNTS_MACHINE_ARN, "RoleArn": ROLE, "InputPath": "$.detail"}
    events.put_targets(Rule=bank.ACCOUNTS_RULE, Targets=[target])


def _deploy_state_machine(client: Any, arn: str, file: Path) -> None:
    definition = file.read_text()
    try:
        client.create_state_machine(name=arn.rpartition(":")[2], definition=definition, roleArn=ROLE)
    except client.exceptions.StateMachineAlreadyExists:  # with another definition: of an earlier version of this file
        client.update_state_machine(stateMachineArn=arn, definition=definition)


class StartedByEvents:
    """The executions that nobody here starts: events do, by the rule of Accounts."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._known: set[str] = set()
        self.new()

    def new(self) -> list[Execution]:
        """Return those that have started since the last look, each by the name of its application."""
        listed = self._client.list_executions(stateMachineArn=bank.ACCOUNTS_MACHINE_ARN, maxResults=MAX_FOLLOWED)
        arns = [found["executionArn"] for found in listed["executions"] if found["executionArn"] not in self._known]
        self._known.update(arns)
        return [self._execution(arn) for arn in reversed(arns)]

    def _execution(self, arn: str) -> Execution:
        application = json.loads(self._client.describe_execution(executionArn=arn)["input"])
        return Execution(self._client, arn, told_of_account, name=application["application_id"], prefix="  by event: ")


def _earlier(client: Any) -> list[Execution]:
    answer = client.list_executions(stateMachineArn=bank.MACHINE_ARN, maxResults=1000)
    running = [found["executionArn"] for found in answer["executions"] if found["status"] == "RUNNING"]
    if answer["executions"]:
        more = " or more" if "nextToken" in answer else ""
        say(f"From before: {len(answer['executions'])}{more} executions, {len(running)} of them still running.")
    executions = [Execution(client, arn, told) for arn in running[:MAX_FOLLOWED]]
    for execution in executions:
        execution.look()  # what is past is not told again
    return executions


def _follow(executions: list[Execution], started_by_events: StartedByEvents, *, until_all_rest: bool) -> None:
    followed = list(executions)
    while True:
        followed += started_by_events.new()
        tell(execution for execution in followed if not execution.ended)
        if until_all_rest and all(execution.ended or execution.waits for execution in followed):
            return
        rest(SECONDS_BETWEEN_LOOKS)


def _summarise(executions: list[Execution], options: argparse.Namespace) -> None:
    say("\nWhere the applications stand:\n")
    for execution in executions:
        application = functions.find_application({"application_id": execution.name}, None)
        say(f"  {application['name']:<16}  {outcome(application)}")
    for execution in executions:
        if execution.waits:
            say("\nOne waits for a person. Decide, in another terminal (approve, or reject):\n")
            say(f"  {_review_command(execution.name, options)}\n")
    say("Serving until Ctrl-C. What waits survives that: run it again, and decide then.\n")


def _review_command(application_id: str, options: argparse.Namespace) -> str:
    command = [shown(sys.executable), shown(bank.HERE / "review.py"), application_id, "approve"]
    port = int(os.environ["AWS_ENDPOINT_URL_SFN"].rpartition(":")[2])
    if port != bank.DEFAULT_PORT:
        command += ["--port", str(port)]
    if options.data != bank.DEFAULT_DATA:
        command += ["--data", str(options.data)]
    return shlex.join(command)


def _forget(data: Path) -> None:
    # Only what this program and its children have made: the folder may have other things in it.
    shutil.rmtree(data / "stepwell", ignore_errors=True)
    for pattern in ("applications.db*", "accounts.db*", "stepwell.log", "stepwell.toml"):
        for file in data.glob(pattern):
            file.unlink()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the bank's state machine and process three applications.")
    parser.add_argument("--port", type=int, default=bank.DEFAULT_PORT, help="to serve on (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=bank.DEFAULT_DATA, help="where everything is kept")
    parser.add_argument("--fresh", action="store_true", help="forget what is in the data folder first")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
