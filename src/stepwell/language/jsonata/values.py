"""What an expression computes with: plain values of JSON, and the few things beside them that JSONata knows.

`UNDEFINED` is "nothing", which JSON has no word for. A `Sequence` is a list that a path has gathered: it counts as
nothing when it is empty and as its item when it has one. A list that was in the data, or that `[...]` has made, is an
array and stays one. The reference marks its arrays with flags; here the flags are types, so a check is one comparison.
"""

from decimal import Decimal
from math import inf
from typing import Any

EXACT = 2**53
INTEGRAL = 10**21
LARGEST = 2**1023


class Undefined:
    """The type of `UNDEFINED`, which is the value of an expression that yields nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Any = Undefined()


class Sequence(list[Any]):
    """What a path has gathered; one item stands for itself."""

    __slots__ = ()


class Numbers(Sequence):
    """A sequence of numbers alone, which nobody needs to look through again. It is never changed."""

    __slots__ = ()


class KeptSequence(Sequence):
    """A sequence that stays an array with one item, as `[]` behind a step asks for."""

    __slots__ = ()


class OuterSequence(Sequence):
    """The one-item wrapper of an input that is an array itself."""

    __slots__ = ()


class Tuples(Sequence):
    """A sequence of tuples: dictionaries of the context (`@`) and of the variables that `@`, `#` and `%` have bound."""

    __slots__ = ()


class Constructed(list[Any]):
    """An array that `[...]` has made as a step of a path: it is not flattened into its neighbours."""

    __slots__ = ()


class Function:
    """A function: a lambda, a built-in one, a regular expression or a transformation."""

    __slots__ = ()


def tuple_frame(frame: Any, item: dict[str, Any]) -> dict[Any, Any]:
    """Return the frame in which a step sees its tuple."""
    inner: dict[Any, Any] = dict(item)
    inner[None] = frame
    return inner


def is_number(value: Any) -> bool:
    """Return whether a value is a number, which a boolean is not."""
    kind = type(value)
    return kind is int or kind is float


def collapse(value: Any) -> Any:
    """Return what a finished sequence stands for: nothing, its item, or itself."""
    if isinstance(value, Sequence):
        size = len(value)
        if size > 1 or type(value) is Tuples:
            return value
        if size == 0:
            return UNDEFINED
        return value if type(value) is KeptSequence else value[0]
    return value


def keep_steps(value: Any) -> Any:
    """Return what a path yields of whose steps one has `[]` behind it: an array, where there is anything."""
    return keep_array(KeptSequence((value,)) if type(value) is Constructed else value)


def keep_array(value: Any) -> Any:
    """Return a finished sequence that stays an array with one item; with none it is nothing."""
    if isinstance(value, Sequence) and type(value) is not Tuples:
        return KeptSequence(value) if value else UNDEFINED
    return value


def plain(value: Any) -> Any:
    """Return a value that may be put into an object or an array: a sequence becomes an array."""
    if isinstance(value, Sequence | Constructed) and type(value) is not KeptSequence:
        return list(value)
    return value


def number(value: float) -> int | float:
    """Return a finite number as JSON writes it: an integer where it has no fraction."""
    if type(value) is int:
        return value if -EXACT <= value <= EXACT else number(double(value))
    if value.is_integer() and -INTEGRAL < value < INTEGRAL:
        if -EXACT <= value <= EXACT:
            return int(value)
        # The reference prints the shortest digits that name the same number, and zeros behind them.
        return int(Decimal(repr(value)))
    return value


def double(value: float) -> float:
    """Return a number with a double's precision and range."""
    if type(value) is float or -EXACT <= value <= EXACT:
        return value
    return float(value) if -LARGEST < value < LARGEST else inf if value > 0 else -inf


def whole(value: float) -> int:
    """Return the integer part of any number: what is infinite is a large integer, what is no number is 0."""
    return 0 if value != value else int(max(-EXACT, min(EXACT, value)))  # noqa: PLR0124 (nan)


def append(first: Any, second: Any) -> Any:
    """Return the items of two values, one behind the other, as `$append` does."""
    if first is UNDEFINED:
        return second
    if second is UNDEFINED:
        return first
    left = first if isinstance(first, list) else [first]
    if isinstance(second, list):
        return [*left, *second]
    return [*left, second]


def utf16_key(text: str) -> bytes:
    """Return the key by which the reference orders strings: their UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")


def less(first: Any, second: Any) -> bool:
    """Return whether a number or string comes before another of its type."""
    if type(first) is str and not (first.isascii() or second.isascii()):
        return utf16_key(first) < utf16_key(second)
    return bool(first < second)
