"""Delete two customers' accounts in ten services: one may be deleted, the other owes money.

.venv/bin/python examples/account_deletion/run.py
"""

import os
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import service  # noqa: E402
from shared.local import Local, run  # noqa: E402
from shared.progress import GREEN, Execution, follow, say, title  # noqa: E402

SERVICES = tuple(tomllib.loads((HERE / "stepwell.toml").read_text())["functions"])


def story(local: Local) -> None:
    """Delete Ada's account, and try to delete Charles's."""
    local.table("deletions", "customer")
    topic, inbox = local.topic("privacy")
    machine = local.deploy(HERE / "deletion.asl.json", DeletionsTable="deletions", PrivacyTopicArn=topic)
    title("Ada wants her account deleted. One service is busy at first; a Retry takes care of it:")
    _delete(local, machine, "ada")
    title("Charles does, too. But he has an open invoice; so the services that have closed his account open it again:")
    service.owe("charles")
    _delete(local, machine, "charles")
    title("Where the accounts stand:")
    for customer in ("ada", "charles"):
        states = {service.state_of(name, customer) for name in SERVICES}
        say(f"  {customer}: {', '.join(sorted(states))} in all {len(SERVICES)} services")
    title("What was announced:")
    for subject, message in local.received(inbox, 2):
        say(f"  {subject}: {message['customer']}")
    (proof,) = local.client("dynamodb").scan(TableName="deletions")["Items"]
    say(
        f"  kept as proof: {proof['customer']['S']}, {len(proof['services']['SS'])} services, {proof['requested']['S']}"
    )


def _delete(local: Local, machine: str, customer: str) -> None:
    arn = local.start(machine, f"delete-{customer}", {"customer": customer})
    follow([Execution(local.stepfunctions, arn, _outcome)])


def _outcome(output: Any) -> tuple[str, str]:
    return f"deleted in {', '.join(output['deleted'])}", GREEN


def main() -> int:
    """Run the story once."""
    with tempfile.TemporaryDirectory(prefix="account-deletion-") as data:
        os.environ["SERVICES_DATA"] = data
        return run(HERE, story, SERVICES_DATA=data)


if __name__ == "__main__":
    sys.exit(main())
