"""What the two commands of this example share: where things are, and clients of the server."""

import os
import sys
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config

HERE = Path(__file__).resolve().parent
SERVICES = HERE / "services"
DEFINITION = HERE / "account_application.asl.json"
ACCOUNTS_DEFINITION = HERE / "open_account.asl.json"
SETTINGS = HERE / "stepwell.toml"
DEFAULT_DATA = HERE / ".data"
DEFAULT_PORT = 8083

REGION, ACCOUNT = "us-east-1", "123456789012"
MACHINE_NAME = "AccountApplications"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{MACHINE_NAME}"
ACCOUNTS_MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:OpenAccount"

ACCOUNTS_RULE = "open-account-when-approved"
"""The rule by which Accounts listens: which events start its state machine, and what it is given of them."""
APPROVED = {"source": ["bank.account-applications"], "detail-type": ["ApplicationApproved"]}

# The services are also used from here, as their people would: to submit, to find, to review.
sys.path.insert(0, str(SERVICES))
sys.path.append(str(HERE.parent))  # what the examples share


def use(url: str, data: Path) -> None:
    """Let the services, and every client of AWS in this process, work with this server and this data."""
    os.environ.pop("AWS_PROFILE", None)
    os.environ |= {
        "AWS_ENDPOINT_URL_SFN": url,
        "AWS_ENDPOINT_URL_EVENTBRIDGE": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "BANK_DATA": str(data),
        "STATE_MACHINE_ARN": MACHINE_ARN,
    }


def client(service: str = "stepfunctions") -> Any:
    """Return a client of Step Functions or EventBridge, just as against AWS: where it is, is in the environment."""
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}))
