"""What a pattern compares one leaf of an event with: a value, or a comparison such as `{"prefix": "a"}`.

Each is compiled to a function of the leaf, which is a text, a number, a boolean or null. The reasons of what is refused
are those that AWS gives.
"""

import ipaddress
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from stepwell.events.errors import InvalidPattern
from stepwell.events.wildcards import wildcard

Leaf = Callable[[Any], bool]
_Operand = Callable[[Any], Leaf]

_ONE_KEY = "Only one key allowed in match expression"
_NOT_IN_A_LIST = "Inside anything but list, start|null|boolean is not supported."
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_FROM_BELOW, _FROM_ABOVE = frozenset({"<", "<="}), frozenset({">", ">="})


def alternative(given: Any) -> Leaf | None:
    """Return what compares a leaf with one alternative of a field; None for `{"exists": false}`, which needs no leaf.

    Raise `InvalidPattern`.
    """
    if isinstance(given, dict):
        return _comparison(given)
    if isinstance(given, list):
        raise InvalidPattern("Match value must be String, number, true, false, or null")
    return _equals(given)


def _comparison(given: dict[str, Any]) -> Leaf | None:
    if not given:
        raise InvalidPattern("Match expression name not found")
    name, operand = next(iter(given.items()))
    if name == "exists":
        if not isinstance(operand, bool):
            raise InvalidPattern("exists match pattern must be either true or false.")
        compare: Leaf | None = _is_anything if operand else None
    elif name in _COMPARISONS:
        compare = _COMPARISONS[name](operand)
    else:
        raise InvalidPattern(f"Unrecognized match type {name}")
    if len(given) > 1:
        raise InvalidPattern(_ONE_KEY)
    return compare


def _is_anything(_leaf: Any) -> bool:
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equals(given: Any) -> Leaf:
    if given is None or isinstance(given, bool):
        return lambda leaf: leaf is given
    if isinstance(given, str):
        return lambda leaf: isinstance(leaf, str) and leaf == given
    return lambda leaf: _is_number(leaf) and leaf == given


def _exactly(operand: Any) -> Leaf:
    return _equals(_text(operand, "exact match pattern must be a string"))


def _equals_ignore_case(operand: Any) -> Leaf:
    wanted = _folded(_text(operand, "equals-ignore-case match pattern must be a string"))
    return lambda leaf: isinstance(leaf, str) and _folded(leaf) == wanted


def _affix(name: str, has: Callable[[str, str], bool]) -> _Operand:
    """Return the compiler of `prefix` or `suffix`, whose operand may be `{"equals-ignore-case": …}`."""

    def compile_operand(operand: Any) -> Leaf:
        if isinstance(operand, dict) and list(operand) == ["equals-ignore-case"]:
            folded = _folded(_text(operand["equals-ignore-case"], "equals-ignore-case match pattern must be a string"))
            return lambda leaf: isinstance(leaf, str) and has(_folded(leaf), folded)
        wanted = _text(operand, f"{name} match pattern must be a string")
        return lambda leaf: isinstance(leaf, str) and has(leaf, wanted)

    return compile_operand


def _folded(text: str) -> str:
    return text.casefold()


def _wildcard(operand: Any) -> Leaf:
    matches = wildcard(_text(operand, "wildcard match pattern must be a string"))
    return lambda leaf: isinstance(leaf, str) and matches(leaf)


def _text(operand: Any, otherwise: str) -> str:
    if not isinstance(operand, str):
        raise InvalidPattern(otherwise)
    return operand


def _anything_but(operand: Any) -> Leaf:
    unwanted = _within_anything_but(operand) if isinstance(operand, dict) else _listed(operand)
    return lambda leaf: not any(one(leaf) for one in unwanted)


def _within_anything_but(operand: dict[str, Any]) -> list[Leaf]:
    """Return the comparisons of `{"prefix": "a"}` or `{"prefix": ["a", "b"]}`: one for each text."""
    if not operand:
        raise InvalidPattern("Anything-But expression name not found")
    name, given = next(iter(operand.items()))
    if name not in {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
        raise InvalidPattern(f"Unsupported anything-but pattern: {name}")
    if len(operand) > 1:
        raise InvalidPattern(_ONE_KEY)
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise InvalidPattern(f"Inside anything-but/{name} list, number|start|null|boolean is not supported.")
    if "" in texts and name in {"prefix", "suffix"}:
        raise InvalidPattern("Null prefix/suffix not allowed")
    return [_COMPARISONS[name](text) for text in texts]


def _listed(operand: Any) -> list[Leaf]:
    if not isinstance(operand, list):
        if not isinstance(operand, str) and not _is_number(operand):
            raise InvalidPattern("Value of anything-but must be an array or single string/number value.")
        return [_equals(operand)]
    if not all(isinstance(value, str) or _is_number(value) for value in operand):
        raise InvalidPattern(_NOT_IN_A_LIST)
    if len({isinstance(value, str) for value in operand}) != 1:
        raise InvalidPattern(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    return [_equals(value) for value in operand]


def _numeric(operand: Any) -> Leaf:
    if not isinstance(operand, list):
        raise InvalidPattern("Value of numeric must be an array.")
    operator = operand[0] if operand else None
    if not isinstance(operator, str):
        raise InvalidPattern(f"Invalid member in numeric match: {'' if operator is None else operator}")
    if operator == "=":
        bound = _bound(operand, "equals")
        if len(operand) > 2:
            raise InvalidPattern("Too many elements in numeric expression")
        return _equals(bound)
    if operator not in _OPERATORS:
        raise InvalidPattern(f"Unrecognized numeric range operator: {operator}")
    first = _compares(operator, _bound(operand, operator))
    if len(operand) == 2:
        return first
    if operator in _FROM_BELOW:
        raise InvalidPattern("Too many elements in numeric expression")
    second = _second_bound(operand)
    return lambda leaf: first(leaf) and second(leaf)


def _second_bound(operand: list[Any]) -> Leaf:
    """Return what the second half of `[">", 0, "<=", 5]` says."""
    operator = operand[2]
    if not isinstance(operator, str):
        raise InvalidPattern(f"Bad value in numeric range: {operator}")
    if operator not in _FROM_BELOW:
        raise InvalidPattern(f"Bad numeric range operator: {operator}")
    top = _bound(operand[2:], operator)
    if len(operand) > 4:
        raise InvalidPattern("Too many terms in numeric range expression")
    if operand[1] >= top:
        raise InvalidPattern("Bottom must be less than top")
    return _compares(operator, top)


def _bound(operand: list[Any], operator: str) -> float:
    bound = operand[1] if len(operand) > 1 else None
    if not isinstance(bound, int | float) or isinstance(bound, bool):
        raise InvalidPattern(f"Value of {operator} must be numeric")
    return bound


def _compares(operator: str, bound: float) -> Leaf:
    compare = _OPERATORS[operator]
    return lambda leaf: _is_number(leaf) and compare(leaf, bound)


def _cidr(operand: Any) -> Leaf:
    text = _text(operand, "prefix match pattern must be a string")
    address, slash, mask = text.partition("/")
    if not slash or "/" in mask:
        raise InvalidPattern("Malformed CIDR, one '/' required")
    if not mask.isascii() or not mask.isdigit():
        raise InvalidPattern("Malformed CIDR, mask bits must be an integer")
    try:
        network = ipaddress.ip_network(f"{address}/{mask}", strict=False)
    except ValueError:
        raise InvalidPattern(f"Nonstandard IP address: {address}, or mask bits out of range: {mask}") from None

    def contains(leaf: Any) -> bool:
        if not isinstance(leaf, str):
            return False
        try:
            return ipaddress.ip_address(leaf) in network
        except ValueError:
            return False

    return contains


_COMPARISONS: dict[str, _Operand] = {
    "exactly": _exactly,
    "prefix": _affix("prefix", str.startswith),
    "suffix": _affix("suffix", str.endswith),
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
}
