"""Event patterns: compiled once, from JSON, to a function that says whether an event matches.

A pattern is an object. A field leads to a pattern of its own, or to an array of alternatives: values, or comparisons
(`comparisons.py`). All fields must match; of `$or`, one of its patterns. An array in an event matches where one of its
elements does, and the fields of a pattern below it must all match the same element. As on AWS, only leaves are
compared: an object or an empty array counts as a field that is not there.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from stepwell.events.comparisons import Leaf, alternative
from stepwell.events.errors import InvalidPattern
from stepwell.language.document import decode

MAX_DEPTH = 100
"""How deep a pattern may be nested."""

MAX_ALTERNATIVES = 1_000
"""How many values and comparisons a pattern may have: an event is compared with each at most once an element."""

OR = "$or"
_COMPARISONS = frozenset(
    {"exactly", "prefix", "suffix", "anything-but", "numeric", "exists", "cidr", "wildcard", "equals-ignore-case"}
)
_NOTHING: Any = object()

Matcher = Callable[[Any, Any], bool]
"""Says of a value within an event, and of the whole event, whether they match."""


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_fields", "_match")

    def __init__(self, text: str) -> None:
        """Compile a pattern. Raise `InvalidPattern` with AWS's reason."""
        try:
            pattern = decode(text)
        except (msgspec.DecodeError, RecursionError):
            raise InvalidPattern("Invalid JSON") from None
        if not isinstance(pattern, dict):
            raise InvalidPattern("Filter is not an object")
        compiler = _Compiler()
        self._match = compiler.object(pattern, ())
        self._fields = {name: _only(compiler, name, value) for name, value in pattern.items() if name != OR}

    def matches(self, event: Any) -> bool:
        """Return whether an event matches."""
        return self._match(event, event)

    def may_match(self, **fields: str) -> bool:
        """Return whether an event with these fields, at its top, may match: what the others would be is not asked.

        Names are as in an event, with `_` for `-`.
        """
        for name, value in fields.items():
            field = self._fields.get(name.replace("_", "-"))
            if field is not None:
                event = {name.replace("_", "-"): value}
                if not field(event, event):
                    return False
        return True


def _only(compiler: "_Compiler", name: str, value: Any) -> Matcher:
    return compiler.object({name: value}, ())


class _Compiler:
    """Makes closures of a pattern. `path` is where in an event the pattern is looked at: names, from the top."""

    def __init__(self) -> None:
        self._alternatives = 0

    def object(self, pattern: dict[str, Any], path: tuple[str, ...], *, within_or: bool = False) -> Matcher:
        """Return what matches an object whose fields all match."""
        if not pattern:
            raise InvalidPattern("Empty objects are not allowed")
        if len(path) >= MAX_DEPTH:
            raise InvalidPattern(f"The pattern is nested deeper than {MAX_DEPTH} levels")
        matchers = [self._field(name, value, path, within_or=within_or) for name, value in pattern.items()]
        if len(matchers) == 1:
            return matchers[0]

        def matches(value: Any, event: Any) -> bool:
            for matcher in matchers:  # noqa: SIM110 (a loop takes half the time of all(), and this is asked for each event)
                if not matcher(value, event):
                    return False
            return True

        return matches

    def _field(self, name: str, pattern: Any, path: tuple[str, ...], *, within_or: bool) -> Matcher:
        if name == OR:
            return self._any_of(pattern, path)
        if within_or and name in _COMPARISONS:
            raise InvalidPattern(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        below = (*path, name)
        if isinstance(pattern, dict):
            matches = self.object(pattern, below, within_or=within_or)
            return lambda value, event: (
                any(matches(element, event) for element in _elements(_member(value, name)) if isinstance(element, dict))
                or (_says_nothing_is_there(matches, value, name, event))
            )
        if isinstance(pattern, list):
            return self._leaf(name, pattern, below)
        raise InvalidPattern(f'"{name}" must be an object or an array')

    def _any_of(self, patterns: Any, path: tuple[str, ...]) -> Matcher:
        if not isinstance(patterns, list):
            raise InvalidPattern("It must be an Array followed with $or.")
        if not all(isinstance(pattern, dict) for pattern in patterns):
            raise InvalidPattern("Only JSON object is allowed in array of $or relationship.")
        if len(patterns) < 2:
            raise InvalidPattern("There must have at least 2 Objects in $or relationship.")
        matchers = [self.object(pattern, path, within_or=True) for pattern in patterns]
        return lambda value, event: any(matcher(value, event) for matcher in matchers)

    def _leaf(self, name: str, given: list[Any], path: tuple[str, ...]) -> Matcher:
        if not given:
            raise InvalidPattern("Empty arrays are not allowed")
        self._alternatives += len(given)
        if self._alternatives > MAX_ALTERNATIVES:
            raise InvalidPattern(f"The pattern has more than {MAX_ALTERNATIVES} values")
        found = [alternative(one) for one in given]
        compare: list[Leaf] = [one for one in found if one is not None]
        may_be_absent = len(compare) < len(found)

        def matches(value: Any, event: Any) -> bool:
            for element in _elements(_member(value, name)):
                if not isinstance(element, dict) and any(one(element) for one in compare):
                    return True
            return may_be_absent and not _is_there(event, path)

        return matches


def _says_nothing_is_there(matches: Matcher, value: Any, name: str, event: Any) -> bool:
    """Return whether a pattern matches where there is no object for it: all that it asks is that fields are absent."""
    return not any(isinstance(element, dict) for element in _elements(_member(value, name))) and matches({}, event)


def _member(value: Any, name: str) -> Any:
    return value.get(name, _NOTHING) if isinstance(value, dict) else _NOTHING


def _elements(value: Any) -> Iterator[Any]:
    """Yield a value, or of an array its elements, however deep they are nested in arrays."""
    if isinstance(value, list):
        for element in value:
            yield from _elements(element)
    elif value is not _NOTHING:
        yield value


def _is_there(event: Any, path: tuple[str, ...]) -> bool:
    """Return whether an event has a leaf at a path, in whichever elements of arrays on the way."""
    found = [event]
    for name in path:
        found = [element for value in found for element in _elements(_member(value, name))]
    return any(not isinstance(element, dict) for element in found)
