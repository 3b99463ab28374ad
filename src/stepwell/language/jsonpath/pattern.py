r"""Regular expressions that cannot run away.

A definition is written by one person and its data by another, so `[?(@.x =~ /.../)]` must cost no more than its subject
is long, whatever the two say. A backtracking matcher cannot promise that (`(a|a)*b`, `.*.*.*c`). A filter asks for one
thing only, whether the expression matches the whole subject, as Java's `matches()` does, and for that an automaton is
enough. The expression becomes a graph of nodes by Thompson's construction; a match walks all its branches side by side,
and the sets of nodes that it meets are kept with where each character leads from them. A second match of the same kind
of text is then one look-up in a dictionary a character.

What an automaton cannot do is refused when the path is compiled: back references, look-around, word boundaries.
Single characters (classes, `\d`, a dot, case) are left to Python's `re`, one character at a time.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_SUBJECT_LENGTH = 10_000
MAX_PATTERN_LENGTH = 1_000
MAX_NODES = 2_000
MAX_REPEAT = 500
MAX_GROUPS_DEEP = 50
MAX_KEPT_SETS = 1_000
STEPS_PER_NODE = 2

_ATOM = re.compile(
    r"""\[\^?\]?(?:\\.|[^\]\\\[])*\]  # a class of characters
      | \\[dDsSwWtnrfv\W_]            # an escape that stands for one character
      | \\x[0-9A-Fa-f]{2} | \\u[0-9A-Fa-f]{4}
      | [^\\\[\](){}*+?|^$]           # a plain character, or the dot
    """,
    re.VERBOSE | re.DOTALL,
)
_SET_OPERATOR = re.compile(r"&&|--|\|\||~~")
_REPEAT = re.compile(r"(?:([*+?])|\{(\d{1,9})(?:(,)(\d{1,9})?)?\})[?+]?")
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "u": 0, "m": 0, "U": 0, "d": 0, "x": 0}


Learn = Callable[[int], None]


def unasked(_nodes: int) -> None:
    """Be told, and do nothing."""


class PatternError(ValueError):
    """A regular expression that cannot be compiled here. `position` counts from its start."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class SubjectError(ValueError):
    """A text that is too long to be matched."""


class Node:
    """A node: with an atom it takes one character and goes on to `exits[0]`; without one it goes on to all of them."""

    __slots__ = ("atom", "exits")

    def __init__(self, atom: "re.Pattern[str] | None" = None) -> None:
        self.atom = atom
        self.exits: list[Node] = []


@dataclass(slots=True)
class _Set:
    """A set of nodes that a match can be in at once, closed over the nodes that take nothing."""

    takers: tuple[Node, ...]
    final: bool
    after: dict[str, "_Set"] = field(default_factory=dict)


class Pattern:
    """A compiled regular expression: `matches(text)` says whether it fits the whole text, in time linear in it.

    What it meets for the first time takes longer, and `learn` is told how many steps that is.
    """

    def __init__(self, source: str, flags: str = "") -> None:
        self.source = source
        self.flags = flags
        start, self._end = _Compiler(source, flags).compile()
        self._sets: dict[frozenset[Node], _Set] = {}
        self._start = self._closure([start])

    def matches(self, text: str, learn: Learn = unasked) -> bool:
        """Return whether the whole text matches; raise `SubjectError` where the text is too long to be tried."""
        if len(text) > MAX_SUBJECT_LENGTH:
            raise SubjectError(f"A text longer than {MAX_SUBJECT_LENGTH} characters cannot be matched with =~")
        current = self._start
        for character in text:
            following = current.after.get(character)
            if following is None:
                learn(STEPS_PER_NODE * len(current.takers))
                following = self._step(current, character)
            if not following.takers and not following.final:
                return False
            current = following
        return current.final

    def _step(self, current: _Set, character: str) -> _Set:
        reached = [node.exits[0] for node in current.takers if node.atom is not None and node.atom.match(character)]
        following = self._closure(reached)
        if len(current.after) < MAX_KEPT_SETS:
            current.after[character] = following
        return following

    def _closure(self, nodes: list[Node]) -> _Set:
        seen = set(nodes)
        pending = list(seen)
        while pending:
            node = pending.pop()
            if node.atom is None:
                fresh = [following for following in node.exits if following not in seen]
                seen.update(fresh)
                pending.extend(fresh)
        key = frozenset(seen)
        known = self._sets.get(key)
        if known is None:
            known = _Set(tuple(node for node in seen if node.atom is not None), self._end in seen)
            if len(self._sets) >= MAX_KEPT_SETS:
                # Forgetting what was learned costs time, never an answer, and keeps the memory bounded.
                self._sets.clear()
                for kept in (self._start, known):
                    kept.after.clear()
            self._sets[key] = known
        return known


class _Compiler:
    """Recursive descent over the expression; every method returns the first and the last node of what it read."""

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.at = 0
        self.deep = 0
        self.nodes = 0
        self.flags = 0
        for flag in flags:
            if flag not in _FLAGS:
                raise PatternError(f"The flag '{flag}' of a regular expression is not known", len(source))
            self.flags |= _FLAGS[flag]

    def compile(self) -> tuple[Node, Node]:
        if len(self.source) > MAX_PATTERN_LENGTH:
            raise PatternError(f"A regular expression may have {MAX_PATTERN_LENGTH} characters at most", 0)
        ends = self.choice()
        if self.at < len(self.source):
            raise PatternError("Unbalanced ')' in the regular expression", self.at)
        return ends

    def node(self, atom: "re.Pattern[str] | None" = None) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise PatternError("The regular expression is too large: repeat less", self.at)
        return Node(atom)

    def choice(self) -> tuple[Node, Node]:
        branches = [self.sequence()]
        while self.source.startswith("|", self.at):
            self.at += 1
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        first, last = self.node(), self.node()
        for start, end in branches:
            first.exits.append(start)
            end.exits.append(last)
        return first, last

    def sequence(self) -> tuple[Node, Node]:
        first = last = self.node()
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            start, end = self.repeated()
            last.exits.append(start)
            last = end
        return first, last

    def repeated(self) -> tuple[Node, Node]:
        begin = self.at
        ends = self.single()
        stop = self.at
        match = _REPEAT.match(self.source, stop)
        if match is None:
            return ends
        self.at = match.end()
        low, high = self._bounds(match)
        if self.source[self.at : self.at + 1] in {"*", "+", "?"} and self.at < len(self.source):
            raise PatternError("A repetition cannot be repeated: use a group", self.at)
        return self._copies(ends, begin, low, high)

    def _bounds(self, match: "re.Match[str]") -> tuple[int, int | None]:
        sign, low, comma, high = match.groups()
        if sign:
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        least, most = int(low), int(high) if high else (None if comma else int(low))
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise PatternError(f"A repetition goes from low to high, {MAX_REPEAT} at most", match.start())
        return least, most

    def _copies(self, ends: tuple[Node, Node], begin: int, low: int, high: int | None) -> tuple[Node, Node]:
        """Chain `low` copies that are needed, then `high - low` that are not; without `high` the last one loops."""
        resume = self.at
        first = last = self.node()
        fresh: tuple[Node, Node] | None = ends
        copies = max(low, 1) if high is None else high
        for count in range(copies):
            start, end = fresh or self._again(begin)
            fresh = None
            after = self.node()
            last.exits.append(start)
            end.exits.append(after)
            if count >= low:
                last.exits.append(after)
            if high is None and count == copies - 1:
                end.exits.append(start)
            last = after
        self.at = resume
        return first, last

    def _again(self, begin: int) -> tuple[Node, Node]:
        self.at = begin
        return self.single()

    def single(self) -> tuple[Node, Node]:
        character = self.source[self.at]
        if character == "(":
            return self.group()
        # Anchors hold anyway at the ends of a text that is matched as a whole, and are refused anywhere else.
        if (character == "^" and self.at == 0) or (character == "$" and self.at == len(self.source) - 1):
            self.at += 1
            only = self.node()
            return only, only
        match = _ATOM.match(self.source, self.at)
        if match is None:
            raise PatternError(
                f"'{self.source[self.at : self.at + 2]}' is not supported in a regular expression", self.at
            )
        if match[0].startswith("[") and (operator := _SET_OPERATOR.search(match[0])):
            raise PatternError(f"'{operator[0]}' is not supported in a class of characters", self.at)
        try:
            atom = re.compile(match[0], self.flags)
        except re.error as error:
            raise PatternError(f"Bad regular expression: {error.msg}", self.at) from None
        self.at = match.end()
        first, last = self.node(atom), self.node()
        first.exits.append(last)
        return first, last

    def group(self) -> tuple[Node, Node]:
        begin = self.at
        self.at += 1
        if self.source.startswith("?", self.at):
            if not self.source.startswith("?:", self.at):
                raise PatternError("Of the groups that start with '(?', only '(?:' is supported", begin)
            self.at += 2
        self.deep += 1
        if self.deep > MAX_GROUPS_DEEP:
            raise PatternError(f"Groups may be nested {MAX_GROUPS_DEEP} deep at most", begin)
        ends = self.choice()
        self.deep -= 1
        if not self.source.startswith(")", self.at):
            raise PatternError("A group of the regular expression is not closed", begin)
        self.at += 1
        return ends
