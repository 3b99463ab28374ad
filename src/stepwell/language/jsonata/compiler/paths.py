"""Paths: names, wildcards, descendants, and the steps between the dots."""

from math import inf

from stepwell.language.jsonata.compiler.filters import kept_where
from stepwell.language.jsonata.compiler.sorting import order
from stepwell.language.jsonata.compiler.tuples import tuple_path
from stepwell.language.jsonata.compiler.values import named
from stepwell.language.jsonata.compiler.writer import GROUP, MANY, MEMBERS, Rule, Term, Writer, rule
from stepwell.language.jsonata.tree import Node


@rule("name")
def name(w: Writer, node: Node, _depth: int) -> Term:
    """Write a name that is a step."""
    key, value = w.program.literal(node.value), w.value
    text = f"{value}.get({key}, UNDEFINED) if type({value}) is dict else field({value}, {key})"
    return Term(w.put(text), weight=w.weight)


@rule("wildcard")
def wildcard(w: Writer, _node: Node, _depth: int) -> Term:
    """Write `*`."""
    return Term(w.put(f"members({w.value}, {w.run})"), weight=w.weight)


@rule("descendant")
def descendant(w: Writer, _node: Node, _depth: int) -> Term:
    """Write `**`, which yields what is deep down again and again."""
    return Term(w.put(f"descendants({w.value}, {w.run})"), weight=inf)


@rule("path")
def path(w: Writer, node: Node, depth: int) -> Term:
    """Write a path; one of plain names goes from object to object."""
    steps = node.items
    if any(step.tuple for step in steps):
        return tuple_path(w, node, depth)
    start = steps[0] if steps[0].kind == "variable" and _is_plain(steps[0]) else None
    names = _names(steps if start is None else steps[1:])
    ends = len(names) + (start is not None) == len(steps)
    if ends and names and node.group is None and not node.keep_steps and not node.keep_array:
        return names_path(w, start, names, depth, "{}")
    return _Steps(w, node, depth).write(start, names if not ends else names[:-1])


def member_path(w: Writer, node: Node, depth: int) -> Term:
    """Write a path whose value is put into an object or an array."""
    start = node.items[0] if node.items[0].kind == "variable" and _is_plain(node.items[0]) else None
    names = _names(node.items if start is None else node.items[1:])
    plain = len(names) + (start is not None) == len(node.items) and names
    if not plain or node.group is not None or node.keep_steps or node.keep_array:
        return path(w, node, depth)
    return names_path(w, start, names, depth, "plain({})")._replace(plain=True)


MEMBERS["path"] = member_path


_START: dict[str, Rule] = {"variable": named}
"""A path takes a sequence of one as it takes its item."""


def _is_plain(step: Node) -> bool:
    return not (step.stages or step.predicates or step.group or step.keep_array)


def _names(steps: list[Node]) -> list[str]:
    """Return the plain names that steps begin with."""
    names = []
    for step in steps:
        if step.kind != "name" or not _is_plain(step):
            break
        names.append(step.value)
    return names


def _tuple(w: Writer, names: list[str]) -> str:
    return f"({''.join(f'{w.program.literal(key)}, ' for key in names)})"


def names_path(w: Writer, start: Node | None, names: list[str], depth: int, form: str) -> Term:
    """Write `a.b.c`, or `$x.a.b.c`; `form` is what becomes of a value that is found on a longer way."""
    base = Term(w.value, weight=w.weight) if start is None else w.emit(start, depth + 1, _START)
    known = w.known.get((base.text, form, *names))
    if known is None:
        *way, last = names
        place = _go(w, base.text, way)
        follow = "follow" if start is None else "follow_variable"
        slowly = form.format(f"{follow}({base.text}, {_tuple(w, names)}, {w.run_or_new})")
        key = w.program.literal(last)
        known = w.put(f"{place}.get({key}, UNDEFINED) if type({place}) is dict else {slowly}")
        w.known[base.text, form, *names] = known
    return Term(known, weight=base.weight)


def _go(w: Writer, base: str, names: list[str]) -> str:
    """Write the way through objects; it ends with no object where there is none. Ways are gone once."""
    at = base
    for end in range(1, len(names) + 1):
        known = w.known.get((base, *names[:end]))
        if known is None:
            known = w.put(f"{at}.get({w.program.literal(names[end - 1])}) if type({at}) is dict else None")
            w.known[base, *names[:end]] = known
        at = known
    return at


class _Steps:
    """Writes a path of any steps without tuples."""

    def __init__(self, w: Writer, node: Node, depth: int) -> None:
        self._w = w
        self._node = node
        self._depth = depth
        self._items = ""
        self._weight = w.weight

    def write(self, start: Node | None, names: list[str]) -> Term:
        """Write the path: first what it starts with, a variable and names, then one step after the other."""
        w, node = self._w, self._node
        done = len(names) + (start is not None)
        if done:
            self._start(start, names)
        elif node.items[0].constructed:
            return self._constructed()
        else:
            self._items = w.put(f"{w.value} if isinstance({w.value}, list) else [{w.value}]")
        self._go_on(done)
        return self._end()

    def _start(self, start: Node | None, names: list[str]) -> None:
        w = self._w
        base = Term(w.value, weight=w.weight) if start is None else w.emit(start, self._depth + 1, _START)
        self._weight = base.weight
        place = _go(w, base.text, names)
        reached = "reached" if start is None else "reached_from"
        slowly = f"{reached}({base.text}, {_tuple(w, names)}, {w.run})"
        self._items = w.put(f"[{place}] if type({place}) is dict else {slowly}")

    def _constructed(self) -> Term:
        """Write a path that starts with an array: its items are what the other steps are taken from."""
        w, first = self._w, self._node.items[0]
        items = w.put(f"{w.value} if isinstance({w.value}, list) else [{w.value}]")
        with w.context(items, w.weight):
            term = w.emit(first, self._depth + 1)
        self._items, self._weight = w.put(term.text), term.weight
        with w.under(f"if {self._items} is not UNDEFINED and {self._items}:"):
            items = self._items
            w.line(f"if not isinstance({items}, list): {items} = [{items}]")
            self._go_on(1)
            w.line(f"{items} = {self._items}")
            self._items = items
        return self._end()

    def _go_on(self, done: int) -> None:
        for at, step in enumerate(self._node.items[done:], done):
            last = at == len(self._node.items) - 1
            if step.kind == "sort":
                self._sort(step)
            elif step.kind == "name" and _is_plain(step):
                self._items = self._w.put(
                    f"name_step({self._items}, {self._w.program.literal(step.value)}, {last}, {self._w.run})"
                )
            else:
                self._each(step, last)

    def _sort(self, step: Node) -> None:
        term = order(self._w, step, Term(self._items, "array", weight=self._weight), self._depth + 1)
        for stage in step.stages:
            term = kept_where(self._w, stage, term, self._depth + 1)
        self._items = term.text

    def _each(self, step: Node, last: bool) -> None:
        """Write a step that is taken from each item."""
        w, item, found = self._w, self._w.new(), self._w.new()
        w.spend(f"len({self._items})")
        w.line(f"{found} = []")
        with w.under(f"for {item} in {self._items}:"), w.context(item, self._weight / MANY):
            term = w.emit(step, self._depth + 1)
            for stage in step.stages:
                term = kept_where(w, stage, term, self._depth + 1)
            w.line(f"{'' if term.sure else f'if {term.text} is not UNDEFINED: '}{found}.append({term.text})")
        self._weight = term.weight * MANY
        scalar = f"Sequence({found})"
        self._items = w.put(f"gathered({found}, {last}, {w.run})" if term.may_be_list else scalar)

    def _end(self) -> Term:
        w, node = self._w, self._node
        if node.keep_steps or node.keep_array:
            self._items = w.put(f"keep_steps({self._items})")
        term = Term(self._items, weight=self._weight)
        if node.group is not None:
            return GROUP[0](w, node.group, term, self._depth)
        return w.finish(term, False)
