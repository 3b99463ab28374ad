"""An expression, compiled: what it refers to is known, and it can be evaluated any number of times."""

from collections.abc import Mapping
from typing import Any

from stepwell.language.evaluation import Allowance, Entropy, Overdrawn
from stepwell.language.jsonata.budget import DEFAULT_BUDGET, Budget, Run
from stepwell.language.jsonata.compiler import Code, Compiler
from stepwell.language.jsonata.errors import DEPTH, JsonataError, exhausted
from stepwell.language.jsonata.functions.registry import BUILT_IN
from stepwell.language.jsonata.parser import Parser, TooDeep
from stepwell.language.jsonata.references import References, references_of
from stepwell.language.jsonata.result import finish
from stepwell.language.jsonata.steps import Layout
from stepwell.language.jsonata.values import UNDEFINED, OuterSequence


class Jsonata:
    """A compiled expression. `e(bindings, entropy=…, now_ms=…)` returns its value, a plain one, or `UNDEFINED`."""

    __slots__ = ("_code", "root_references", "states_fields", "text", "variables")

    def __init__(self, text: str, code: Code, references: References) -> None:
        self.text = text
        self._code = code
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
        root: dict[Any, Any] = dict(bindings)
        root[None] = None
        root["$"] = input
        run = Run(budget or DEFAULT_BUDGET, root, entropy, now_ms)
        context = OuterSequence((input,)) if isinstance(input, list) else input
        steps = run.steps
        if allowance is not None and allowance.steps < steps:
            steps = run.steps = allowance.steps
        try:
            return finish(self._code(context, root, run), run)
        except RecursionError:
            raise exhausted(DEPTH) from None
        except JsonataError:
            if run.steps < 0 and steps < run.budget.steps and allowance is not None and not allowance.last:
                raise Overdrawn from None
            raise
        finally:
            if allowance is not None:
                allowance.steps -= steps - run.steps


def compile_jsonata(text: str) -> Jsonata:
    """Compile an expression; raise `JsonataSyntaxError` where the text is none."""
    try:
        tree = Layout().lay_out(Parser(text).parse())
        references = references_of(tree)
        code = Compiler(references.bound).code(tree, 1)
    except (TooDeep, RecursionError):
        # AWS takes such a definition, and its execution fails.
        return Jsonata(text, _overflow, References())
    return Jsonata(text, code, references)


def _overflow(_value: Any, _frame: dict[Any, Any], _run: Run) -> Any:
    raise exhausted(DEPTH)
