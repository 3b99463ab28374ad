"""A compiled path, and where it starts: in the input, in the context object or in a variable."""

from collections.abc import Callable
from typing import Any

from stepwell.language.evaluation import BOUNDLESS, Allowance, Evaluation, Expression, Overdrawn, PathError

from .definite import compile_definite, compile_definite_of_input
from .functions import FunctionError
from .grammar import PathGrammar
from .operators import MISSING
from .pattern import SubjectError
from .select import MAX_VISITS, Scope, VisitsExceeded, compile_route
from .syntax import Route

Find = Callable[..., Any]

_NO_VARIABLES: frozenset[str] = frozenset()


class Path:
    """A compiled path: `evaluate(evaluation)` starts from its own root, `find(value, allowance)` from any value.

    Without an allowance, `find` has only the bounds of paths themselves.

    A definite path yields its node or raises `PathError`; an indefinite one yields a list, which may be empty.
    """

    __slots__ = ("definite", "evaluate", "find", "root", "text", "variables")

    def __init__(self, text: str, root: str, route: Route) -> None:
        self.text = text
        self.root = root
        self.definite = route.singular or route.call is not None
        self.variables = _NO_VARIABLES if root[0] == "$" else frozenset((root,))
        plain = route.singular and route.call is None
        self.find: Find = compile_definite(text, route.steps) if plain else _find(text, route)
        if plain and root == "$":
            self.evaluate = compile_definite_of_input(text, route.steps)
        else:
            self.evaluate = _from_root(text, root, self.find)

    def __repr__(self) -> str:
        return f"Path({self.text!r})"


def _from_root(text: str, root: str, find: Find) -> Expression:
    def from_context(evaluation: Evaluation) -> Any:
        context = evaluation.context()
        return find(context if type(context) is dict else dict(context), evaluation.allowance)

    def from_variable(evaluation: Evaluation) -> Any:
        try:
            value = evaluation.variables[root]
        except KeyError:
            raise PathError(text, f"The variable '${root}' has not been assigned") from None
        return find(value, evaluation.allowance)

    match root:
        case "$":
            return lambda evaluation: find(evaluation.input, evaluation.allowance)
        case "$$":
            return from_context
        case _:
            return from_variable


def _find(text: str, route: Route) -> Find:
    get = compile_route(route)

    def find(value: Any, allowance: Allowance | None = None) -> Any:
        allowance = allowance or Allowance(BOUNDLESS)
        scope = Scope(value, allowance)
        try:
            found = get(value, scope)
        except VisitsExceeded:
            if scope.limit < MAX_VISITS and not allowance.last:
                raise Overdrawn from None
            raise PathError(text, f"The path visits more than {MAX_VISITS} nodes of its input") from None
        except RecursionError:
            raise PathError(text, "A value that the path compares is nested too deep") from None
        except (FunctionError, SubjectError, OverflowError) as error:
            raise PathError(text, str(error)) from None
        finally:
            allowance.steps -= scope.limit - scope.remaining
        if found is MISSING:
            raise PathError(text, f"No results for path: {route}")
        return found

    return find


def read_path(text: str, at: int = 0) -> tuple[Path, int]:
    """Read the path that starts at `at`; return it, and where the text goes on behind it."""
    grammar = PathGrammar(text, at)
    root, route = grammar.path()
    return Path(text[at : grammar.at], root, route), grammar.at


def compile_path(text: str) -> Path:
    """Return the path that `text` is, or raise `PathSyntaxError`."""
    path, end = read_path(text)
    if end < len(text):
        PathGrammar(text, 0).fail("Unexpected text behind the path", end)
    return path
