"""The words in which AWS's JSON parser (Jackson) says what is wrong with a text, and where.

Jackson counts its place from what it has read: the column behind the odd character, or behind the whole odd word.
"""

import re
from typing import NoReturn

MAX_EXCERPT = 500
"""Characters of the text in a location."""
MAX_TOKEN = 256
"""Characters of an odd word in a message."""

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

_ENDS_OF_ROWS = re.compile(r"\r\n|\n|\r")
_SOUND_STRING = re.compile(r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*')
_SOUND_HEX = re.compile(r"[0-9a-fA-F]{0,4}")


class JsonProblem(ValueError):
    """A text that is not JSON: Jackson's message, the offset to show, and the offset up to which Jackson had read."""

    def __init__(self, message: str, offset: int, read: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.read = offset + 1 if read is None else read


def source_location(text: str, offset: int) -> str:
    """Return Jackson's text for a place: `[Source: (String)"{…"; line: 1, column: 2]`."""
    row, start = 1, 0
    for end in _ENDS_OF_ROWS.finditer(text, 0, max(offset, 0)):
        row, start = row + 1, end.end()
    left = len(text) - MAX_EXCERPT
    more = f"[truncated {left} chars]" if left > 0 else ""
    return f'[Source: (String)"{text[:MAX_EXCERPT]}"{more}; line: {row}, column: {offset - start + 1}]'


def character(char: str) -> str:
    """Return Jackson's text for a character: its look and its code."""
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return f"(CTRL-CHAR, code {code})"
    return f"'{char}' (code {code} / 0x{code:x})" if code > 0xFF else f"'{char}' (code {code})"


def unexpected(text: str, at: int, expected: str) -> NoReturn:
    """Refuse the character at an offset."""
    char = text[at]
    if char < " ":
        message = (
            f"Illegal character ({character(char)}): only regular white space (\\r, \\n, \\t) is allowed between tokens"
        )
        raise JsonProblem(message, at)
    raise JsonProblem(f"Unexpected character ({character(char)}): {expected}", at)


def ended(text: str, detail: str) -> NoReturn:
    """Refuse a text that stops too early."""
    raise JsonProblem(f"Unexpected end-of-input{detail}", len(text), len(text))


def unclosed(text: str, start: int, kind: str) -> NoReturn:
    """Refuse a text that stops before the mark that closes an object or an array."""
    ended(text, f": expected close marker for {kind} (start marker at {source_location(text, start)})")


def mismatched(text: str, at: int, expected: str, kind: str, start: int) -> NoReturn:
    """Refuse a closing mark that does not belong to what is open."""
    where = source_location(text, start)
    raise JsonProblem(
        f"Unexpected close marker '{text[at]}': expected '{expected}' (for {kind} starting at {where})", at
    )


def odd_value(text: str, at: int, *, in_array: bool) -> NoReturn:
    """Refuse what stands where a value should begin."""
    char = text[at]
    for word in ("NaN", "Infinity"):
        if text.startswith(word, at):
            feature = "enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow"
            raise JsonProblem(f"Non-standard token '{word}': {feature}", at, at + len(word))
    if char.isalpha() or char in "_$":
        end = at + 1
        while end < len(text) and (text[end].isalnum() or text[end] in "_$"):
            end += 1
        token = text[at:end] if end - at <= MAX_TOKEN else f"{text[at : at + MAX_TOKEN]}..."
        raise JsonProblem(f"Unrecognized token '{token}': was expecting {VALUES}", at, end)
    unexpected(text, at, "expected a value" if char == "}" and in_array else f"expected a valid value {VALUES}")


def odd_string(text: str, start: int, *, name: bool) -> NoReturn:
    """Refuse the string that opens at an offset, for the first thing in it that is wrong."""
    found = _SOUND_STRING.match(text, start + 1)
    at = found.end() if found else start + 1
    char = text[at : at + 1]
    if not char:
        ended(text, " in field name" if name else ": was expecting closing quote for a string value")
    if char != "\\":
        kept = "name" if name else "string value"
        escape = f"has to be escaped using backslash to be included in {kept}"
        raise JsonProblem(f"Illegal unquoted character ({character(char)}): {escape}", at)
    if text[at + 1 : at + 2] == "u":
        digits = _SOUND_HEX.match(text, at + 2)
        at = digits.end() if digits else at + 2
        if at < len(text):
            odd = f"Unexpected character ({character(text[at])}): expected a hex-digit for character escape sequence"
            raise JsonProblem(odd, at)
    elif at + 1 < len(text):
        raise JsonProblem(f"Unrecognized character escape {character(text[at + 1])}", at, at + 2)
    ended(text, " in character escape sequence")


def odd_number(text: str, start: int, end: int) -> NoReturn:
    """Refuse a number of which the part from `start` to `end` is sound."""
    if end == start:  # the minus sign alone
        end = start + 1
        comment = "expected digit (0-9) to follow minus sign, for valid numeric value"
    elif text[end] in "0123456789":
        raise JsonProblem("Invalid numeric value: Leading zeroes not allowed", end)
    elif text[end] == ".":
        end += 1
        comment = "Decimal point not followed by a digit"
    else:
        end += 2 if text[end + 1 : end + 2] in ("+", "-") else 1
        comment = "Exponent indicator not followed by a digit"
    if end >= len(text):
        ended(text, " in a Number value")
    raise JsonProblem(f"Unexpected character ({character(text[end])}) in numeric value: {comment}", end)
