"""What each of the ten services has for the deletion of accounts: one function with three actions.

    CLOSE   the account is no longer used; can be undone     raises MayNotDelete where the service has a reason
    OPEN    undoes CLOSE
    DELETE  everything is gone; nothing undoes it

Each may be repeated: what is closed stays closed, what is gone stays gone. In production each service has its own; here
all run this code, with SERVICE saying which one it is, and a folder each for a database.
"""

import os
from pathlib import Path
from typing import Any

CLOSE, OPEN, DELETE = "CLOSE", "OPEN", "DELETE"
_STATES = {CLOSE: "closed", OPEN: "open", DELETE: "deleted"}


class MayNotDelete(Exception):
    """This account has to be kept."""


class Busy(Exception):
    """Not now."""


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Do an action for a customer."""
    service, customer, action = os.environ["SERVICE"], event["customer"], event["action"]
    account = _account(service, customer)
    if action == CLOSE and service == "invoices" and (account / "owes").exists():
        raise MayNotDelete(f"{customer} has an open invoice")
    if action == CLOSE and service == "search" and _first_time(account):
        raise Busy("the index is being rebuilt")
    _write(account / "state", _STATES[action])
    return {"service": service, "state": _STATES[action]}


def state_of(service: str, customer: str) -> str:
    """Return how a customer's account stands in a service: open, closed or deleted."""
    path = _account(service, customer) / "state"
    return path.read_text() if path.exists() else _STATES[OPEN]


def owe(customer: str) -> None:
    """Give a customer an open invoice."""
    _write(_account("invoices", customer) / "owes", "12.50")


def _account(service: str, customer: str) -> Path:
    folder = Path(os.environ["SERVICES_DATA"]) / service / customer
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _first_time(account: Path) -> bool:
    try:
        (account / "asked").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _write(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)  # whole, or not at all
