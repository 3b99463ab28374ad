"""What an expression refers to outside of itself, read off its tree: variables, the context, members of `$states`."""

from dataclasses import dataclass, field

from stepwell.language.jsonata.tree import Node


@dataclass(slots=True)
class References:
    """Free variables, references to the context at the top level with their offsets, and the members of `$states`."""

    variables: set[str] = field(default_factory=set)
    roots: list[tuple[str, int]] = field(default_factory=list)
    states_fields: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)


def references_of(tree: Node) -> References:
    """Return what a tree, laid out in steps, refers to."""
    found = References()
    _visit(tree, found, frozenset(), True)
    return found


def _visit(node: Node, found: References, known: frozenset[str], at_top: bool) -> frozenset[str]:
    """Gather from a node; return the names that are known behind it. `at_top`: the context is the expression's own."""
    if node.kind == "variable":
        _variable(node, found, known, at_top)
    elif node.kind == "path":
        return _path(node, found, known, at_top)
    elif node.kind == "bind":
        found.bound.add(node.value)
        # A function may call itself by the name that it is bound to.
        inner = known | {node.value} if node.right.kind == "lambda" else known
        _visit(node.right, found, inner, at_top)
        return known | {node.value}
    elif node.kind == "block":
        inner = known | _functions_bound_in(node)
        for item in node.items:
            inner = _visit(item, found, inner, at_top)
    elif node.kind == "lambda":
        names = {argument.value for argument in node.items}
        found.bound |= names
        _visit(node.body, found, known | names, at_top)
    elif node.kind == "transform":
        for part in (node.left, node.right, node.third):
            if part is not None:
                _visit(part, found, known, False)
    else:
        if node.kind in {"name", "wildcard", "descendant", "parent"} and at_top:
            found.roots.append((str(node.value), node.position - len(str(node.value))))
        known = _children(node, found, known, at_top)
    return _behind(node, found, known)


def _children(node: Node, found: References, known: frozenset[str], at_top: bool) -> frozenset[str]:
    for part in (node.left, node.right, node.third):
        if isinstance(part, Node):
            known = _visit(part, found, known, at_top)
    for item in node.items:
        known = _visit(item, found, known, at_top)
    for key, value in node.pairs:
        _visit(key, found, known, at_top)
        _visit(value, found, known, at_top)
    return known


def _behind(node: Node, found: References, known: frozenset[str]) -> frozenset[str]:
    """Gather from predicates and groupings: their context is an item, not the expression's own."""
    for stage in (*node.predicates, *node.stages):
        if stage.kind == "index":
            known |= _bind(stage.value, found)
        else:
            _visit(stage.right, found, known, False)
    for name in (node.focus, node.index):
        if name is not None:
            known |= _bind(name, found)
    if node.ancestor is not None:
        found.bound.add(node.ancestor.label)
    if node.group is not None:
        for key, value in node.group.pairs:
            _visit(key, found, known, False)
            _visit(value, found, known, False)
    return known


def _bind(name: str, found: References) -> frozenset[str]:
    found.bound.add(name)
    return frozenset({name})


def _path(node: Node, found: References, known: frozenset[str], at_top: bool) -> frozenset[str]:
    outer = known
    for at, step in enumerate(node.items):
        if step.kind == "sort":
            for term in step.items:
                _visit(term.left, found, known, False)
            known = _behind(step, found, known)
        else:
            known = _visit(step, found, known, at_top and at == 0)
    first = node.items[0]
    if first.kind == "variable" and first.value == "states" and "states" not in outer:
        _states(node, found)
    _behind(node, found, known)
    return outer


def _states(node: Node, found: References) -> None:
    if len(node.items) > 1 and node.items[1].kind == "name":
        found.states_fields.add(node.items[1].value)


def _variable(node: Node, found: References, known: frozenset[str], at_top: bool) -> None:
    if node.value in {"", "$"}:
        # `$$` is the expression's own input wherever it stands.
        if at_top or node.value == "$":
            found.roots.append(("$" + node.value, node.position - 1 - len(node.value)))
    elif node.value not in known:
        found.variables.add(node.value)


def _functions_bound_in(block: Node) -> frozenset[str]:
    """Return the names of functions that a block binds: they may call each other before they are bound."""
    return frozenset(item.value for item in block.items if item.kind == "bind" and item.right.kind == "lambda")
