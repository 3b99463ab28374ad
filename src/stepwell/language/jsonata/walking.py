"""Walking through data: fields of objects and of the objects in arrays, step by step; wildcards and descendants."""

from operator import itemgetter
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.values import (
    UNDEFINED,
    Constructed,
    Numbers,
    OuterSequence,
    Sequence,
    append,
    collapse,
)

_NUMBERS = {int, float}
_SCALARS = {str, int, float, bool, type(None), dict}


def field(value: Any, name: str) -> Any:
    """Return a field of a value that is no step's only one: an array yields those of its objects, at any depth."""
    return value.get(name, UNDEFINED) if type(value) is dict else collapse(_lookup(value, name))


def _lookup(value: Any, name: str) -> Any:
    if type(value) is dict:
        return value.get(name, UNDEFINED)
    if not isinstance(value, list):
        return UNDEFINED
    result = Sequence()
    for item in value:
        found = _lookup(item, name)
        if isinstance(found, list):
            result.extend(found)
        elif found is not UNDEFINED:
            result.append(found)
    return result


def follow(value: Any, names: tuple[str, ...], run: Run) -> Any:
    """Return what a path of names leads to from the context: by fields while there are objects, else step by step."""
    for at, name in enumerate(names):
        if type(value) is dict:
            value = value.get(name, UNDEFINED)
        elif isinstance(value, list):
            items = [value] if type(value) is Constructed and at else value
            found = _follow_items(items, names[at:], run)
            return collapse(found) if found or isinstance(found, Sequence) else found
        else:
            return UNDEFINED
    return value


def follow_variable(value: Any, names: tuple[str, ...], run: Run) -> Any:
    """Return what a path of names leads to from a variable: an array that was constructed is one item."""
    return follow([value] if type(value) is Constructed else value, names, run)


def reached(value: Any, names: tuple[str, ...], run: Run) -> list[Any]:
    """Return the items that the first steps of a path lead to from the context, for the steps behind."""
    items = value if isinstance(value, list) else [value]
    for name in names:
        items = name_step(items, name, False, run)
    return items


def reached_from(value: Any, names: tuple[str, ...], run: Run) -> list[Any]:
    """Return the items that the first steps of a path lead to from a variable."""
    if value is UNDEFINED:
        return []
    opened = isinstance(value, list) and type(value) is not Constructed
    return reached(Sequence(value) if opened else [value], names, run)


def _follow_items(items: list[Any], names: tuple[str, ...], run: Run) -> list[Any]:
    last = len(names) - 1
    for at, name in enumerate(names):
        items = name_step(items, name, at == last, run)
        if not items:
            break
    return items


def name_step(items: list[Any], name: str, last: bool, run: Run) -> list[Any]:
    """Return a field of each item, as one sequence."""
    run.reserve(len(items))
    try:
        found = list(map(itemgetter(name), items))
    except (KeyError, TypeError):
        # Some item is no object, or has no such field.
        found = [value for item in items if (value := field(item, name)) is not UNDEFINED]
    types = set(map(type, found))
    if types <= _NUMBERS:
        return Numbers(found)
    return Sequence(found) if types <= _SCALARS else flatten(found, last)


def flatten(found: list[Any], last: bool) -> list[Any]:
    """Return what a step has yielded for its items as one sequence; arrays lose one level."""
    if last and len(found) == 1 and isinstance(found[0], list) and not isinstance(found[0], Sequence):
        return found[0]
    result = Sequence()
    for item in found:
        if isinstance(item, list) and type(item) is not Constructed:
            result.extend(item)
        else:
            result.append(item)
    return result


def gathered(found: list[Any], last: bool, run: Run) -> list[Any]:
    """Return what a step has yielded for its items as one sequence, and pay for arrays that are laid open."""
    if _SCALARS.issuperset(map(type, found)):
        return Sequence(found)
    result = flatten(found, last)
    run.reserve(len(result))
    return result


def together(items: list[Any], members: int, run: Run) -> Any:
    """Return the context of an object of so many members over the items of an array."""
    run.spend(len(items) * members)
    return joined(items)


def joined(items: list[Any]) -> Any:
    """Return the context of a group: its only item as it is, or all that its items hold."""
    found = [item for item in items if item is not UNDEFINED]
    if len(found) <= 1:
        return found[0] if found else UNDEFINED
    context: list[Any] = []
    for item in found:
        if isinstance(item, list):
            context.extend(item)
        else:
            context.append(item)
    return context


def members(value: Any, run: Run) -> Any:
    """Return what `*` yields: all values of an object, with arrays among them laid open."""
    if type(value) is OuterSequence and value:
        value = value[0]
    if type(value) is dict:
        found = list(value.values())
    elif isinstance(value, list):
        found = value
    else:
        return UNDEFINED
    result: Any = Sequence()
    run.spend(len(found))
    for member in found:
        if isinstance(member, list):
            opened: list[Any] = []
            _open(member, opened, run)
            result = append(result, opened)
            run.reserve(len(result))
        else:
            result.append(member)
    return collapse(result)


def _open(value: list[Any], opened: list[Any], run: Run) -> None:
    run.spend(len(value))
    for item in value:
        if isinstance(item, list):
            _open(item, opened, run)
        else:
            opened.append(item)


def descendants(value: Any, run: Run) -> Any:
    """Return what `**` yields: a value and all that is below it."""
    if value is UNDEFINED:
        return UNDEFINED
    result = Sequence()
    _descend(value, result, run)
    run.reserve(len(result))
    return collapse(result)


def _descend(value: Any, result: list[Any], run: Run) -> None:
    run.spend(1)
    if isinstance(value, list):
        for item in value:
            _descend(item, result, run)
        return
    result.append(value)
    if type(value) is dict:
        for item in value.values():
            _descend(item, result, run)
