"""An expression, compiled: what it refers to is known, and it can be evaluated any number of times."""

from collections.abc import Mapping
from math import inf
from typing import Any

from stepwell.language.evaluation import Allowance, Entropy, Overdrawn
from stepwell.language.jsonata.budget import DEFAULT_BUDGET, Budget, Run
from stepwell.language.jsonata.compiler import Expression, TooLong, write
from stepwell.language.jsonata.errors import DEPTH, MEMORY, JsonataError, exhausted
from stepwell.language.jsonata.functions.registry import BUILT_IN
from stepwell.language.jsonata.parser import Parser, TooDeep
from stepwell.language.jsonata.references import References, references_of
from stepwell.language.jsonata.steps import Layout
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED

STEPS_PER_LINE = 10
"""What it takes to compile a line of Python; a third of it, that ordinary states are not taken for long ones."""


class Jsonata:
    """A compiled expression. `e(bindings, entropy=…, now_ms=…)` returns its value, a plain one, or `UNDEFINED`.

    Its source is written when it is first evaluated, and anew where bindings hide built-in functions that it calls.
    """

    __slots__ = (
        "_bound", "_code", "_natives", "_needs_run", "_other", "_tree",
        "root_references", "states_fields", "text", "variables",
    )  # fmt: skip

    def __init__(self, text: str, tree: Node | None, references: References) -> None:
        self.text = text
        self._tree = tree
        self._bound = references.bound
        self._code: Expression | None = None if tree is not None else _too_deep
        self._other: Expression | None = None
        self._natives: frozenset[str] = frozenset()
        """The built-in functions that are taken for granted."""
        self._needs_run = True
        self.variables = frozenset(references.variables - BUILT_IN.keys())
        self.root_references = references.roots
        self.states_fields = references.states_fields

    def __call__(
        self,
        bindings: Mapping[str, Any],
        *,
        entropy: Entropy,
        now_ms: int,
        budget: Budget | None = None,
        input: Any = UNDEFINED,  # noqa: A002 (the language's own word)
        allowance: Allowance | None = None,
    ) -> Any:
        """Evaluate with each binding as `$name`; raise `JsonataError` where the expression or its budget fails.

        Where the `allowance` has fewer steps than the budget, and they are used up, raise `Overdrawn`.
        """
        try:
            code = self._code or self._compile(allowance)
            if self._natives and not self._natives.isdisjoint(bindings):
                code = self._without_natives()
            if not self._needs_run:
                return code(input, bindings, budget or DEFAULT_BUDGET, entropy, now_ms)
            run = Run(budget or DEFAULT_BUDGET, bindings, entropy, now_ms, input)
            return code(input, bindings, run) if allowance is None else _metered(code, run, allowance)
        except RecursionError:
            raise exhausted(DEPTH) from None
        except OverflowError:
            # An integer of the data that no double can hold has met one.
            raise JsonataError("D1001", inf) from None

    def python(self) -> str:
        """Return the source that is evaluated, to look at."""
        return "" if self._tree is None else write(self._tree, self._bound).source

    def _compile(self, allowance: Allowance | None) -> Expression:
        assert self._tree is not None
        try:
            program = write(self._tree, self._bound)
            if allowance is not None:
                allowance.spend(program.lines * STEPS_PER_LINE)
        except TooLong:
            self._code = _too_long
            return _too_long
        self._natives = frozenset(program.natives.used)
        self._needs_run = program.needs_run
        self._code = code = program.build()
        return code

    def _without_natives(self) -> Expression:
        """Return the code for bindings that hide a built-in function which the expression calls."""
        assert self._tree is not None
        if self._other is None:
            self._other = write(self._tree, self._bound, dynamic=True).build()
        return self._other


def _metered(code: Expression, run: Run, allowance: Allowance) -> Any:
    """Evaluate with no more steps than an allowance has, and take from it what was used."""
    steps = run.steps = min(run.steps, allowance.steps)
    try:
        return code(run.source, run.bindings, run)
    except JsonataError:
        if run.steps < 0 and steps < run.budget.steps and not allowance.last:
            raise Overdrawn from None
        raise
    finally:
        allowance.steps -= steps - run.steps


def _too_deep(*_: Any) -> Any:
    raise exhausted(DEPTH)


def _too_long(*_: Any) -> Any:
    raise exhausted(MEMORY)


def compile_jsonata(text: str) -> Jsonata:
    """Compile an expression; raise `JsonataSyntaxError` where the text is none."""
    try:
        tree = Layout().lay_out(Parser(text).parse())
        return Jsonata(text, tree, references_of(tree))
    except (TooDeep, RecursionError):
        # AWS takes such a definition, and its execution fails.
        return Jsonata(text, None, References())
