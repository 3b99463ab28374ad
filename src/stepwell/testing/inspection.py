"""The stages of a state's data flow, noted while the state runs.

The compiled expressions of the state are wrapped: each notes what it has made under the name that AWS gives to the
stage. A stage that the definition leaves out passes on what came before it. So the data ends where the run ended.
"""

from collections.abc import Sequence
from dataclasses import replace
from json import dumps
from typing import Any

from stepwell.language.definition import (
    MapState,
    ParallelState,
    PassState,
    PathValue,
    State,
    TaskState,
    WorkState,
)
from stepwell.language.document import Document
from stepwell.language.evaluation import Evaluation, Expression

_END = ("afterResultSelector", "afterResultPath")
_OF_ITEMS = ("afterItemsPointer", "afterItemSelector", "afterItemBatcher")
_MAP_NUMBERS = ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")


class Inspection:
    """What the run of one state shows of itself."""

    def __init__(self, source: Document) -> None:
        self._source = source
        self._made: dict[str, Any] = {}
        self._explicit: set[str] = set()

    def note(self, stage: str, made: Any) -> None:
        """Note what a stage made: a value, or a document."""
        self._made[stage] = made

    def watch(self, state: State) -> State:
        """Return a state that behaves like this one, and notes its stages."""
        changes: dict[str, Any] = {}
        self._wrap(changes, "afterInputPath", input_path=state.input_path)
        if state.merge is not None:
            merge = state.merge
            self._explicit.add("afterResultPath")
            changes["merge"] = lambda source, result: self._noted("afterResultPath", merge(source, result))
        if isinstance(state, PassState | TaskState):
            self._wrap(changes, "afterParameters", parameters=state.parameters)
        if isinstance(state, WorkState):
            self._wrap(changes, "afterResultSelector", result_selector=state.result_selector)
        if isinstance(state, MapState):
            self._watch_map(changes, state)
        return replace(state, **changes)

    def _watch_map(self, changes: dict[str, Any], state: MapState) -> None:
        self._explicit.add("afterItemsPath")  # noted by the trial: only what can be iterated over counts
        for field, name in zip(
            ("max_concurrency", "tolerated_failure_count", "tolerated_failure_percentage"), _MAP_NUMBERS, strict=True
        ):
            number = getattr(state, field)
            changes[field] = self._watched(number, name) if isinstance(number, PathValue) else number

    def _wrap(self, changes: dict[str, Any], stage: str, **field: Expression | None) -> None:
        ((name, expression),) = field.items()
        if expression is not None:
            changes[name] = self._noting(stage, expression)

    def _watched(self, path: PathValue | None, stage: str) -> PathValue | None:
        return None if path is None else replace(path, read=self._noting(stage, path.read))

    def _noting(self, stage: str, expression: Expression) -> Expression:
        self._explicit.add(stage)

        def noting(evaluation: Evaluation) -> Any:
            return self._noted(stage, expression(evaluation))

        return noting

    def _noted(self, stage: str, made: Any) -> Any:
        self._made[stage] = made
        return made

    def shown(self, state: State, *, jsonata: bool, begun: bool) -> dict[str, Any]:
        """Return the stages that were reached, as AWS shows them; `begun`: a Map has found its items and numbers."""
        shown = {"input": self._source.text}
        if jsonata:
            visible = {"afterArguments", "result"} if isinstance(state, TaskState) else set()
            shown |= {name: _text(made) for name, made in self._made.items() if name in visible}
        else:
            stages, hidden = _stages(state)
            shown |= {name: text for name, text in self._flow(stages) if name not in hidden}
        if isinstance(state, MapState) and begun:
            shown |= self._numbers(state)
        shown |= {name: _text(self._made[name]) for name in _OF_ITEMS if name in self._made}
        return shown

    def _flow(self, stages: Sequence[str]) -> list[tuple[str, str]]:
        flow, value = [], self._source.text
        for stage in stages:
            if stage in self._made:
                value = _text(self._made[stage])
            elif stage in self._explicit or stage == "result":
                break
            flow.append((stage, value))
        return flow

    def _numbers(self, state: MapState) -> dict[str, Any]:
        values = (state.max_concurrency, state.tolerated_failure_count, state.tolerated_failure_percentage)
        numbers: dict[str, Any] = {}
        for name, value in zip(_MAP_NUMBERS, values, strict=True):
            number = self._made.get(name) if isinstance(value, PathValue) else value
            if number is not None:
                numbers[name] = float(number) if name == "toleratedFailurePercentage" else number
        return numbers


def _stages(state: State) -> tuple[Sequence[str], frozenset[str]]:
    """Return the stages of a state in their order, and those of them that AWS does not show."""
    match state:
        case PassState(result=None):
            return ("afterInputPath", "afterParameters", *_END), frozenset()
        case PassState():
            return ("result", *_END), frozenset()
        case TaskState():
            return ("afterInputPath", "afterParameters", "result", *_END), frozenset()
        case ParallelState():
            return ("result", *_END), frozenset({"result"})
        case MapState():
            return ("afterInputPath", "afterItemsPath", "result", *_END), frozenset({"result"})
        case _:
            return ("afterInputPath",), frozenset()


def _text(made: Any) -> str:
    """Return what a stage made as text: a document as it was written, a value with AWS's blanks."""
    return made.text if isinstance(made, Document) else dumps(made, ensure_ascii=False)
