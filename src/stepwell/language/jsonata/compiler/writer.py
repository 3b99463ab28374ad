"""Writing one function, statement by statement, and the rules by which nodes are written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any, NamedTuple

from stepwell.language.jsonata.compiler.program import Name, Program
from stepwell.language.jsonata.compiler.scopes import Scope
from stepwell.language.jsonata.tree import Node

CHECK_EVERY = 10
COLLAPSING = {"path", "call"}  # they look at `[]` themselves
MANY = 2.0**20
"""More items than a sequence may have."""
RUN_OF = "budget, entropy, now_ms"
_NEW_RUN = "Run(budget, bindings, entropy, now_ms, source)"
_RUN_OR_NEW = "§run§"
MAX_RARE = 16
"""An expression without a run makes a new one, with a budget of its own, at so many places at most."""
TUPLES = "tuples"
"""The kind of what may be tuples, for the predicates behind it."""


class Term(NamedTuple):
    """A value as it is written: a name or a literal, and what is known of it."""

    text: str
    kind: str = ""
    """Its type where it is known: number, string, boolean, null, object, array, function."""
    sure: bool = False
    """Whether it is never nothing."""
    weight: float = 1
    """How often it may hold what was there before."""
    plain: bool = False
    """Whether it may be put into an object or an array as it is."""
    inner: bool = False
    """Whether it may have been an item of an array, or come from a function: then it may be a sequence of one, which
    counts as its item for whoever looks at it next."""

    @property
    def may_be_list(self) -> bool:
        """Whether it may be an array or a sequence."""
        return self.kind in {"", "array", TUPLES}


Rule = Callable[["Writer", Node, int], Term]
RULES: dict[str, Rule] = {}
MEMBERS: dict[str, Rule] = {}
"""Rules for what is put into an object or an array."""
FILTER: list[Callable[["Writer", Node, Term, int], Term]] = []
GROUP: list[Callable[["Writer", Node, Term, int], Term]] = []


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register what writes nodes of these kinds."""

    def register(function: Rule) -> Rule:
        for kind in kinds:
            RULES[kind] = function
        return function

    return register


class Writer:
    """Writes one function."""

    def __init__(self, program: Program, scope: Scope, value: str = "value", *, top: bool = False) -> None:
        self.program = program
        self.scope = scope
        self.frame = "None" if top else "frame"
        self.weight = 1.0 if top else inf
        """What the context weighs."""
        self.tail: int | None = None
        """In the body of a loop, whose tail calls can't be left to the caller: the depth that these are made at."""
        self.known: dict[Any, str] = {}
        """What was computed before, wherever this is written."""
        self._value = value
        self._top = top
        self._uses_run = False
        self._used: set[str] = set()
        self._lines: list[str] = []
        self._indent = ""
        self._owed = 0
        self._rare = 0

    @property
    def value(self) -> str:
        """The context."""
        self._used.add(self._value)
        return self._value

    @property
    def run(self) -> str:
        """The run."""
        self._uses_run = True
        return "run"

    @property
    def needs_run(self) -> bool:
        """Whether anything that was written needs the run; rare needs that are many are no longer rare."""
        return self._uses_run or self._rare > MAX_RARE

    @property
    def run_or_new(self) -> str:
        """The run, for what is rarely done: an expression that needs one nowhere else makes it there."""
        self._rare += 1
        return _RUN_OR_NEW if self._top else "run"

    @property
    def bindings(self) -> str:
        """What the caller has bound."""
        return "bindings" if self._top else "run.bindings"

    @property
    def source(self) -> str:
        """The expression's own input."""
        return "source" if self._top else "run.source"

    @property
    def place(self) -> int:
        """The place where the next line will be."""
        return len(self._lines)

    def line(self, text: str) -> None:
        """Write a line."""
        self.program.count_line()
        self._lines.append(self._indent + text)

    def replace(self, place: int, text: str) -> None:
        """Write another header of the block that is being written."""
        self._lines[place] = self._indent.removesuffix("    ") + text

    def insert(self, place: int, text: str) -> None:
        """Write a line where it was not known yet whether it is needed."""
        self._lines.insert(place, self._indent + text)

    def new(self) -> str:
        """Return a name that nothing has."""
        return self.program.name("t")

    def put(self, text: str) -> str:
        """Give a name to what a text of Python yields."""
        name = self.new()
        self.line(f"{name} = {text}")
        return name

    def uses(self, value: str) -> bool:
        """Return whether a context was used."""
        return value in self._used

    def spend(self, steps: str) -> None:
        """Pay steps now."""
        self.line(f"{self.run}.steps -= {steps}")
        self.line("if run.steps < 0: run.spend(0)")

    def owe(self, steps: int) -> None:
        """Pay steps where the block that is being written begins."""
        self._owed += steps

    @contextmanager
    def under(self, header: str) -> Iterator[None]:
        """Write a block; what is computed in it is not known behind it."""
        self.line(header)
        known, owed, indent = self.known, self._owed, self._indent
        self.known, self._owed, self._indent = dict(known), 0, indent + "    "
        start = len(self._lines)
        yield
        self._pay(start)
        if len(self._lines) == start:
            self.line("pass")
        self.known, self._owed, self._indent = known, owed, indent

    def _pay(self, start: int) -> None:
        if self._owed:
            lines = f"{self.run}.steps -= {self._owed}", "if run.steps < 0: run.spend(0)"
            self._lines[start:start] = [self._indent + line for line in lines]

    @contextmanager
    def context(self, value: str, weight: float) -> Iterator[None]:
        """Write what has another context."""
        before, self._value = self._value, value
        outer, self.weight = self.weight, weight
        yield
        self._value, self.weight = before, outer

    @contextmanager
    def inside(self, scope: Scope, parameters: dict[str, Term]) -> Iterator[None]:
        """Write what is in another scope."""
        before, frame = self.scope, self.frame
        self.scope = scope
        scope.terms.update(parameters)
        if scope.framed:
            members = [f"{self.program.literal(name)}: {term.text}" for name, term in parameters.items()]
            self.frame = self.put(f"{{{', '.join([*members, f'None: {frame}'])}}}")
        yield
        self.scope, self.frame = before, frame

    def member(self, node: Node, depth: int) -> Term:
        """Write a node whose value is put into an object or an array."""
        term = self.emit(node, depth, MEMBERS if not node.predicates else RULES)
        if term.plain or not term.may_be_list:
            return term
        text = self.put(f"{self.run}.member({term.text}) if isinstance({term.text}, list) else {term.text}")
        return term._replace(text=text, plain=True)

    def emit(self, node: Node, depth: int, rules: dict[str, Rule] = RULES) -> Term:
        """Write a node that is `depth` levels deep in its function."""
        if id(node) in self.program.scopes.outlined:
            function = self.function(node, depth)
            return Term(self.put(f"{function}({self.value}, {self.frame}, {self.run})"), weight=inf)
        return self.emit_here(node, depth, rules)

    def emit_here(self, node: Node, depth: int, rules: dict[str, Rule] = RULES) -> Term:
        """Write a node into this function."""
        if depth % CHECK_EVERY == 0:
            self.line(f"if {self.run}.depth + {depth} > run.limit: run.too_deep()")
        term = (rules.get(node.kind) or RULES[node.kind])(self, node, depth)
        if node.predicates:
            if node.tuple and node.kind != "call":
                term = term._replace(kind=TUPLES)
            for stage in node.predicates:
                term = FILTER[0](self, stage, term, depth)
            term = self.finish(term, node.keep_array)
        elif node.keep_array and node.kind not in COLLAPSING:
            term = self.finish(term, True)
        if node.group is not None and node.kind != "path":
            term = GROUP[0](self, node.group, term, depth)
        return term

    def finish(self, term: Term, keeps: bool) -> Term:
        """Finish a sequence."""
        if not term.may_be_list:
            return term
        finish = "keep_array" if keeps else "collapse"
        text = f"{finish}({term.text}) if isinstance({term.text}, Sequence) else {term.text}"
        return Term(self.put(text), weight=term.weight)

    def looked_at(self, term: Term) -> Term:
        """Finish what may be a sequence that was an item of another."""
        if not (term.inner and term.may_be_list):
            return term
        known = self.known.get((term.text, "looked at"))
        if known is None:
            text = f"collapse({term.text}) if type({term.text}) is Sequence else {term.text}"
            known = self.known[term.text, "looked at"] = self.put(text)
        return term._replace(text=known, inner=False)

    def function(self, node: Node, depth: int) -> Name:
        """Write a function of its own for a node that is evaluated where this one is, or for items."""
        writer = Writer(self.program, self.scope)
        writer.tail = self.tail
        return writer.named("", lambda: writer.emit_here(node, depth))

    def named(self, parameters: str, body: Callable[[], Term]) -> Name:
        """Write this function, with parameters besides the usual ones."""
        name = Name(self.program.name("f"))
        self.line(f"return {body().text}")
        self.program.write(f"def {name}(value, frame, run{parameters}):", self.lines())
        return name

    def lines(self) -> list[str]:
        """Return what was written."""
        self._pay(0)
        if not self._top:
            return self._lines
        made = "run" if self.needs_run else _NEW_RUN
        lines = [line.replace(_RUN_OR_NEW, made) for line in self._lines]
        if "value" in self._used:
            lines.insert(0, "value = OuterSequence((source,)) if isinstance(source, list) else source")
        return lines
