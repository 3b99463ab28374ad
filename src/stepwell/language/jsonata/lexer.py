"""From the text of an expression to its tokens, one at a time: a `/` divides or starts a regular expression."""

import re
from typing import Any, NamedTuple

from stepwell.language.jsonata.errors import JsonataSyntaxError

BINDING_POWER = {
    ".": 75, "[": 80, "]": 0, "{": 70, "}": 0, "(": 80, ")": 0, ",": 0, "@": 80, "#": 80, ";": 80, ":": 80, "?": 20,
    "+": 50, "-": 50, "*": 60, "/": 60, "%": 60, "|": 20, "=": 40, "<": 40, ">": 40, "^": 40, "**": 60, "..": 20,
    ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40, "and": 30, "or": 25, "in": 40, "&": 50, "!": 0, "~": 0,
}  # fmt: skip

_BLANK = re.compile(r"[ \t\n\r\v]*")
_TWO = {"..", ":=", "!=", ">=", "<=", "**", "~>"}
_ONE = {symbol for symbol in BINDING_POWER if len(symbol) == 1}
_NUMBER = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_WORD = re.compile(r"[^ \t\n\r\v" + re.escape("".join(sorted(_ONE))) + "]*")
_PLAIN = {quote: re.compile(rf"[^\\{quote}]*") for quote in "\"'"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORD_VALUES = {"true": True, "false": False, "null": None}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Token(NamedTuple):
    """A token: `kind` is operator, string, number, value, name, variable, regex or end; `position` is its end."""

    kind: str
    value: Any
    position: int


class Lexer:
    """Reads tokens from a text, on demand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def next(self, operand_behind: bool) -> Token:
        """Return the token that follows; `operand_behind` says that a `/` here divides."""
        self._skip()
        text, at = self.text, self.at
        if at >= len(text):
            return Token("end", "(end)", at)
        character = text[at]
        if character == "/" and not operand_behind:
            self.at += 1
            return self._regex()
        for symbol, known in ((text[at : at + 2], _TWO), (character, _ONE)):
            if symbol in known:
                self.at += len(symbol)
                return Token("operator", symbol, self.at)
        if character in _PLAIN:
            return self._string(character)
        match = _NUMBER.match(text, at)
        if match:
            return self._number(match)
        if character == "`":
            return self._quoted_name()
        return self._word()

    def _skip(self) -> None:
        while True:
            self.at = _BLANK.match(self.text, self.at).end()  # type: ignore[union-attr]
            if not self.text.startswith("/*", self.at):
                return
            end = self.text.find("*/", self.at + 2)
            if end < 0:
                raise JsonataSyntaxError("S0106", self.at)
            self.at = end + 2

    def _string(self, quote: str) -> Token:
        parts = []
        text, at = self.text, self.at + 1
        while True:
            match = _PLAIN[quote].match(text, at)
            parts.append(match[0])  # type: ignore[index]
            at = match.end()  # type: ignore[union-attr]
            if at >= len(text):
                raise JsonataSyntaxError("S0101", at)
            if text[at] == quote:
                break
            escape = text[at + 1 : at + 2]
            if escape == "u":
                hexadecimal = _HEX.match(text, at + 2)
                if hexadecimal is None:
                    raise JsonataSyntaxError("S0104", at + 1)
                parts.append(chr(int(hexadecimal[0], 16)))
                at += 6
            elif escape in _ESCAPES and escape:
                parts.append(_ESCAPES[escape])
                at += 2
            elif escape:
                raise JsonataSyntaxError("S0103", at + 1, escape)
            else:
                raise JsonataSyntaxError("S0101", at + 1)
        self.at = at + 1
        return Token("string", join_surrogates("".join(parts)), self.at)

    def _number(self, match: "re.Match[str]") -> Token:
        whole, fraction, exponent = match.groups()
        self.at = match.end()
        value = float(match[0])
        if value in {float("inf"), float("-inf")}:
            raise JsonataSyntaxError("S0102", self.at, match[0])
        if not fraction and not exponent and len(whole) < 16:
            return Token("number", int(whole), self.at)
        return Token("number", value, self.at)

    def _quoted_name(self) -> Token:
        end = self.text.find("`", self.at + 1)
        if end < 0:
            raise JsonataSyntaxError("S0105", len(self.text))
        name = self.text[self.at + 1 : end]
        self.at = end + 1
        return Token("name", name, self.at)

    def _word(self) -> Token:
        match = _WORD.match(self.text, self.at)
        word = match[0]  # type: ignore[index]
        self.at += len(word)
        if word.startswith("$"):
            return Token("variable", word[1:], self.at)
        if word in {"or", "in", "and"}:
            return Token("operator", word, self.at)
        if word in _WORD_VALUES:
            return Token("value", _WORD_VALUES[word], self.at)
        return Token("name", word, self.at)

    def _regex(self) -> Token:
        text, start, depth = self.text, self.at, 0
        while self.at < len(text):
            character = text[self.at]
            escaped = text[self.at - 1] == "\\"
            if character == "/" and not escaped and depth == 0:
                pattern = text[start : self.at]
                if not pattern:
                    raise JsonataSyntaxError("S0301", self.at)
                self.at += 1
                flags_at = self.at
                while text[self.at : self.at + 1] in {"i", "m"}:
                    self.at += 1
                return Token("regex", (pattern, text[flags_at : self.at]), self.at)
            if not escaped:
                depth += (character in "([{") - (character in ")]}")
            self.at += 1
        raise JsonataSyntaxError("S0302", self.at)


def join_surrogates(text: str) -> str:
    """Return a text in which a pair of surrogates, written as two escapes, is the one character that they mean."""
    if text.isascii():
        return text
    return _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
