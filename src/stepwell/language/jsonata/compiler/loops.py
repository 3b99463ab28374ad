"""`$map`, `$filter` and `$reduce` of a function that is written where they take it: a loop, with its body in it."""

from math import inf

from stepwell.language.jsonata.calling import STEPS_PER_CALL
from stepwell.language.jsonata.compiler.natives import Applied
from stepwell.language.jsonata.compiler.values import is_true
from stepwell.language.jsonata.compiler.writer import MANY, Term, Writer
from stepwell.language.jsonata.tree import Node


def loop(w: Writer, called: Applied, body: Node, depth: int) -> Term:
    """Write a loop over the first argument of a call."""
    terms = [w.emit(argument, depth + 1) for argument in called.arguments if argument is not body]
    w.owe(STEPS_PER_CALL)
    w.line(f"if {w.run}.depth + {depth} >= run.limit: run.too_deep()")
    array, name = terms[0], called.node.left.value
    writing = _Loop(w, array, body, depth)
    with w.under("try:"):
        if name == "reduce":
            result = writing.reduce(terms[1].text if len(terms) > 1 else "UNDEFINED")
        else:
            result = writing.map() if name == "map" else writing.filter()
    with w.under("except JsonataError as error:"):
        w.line(f"raise located(error, {called.node.position}, {name!r})")
    return result


class _Loop:
    """Writes one loop."""

    def __init__(self, w: Writer, array: Term, body: Node, depth: int) -> None:
        self._w = w
        self._array = array
        self._body = body
        self._depth = depth
        self._result = w.put("UNDEFINED")
        self._items = w.new()
        self._item = w.new()
        self._at = w.new()

    def map(self) -> Term:
        """Write `$map`."""
        w, result = self._w, self._result
        with w.under(self._is_there()):
            self._begin()
            w.line(f"{result} = Sequence()")
            with w.under(self._header(1)):
                term = self._call(self._arguments())
                if term.may_be_list and not term.plain:
                    w.line(f"if isinstance({term.text}, list): {result}.append({w.run}.member({term.text}))")
                    w.line(f"elif {term.text} is not UNDEFINED: {result}.append({term.text})")
                else:
                    sure = "" if term.sure else f"if {term.text} is not UNDEFINED: "
                    w.line(f"{sure}{result}.append({term.text})")
        return Term(result, weight=term.weight * MANY)

    def filter(self) -> Term:
        """Write `$filter`."""
        w, result = self._w, self._result
        with w.under(self._is_there()):
            self._begin()
            w.line(f"{result} = Sequence()")
            with w.under(self._header(1)):
                term = self._call(self._arguments())
                w.line(f"if {is_true(term)}: {result}.append({self._item})")
        return Term(result, weight=self._array.weight)

    def reduce(self, start: str) -> Term:
        """Write `$reduce`."""
        w, result, at = self._w, self._result, self._at
        with w.under(self._is_there()):
            self._begin()
            w.line(f"{result}, {at} = {start}, 0")
            w.line(f"if {result} is UNDEFINED and {self._items}: {result}, {at} = {self._items}[0], 1")
            with w.under(f"for {at} in range({at}, len({self._items})):"):
                w.line(f"{self._item} = {self._items}[{at}]")
                term = self._call([Term(result, weight=inf, inner=True), *self._arguments()])
                w.line(f"{result} = {term.text}")
        scalar = term.kind in {"number", "boolean"}
        return Term(result, weight=max(1, self._array.weight) if scalar else inf)

    def _is_there(self) -> str:
        return "if True:" if self._array.sure else f"if {self._array.text} is not UNDEFINED:"

    def _begin(self) -> None:
        """Write what comes before the loop: its array, and the steps of its calls."""
        w, text = self._w, self._array.text
        w.line(f"{self._items} = {text} if isinstance({text}, list) else [{text}]")
        w.spend(f"{STEPS_PER_CALL} * len({self._items})")

    def _header(self, first: int) -> str:
        if len(self._body.items) > first:
            return f"for {self._at}, {self._item} in enumerate({self._items}):"
        return f"for {self._item} in {self._items}:"

    def _arguments(self) -> list[Term]:
        item = Term(self._item, weight=self._array.weight / MANY, inner=True)
        return [item, Term(self._at, "number", True, 0, True), Term(self._items, weight=self._array.weight)]

    def _call(self, arguments: list[Term]) -> Term:
        """Write the body of the loop. Its calls in tail position are made as deep as the loop is."""
        w, names = self._w, [parameter.value for parameter in self._body.items]
        before, w.tail = w.tail, self._depth
        with w.inside(w.program.scopes.of[id(self._body)], dict(zip(names, arguments, strict=False))):
            term = w.emit(self._body.body, self._depth + 1)
        w.tail = before
        return term
