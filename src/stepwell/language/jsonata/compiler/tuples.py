"""Paths that carry tuples: `@$v` and `#$i` bind variables to a step, `%` goes back up to the context of one."""

from collections.abc import Callable
from math import inf
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.filters import tuples_kept
from stepwell.language.jsonata.compiler.writer import GROUP, Term, Writer
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import (
    UNDEFINED,
    Sequence,
    Tuples,
    collapse,
    keep_steps,
    tuple_frame,
)
from stepwell.language.jsonata.walking import gathered

Code = Callable[[Any, Any, Run], Any]
Stage = tuple[str | None, Code]
"""The name of the position that is bound behind a step, or a predicate."""
Steps = list[tuple[Node, Code, list[Stage]]]


def tuple_path(w: Writer, node: Node, depth: int) -> Term:
    """Write a path of which some step binds a variable."""
    steps = []
    for step in node.items:
        stages = [
            (stage.value, None) if stage.kind == "index" else (None, tuples_kept(w, stage.right, depth + 1))
            for stage in step.stages
        ]
        steps.append((step, w.function(step, depth + 1), stages))
    made = w.program.made(_walking, steps, node)
    term = Term(w.put(f"{made}({w.value}, {w.frame}, {w.run})"), weight=inf)
    return term if node.group is None else GROUP[0](w, node.group, term, depth)


def _walking(steps: Steps, node: Node) -> Code:
    """Return what walks along the steps."""
    first, last = node.items[0], len(steps) - 1
    starts = next(at for at, step in enumerate(node.items) if step.tuple)
    carries, keeps, groups = node.tuple, node.keep_steps or node.keep_array, node.group is not None

    def walk(value: Any, frame: Any, run: Run) -> Any:
        items: Any = value if first.kind != "variable" and isinstance(value, list) else [value]
        tuples: Any = None
        for at, (step, code, stages) in enumerate(steps):
            if at == 0 and first.constructed:
                items = code(items, frame, run)
            elif at >= starts:
                tuples = _tuple_step(step, code, stages, items, tuples, frame, run)
                continue
            elif step.kind == "sort":
                items = code(items, frame, run)
                for _, stage in stages:
                    items = stage(items, frame, run)
            else:
                items = _each_item(items, code, stages, at == last, frame, run)
            if items is UNDEFINED or not items:
                break
            if not isinstance(items, list):
                items = [items]
        if tuples is not None and groups:
            return tuples
        if tuples is not None:
            items = tuples if carries else Sequence(item["@"] for item in tuples)
        if keeps:
            items = keep_steps(items)
        return items if groups else collapse(items)

    return walk


def _each_item(items: list[Any], code: Code, stages: list[Any], last: bool, frame: Any, run: Run) -> list[Any]:
    """Return what a step before the tuples yields for each of its items, as one sequence."""
    run.spend(len(items))
    found: list[Any] = []
    for item in items:
        value = code(item, frame, run)
        for _, stage in stages:
            value = stage(value, frame, run)
        if value is not UNDEFINED:
            found.append(value)
    return gathered(found, last, run)


def _tuple_step(step: Node, code: Code, stages: list[Any], items: Any, tuples: Any, frame: Any, run: Run) -> Tuples:
    """Return the tuples that a step makes of those before it."""
    if step.kind == "sort":
        result = _sorted_tuples(step, code, items, tuples, frame, run)
    else:
        if tuples is None:
            tuples = [{"@": item} for item in items if item is not UNDEFINED]
        result = Tuples()
        run.spend(len(tuples))
        for item in tuples:
            found = code(item["@"], tuple_frame(frame, item), run)
            if found is not UNDEFINED:
                _extend(result, step, item, found if isinstance(found, list) else [found])
                run.reserve(len(result))
    for name, stage in stages:
        if stage is None:
            for at, item in enumerate(result):
                item[name] = at
        else:
            result = Tuples(stage(result, frame, run))
    return result


def _extend(result: Tuples, step: Node, item: dict[str, Any], found: list[Any]) -> None:
    """Add a tuple for each value that a step has found, with what the step binds."""
    carried = type(found) is Tuples
    for at, value in enumerate(found):
        made = dict(item)
        if carried:
            made.update(value)
        else:
            if step.focus is not None:
                made[step.focus] = value
            else:
                made["@"] = value
            if step.index is not None:
                made[step.index] = at
            if step.ancestor is not None:
                made[step.ancestor.label] = item["@"]
        result.append(made)


def _sorted_tuples(step: Node, code: Code, items: Any, tuples: Any, frame: Any, run: Run) -> Tuples:
    if tuples is not None:
        return Tuples(code(tuples, frame, run))
    made = Tuples()
    for at, value in enumerate(code(items, frame, run)):
        item = {"@": value}
        if step.index is not None:
            item[step.index] = at
        made.append(item)
    return made
