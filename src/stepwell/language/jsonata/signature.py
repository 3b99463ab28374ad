"""Signatures of functions, `<s-nn?:s>`: which types the arguments have, and what is made of them before a call.

A type is a letter (s, n, b, l null, a, o, f, x anything, j anything but a function), `(..)` is a choice of them, `<..>`
behind `a` is what the items must be, `-` takes the context where the argument is missing, `?` makes it optional, `+`
takes one or more. An argument that is nothing fits everywhere but for a function. Parameters take arguments from left
to right, each as many as it can, and give back where the rest would not fit, as a regular expression does; the search
remembers what did not fit, so it ends soon whatever the signature is.
"""

from typing import Any

from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.values import UNDEFINED, Function

_LETTERS = {"s": "sm", "n": "nm", "b": "bm", "l": "lm", "o": "om", "a": "asnblfom", "f": "f", "j": "asnblom",
            "x": "asnblfom"}  # fmt: skip
_ARRAY_NAMES = {"a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings"}
_SYMBOLS = {str: "s", int: "n", float: "n", bool: "b", type(None): "l", list: "a", dict: "o"}
ITEM_TYPES: dict[str, frozenset[type]] = {"n": frozenset({int, float}), "s": frozenset({str}), "o": frozenset({dict})}
MAX_KNOWN_SHAPES = 200


class SignatureError(ValueError):
    """A signature that is none: the code, the offset in its text, and the value to show."""

    def __init__(self, code: str, offset: int, value: str) -> None:
        super().__init__(code)
        self.code = code
        self.offset = offset
        self.value = value


class Parameter:
    """One parameter: the symbols it takes, how often, and what its items are where it is an array."""

    __slots__ = ("context", "kind", "least", "most", "subtype", "symbols")

    def __init__(self, kind: str, symbols: str) -> None:
        self.kind = kind
        self.symbols = symbols
        self.least = 1
        self.most = 1
        self.context = False
        self.subtype: str | None = None

    @property
    def takes_function(self) -> bool:
        """Whether a function that it takes is called."""
        return self.kind == "f" or (self.kind.startswith("(") and "f" in self.kind)

    @property
    def items(self) -> str | None:
        """The letter of what its items must be, where it is an array."""
        return self.subtype if self.kind == "a" and self.subtype in ITEM_TYPES else None

    @property
    def by_type(self) -> bool:
        """Whether an argument's type alone says whether it fits."""
        return self.most == 1 and not (self.kind == "a" and self.subtype is not None)


def symbol(value: Any) -> str:
    """Return the letter of a value's type; `m` is nothing."""
    known = _SYMBOLS.get(type(value))
    if known is not None:
        return known
    if value is UNDEFINED:
        return "m"
    if isinstance(value, list):
        return "a"
    return "f" if isinstance(value, Function) else "o"


class Signature:
    """A parsed signature: `arguments(given, context)` returns what a function is called with."""

    __slots__ = ("_shapes", "parameters")

    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = parameters
        self._shapes: dict[str, list[int] | None] = {}

    def arguments(self, given: list[Any], context: Any) -> list[Any]:
        """Return the arguments to call with; raise T0410, T0411 or T0412 where they do not fit."""
        shape = "".join([symbol(value) for value in given])
        counts = self._shapes.get(shape, _UNKNOWN)
        if counts is _UNKNOWN:
            counts = self._fit(shape)
            if len(self._shapes) < MAX_KNOWN_SHAPES:
                self._shapes[shape] = counts
        if counts is None:
            self._fail(given, shape)
        result: list[Any] = []
        at = 0
        for parameter, count in zip(self.parameters, counts or [], strict=True):
            if count == 0:
                if parameter.context:
                    if symbol(context) not in parameter.symbols:
                        raise JsonataError("T0411", context, index=at + 1)
                    result.append(context)
                else:
                    result.append(given[at] if at < len(given) else UNDEFINED)
                    at += 1
                continue
            kinds = shape[at : at + count]
            for kind in kinds:
                value = given[at]
                result.append(_array(parameter, value, kind, kinds, at) if parameter.kind == "a" else value)
                at += 1
        return result

    def _fit(self, shape: str) -> list[int] | None:
        """Return how many symbols each parameter takes, or None where they do not fit."""
        parameters, failed = self.parameters, set()

        def fit(index: int, at: int) -> list[int] | None:
            if index == len(parameters):
                return [] if at == len(shape) else None
            if (index, at) in failed:
                return None
            parameter = parameters[index]
            most = 0
            while most < parameter.most and at + most < len(shape) and shape[at + most] in parameter.symbols:
                most += 1
            for count in range(most, parameter.least - 1, -1):
                rest = fit(index + 1, at + count)
                if rest is not None:
                    return [count, *rest]
            failed.add((index, at))
            return None

        return fit(0, 0)

    def _fail(self, given: list[Any], shape: str) -> None:
        good = 0
        for end in range(1, len(self.parameters) + 1):
            reached = Signature(self.parameters[:end]).prefix(shape)
            if reached is None:
                break
            good = reached
        raise JsonataError("T0410", given[good] if good < len(given) else None, index=good + 1)

    def prefix(self, shape: str) -> int | None:
        """Return how much of the shape the parameters take greedily, or None where they cannot."""
        for end in range(len(shape), -1, -1):
            if self._fit(shape[:end]) is not None:
                return end
        return None


_UNKNOWN: Any = object()


def _array(parameter: Parameter, value: Any, kind: str, kinds: str, at: int) -> Any:
    """Return the argument of an array parameter: what is no array becomes the one item of one."""
    if kind == "m":
        return UNDEFINED
    subtype = parameter.subtype
    if subtype is not None:
        fits = True
        if kind != "a":
            fits = kinds == subtype
        elif value:
            wanted = subtype[0]
            if wanted in ITEM_TYPES:
                fits = ITEM_TYPES[wanted].issuperset(map(type, value))
            else:
                fits = all(symbol(item) == wanted for item in value)
        if not fits:
            raise JsonataError("T0412", value, index=at + 1, type=_ARRAY_NAMES.get(subtype))
    return value if kind == "a" else [value]


def parse_signature(text: str) -> Signature:
    """Return the signature that a text says, from `<` on."""
    parameters: list[Parameter] = []
    at = 1
    while at < len(text) and text[at] not in ":>":
        at = _parameter(text, at, parameters)
    return Signature(parameters)


def _parameter(text: str, at: int, parameters: list[Parameter]) -> int:
    """Read one letter, choice or mark; return the offset behind it."""
    letter = text[at]
    if letter in _LETTERS:
        parameters.append(Parameter(letter, _LETTERS[letter]))
    elif letter == "(":
        end = _closing(text, at, "(", ")")
        choice = text[at + 1 : end]
        if "<" in choice:
            raise SignatureError("S0402", at, choice)
        parameters.append(Parameter(f"({choice})", choice + "m"))
        return end + 1
    elif not parameters:
        return at + 1
    elif letter == "-":
        parameters[-1].context = True
        parameters[-1].least = 0
    elif letter == "?":
        parameters[-1].least = 0
    elif letter == "+":
        parameters[-1].most = MAX_KNOWN_SHAPES
    elif letter == "<":
        if parameters[-1].kind not in {"a", "f"}:
            raise SignatureError("S0401", at, parameters[-1].kind)
        end = _closing(text, at, "<", ">")
        parameters[-1].subtype = text[at + 1 : end]
        return end + 1
    return at + 1


def _closing(text: str, at: int, opens: str, closes: str) -> int:
    depth = 0
    for offset in range(at, len(text)):
        depth += (text[offset] == opens) - (text[offset] == closes)
        if depth == 0:
            return offset
    return len(text)
