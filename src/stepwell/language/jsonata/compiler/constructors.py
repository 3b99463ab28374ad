"""Arrays, objects, and the grouping `{key: value}` behind a path, which is an object over many items."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import GROUP, Code, Compiler, Frame, rule, tuple_frame
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import UNDEFINED, Constructed, Tuples, append


@rule("array")
def array(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `[...]`: arrays among its items are laid open, but for those that are written there."""
    items = [(compiler.code(item, depth + 1), item.kind == "array") for item in node.items]
    constructed = node.constructed

    def construct(value: Any, frame: Frame, run: Run) -> Any:
        result: list[Any] = Constructed() if constructed else []
        for code, whole in items:
            item = code(value, frame, run)
            if item is UNDEFINED:
                continue
            if whole:
                result.append(run.member(item))
            elif isinstance(item, list):
                result.extend(item)
            else:
                result.append(item)
        run.made += 1
        run.reserve(len(result))
        return result

    return construct


@rule("object")
def object_(compiler: Compiler, node: Node, depth: int) -> Code:
    """Compile `{...}`: over the context, or over its items where it is an array."""
    group = grouping(compiler, node, depth)
    keys = [key.value for key, _ in node.pairs if key.kind == "string" and not key.predicates and not key.group]
    if len(set(keys)) < len(node.pairs):
        return group
    pairs = [(key, compiler.code(value, depth + 1)) for key, (_, value) in zip(keys, node.pairs, strict=True)]

    def construct(value: Any, frame: Frame, run: Run) -> Any:
        if isinstance(value, list):
            return group(value, frame, run)
        result = {}
        for key, code in pairs:
            item = code(value, frame, run)
            if item is not UNDEFINED:
                result[key] = run.member(item) if isinstance(item, list) else item
        run.made += 1
        return result

    return construct


def grouping(compiler: Compiler, node: Node, depth: int) -> Code:
    """Return the code of a grouping: it takes the items in place of the context."""
    pairs = [(compiler.code(key, depth + 1), compiler.code(value, depth + 1)) for key, value in node.pairs]
    position = node.position

    def group(value: Any, frame: Frame, run: Run) -> Any:
        items: Any = value if isinstance(value, list) else [value]
        reduces = type(value) is Tuples
        if not items:
            items = [UNDEFINED]
            reduces = False
        groups: dict[str, _Group] = {}
        run.spend(len(items) * len(pairs))
        for item in items:
            inner = tuple_frame(frame, item) if reduces else frame
            for index, (code, _) in enumerate(pairs):
                key = code(item["@"] if reduces else item, inner, run)
                if key is UNDEFINED:
                    continue
                if type(key) is not str:
                    raise _error("T1003", position, key)
                known = groups.get(key)
                if known is None:
                    groups[key] = _Group(item, index)
                elif known.index != index:
                    raise _error("D1009", position, key)
                else:
                    known.add(item)
        run.made += 1
        return _members(groups, pairs, frame, run, reduces)

    return group


class _Group:
    """The items of one key. A single item is not wrapped: it is the context as it is."""

    __slots__ = ("data", "index", "many")

    def __init__(self, data: Any, index: int) -> None:
        self.data = data
        self.index = index
        self.many = False

    def add(self, item: Any) -> None:
        if not self.many:
            self.data = append(self.data, item)
            self.many = isinstance(self.data, list)
        elif isinstance(item, list):
            self.data.extend(item)
        elif item is not UNDEFINED:
            self.data.append(item)


def _members(groups: dict[str, _Group], pairs: list[Any], frame: Frame, run: Run, reduces: bool) -> dict[str, Any]:
    result = {}
    for key, found in groups.items():
        context, inner = found.data, frame
        if reduces:
            merged = _merged(context)
            context = merged.pop("@")
            inner = tuple_frame(frame, merged)
        value = pairs[found.index][1](context, inner, run)
        if value is not UNDEFINED:
            result[key] = run.member(value)
    return result


def _merged(tuples: Any) -> dict[str, Any]:
    """Return one tuple for many: each variable has all their values."""
    if not isinstance(tuples, list):
        return dict(tuples)
    result = {}
    for name in tuples[0]:
        values: Any = UNDEFINED
        gathered: list[Any] = []
        for item in tuples:
            value = item.get(name, UNDEFINED)
            if isinstance(value, list):
                gathered.extend(value)
            elif value is not UNDEFINED:
                gathered.append(value)
        values = gathered if len(tuples) > 1 else tuples[0][name]
        result[name] = values
    return result


def _error(code: str, position: int, value: Any) -> JsonataError:
    error = JsonataError(code, value)
    error.position = position
    return error


GROUP.append(grouping)
