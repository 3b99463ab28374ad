"""From the tree as it is written to the tree that is compiled: paths in steps, predicates and groups on their steps.

`a.b[0].c` is read as nested pairs; here it becomes one path of three steps, the second with a stage. `%` is resolved on
the way: each use travels up as a slot until it meets the step whose context it means, and that step then binds its
context to the slot's label, as `@` would. A lambda's calls in tail position are marked, to be made by its caller.
"""

from collections.abc import Callable, Iterable

from stepwell.language.jsonata.errors import JsonataSyntaxError
from stepwell.language.jsonata.regex.function import RegexFunction
from stepwell.language.jsonata.tree import Node, Slot


class Layout:
    """Lays one tree out in steps."""

    def __init__(self) -> None:
        self._labels = 0

    def lay_out(self, tree: Node) -> Node:
        """Return the tree to be compiled; raise S0217 where a `%` has no step that it means."""
        result = self.node(tree)
        if result.kind == "parent" or result.seeking:
            raise JsonataSyntaxError("S0217", tree.position, result.kind)
        return result

    def node(self, node: Node) -> Node:
        """Return a node, laid out with all that is below it."""
        rule = _RULES.get(node.kind)
        result = rule(self, node) if rule is not None else node
        if node.keep_array:
            result.keep_array = True
        return result

    def name(self, node: Node) -> Node:
        """Make a name alone a path of one step."""
        path = Node("path", node.position)
        path.items = [node]
        path.keep_steps = node.keep_array
        return path

    def parent(self, node: Node) -> Node:
        """Give a `%` the slot that seeks its step."""
        self._labels += 1
        node.slot = Slot(f"!{self._labels}")
        return node

    def regex(self, node: Node) -> Node:
        """Make a regular expression the function that it is; raise S0303 where it is none."""
        source, flags = node.value
        node.value = RegexFunction(source, flags, node.position)
        return node

    def generic(self, node: Node) -> Node:
        """Lay out the operands of an operator or a constructor, and pass on what they seek."""
        node.left, node.right, node.third = (part and self.node(part) for part in (node.left, node.right, node.third))
        node.items = [self.node(item) for item in node.items]
        node.pairs = [(self.node(key), self.node(value)) for key, value in node.pairs]
        for part in node.children():
            _pass_on(node, part)
        return node

    def call(self, node: Node) -> Node:
        """Lay out a call: what its function seeks is not found, what its arguments seek is passed on."""
        node.left = self.node(node.left)
        node.items = [self.node(item) for item in node.items]
        for item in node.items:
            _pass_on(node, item)
        return node

    def block(self, node: Node) -> Node:
        """Lay out a block, which is constructed where one of its parts is."""
        self.generic(node)
        node.constructed = any(_is_constructed(item) for item in node.items)
        return node

    def negation(self, node: Node) -> Node:
        """Make a negative literal a number."""
        operand = self.node(node.left)
        if operand.kind == "number":
            operand.value = -operand.value
            return operand
        node.left = operand
        _pass_on(node, operand)
        return node

    def function(self, node: Node) -> Node:
        """Lay out a lambda's body, and mark its tail calls."""
        node.body = self.node(node.body)
        _mark_tail_calls(node.body)
        return node

    def transform(self, node: Node) -> Node:
        """Lay out a transformation; a `%` cannot reach out of it."""
        node.left, node.right = self.node(node.left), self.node(node.right)
        node.third = node.third and self.node(node.third)
        return node

    def binary(self, node: Node) -> Node:
        """Make a path of a `.`; all other operators stay."""
        if node.value != ".":
            return self.generic(node)
        left, right = self.node(node.left), self.node(node.right)
        path = left if left.kind == "path" else _path(left)
        if left.kind == "parent" and left.slot is not None:
            path.seeking = [left.slot]
        _name_the_next_function(path, right)
        if right.kind == "path":
            path.items += right.items
        else:
            if right.predicates:
                right.stages, right.predicates = right.predicates, []
            path.items.append(right)
        for step in path.items:
            if step.kind in {"number", "value"}:
                raise JsonataSyntaxError("S0213", step.position, None, step.value)
            if step.kind == "string":
                step.kind = "name"
        path.keep_steps = path.keep_steps or any(step.keep_array for step in path.items)
        for end in (path.items[0], path.items[-1]):
            end.constructed = end.constructed or end.kind == "array"
        self._resolve(path)
        return path

    def filter(self, node: Node) -> Node:
        """Give a predicate to the last step."""
        result = self.node(node.left)
        step = result.items[-1] if result.kind == "path" else result
        if step.group is not None:
            raise JsonataSyntaxError("S0209", node.position)
        predicate = self.node(node.right)
        for slot in predicate.seeking:
            if slot.level == 1:
                self._seek(step, slot)
            else:
                slot.level -= 1
        _pass_on(step, predicate)
        stage = Node("filter", node.position)
        stage.right = predicate
        (step.stages if result.kind == "path" else step.predicates).append(stage)
        return result

    def group(self, node: Node) -> Node:
        """Give a grouping to the whole path."""
        result = self.node(node.left)
        if result.group is not None:
            raise JsonataSyntaxError("S0210", node.position)
        group = Node("object", node.position)
        group.pairs = [(self.node(key), self.node(value)) for key, value in node.pairs]
        result.group = group
        return result

    def order(self, node: Node) -> Node:
        """Make an order-by a step of its own."""
        result = self.node(node.left)
        path = result if result.kind == "path" else _path(result)
        step = Node("sort", node.position)
        for term in node.items:
            term.left = self.node(term.left)
            _pass_on(step, term.left)
        step.items = node.items
        path.items.append(step)
        self._resolve(path)
        return path

    def focus(self, node: Node) -> Node:
        """Let a step with `@$v` bind the variable and leave the context where it is."""
        result = self.node(node.left)
        step = result.items[-1] if result.kind == "path" else result
        if step.stages or step.predicates:
            raise JsonataSyntaxError("S0215", node.position)
        if step.kind == "sort":
            raise JsonataSyntaxError("S0216", node.position)
        step.keep_array = step.keep_array or node.keep_array
        step.focus = node.right.value
        step.tuple = True
        return result

    def index(self, node: Node) -> Node:
        """Let a step with `#$i` bind the position; behind a predicate, the one among what it left."""
        result = self.node(node.left)
        if result.kind != "path":
            path = _path(result)
            if result.predicates:
                result.stages, result.predicates = result.predicates, []
            result = path
        step = result.items[-1]
        if step.stages:
            step.stages.append(Node("index", node.position, node.right.value))
        else:
            step.index = node.right.value
        step.tuple = True
        return result

    def _resolve(self, path: Node) -> None:
        """Find the steps that the last step of a path seeks among those before it."""
        last = path.items[-1]
        slots = list(last.seeking)
        if last.kind == "parent" and last.slot is not None:
            slots.append(last.slot)
        for slot in slots:
            index = len(path.items) - 2
            while slot.level > 0:
                if index < 0:
                    path.seeking.append(slot)
                    break
                step = path.items[index]
                index -= 1
                while index >= 0 and step.focus and path.items[index].focus:
                    step = path.items[index]
                    index -= 1
                self._seek(step, slot)

    def _seek(self, node: Node, slot: Slot) -> None:
        """Let a slot go up by one step, or bind it to this one."""
        if node.kind in {"name", "wildcard"}:
            slot.level -= 1
            if slot.level == 0:
                if node.ancestor is None:
                    node.ancestor = slot
                else:
                    slot.label = node.ancestor.label
                node.tuple = True
        elif node.kind == "parent":
            slot.level += 1
        elif node.kind == "block":
            if node.items:
                node.tuple = True
                self._seek(node.items[-1], slot)
        elif node.kind == "path":
            node.tuple = True
            for step in reversed(node.items):
                self._seek(step, slot)
                if slot.level <= 0:
                    break
        else:
            raise JsonataSyntaxError("S0217", node.position, node.kind)


def _path(step: Node) -> Node:
    path = Node("path", step.position)
    path.items = [step]
    return path


def _pass_on(node: Node, part: Node) -> None:
    """Let a node seek what a part of it seeks."""
    slots: Iterable[Slot] = part.seeking
    if part.kind == "parent" and part.slot is not None:
        slots = [*part.seeking, part.slot]
    if slots:
        node.seeking = [*node.seeking, *slots]


def _is_constructed(node: Node) -> bool:
    return (node.kind != "path" and node.constructed) or (node.kind == "path" and node.items[0].constructed)


def _name_the_next_function(path: Node, right: Node) -> None:
    """Remember `f` of `a().f()`: the text of an error may ask whether `$f` was meant."""
    last = path.items[-1]
    if right.kind == "call" and right.left.kind == "path" and len(right.left.items) == 1 and last.kind == "call":
        last.next_function = right.left.items[0].value


def _mark_tail_calls(node: Node) -> None:
    if node.predicates or node.group is not None:
        return  # what is filtered or grouped behind the call is no tail (the reference forgets the filter)
    if node.kind == "call":
        node.tuple = True
    elif node.kind == "condition":
        _mark_tail_calls(node.right)
        if node.third is not None:
            _mark_tail_calls(node.third)
    elif node.kind == "block" and node.items:
        _mark_tail_calls(node.items[-1])


_RULES: dict[str, Callable[[Layout, Node], Node]] = {
    "name": Layout.name,
    "parent": Layout.parent,
    "regex": Layout.regex,
    "array": Layout.generic,
    "object": Layout.generic,
    "range": Layout.generic,
    "condition": Layout.generic,
    "bind": Layout.generic,
    "call": Layout.call,
    "partial": Layout.call,
    "block": Layout.block,
    "negation": Layout.negation,
    "lambda": Layout.function,
    "transform": Layout.transform,
    "binary": Layout.binary,
    "filter": Layout.filter,
    "group": Layout.group,
    "order": Layout.order,
    "focus": Layout.focus,
    "index": Layout.index,
}
