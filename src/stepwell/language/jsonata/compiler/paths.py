"""Paths: names, wildcards, descendants, and the steps between the dots."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import GROUP, Code, Compiler, Frame, rule
from stepwell.language.jsonata.compiler.stepping import each_item, flatten
from stepwell.language.jsonata.compiler.tuples import tuple_path
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import (
    UNDEFINED,
    Constructed,
    KeptSequence,
    OuterSequence,
    Sequence,
    append,
    collapse,
    keep_array,
)

_OBJECTS = {dict}
_SCALARS = {str, int, float, bool, type(None), dict}
_MISSING: Any = object()


def lookup(value: Any, name: str) -> Any:
    """Return the field of an object, or of all objects in an array, as a sequence."""
    if type(value) is dict:
        return value.get(name, UNDEFINED)
    if not isinstance(value, list):
        return UNDEFINED
    result = Sequence()
    for item in value:
        found = lookup(item, name)
        if isinstance(found, list):
            result.extend(found)
        elif found is not UNDEFINED:
            result.append(found)
    return result


def name_step(items: list[Any], name: str, last: bool, run: Run) -> Any:
    """Return a field of each item, as one sequence."""
    run.reserve(len(items))
    found: list[Any] = []
    if _OBJECTS.issuperset(map(type, items)):
        found = [item[name] for item in items if name in item]
        return Sequence(found) if _SCALARS.issuperset(map(type, found)) else flatten(found, last)
    arrays = False
    for item in items:
        if type(item) is dict:
            value = item.get(name, UNDEFINED)
        elif isinstance(item, list):
            value = collapse(lookup(item, name))
        else:
            continue
        if value is not UNDEFINED:
            found.append(value)
            if isinstance(value, list):
                arrays = True
    return flatten(found, last) if arrays else Sequence(found)


@rule("name")
def name(_compiler: Compiler, node: Node, _depth: int) -> Code:
    """Compile a name that is a step."""
    key = node.value

    def field(value: Any, _frame: Frame, _run: Run) -> Any:
        if type(value) is dict:
            return value.get(key, UNDEFINED)
        return collapse(lookup(value, key))

    return field


@rule("wildcard")
def wildcard(_compiler: Compiler, _node: Node, _depth: int) -> Code:
    """Compile `*`: all values of an object, with arrays among them laid open."""

    def values(value: Any, _frame: Frame, run: Run) -> Any:
        if type(value) is OuterSequence and value:
            value = value[0]
        if type(value) is dict:
            members = list(value.values())
        elif isinstance(value, list):
            members = value
        else:
            return UNDEFINED
        result: Any = Sequence()
        run.spend(len(members))
        for member in members:
            if isinstance(member, list):
                opened: list[Any] = []
                _open(member, opened, run)
                result = append(result, opened)
                run.reserve(len(result))
            else:
                result.append(member)
        return collapse(result)

    return values


def _open(value: list[Any], opened: list[Any], run: Run) -> None:
    run.spend(len(value))
    for item in value:
        if isinstance(item, list):
            _open(item, opened, run)
        else:
            opened.append(item)


@rule("descendant")
def descendant(_compiler: Compiler, _node: Node, _depth: int) -> Code:
    """Compile `**`: a value and all that is below it."""

    def descendants(value: Any, _frame: Frame, run: Run) -> Any:
        if value is UNDEFINED:
            return UNDEFINED
        result = Sequence()
        _descend(value, result, run)
        run.reserve(len(result))
        return collapse(result)

    return descendants


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


@rule("path")
def path(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile a path; one of plain names is a closure of its own."""
    steps = node.items
    if any(step.tuple for step in steps):
        return tuple_path(compiler, node, depth)
    if node.group is None and not node.keep_steps and not node.keep_array:
        names = [step.value for step in steps if _is_plain(step)]
        if len(names) == len(steps):
            return names_path(names)
        if len(names) == len(steps) - 1 and steps[0].kind == "variable" and not _has_extras(steps[0]):
            code = compiler.code(steps[0], depth + 1)
            if len(names) == 1 and steps[0].value in compiler.bound:
                return bound_field(steps[0].value, code, names[0])
            if steps[0].value not in compiler.bound and steps[0].value not in {"", "$"}:
                return root_path(steps[0].value, code, names)
            return variable_path(code, names)
    return stepped_path(compiler, node, depth)


def _has_extras(step: Node) -> bool:
    return bool(step.stages or step.predicates or step.group or step.keep_array)


def _is_plain(step: Node) -> bool:
    return step.kind == "name" and not _has_extras(step)


def names_path(names: list[str]) -> Code:
    """Return the code of `a.b.c`."""
    if len(names) == 1:
        only = names[0]

        def one(value: Any, _frame: Frame, run: Run) -> Any:
            if type(value) is dict:
                return value.get(only, UNDEFINED)
            if isinstance(value, list):
                return collapse(name_step(value, only, True, run))
            return UNDEFINED

        return one

    def several(value: Any, _frame: Frame, run: Run) -> Any:
        return follow(value, names, run)

    return several


def follow(value: Any, names: list[str], run: Run) -> Any:
    """Return what a path of names leads to: by fields while the values are objects, else step by step."""
    for at, key in enumerate(names):
        if type(value) is dict:
            value = value.get(key, UNDEFINED)
        elif isinstance(value, list):
            return follow_items(value if type(value) is not Constructed or at == 0 else [value], names[at:], run)
        else:
            return UNDEFINED
    return value


def follow_items(items: list[Any], names: list[str], run: Run) -> Any:
    """Return what a path of names leads to from each of the items."""
    last = len(names) - 1
    for at, key in enumerate(names):
        items = name_step(items, key, at == last, run)
        if not items:
            return UNDEFINED if isinstance(items, Sequence) else items
    return collapse(items)


def variable_path(variable: Code, names: list[str]) -> Code:
    """Return the code of `$x.a.b`."""
    if len(names) == 1:
        only = names[0]

        def one(value: Any, frame: Frame, run: Run) -> Any:
            start = variable(value, frame, run)
            if type(start) is dict:
                return start.get(only, UNDEFINED)
            return follow([start] if type(start) is Constructed else start, names, run)

        return one

    def several(value: Any, frame: Frame, run: Run) -> Any:
        value = variable(value, frame, run)
        for at, key in enumerate(names):
            if type(value) is dict:
                value = value.get(key, UNDEFINED)
            elif isinstance(value, list):
                return follow_items([value] if type(value) is Constructed else value, names[at:], run)
            else:
                return UNDEFINED
        return value

    return several


def root_path(name: str, variable: Code, names: list[str]) -> Code:
    """Return the code of `$x.a.b` where nothing here binds `$x`: `$states.input.order`."""

    def walk(_value: Any, frame: Frame, run: Run) -> Any:
        value = run.root.get(name, _MISSING)
        if value is _MISSING:
            value = variable(UNDEFINED, frame, run)
        for at, key in enumerate(names):
            if type(value) is dict:
                value = value.get(key, UNDEFINED)
            elif isinstance(value, list):
                return follow_items([value] if type(value) is Constructed else value, names[at:], run)
            else:
                return UNDEFINED
        return value

    return walk


def bound_field(name: str, variable: Code, key: str) -> Code:
    """Return the code of `$x.a` where something here binds `$x`, most often the function around it."""
    names = [key]

    def field(value: Any, frame: Frame, run: Run) -> Any:
        start = frame.get(name, _MISSING)
        if start is _MISSING:
            start = variable(value, frame, run)
        if type(start) is dict:
            return start.get(key, UNDEFINED)
        return follow([start] if type(start) is Constructed else start, names, run)

    return field


Step = tuple[Code, list[Code], bool]


def stepped_path(compiler: Compiler, node: Node, depth: int) -> Code:
    """Return the code of a path of any steps without tuples."""
    parts = [_step(compiler, step, depth + 1) for step in node.items]
    first = node.items[0]
    opens = first.kind != "variable"
    constructs = first.constructed
    group = GROUP[0](compiler, node.group, depth) if node.group is not None else None
    keeps = node.keep_steps or node.keep_array
    last = len(parts) - 1

    def walk(value: Any, frame: Frame, run: Run) -> Any:
        items: Any = value if opens and isinstance(value, list) else [value]
        for at, (code, stages, sorts) in enumerate(parts):
            if at == 0 and constructs:
                items = code(items, frame, run)
            elif sorts:
                items = code(items, frame, run)
                for stage in stages:
                    items = stage(items, frame, run)
            else:
                items = each_item(items, code, stages, at == last, frame, run)
            if items is UNDEFINED or not items:
                break
            if at == 0 and constructs and not isinstance(items, list):
                items = [items]
        if keeps:
            items = keep_array(KeptSequence((items,)) if type(items) is Constructed else items)
        if group is not None:
            return group(items, frame, run)
        return collapse(items)

    return walk


def _step(compiler: Compiler, step: Node, depth: int) -> Step:
    stages = [compiler.stage(stage, depth) for stage in step.stages]
    return compiler.code(step, depth), stages, step.kind == "sort"
