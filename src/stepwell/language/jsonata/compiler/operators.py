"""Operators: arithmetic on doubles, comparison, equality, logic, concatenation, ranges."""

from collections.abc import Callable
from math import fmod, inf, isfinite, isnan, nan
from operator import add, mul, sub
from typing import Any

from stepwell.language.jsonata.budget import CHARACTERS_PER_STEP, MADE_PER_STEP, Run
from stepwell.language.jsonata.compiler.core import RULES, Code, Compiler, Frame, rule
from stepwell.language.jsonata.equality import equal
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.text import to_string
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import EXACT, UNDEFINED, Sequence, double, is_number, less, number

MAX_RANGE = 10_000_000
Operation = Callable[[Any, Any], Any]


def divide(left: float, right: float) -> float:
    """Divide as doubles do: by zero is infinite, zero by zero is not a number."""
    if right == 0:
        return nan if left == 0 or isnan(left) else (inf if left > 0 else -inf)
    return left / right


def remainder(left: float, right: float) -> float:
    """Return the remainder, with the sign of the dividend."""
    if right == 0:
        return nan
    return fmod(left, right)


_NUMBERS = {int, float}
_ARITHMETIC: dict[str, Operation] = {
    "+": add,
    "-": sub,
    "*": mul,
    "/": divide,
    "%": remainder,
}


def _checked_number(value: Any, code: str, token: str, position: int) -> None:
    if not is_number(value) or isnan(value):
        raise _error(code, token, position, value=value)
    if value in {inf, -inf}:
        raise _error("D1001", token, position, value=value)


def _error(code: str, token: str, position: int, **fields: Any) -> JsonataError:
    error = JsonataError(code, token=token, **fields)
    error.position = position
    return error


def arithmetic(left: Code, right: Code, node: Node) -> Code:
    """Return the code of `+ - * / %`."""
    operation, token, position = _ARITHMETIC[node.value], node.value, node.position

    def compute(first: Any, second: Any) -> Any:
        if first is not UNDEFINED:
            _checked_number(first, "T2001", token, position)
        if second is not UNDEFINED:
            _checked_number(second, "T2002", token, position)
        if first is UNDEFINED or second is UNDEFINED:
            return UNDEFINED
        return number(operation(double(first), double(second)))

    if token in {"/", "%"}:
        return lambda value, frame, run: compute(left(value, frame, run), right(value, frame, run))

    def compute_fast(value: Any, frame: Frame, run: Run) -> Any:
        first, second = left(value, frame, run), right(value, frame, run)
        if type(first) in _NUMBERS and type(second) in _NUMBERS:
            result = operation(first, second)
            if type(result) is int:
                if -EXACT <= result <= EXACT:
                    return result
            elif isfinite(result):
                # Where the result is finite, both sides were.
                return number(result) if result.is_integer() else result
        return compute(first, second)

    return compute_fast


def _has_nan(*values: Any) -> bool:
    return any(type(value) is float and isnan(value) for value in values)


_COMPARISONS: dict[str, Operation] = {
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: not less(right, left) and not _has_nan(left, right),
    ">=": lambda left, right: not less(left, right) and not _has_nan(left, right),
}


def comparison(left: Code, right: Code, node: Node) -> Code:
    """Return the code of `< <= > >=`."""
    operation, token, position = _COMPARISONS[node.value], node.value, node.position

    def compare(value: Any, frame: Frame, run: Run) -> Any:
        first, second = left(value, frame, run), right(value, frame, run)
        if type(first) in _NUMBERS and type(second) in _NUMBERS:
            return operation(first, second)
        for operand in (first, second):
            if type(operand) is not str and not is_number(operand) and operand is not UNDEFINED:
                raise _error("T2010", token, position, value=operand)
        if first is UNDEFINED or second is UNDEFINED:
            return UNDEFINED
        if (type(first) is str) is not (type(second) is str):
            raise _error("T2009", token, position, value=first, value2=second)
        if type(first) is str:
            run.compare_texts(first, second)
        return operation(first, second)

    return compare


def equality(left: Code, right: Code, node: Node) -> Code:
    """Return the code of `=` and `!=`; nothing is neither equal nor unequal to anything."""
    wanted = node.value == "="

    def compare(value: Any, frame: Frame, run: Run) -> Any:
        first, second = left(value, frame, run), right(value, frame, run)
        if first is UNDEFINED or second is UNDEFINED:
            return False
        if type(first) is str and type(second) is str:
            run.compare_texts(first, second)
            return (first == second) is wanted
        return equal(first, second, run) is wanted

    return compare


def logic(left: Code, right: Code, node: Node) -> Code:
    """Return the code of `and` and `or`; the right side is only evaluated where it decides."""
    if node.value == "and":

        def both(value: Any, frame: Frame, run: Run) -> Any:
            return truth(left(value, frame, run)) and truth(right(value, frame, run))

        return both

    def either(value: Any, frame: Frame, run: Run) -> Any:
        return truth(left(value, frame, run)) or truth(right(value, frame, run))

    return either


def concatenation(left: Code, right: Code, _node: Node) -> Code:
    """Return the code of `&`."""

    def concatenate(value: Any, frame: Frame, run: Run) -> Any:
        first, second = left(value, frame, run), right(value, frame, run)
        if type(first) is not str:
            first = "" if first is UNDEFINED else to_string(first, run)
        if type(second) is not str:
            second = "" if second is UNDEFINED else to_string(second, run)
        size = len(first) + len(second)
        if size >= CHARACTERS_PER_STEP:
            run.reserve_text(size)
        return first + second

    return concatenate


def inclusion(left: Code, right: Code, _node: Node) -> Code:
    """Return the code of `in`: only strings, numbers, booleans and null are ever found."""

    def includes(value: Any, frame: Frame, run: Run) -> Any:
        wanted, items = left(value, frame, run), right(value, frame, run)
        if wanted is UNDEFINED or items is UNDEFINED:
            return False
        items = items if isinstance(items, list) else [items]
        run.spend(len(items))
        if isinstance(wanted, list | dict):
            return any(item is wanted for item in items)
        return any(_same(wanted, item) for item in items)

    return includes


def _same(first: Any, second: Any) -> bool:
    if is_number(first):
        return is_number(second) and bool(first == second)
    return type(first) is type(second) and bool(first == second)


_BINARY: dict[str, Callable[[Code, Code, Node], Code]] = {
    **dict.fromkeys(_ARITHMETIC, arithmetic),
    **dict.fromkeys(_COMPARISONS, comparison),
    "=": equality,
    "!=": equality,
    "and": logic,
    "or": logic,
    "&": concatenation,
    "in": inclusion,
}


@rule("binary")
def binary(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile an operator with two sides."""
    if node.value == "~>":
        return RULES["apply"](compiler, node, depth)
    left, right = compiler.code(node.left, depth + 1), compiler.code(node.right, depth + 1)
    return _BINARY[node.value](left, right, node)


@rule("negation")
def negation(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `-x`."""
    code, position = compiler.code(node.left, depth + 1), node.position

    def negate(value: Any, frame: Frame, run: Run) -> Any:
        result = code(value, frame, run)
        if result is UNDEFINED:
            return UNDEFINED
        if not is_number(result) or isnan(result):
            raise _error("D1002", "-", position, value=result)
        if result in {inf, -inf}:
            raise _error("D1001", "-", position, value=result)
        return -result

    return negate


@rule("range")
def ranged(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `a..b`."""
    left, right = compiler.code(node.left, depth + 1), compiler.code(node.right, depth + 1)
    position = node.position

    def count(value: Any, frame: Frame, run: Run) -> Any:
        first, last = left(value, frame, run), right(value, frame, run)
        for bound, code in ((first, "T2003"), (last, "T2004")):
            if bound is not UNDEFINED and type(bound) is not int:
                if type(bound) is float and bound.is_integer():
                    continue
                raise _error(code, "..", position, value=bound)
        if first is UNDEFINED or last is UNDEFINED or first > last:
            return UNDEFINED
        size = int(last) - int(first) + 1
        if size > MAX_RANGE:
            raise _error("D2014", "..", position, value=size)
        run.reserve(size, MADE_PER_STEP)
        result = Sequence(range(int(first), int(last) + 1))
        return result if len(result) > 1 else result[0]

    return count
