"""What makes a name or an address plausible, worth a second look, or nothing that could be checked at all."""

import re
import unicodedata

MAX_NAME_LENGTH = 200
MAX_ADDRESS_LENGTH = 500
WATCH_LIST = frozenset({"james moriarty", "kaiser soze"})

_UNLIKE_A_NAME = re.compile(r"[^\w\s.'’-]|[\d_]")
_POST_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\b", re.IGNORECASE)


class UnprocessableDataException(Exception):
    """The data can't be checked: no rule applies to it. The state machine catches this by its name."""


def doubt_about_name(name: object) -> str | None:
    """Return why a person should look at this name, or None."""
    text = _text("name", name, MAX_NAME_LENGTH)
    if _UNLIKE_A_NAME.search(text):
        return "the name has characters that names don't have"
    if len(text.split()) < 2:
        return "the name has no first and last name"
    if _folded(text) in WATCH_LIST:
        return "the name is on the watch list"
    return None


def doubt_about_address(address: object) -> str | None:
    """Return why a person should look at this address, or None."""
    text = _text("address", address, MAX_ADDRESS_LENGTH)
    if _POST_BOX.search(text):
        return "the address is a post office box"
    if not any(char.isdigit() for char in text):
        return "the address has no house number"
    return None


def _text(field: str, value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise UnprocessableDataException(f"The {field} is no text: {value!r:.80}")
    if len(value) > longest:
        raise UnprocessableDataException(f"The {field} is longer than {longest} characters")
    if not any(char.isalpha() for char in value):
        raise UnprocessableDataException(f"The {field} has no letters: {value!r:.80}")
    return value


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return " ".join(plain.casefold().split())
