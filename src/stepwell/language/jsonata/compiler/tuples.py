"""Paths that carry tuples: `@$v` and `#$i` bind variables to a step, `%` goes back up to the context of one."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.compiler.core import GROUP, Code, Compiler, Frame, tuple_frame
from stepwell.language.jsonata.compiler.stepping import each_item
from stepwell.language.jsonata.tree import Node
from stepwell.language.jsonata.values import (
    UNDEFINED,
    Constructed,
    KeptSequence,
    Sequence,
    Tuples,
    collapse,
    keep_array,
)

TupleStep = Any


def tuple_path(compiler: Compiler, node: Node, depth: int) -> Code:  # noqa: C901 (one walk, as in paths.py)
    """Return the code of a path of which some step binds a variable."""
    steps: list[tuple[Node, Code, list[Any]]] = []
    for step in node.items:
        stages = [
            (stage.value, None) if stage.kind == "index" else (None, compiler.stage(stage, depth + 1))
            for stage in step.stages
        ]
        steps.append((step, compiler.code(step, depth + 1), stages))
    first = node.items[0]
    starts = next(at for at, step in enumerate(node.items) if step.tuple)
    group = GROUP[0](compiler, node.group, depth) if node.group is not None else None
    carries, keeps, last = node.tuple, node.keep_steps or node.keep_array, len(steps) - 1

    def walk(value: Any, frame: Frame, run: Run) -> Any:
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
                items = each_item(items, code, [stage for _, stage in stages], at == last, frame, run)
            if items is UNDEFINED or not items:
                break
            if not isinstance(items, list):
                items = [items]
        if tuples is not None and group is not None:
            return group(tuples, frame, run)
        if tuples is not None:
            items = tuples if carries else Sequence(item["@"] for item in tuples)
        if keeps:
            items = keep_array(KeptSequence((items,)) if type(items) is Constructed else items)
        return group(items, frame, run) if group is not None else collapse(items)

    return walk


def _tuple_step(step: Node, code: Code, stages: list[Any], items: Any, tuples: Any, frame: Frame, run: Run) -> Tuples:
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


def _sorted_tuples(step: Node, code: Code, items: Any, tuples: Any, frame: Frame, run: Run) -> Tuples:
    if tuples is not None:
        return Tuples(code(tuples, frame, run))
    made = Tuples()
    for at, value in enumerate(code(items, frame, run)):
        item = {"@": value}
        if step.index is not None:
            item[step.index] = at
        made.append(item)
    return made
