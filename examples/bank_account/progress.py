"""What has become of an application, in a line."""

from typing import Any

from shared.progress import GREEN, PLAIN, RED

_COLOURS = {"APPROVED": GREEN, "REJECTED": RED, "UNPROCESSABLE": RED}


def told_of_account(account: dict[str, Any]) -> tuple[str, str]:
    """Return what the end of an account's opening tells."""
    return f"account {account['account_number']} is open", PLAIN


def told(application: dict[str, Any]) -> tuple[str, str]:
    """Return what an execution's end tells: its outcome, and the colour of it."""
    return outcome(application), _COLOURS.get(application["status"], PLAIN)


def outcome(application: dict[str, Any]) -> str:
    """Return in one line what has become of an application."""
    account = application["account_number"]
    details = [f"account {account}"] if account else []
    details += [application["reason"]] if application["reason"] else []
    details += [f"reviewed by {application['reviewer']}"] if application["reviewer"] else []
    return f"{application['status']:<13}  {', '.join(details)}".rstrip()
