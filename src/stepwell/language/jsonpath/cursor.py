"""Reading a text from left to right: what the grammars of paths and of intrinsic functions have in common."""

import re
from typing import ClassVar, NoReturn

_BLANKS = re.compile(r"[ \t\r\n]*")
_INTEGER = re.compile(r"-?\d{1,9}")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,30})(\.\d{1,30})?([eE][+-]?\d{1,3})?")
_WORD = re.compile(r"[A-Za-z]+")
_PLAIN = re.compile(r"[^'\"\\]+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_UNICODE = re.compile(r"u[0-9A-Fa-f]{4}")


class TextSyntaxError(ValueError):
    """A text that its grammar does not allow. `position` counts characters from the text's own start."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1})")
        self.message = message
        self.position = position


class Cursor:
    """A place in a text, with the small moves that a recursive descent is made of."""

    error: ClassVar[type[TextSyntaxError]] = TextSyntaxError

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.start = at
        self.at = at

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        """Raise the syntax error of this place, or of `at`."""
        raise self.error(message, (self.at if at is None else at) - self.start)

    def sees(self, token: str) -> bool:
        """Return whether `token` stands here."""
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> bool:
        """Step over `token` if it stands here."""
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def expect(self, token: str, why: str) -> None:
        """Step over blanks and `token`, which must be there."""
        self.blanks()
        if not self.take(token):
            self.fail(f"Expected '{token}' {why}")

    def blanks(self) -> None:
        """Step over blanks."""
        match = _BLANKS.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def match(self, pattern: "re.Pattern[str]") -> str | None:
        """Step over what `pattern` matches here and return it, or None."""
        match = pattern.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match[0]

    def integer(self) -> int | None:
        """Read an integer, if one stands here."""
        self.blanks()
        found = self.match(_INTEGER)
        return None if found is None else int(found)

    def number(self) -> int | float | None:
        """Read a number of JSON, if one stands here."""
        found = self.match(_NUMBER)
        if found is None:
            return None
        return int(found) if found.lstrip("-").isdigit() else float(found)

    def word(self) -> str | None:
        """Read letters, if there are any."""
        return self.match(_WORD)

    def quoted(self) -> str | None:
        """Read a text in single or double quotes, if one stands here."""
        begin = self.at
        quote = self.text[begin : begin + 1]
        if quote not in {"'", '"'}:
            return None
        self.at += 1
        parts: list[str] = []
        while not self.take(quote):
            plain = self.match(_PLAIN)
            if plain is not None:
                parts.append(plain)
            elif self.take("\\"):
                parts.append(self._escape())
            elif self.at < len(self.text):
                parts.append(self.text[self.at])
                self.at += 1
            else:
                self.fail(f"The text that starts with {quote} is not closed", begin)
        return "".join(parts)

    def _escape(self) -> str:
        code = self.match(_UNICODE)
        if code is not None:
            return chr(int(code[1:], 16))
        character = self.text[self.at : self.at + 1]
        self.at += 1
        return _ESCAPES.get(character, character)
