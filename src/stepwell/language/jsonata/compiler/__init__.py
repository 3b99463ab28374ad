"""How a tree becomes a function of Python: source is written for it, and compiled when it is first evaluated.

Every node is written as statements that leave its value under a name, or as nothing but a literal; a `Term` says which,
and what is known of the value, so that nobody checks again. What can be known beforehand is: a name that nothing binds
is looked up in the bindings at once, a path of names goes from object to object, a function that is written where
`$map` takes it is the body of a loop. What is rare (orders, groups, tuples, transformations) is a callable made of
written functions, and called.

**Nothing and sequences.** A term is a plain value, `UNDEFINED`, or a `Sequence` of two or more items (or a kept one):
whoever gathers a sequence collapses it. Between the steps of a path sequences stay as they are, and arrays among their
items are laid open by one level. What `$map` gathers may be sequences itself: one of those that has one item stays one,
and becomes its item where it is looked at again, as a parameter, as the context or at the end of a block.

**Functions** are written for lambdas, for what callables are made of, and for what would be nested too deep. They take
`(value, frame, run)`: the context (`$`), the variables around, the evaluation with its budget.

**Variables** are Python's own where all that sees them is in one function (`scopes.py`). Others are in a frame, a
dictionary with the frame around it under the key `None`. What the caller has bound, and the built-in functions behind
it, are no frame: they are looked up last.

**Tuples.** From the first step with `@`, `#` or under a `%` on, a path carries dictionaries instead of values: the
context under `@` and the variables beside it. A step is then evaluated in a frame made of its tuple.

**The budget** is counted where something repeats or grows: a call, the items of a step, a filter, a range, a string.
Calls that are certain to be made together are paid together. The depth is counted as the reference does, one level a
node: a node knows its own level within the function's body, a call adds the level of its caller.

**Weight.** How often a value may hold what was there before is known of most terms. A result that may hold it only a
few times is not measured when it leaves (`result.py`).

Nothing of an expression's text gets into the source but through `literal`, which escapes texts, and through constants.
"""

from collections.abc import Callable
from typing import Any

from stepwell.language.jsonata.compiler import calls, constructors, operators, paths, transforms, values  # noqa: F401
from stepwell.language.jsonata.compiler.program import Program, TooLong
from stepwell.language.jsonata.compiler.writer import MEMBERS, RULES, RUN_OF, Writer
from stepwell.language.jsonata.tree import Node

MAX_WEIGHT = 100
_SCALARS = {"number", "string", "boolean", "null", "function"}

__all__ = ["Expression", "Program", "TooLong", "write"]

Expression = Callable[..., Any]


def write(tree: Node, bound: set[str], *, dynamic: bool = False) -> Program:
    """Return the program of an expression.

    Its entry is `expression(source, bindings, run)`, or where it hardly needs a run, one that can make it.
    """
    program = Program(tree, bound, dynamic=dynamic)
    w = Writer(program, program.scopes.top, top=True)
    with w.inside(program.scopes.top, {}):
        term = w.emit(tree, 1, RULES if tree.predicates or tree.keep_array else MEMBERS)
    if term.kind in _SCALARS or (term.plain and not w.needs_run):
        w.line(f"return {term.text}")
    else:
        measured = term.weight > MAX_WEIGHT
        if not measured:
            w.line(f"if type({term.text}) is dict and not {w.run}.unsettled: return {term.text}")
        w.line(f"return finish({term.text}, {w.run}, {measured})")
    lines = w.lines()
    program.needs_run = w.needs_run
    program.write(f"def expression(source, bindings, {'run' if w.needs_run else RUN_OF}):", lines)
    return program
