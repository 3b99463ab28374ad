"""From the tree of a regular expression to a program for `matcher.py`: a list of instructions (operation, a, b, c)."""

from typing import Any

from stepwell.language.jsonata.regex.parser import Item, RegexError, RegexParser

MAX_INSTRUCTIONS = 20_000

CHAR, SET, SPLIT, JUMP, SAVE, ASSERT, LOOK, BACK, RUN, MARK, MOVED, RESET, DONE, HERE = range(14)

Instruction = tuple[int, Any, Any, Any]


class Program:
    """A compiled regular expression: its instructions, its groups, and how many registers a match needs."""

    __slots__ = ("anchored", "code", "first", "groups", "multiline", "registers")

    def __init__(self, source: str, flags: str) -> None:
        parser = RegexParser(source, "i" in flags)
        tree = parser.parse()
        self.groups = parser.groups
        self.multiline = "m" in flags
        self.registers = 2 * (self.groups + 1)
        self.code: list[Instruction] = []
        self._emit(tree)
        self._add(DONE)
        self.first = self._first_character(tree)
        self.anchored = not self.multiline and self.code[0][:2] == (ASSERT, "^")

    def _add(self, operation: int, a: Any = None, b: Any = None, c: Any = None) -> int:
        if len(self.code) >= MAX_INSTRUCTIONS:
            raise RegexError("too large")
        self.code.append((operation, a, b, c))
        return len(self.code) - 1

    def _emit(self, item: Item) -> None:
        if item.kind == "char":
            self._add(CHAR, item.value)
        elif item.kind == "set":
            self._add(SET, item.value)
        elif item.kind == "sequence":
            for part in item.items:
                self._emit(part)
        elif item.kind == "group":
            self._add(SAVE, 2 * item.value)
            self._emit(item.items[0])
            self._add(SAVE, 2 * item.value + 1)
        elif item.kind == "choice":
            self._choice(item)
        elif item.kind == "repeat":
            self._repeat(item)
        elif item.kind == "look":
            self._look(item)
        else:
            self._add(BACK if item.kind == "back" else ASSERT, item.value)

    def _choice(self, item: Item) -> None:
        jumps = []
        for branch in item.items[:-1]:
            split = self._add(SPLIT)
            self._emit(branch)
            jumps.append(self._add(JUMP))
            self.code[split] = (SPLIT, split + 1, len(self.code), None)
        self._emit(item.items[-1])
        for jump in jumps:
            self.code[jump] = (JUMP, len(self.code), None, None)

    def _look(self, item: Item) -> None:
        look = self._add(LOOK)
        self._emit(item.items[0])
        kind, wanted = item.value
        self._add(HERE if kind == "behind" else DONE)
        self.code[look] = (LOOK, kind, wanted, len(self.code))

    def _repeat(self, item: Item) -> None:
        body = item.items[0]
        while body.kind == "sequence" and len(body.items) == 1:
            body = body.items[0]
        if body.kind in {"char", "set"}:
            self._add(RUN, body.value, (item.low, item.high), item.lazy)
            return
        for _ in range(item.low):
            self._iteration(item, body)
        if item.high is None:
            self._loop(item, body)
            return
        exits = []
        for _ in range(item.high - item.low):
            exits.append(self._add(SPLIT))
            self._guarded(item, body)
        for split in exits:
            targets = (split + 1, len(self.code))
            self.code[split] = (SPLIT, *(targets[::-1] if item.lazy else targets), None)

    def _iteration(self, item: Item, body: Item) -> None:
        first, last = item.groups
        if first <= last:
            self._add(RESET, 2 * first, 2 * last + 2)
        self._emit(body)

    def _guarded(self, item: Item, body: Item) -> None:
        """Emit an iteration that must take something: one more of nothing is no match."""
        register = self.registers
        self.registers += 1
        self._add(MARK, register)
        self._iteration(item, body)
        self._add(MOVED, register)

    def _loop(self, item: Item, body: Item) -> None:
        split = self._add(SPLIT)
        self._guarded(item, body)
        self._add(JUMP, split)
        targets = (split + 1, len(self.code))
        self.code[split] = (SPLIT, *(targets[::-1] if item.lazy else targets), None)

    def _first_character(self, tree: Item) -> str | None:
        """Return the character that every match starts with, if there is one."""
        while tree.kind in {"sequence", "group"} and tree.items:
            tree = tree.items[0]
        return tree.value if tree.kind == "char" else None
