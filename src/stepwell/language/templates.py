"""Payload templates: JSON in which a key that ends in `.$` takes its value from a path or an intrinsic function.

A template is compiled to the value that it is without what changes, and the few places to fill in: an evaluation copies
the objects on the way to these places and shares all others. A template that has no such places is its own result.
"""

from collections.abc import Callable
from typing import Any

from .document import to_text
from .evaluation import Evaluation, Expression, PathError, StatesError
from .intrinsics import Intrinsic, IntrinsicSyntaxError, compile_intrinsic, looks_like_intrinsic
from .jsonpath import Path, PathSyntaxError, compile_path

SUFFIX = ".$"
MAX_DEPTH = 200

Pointer = tuple[str | int, ...]


class TemplateError(ValueError):
    """A field that cannot be compiled. `pointer` leads to the object that holds it, `detail` says what is wrong."""

    def __init__(self, pointer: Pointer, field: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer
        self.field = field
        self.message = message
        self.detail = detail


class Template:
    """A compiled template. One that is `constant` yields the same value every time."""

    __slots__ = ("constant", "evaluate", "variables")

    def __init__(self, evaluate: Expression, *, constant: bool, variables: frozenset[str]) -> None:
        self.evaluate = evaluate
        """Returns the template with its places filled in; raises `StatesError` where one of them cannot be."""
        self.constant = constant
        self.variables = variables


class Field:
    """The compiled value of one field that is a path or an intrinsic function: `x.$`, `ErrorPath`, `CausePath`."""

    __slots__ = ("evaluate", "variables")

    def __init__(self, evaluate: Expression, variables: frozenset[str]) -> None:
        self.evaluate = evaluate
        """Returns the value; raises `StatesError` where there is none."""
        self.variables = variables


def compile_template(value: Any) -> Template:
    """Return the template that `value` is; raise `TemplateError` for its first problem."""
    compiler = _Compiler()
    base, fill = compiler.compile(value, ())
    if compiler.problems:
        raise compiler.problems[0]
    variables = frozenset(compiler.variables)
    return Template(fill or (lambda _: base), constant=fill is None, variables=variables)


def template_problems(value: Any) -> list[TemplateError]:
    """Return all problems of a template, in the order of its text."""
    compiler = _Compiler()
    compiler.compile(value, ())
    return compiler.problems


def compile_field(field: str, text: Any) -> Field:
    """Return the path or intrinsic function that `text` is; raise `TemplateError`, in AWS's words, if it is neither."""
    source = _compile_source(field, text, ())
    find = source.evaluate

    def value(evaluation: Evaluation) -> Any:
        try:
            return find(evaluation)
        except PathError as error:
            raise path_not_found(error.path, field, evaluation) from None

    return Field(value, source.variables)


def _compile_source(field: str, text: Any, pointer: Pointer) -> Path | Intrinsic:
    detail = "Expected a text that starts with '$' or 'States.'"
    try:
        if isinstance(text, str) and text.startswith("$"):
            return compile_path(text)
        if isinstance(text, str) and looks_like_intrinsic(text):
            return compile_intrinsic(text)
    except (PathSyntaxError, IntrinsicSyntaxError) as error:
        detail = str(error)
    message = f"The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call"
    raise TemplateError(pointer, field, message, detail)


def path_not_found(path: str, field: str, evaluation: Evaluation) -> StatesError:
    """Return the error of a field whose path leads nowhere in the input."""
    return StatesError(
        "States.Runtime",
        f"The JSONPath '{path}' specified for the field '{field}' could not be found in the input "
        f"'{to_text(evaluation.input)}'",
    )


class _Compiler:
    """Walks a template. `compile` returns a node without its places, and what fills them in if there are any."""

    def __init__(self) -> None:
        self.problems: list[TemplateError] = []
        self.variables: set[str] = set()

    def compile(self, node: Any, pointer: Pointer) -> tuple[Any, Expression | None]:
        if len(pointer) > MAX_DEPTH:
            message = f"A template may be nested {MAX_DEPTH} deep at most"
            self.problems.append(TemplateError(pointer[:-1], str(pointer[-1]), message))
        elif isinstance(node, dict):
            return self._object(node, pointer)
        elif isinstance(node, list):
            return self._array(node, pointer)
        return node, None

    def _array(self, node: list[Any], pointer: Pointer) -> tuple[Any, Expression | None]:
        compiled = [self.compile(item, (*pointer, at)) for at, item in enumerate(node)]
        places = [(at, fill) for at, (_, fill) in enumerate(compiled) if fill is not None]
        return (node, _filled(node, places)) if places else (node, None)

    def _object(self, node: dict[str, Any], pointer: Pointer) -> tuple[Any, Expression | None]:
        base: dict[str, Any] = {}
        places: list[tuple[Any, Expression]] = []
        for key, item in node.items():
            name = key.removesuffix(SUFFIX)
            if name in base:
                message = f"The field '{key}' clashes with another field: both have the name '{name}' in the result"
                self.problems.append(TemplateError(pointer, key, message))
            if key.endswith(SUFFIX):
                base[name], fill = None, self._field(key, item, pointer)
            else:
                base[name], fill = self.compile(item, (*pointer, key))
            if fill is not None:
                places.append((name, fill))
        return (base, _filled(base, places)) if places else (node, None)

    def _field(self, key: str, item: Any, pointer: Pointer) -> Expression | None:
        try:
            source = _compile_source(key, item, pointer)
        except TemplateError as problem:
            self.problems.append(problem)
            return None
        self.variables |= source.variables
        return source.evaluate


def _filled(base: Any, places: list[tuple[Any, Expression]]) -> Callable[[Evaluation], Any]:
    count = len(places)

    def filled(evaluation: Evaluation) -> Any:
        allowance = evaluation.allowance
        allowance.steps -= count
        if allowance.steps < 0:
            allowance.spend(0)
        result = base.copy()
        for place, fill in places:
            try:
                result[place] = fill(evaluation)
            except PathError as error:
                raise path_not_found(error.path, f"{place}{SUFFIX}", evaluation) from None
        return result

    return filled
