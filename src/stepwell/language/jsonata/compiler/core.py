"""How a tree becomes closures, and what they pass to each other.

Every node becomes one callable `code(value, frame, run)`: `value` is the context (`$`), `frame` the variables, `run`
the evaluation with its budget. What can be known beforehand is: a name is looked up in the root at once where nothing
in the expression binds it, a path of plain names is one closure, an operator with a literal has its own.

**Nothing and sequences.** A code returns a plain value, `UNDEFINED`, or a `Sequence` of two or more items (or a kept
one): whoever gathers a sequence collapses it before it is returned. Between the steps of a path sequences stay as they
are, and arrays among their items are flattened by one level.

**Frames** are dictionaries with the frame around them under the key `None`. The root holds `$`, what the caller has
bound, and the built-in functions behind it. Only blocks, calls and tuples make new ones.

**Tuples.** From the first step with `@`, `#` or under a `%` on, a path carries dictionaries instead of values: the
context under `@` and the variables beside it. A step is then evaluated in a frame made of its tuple.

**The budget** is counted where something repeats or grows: a call (`calling.py`), the items of a step, a filter, a
range, a string. The depth is counted as the reference does, one level a node: a node knows its own level within the
function's body, a call adds the level of its caller. So only calls count at run time, and every tenth level checks.
"""

from collections.abc import Callable
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.errors import DEPTH, exhausted
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import collapse, keep_array

Frame = dict[Any, Any]
Code = Callable[[Any, Frame, Run], Any]
Rule = Callable[["Compiler", Node, int], Code]

CHECK_EVERY = 10
COLLAPSING = {"path", "call", "apply"}  # they look at `[]` themselves
RULES: dict[str, Rule] = {}


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register what compiles nodes of these kinds."""

    def register(function: Rule) -> Rule:
        for kind in kinds:
            RULES[kind] = function
        return function

    return register


class Compiler:
    """Compiles the nodes of one expression; `bound` are the names of variables that something in it binds."""

    def __init__(self, bound: set[str]) -> None:
        self.bound = bound

    def code(self, node: Node, depth: int) -> Code:
        """Return the callable of a node that is `depth` levels deep in its function."""
        code = RULES[node.kind](self, node, depth)
        if node.predicates:
            code = filtered(code, [self.stage(stage, depth) for stage in node.predicates], node.keep_array)
        elif node.keep_array and node.kind not in COLLAPSING:
            code = kept(code)
        if node.group is not None and node.kind != "path":
            code = grouped(code, GROUP[0](self, node.group, depth))
        if depth % CHECK_EVERY == 0:
            code = checked(code, depth)
        return code

    def stage(self, stage: Node, depth: int) -> Callable[[Any, Frame, Run], Any]:
        """Return the filter of a predicate: it takes the input where a code takes the context."""
        return FILTER[0](self, stage.right, depth)

    def codes(self, nodes: list[Node], depth: int) -> list[Code]:
        """Return the callables of nodes of one depth."""
        return [self.code(node, depth) for node in nodes]


FILTER: list[Rule] = []
GROUP: list[Callable[[Compiler, Node, int], Code]] = []


def filtered(code: Code, filters: list[Code], keeps: bool) -> Code:
    """Return a code with predicates behind it."""

    def filtering(value: Any, frame: Frame, run: Run) -> Any:
        result = code(value, frame, run)
        for keep in filters:
            result = keep(result, frame, run)
        return keep_array(result) if keeps else collapse(result)

    return filtering


def grouped(code: Code, group: Code) -> Code:
    """Return a code with a grouping behind it."""

    def grouping(value: Any, frame: Frame, run: Run) -> Any:
        return group(code(value, frame, run), frame, run)

    return grouping


def kept(code: Code) -> Code:
    """Return a code whose sequence stays an array."""

    def keeping(value: Any, frame: Frame, run: Run) -> Any:
        return keep_array(code(value, frame, run))

    return keeping


def checked(code: Code, depth: int) -> Code:
    """Return a code that fails where it is nested too deep."""

    def checking(value: Any, frame: Frame, run: Run) -> Any:
        if run.depth + depth > run.limit:
            raise exhausted(DEPTH)
        return code(value, frame, run)

    return checking


def tuple_frame(frame: Frame, item: dict[str, Any]) -> Frame:
    """Return the frame in which a step sees its tuple."""
    inner: Frame = dict(item)
    inner[None] = frame
    return inner
