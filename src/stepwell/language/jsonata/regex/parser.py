r"""From the text of a regular expression to its tree, by recursive descent over ECMAScript's grammar.

As browsers do, it reads what means nothing else as the character itself: `]`, a `{` that is no repetition, `\-`.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from stepwell.language.jsonata.regex.charset import ANY, DIGITS, SPACE, WORD, CharSet, Ranges, inverted

MAX_LENGTH = 10_000
MAX_DEPTH = 50
_COUNT = re.compile(r"\{(\d{1,6})(?:(,)(\d{1,6})?)?\}")
_NAME = re.compile(r"<([A-Za-z_$][A-Za-z0-9_$]*)>")
_HEX = {"x": re.compile(r"[0-9A-Fa-f]{2}"), "u": re.compile(r"[0-9A-Fa-f]{4}")}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f", "0": "\0"}
_CLASSES = {
    "d": DIGITS, "D": inverted(DIGITS), "w": WORD, "W": inverted(WORD), "s": SPACE, "S": inverted(SPACE),
}  # fmt: skip
_ASSERTIONS = {"(?=": ("ahead", True), "(?!": ("ahead", False), "(?<=": ("behind", True), "(?<!": ("behind", False)}


class RegexError(ValueError):
    """A text that is no regular expression."""


@dataclass(slots=True)
class Item:
    """A node of the tree: `kind` is char, set, sequence, choice, group, repeat, assert, look or back."""

    kind: str
    value: Any = None
    items: "list[Item]" = field(default_factory=list)
    low: int = 0
    high: int | None = None
    lazy: bool = False
    groups: tuple[int, int] = (0, 0)


class RegexParser:
    """Reads one regular expression; afterwards `groups` is how many groups it captures."""

    def __init__(self, source: str, ignore_case: bool) -> None:
        if len(source) > MAX_LENGTH:
            raise RegexError("too long")
        self.source = source
        self.at = 0
        self.depth = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.ignore_case = ignore_case
        self._total = len(re.findall(r"(?<!\\)\((?!\?)|\(\?<[A-Za-z_$]", source))

    def parse(self) -> Item:
        """Return the tree of the whole text."""
        tree = self.choice()
        if self.at < len(self.source):
            raise RegexError("Unmatched ')'")
        return tree

    def _looking_at(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def choice(self) -> Item:
        """Read `a|b|c`."""
        branches = [self.sequence()]
        while self._looking_at("|"):
            self.at += 1
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Item("choice", items=branches)

    def sequence(self) -> Item:
        """Read terms up to `|`, `)` or the end."""
        items = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            before = self.groups
            item = self.term()
            items.append(self.repeated(item, before))
        return Item("sequence", items=items)

    def repeated(self, item: Item, before: int) -> Item:
        """Read the repetition behind a term, if there is one."""
        character = self.source[self.at : self.at + 1]
        count = _COUNT.match(self.source, self.at)
        if character in {"*", "+", "?"}:
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
            self.at += 1
        elif count:
            low = int(count[1])
            high = int(count[3]) if count[3] else (None if count[2] else low)
            self.at = count.end()
        else:
            return item
        if item.kind == "assert" or (high is not None and high < low):
            raise RegexError("Nothing to repeat" if item.kind == "assert" else "numbers out of order in {} quantifier")
        lazy = self._looking_at("?")
        self.at += lazy
        return Item("repeat", items=[item], low=low, high=high, lazy=lazy, groups=(before + 1, self.groups))

    def term(self) -> Item:
        """Read a character, class, group or assertion."""
        character = self.source[self.at]
        if character == "(":
            return self.group()
        if character == "[":
            return self.char_class()
        if character == "\\":
            return self.escape()
        if character in "*+?" or _COUNT.match(self.source, self.at):
            raise RegexError("Nothing to repeat")
        self.at += 1
        if character in "^$":
            return Item("assert", character)
        if character == ".":
            return Item("set", ANY)
        return self.character(character)

    def character(self, character: str) -> Item:
        """Return what matches one character, with or without its case."""
        if self.ignore_case and character.lower() != character.upper():
            return Item("set", CharSet([(ord(character), ord(character))], ignore_case=True))
        return Item("char", character)

    def group(self) -> Item:
        """Read `(...)` of any sort."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RegexError("too deep")
        for opening, (kind, wanted) in _ASSERTIONS.items():
            if self._looking_at(opening):
                self.at += len(opening)
                return Item("look", (kind, wanted), [self._closed()])
        if self._looking_at("(?:"):
            self.at += 3
            return self._closed()
        self.at += 1
        self.groups += 1
        number = self.groups
        if self._looking_at("?"):
            name = _NAME.match(self.source, self.at + 1)
            if name is None:
                raise RegexError("Invalid group")
            self.names[name[1]] = number
            self.at = name.end()
        return Item("group", number, [self._closed()])

    def _closed(self) -> Item:
        item = self.choice()
        if not self._looking_at(")"):
            raise RegexError("Unterminated group")
        self.at += 1
        self.depth -= 1
        return item

    def escape(self) -> Item:
        r"""Read `\x` outside a class."""
        letter = self.source[self.at + 1 : self.at + 2]
        if letter in {"b", "B"} and letter:
            self.at += 2
            return Item("assert", letter)
        digits = re.compile(r"[1-9]\d*").match(self.source, self.at + 1)
        if digits and int(digits[0][:6]) <= self._total:
            self.at = digits.end()
            return Item("back", int(digits[0]))
        if letter == "k" and (name := _NAME.match(self.source, self.at + 2)) and name[1] in self.names:
            self.at = name.end()
            return Item("back", self.names[name[1]])
        found = self._escaped()
        if isinstance(found, str):
            return self.character(found)
        return Item("set", CharSet(found, ignore_case=self.ignore_case))

    def _escaped(self) -> str | Ranges:
        r"""Read `\x` and return the character or the ranges that it means."""
        letter = self.source[self.at + 1 : self.at + 2]
        self.at += 2
        if not letter:
            raise RegexError("\\ at end of pattern")
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter in _HEX and (code := _HEX[letter].match(self.source, self.at)):
            self.at = code.end()
            return chr(int(code[0], 16))
        if letter == "c" and self.source[self.at : self.at + 1].isalpha():
            self.at += 1
            return chr(ord(self.source[self.at - 1]) % 32)
        return _CONTROLS.get(letter, letter)

    def char_class(self) -> Item:
        """Read `[...]`."""
        self.at += 1
        negated = self._looking_at("^")
        self.at += negated
        ranges: Ranges = []
        while not self._looking_at("]"):
            low = self._class_atom()
            if self._looking_at("-") and not self._looking_at("-]"):
                self.at += 1
                high = self._class_atom()
                if isinstance(low, str) and isinstance(high, str):
                    if high < low:
                        raise RegexError("Range out of order in character class")
                    ranges.append((ord(low), ord(high)))
                    continue
                ranges.append((ord("-"), ord("-")))
                ranges += _ranges(high)
            ranges += _ranges(low)
        self.at += 1
        return Item("set", CharSet(ranges, negated, self.ignore_case))

    def _class_atom(self) -> str | Ranges:
        if self.at >= len(self.source):
            raise RegexError("Unterminated character class")
        if not self._looking_at("\\"):
            self.at += 1
            return self.source[self.at - 1]
        if self._looking_at("\\b"):
            self.at += 2
            return "\b"
        return self._escaped()


def _ranges(atom: str | Ranges) -> Ranges:
    return [(ord(atom), ord(atom))] if isinstance(atom, str) else atom
