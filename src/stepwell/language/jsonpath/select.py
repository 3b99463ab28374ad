"""Routes that may find many nodes, and conditions of filters, compiled to closures.

Each step turns the list of nodes found so far into the next list; a node that a step cannot be taken from is passed
over, so that a missing parent gives an empty list, as AWS has it. Every visit is counted, and a scope has only so many:
`$..*..*..*` over a large input would else take the machine with it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from stepwell.language.evaluation import Allowance

from .functions import FUNCTIONS, FunctionError
from .operators import MISSING, OPERATORS, matches
from .pattern import Pattern
from .syntax import (
    All,
    Any_,
    Call,
    Comparison,
    Condition,
    Exists,
    Filter,
    Index,
    Indexes,
    Literal,
    Name,
    Names,
    Not,
    Operand,
    Query,
    Route,
    Scan,
    Slice,
    Step,
    Wildcard,
)

MAX_VISITS = 1_000_000


class VisitsExceeded(Exception):
    """A path that would visit more than `MAX_VISITS` nodes."""


class Scope:
    """One evaluation of a path: what `$` is inside its filters, and the visits that are left, each a step."""

    __slots__ = ("learn", "limit", "remaining", "root")

    def __init__(self, root: Any, allowance: Allowance) -> None:
        self.root = root
        self.limit = self.remaining = min(MAX_VISITS, allowance.steps)
        self.learn = allowance.spend
        """Counts what a pattern has to work out, which it does once: so it is no visit."""

    def spend(self, visits: int) -> None:
        """Count visits; raise `VisitsExceeded` when there have been too many."""
        self.remaining -= visits
        if self.remaining < 0:
            raise VisitsExceeded


Fork = Callable[[Any, Scope], Sequence[Any]]
Getter = Callable[[Any, Scope], Any]
Test = Callable[[Any, Scope], bool]


def compile_route(route: Route) -> Getter:
    """Return what finds a route's nodes from a value: the one node or MISSING, or the list of all nodes."""
    find = _singular(route.steps) if route.singular else _plural(route.steps)
    return find if route.call is None else _called(find, route.call)


def _called(find: Getter, call: Call) -> Getter:
    apply = FUNCTIONS[call.function].apply
    arguments = [_operand(argument) for argument in call.arguments]

    def value(node: Any, scope: Scope) -> Any:
        found = find(node, scope)
        given = [argument(node, scope) for argument in arguments]
        return MISSING if found is MISSING or any(each is MISSING for each in given) else apply(found, given)

    return value


def _singular(steps: tuple[Step, ...]) -> Getter:
    if len(steps) == 1 and isinstance(steps[0], Name):
        name = steps[0].name
        return lambda node, _: node.get(name, MISSING) if isinstance(node, dict) else MISSING
    forks = [_fork(step, last=True) for step in steps]

    def get(node: Any, scope: Scope) -> Any:
        for fork in forks:
            found = fork(node, scope)
            if not found:
                return MISSING
            node = found[0]
        return node

    return get


def _plural(steps: tuple[Step, ...]) -> Getter:
    forks: list[Fork] = []
    for at, step in enumerate(steps):
        if isinstance(step, Filter) and at and isinstance(steps[at - 1], Scan):
            forks.append(_scanned_filter(compile_condition(step.condition)))
        else:
            forks.append(_fork(step, last=at == len(steps) - 1))

    def find(node: Any, scope: Scope) -> list[Any]:
        nodes = [node]
        for fork in forks:
            following: list[Any] = []
            for current in nodes:
                before = len(following)
                following.extend(fork(current, scope))
                scope.spend(len(following) - before + 1)
            nodes = following
        return nodes

    return find


def _fork(step: Step, *, last: bool) -> Fork:
    match step:
        case Name(name):
            return lambda node, _: (node[name],) if isinstance(node, dict) and name in node else ()
        case Index(index):
            return lambda node, _: _at(node, (index,))
        case Indexes(indexes):
            return lambda node, _: _at(node, indexes)
        case Names(names):
            return _merged(names) if last else _forked(names)
        case Slice(bounds):
            return lambda node, _: node[bounds] if isinstance(node, list) else ()
        case Wildcard():
            return lambda node, _: _children(node)
        case Filter(condition):
            return _filter(compile_condition(condition))
        case Scan():
            return _containers


def _at(node: Any, indexes: tuple[int, ...]) -> Sequence[Any]:
    if not isinstance(node, list):
        return ()
    size = len(node)
    return [node[index] for index in indexes if -size <= index < size]


def _merged(names: tuple[str, ...]) -> Fork:
    def fork(node: Any, _: Scope) -> Sequence[Any]:
        return ({name: node[name] for name in names if name in node},) if isinstance(node, dict) else ()

    return fork


def _forked(names: tuple[str, ...]) -> Fork:
    return lambda node, _: [node[name] for name in names if name in node] if isinstance(node, dict) else ()


def _children(node: Any) -> Sequence[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else ()


def _containers(node: Any, scope: Scope) -> list[Any]:
    """Return the node and all objects and arrays below it, parents first, in the order of the text."""
    found: list[Any] = []
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, dict | list):
            scope.spend(len(current) + 1)
            found.append(current)
            pending.extend(reversed(_children(current)))
    return found


def _filter(test: Test) -> Fork:
    def fork(node: Any, scope: Scope) -> list[Any]:
        if isinstance(node, list):
            scope.spend(len(node))
            return [item for item in node if test(item, scope)]
        # An object is tested itself, as Jayway does it.
        return [node] if isinstance(node, dict) and test(node, scope) else []

    return fork


def _scanned_filter(test: Test) -> Fork:
    """Behind `..` every object comes by itself: an array only tests what else is in it, or objects would come twice."""

    def fork(node: Any, scope: Scope) -> list[Any]:
        if isinstance(node, dict):
            return [node] if test(node, scope) else []
        return [item for item in node if not isinstance(item, dict) and test(item, scope)]

    return fork


def compile_condition(condition: Condition) -> Test:
    """Return what tests a node in a scope."""
    match condition:
        case Exists(query):
            return _exists(query)
        case Not(inner):
            test = compile_condition(inner)
            return lambda node, scope: not test(node, scope)
        case All(inner_conditions):
            tests = [compile_condition(each) for each in inner_conditions]
            return lambda node, scope: all(test(node, scope) for test in tests)
        case Any_(inner_conditions):
            tests = [compile_condition(each) for each in inner_conditions]
            return lambda node, scope: any(test(node, scope) for test in tests)
        case Comparison():
            return _comparison(condition)


def _exists(query: Query) -> Test:
    get = _operand(query)
    if query.route.singular or query.route.call:
        return lambda node, scope: get(node, scope) is not MISSING
    return lambda node, scope: bool(get(node, scope))


def _comparison(comparison: Comparison) -> Test:
    if isinstance(comparison.right, Pattern):
        return _matching(_operand(comparison.left), comparison.right)
    left, right = _operand(comparison.left), _operand(comparison.right)
    holds = OPERATORS[comparison.operator]

    def test(node: Any, scope: Scope) -> bool:
        one, other = left(node, scope), right(node, scope)
        if isinstance(one, list) or isinstance(other, list):
            scope.spend((len(one) if isinstance(one, list) else 1) * (len(other) if isinstance(other, list) else 1))
        return holds(one, other)

    return test


def _matching(subject: Getter, pattern: Pattern) -> Test:
    def test(node: Any, scope: Scope) -> bool:
        value = subject(node, scope)
        scope.spend(len(value) if isinstance(value, str) else 1)
        return matches(value, pattern, scope.learn)

    return test


def _lenient(get: Getter) -> Getter:
    """Let a function that has no value, as max() of an empty array, make a comparison false instead of failing."""

    def value(node: Any, scope: Scope) -> Any:
        try:
            return get(node, scope)
        except (FunctionError, OverflowError):
            return MISSING

    return value


def _operand(operand: Operand) -> Getter:
    match operand:
        case Query(route, from_root):
            get = compile_route(route) if route.call is None else _lenient(compile_route(route))
            return (lambda _, scope: get(scope.root, scope)) if from_root else get
        case Literal(value):
            return lambda _node, _scope: value
        case Pattern():
            return lambda _node, _scope: operand
