"""Decide about an application that waits for a person: approve it or reject it.

    .venv/bin/python examples/bank_account/review.py APPLICATION_ID approve|reject

It is what a reviewer's own program would do: it uses Account Applications, which answers the execution's task token.
"""

import argparse
import getpass
import sys
from pathlib import Path

import bank
from account_applications import functions
from account_applications.register import ApplicationClosed, ApplicationNotFound
from account_applications.workflow import ReviewRefused
from botocore.exceptions import EndpointConnectionError


def main() -> int:
    """Pass the decision on; return 0 when the execution has it."""
    options = _options()
    bank.use(f"http://127.0.0.1:{options.port}", options.data.resolve())
    event = {
        "application_id": options.application_id,
        "decision": options.decision.upper(),
        "reviewer": options.reviewer,
        "comment": options.comment,
    }
    try:
        functions.review_application(event, None)
    except (ApplicationNotFound, ApplicationClosed, ReviewRefused) as error:
        print(error, file=sys.stderr)
        return 1
    except EndpointConnectionError:
        print(f"No server is on port {options.port}. Start it with `make run`, then review again", file=sys.stderr)
        return 1
    print(f"{options.application_id}: {options.decision}. The execution goes on.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Decide about an application that waits for a person.")
    parser.add_argument("application_id")
    parser.add_argument("decision", choices=["approve", "reject"])
    parser.add_argument("--reviewer", default=_user(), help="who decides (default: %(default)s)")
    parser.add_argument("--comment", help="why")
    parser.add_argument("--port", type=int, default=bank.DEFAULT_PORT, help="of the server (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=bank.DEFAULT_DATA, help="the data folder of run.py")
    return parser.parse_args()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        return "somebody"


if __name__ == "__main__":
    sys.exit(main())
