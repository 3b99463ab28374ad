"""The function of Accounts: `open-account`."""

from dataclasses import asdict
from typing import Any

from accounts import ledger


def open_account(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Open the account of an application, once, and return it."""
    return asdict(ledger.open_account(event["application_id"], event["name"]))
