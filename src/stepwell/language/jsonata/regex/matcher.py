"""The matcher: a backtracking machine with its stack in a list and its steps on the expression's budget.

An automaton without backtracking has no groups in ECMAScript's sense, no look-around and no references, so this one
backtracks, and what cannot be promised by its construction is by its budget: two instructions cost a step. A pattern
that runs away (`(a+)+$`) ends as any endless expression does. A run of single characters, the most frequent loop, is
one instruction and one entry of the stack.
"""

from typing import Any, NamedTuple

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import MEMORY, exhausted
from stepwell.language.jsonata.regex.charset import LINE_ENDS, canonical
from stepwell.language.jsonata.regex.program import (
    ASSERT,
    BACK,
    CHAR,
    HERE,
    JUMP,
    LOOK,
    MARK,
    MOVED,
    RESET,
    RUN,
    SAVE,
    SET,
    SPLIT,
    Program,
)

MAX_STACK = 400_000
SPEND_EVERY = 1_000
COPIED_PER_STEP = 32
"""To copy so many registers takes no longer than one step."""

_STORES = {SAVE, MARK}
Registers = tuple[int, ...]


class Match(NamedTuple):
    """A match: where it is, and its groups, None for one that took no part."""

    start: int
    end: int
    groups: list[str | None]


class Matcher:
    """Matches one text, on one evaluation's budget."""

    def __init__(self, program: Program, ignore_case: bool, text: str, run: Run) -> None:
        self._program = program
        self._ignore_case = ignore_case
        self._text = text
        self._run = run
        self._copying = program.registers // COPIED_PER_STEP

    def search(self, start: int) -> Match | None:
        """Return the first match from `start` on."""
        program, text = self._program, self._text
        registers = (-1,) * program.registers
        while start <= len(text):
            if program.first is not None:
                start = text.find(program.first, start)
                if start < 0:
                    return None
            elif program.anchored and start > 0:
                return None
            self._run.spend(1)
            found = self._match(0, start, registers, -1)
            if found is not None:
                end, saved = found
                groups = [
                    text[saved[2 * group] : saved[2 * group + 1]] if saved[2 * group + 1] >= 0 else None
                    for group in range(1, program.groups + 1)
                ]
                return Match(start, end, groups)
            start += 1
        return None

    def _match(  # noqa: C901, PLR0915 (one dispatch: to split it would cost a call an instruction)
        self, counter: int, at: int, registers: Registers, here: int
    ) -> tuple[int, Registers] | None:
        """Run the program from one place; return where it ends, or None where it doesn't match."""
        code, text, size = self._program.code, self._text, len(self._text)
        stack: list[tuple[int, int, Registers, int]] = []
        steps = 0
        while True:
            steps += 1
            if steps % SPEND_EVERY == 0:
                self._pay(len(stack))
            operation, a, b, c = code[counter]
            counter += 1
            fits = True
            if operation == CHAR:
                fits = at < size and text[at] == a
                at += 1
            elif operation == SET:
                fits = at < size and text[at] in a
                at += 1
            elif operation == RUN:
                fits, at = self._run_of(counter, at, registers, stack, a, b, c)
                steps += 1
            elif operation == SPLIT:
                stack.append((b, at, registers, -1))
                counter = a
            elif operation == JUMP:
                counter = a
            elif operation in _STORES:
                registers = (*registers[:a], at, *registers[a + 1 :])
                self._run.steps -= self._copying
            elif operation == MOVED:
                fits = registers[a] != at
            elif operation == RESET:
                registers = (*registers[:a], *(-1,) * (b - a), *registers[b:])
                self._run.steps -= self._copying
            elif operation == ASSERT:
                fits = self._holds(a, at)
            elif operation == BACK:
                fits, at = self._again(a, at, registers)
            elif operation == LOOK:
                found = self._look(a, counter, at, registers)
                fits = (found is not None) is b
                if found is not None and b:
                    registers = found[1]
                counter = c
            elif operation != HERE or at == here:
                self._run.spend(steps % SPEND_EVERY // 2)
                return at, registers
            else:
                fits = False
            if not fits:
                if not stack:
                    self._run.spend(steps % SPEND_EVERY // 2)
                    return None
                counter, at, registers, other = stack.pop()
                if other >= 0:
                    at, registers = self._resume(counter, at, registers, other, stack)

    def _pay(self, depth: int) -> None:
        self._run.spend(SPEND_EVERY // 2)
        if depth > MAX_STACK:
            raise exhausted(MEMORY)

    def _run_of(
        self, counter: int, at: int, registers: Registers, stack: list[Any], item: Any, bounds: Any, lazy: bool
    ) -> tuple[bool, int]:
        """Take a run of single characters; leave on the stack that it could be shorter, or if lazy, longer."""
        text = self._text
        low, high = bounds
        most = len(text) if high is None else min(len(text), at + high)
        end = at
        if isinstance(item, str):
            while end < most and text[end] == item:
                end += 1
        else:
            while end < most and text[end] in item:
                end += 1
        self._run.spend((end - at) // 8)
        least = at + low
        if end < least:
            return False, at
        if end > least:
            # The place that is tried next, and the last one: upwards if lazy, else downwards.
            stack.append((counter, least + 1, registers, end) if lazy else (counter, end - 1, registers, least))
        return True, least if lazy else end

    @staticmethod
    def _resume(
        counter: int, at: int, registers: Registers, other: int, stack: list[tuple[int, int, Registers, int]]
    ) -> tuple[int, Registers]:
        """Try the next length of a run; leave the rest of them on the stack."""
        if at > other:
            stack.append((counter, at - 1, registers, other))
        elif at < other:
            stack.append((counter, at + 1, registers, other))
        return at, registers

    def _holds(self, assertion: str, at: int) -> bool:
        text = self._text
        if assertion == "^":
            return at == 0 or (self._program.multiline and text[at - 1] in LINE_ENDS)
        if assertion == "$":
            return at == len(text) or (self._program.multiline and text[at] in LINE_ENDS)
        before = at > 0 and _is_word(text[at - 1])
        after = at < len(text) and _is_word(text[at])
        return (before != after) is (assertion == "b")

    def _again(self, group: int, at: int, registers: Registers) -> tuple[bool, int]:
        """Match once more what a group has captured; one that took no part matches nothing."""
        start, end = registers[2 * group], registers[2 * group + 1]
        if start < 0 or end < 0:
            return True, at
        wanted, found = self._text[start:end], self._text[at : at + end - start]
        self._run.spend(len(wanted) // 64)
        same = wanted == found
        if self._ignore_case and not same and len(wanted) == len(found):
            same = all(canonical(a) == canonical(b) for a, b in zip(wanted, found, strict=True))
        return same, at + len(wanted)

    def _look(self, kind: str, counter: int, at: int, registers: Registers) -> tuple[int, Registers] | None:
        if kind == "ahead":
            return self._match(counter, at, registers, -1)
        for start in range(at, -1, -1):
            self._run.spend(1)
            found = self._match(counter, start, registers, at)
            if found is not None:
                return found
        return None


def _is_word(character: str) -> bool:
    return character == "_" or (character.isascii() and character.isalnum())
