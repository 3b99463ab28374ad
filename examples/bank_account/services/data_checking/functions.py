"""The functions of Data Checking: `check-name` and `check-address`."""

from typing import Any

from data_checking.rules import doubt_about_address, doubt_about_name


def check_name(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return whether a person should look at the name, and why; or raise UnprocessableDataException."""
    return _verdict(doubt_about_name(event.get("name")))


def check_address(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return whether a person should look at the address, and why; or raise UnprocessableDataException."""
    return _verdict(doubt_about_address(event.get("address")))


def _verdict(doubt: str | None) -> dict[str, Any]:
    return {"flagged": doubt is not None, "reason": doubt}
