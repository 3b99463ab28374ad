r"""Wildcards: `*` stands for any text, `\*` and `\\` for the characters themselves.

No regular expression: what lies between the wildcards is looked for from left to right, which never goes back, so that
no pattern makes an event slow.
"""

from collections.abc import Callable

from stepwell.events.errors import InvalidPattern


def wildcard(text: str) -> Callable[[str], bool]:
    """Return what says whether a text matches. Raise `InvalidPattern`."""
    first, *between = _pieces(text)
    if not between:
        return lambda found: found == first
    *between, last = between

    def matches(found: str) -> bool:
        if len(found) < len(first) + len(last) or not found.startswith(first) or not found.endswith(last):
            return False
        at, end = len(first), len(found) - len(last)
        for piece in between:
            at = found.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return matches


def _pieces(text: str) -> list[str]:
    """Return the texts between the wildcards: one more than there are of these."""
    pieces, at = [""], 0
    while at < len(text):
        character = text[at]
        if character == "*":
            if text.startswith("*", at + 1):
                raise InvalidPattern(f"Consecutive wildcard characters at pos {_position(text, at)}")
            pieces.append("")
        elif character == "\\":
            if text[at + 1 : at + 2] not in {"*", "\\"}:
                raise InvalidPattern(f"Invalid escape character at pos {_position(text, at)}")
            at += 1
            pieces[-1] += text[at]
        else:
            pieces[-1] += character
        at += 1
    return pieces


def _position(text: str, at: int) -> int:
    """Return where AWS says that it is: in bytes, and a quotation mark goes before the text."""
    return len(text[:at].encode("utf-8", "surrogatepass")) + 1
