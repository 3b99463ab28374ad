"""From a definition's value to what the machine runs. The value has been diagnosed before: its shape is right.

What the language has and this version can't run yet is refused here, by name, so that nothing starts that could not be
finished.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stepwell.language.choice import compile_rule
from stepwell.language.definition import (
    Catcher,
    ChoiceState,
    Definition,
    FailState,
    MapState,
    Merge,
    ParallelState,
    PassState,
    PathValue,
    Retrier,
    Scope,
    State,
    SucceedState,
    TaskState,
    WaitState,
    nothing,
)
from stepwell.language.document import Document
from stepwell.language.evaluation import Evaluation, Expression
from stepwell.language.jsonpath import compile_path, compile_reference_path
from stepwell.language.resources import parse_resource
from stepwell.language.templates import compile_field, compile_template
from stepwell.language.timestamps import parse_timestamp

Value = Mapping[str, Any]

DEFAULT_INTERVAL_SECONDS = 1
DEFAULT_MAX_ATTEMPTS = 3
DEFAULT_BACKOFF_RATE = 2.0


class NotRunnable(ValueError):
    """The definition asks for something that this version does not run. `where` is the state, `what` the field."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{what} is not implemented yet in this version of Stepwell ({where})")
        self.where = where
        self.what = what


def compile_definition(value: Value) -> Definition:
    """Compile a definition that has no errors. Raise `NotRunnable` for what can't be run yet."""
    if value.get("QueryLanguage", "JSONPath") != "JSONPath":
        raise NotRunnable("/", "QueryLanguage 'JSONata'")
    scopes: dict[str, Scope] = {}
    root = _scope(value, "", scopes)
    return Definition(value["StartAt"], value.get("TimeoutSeconds"), root, scopes)


def _scope(value: Value, path: str, scopes: dict[str, Scope]) -> Scope:
    scope = Scope(path, value["StartAt"], {})
    scopes[path] = scope
    for name, state in value["States"].items():
        where = f"{path}/States/{name}"
        _refuse_what_is_not_built(state, where)
        scope.states[name] = _COMPILERS[state["Type"]](name, state, where, scopes)
    return scope


def _refuse_what_is_not_built(state: Value, where: str) -> None:
    if state.get("QueryLanguage", "JSONPath") != "JSONPath":
        raise NotRunnable(where, "QueryLanguage 'JSONata'")
    holders = [state, *state.get("Catch", ()), *state.get("Choices", ())]
    if any("Assign" in holder for holder in holders):
        raise NotRunnable(where, "Assign")
    processor = state.get("ItemProcessor", state.get("Iterator", {}))
    if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        raise NotRunnable(where, "Map of Mode 'DISTRIBUTED'")


def _common(name: str, state: Value) -> dict[str, Any]:
    return {
        "name": name,
        "type": state["Type"],
        "next": state.get("Next"),
        "input_path": _filter(state, "InputPath"),
        "output_path": _filter(state, "OutputPath"),
        "merge": _merge(state),
    }


def _filter(state: Value, field: str) -> Expression | None:
    text = state.get(field, "$")
    if text is None:
        return nothing
    return None if text == "$" else compile_path(text)


def _merge(holder: Value) -> Merge | None:
    text = holder.get("ResultPath", "$")
    if text is None:
        return _keep_input
    if text == "$":
        return None
    put = compile_reference_path(text).put
    return lambda source, result: Document(value=put(source.value, result.value))


def _keep_input(source: Document, _: Document) -> Document:
    return source


def _template(state: Value, field: str) -> Expression | None:
    return compile_template(state[field]) if field in state else None


def _path_value(state: Value, field: str) -> PathValue | None:
    text = state.get(field)
    if text is None:
        return None
    return PathValue(field, text, compile_path(text))


def _text_field(state: Value, field: str) -> PathValue | None:
    """Return a field that takes a path or an intrinsic function."""
    return PathValue(field, state[field], compile_field(field, state[field])) if field in state else None


def _number(state: Value, field: str) -> Any:
    return state[field] if field in state else _path_value(state, f"{field}Path")


def _work(name: str, state: Value, parameters: str = "Parameters") -> dict[str, Any]:
    return _common(name, state) | {
        "parameters": _template(state, parameters),
        "result_selector": _template(state, "ResultSelector"),
        "retriers": tuple(map(_retrier, state.get("Retry", ()))),
        "catchers": tuple(
            Catcher(tuple(catcher["ErrorEquals"]), catcher["Next"], _merge(catcher))
            for catcher in state.get("Catch", ())
        ),
    }


def _retrier(value: Value) -> Retrier:
    return Retrier(
        tuple(value["ErrorEquals"]),
        value.get("IntervalSeconds", DEFAULT_INTERVAL_SECONDS),
        value.get("MaxAttempts", DEFAULT_MAX_ATTEMPTS),
        value.get("BackoffRate", DEFAULT_BACKOFF_RATE),
        value.get("MaxDelaySeconds"),
        value.get("JitterStrategy", "NONE") == "FULL",
    )


def _pass(name: str, state: Value, _where: str, _scopes: dict[str, Scope]) -> State:
    result = Document(value=state["Result"]) if "Result" in state else None
    return PassState(**_common(name, state), result=result, parameters=_template(state, "Parameters"))


def _wait(name: str, state: Value, _where: str, _scopes: dict[str, Scope]) -> State:
    timestamp = parse_timestamp(state["Timestamp"]) if "Timestamp" in state else None
    path = _path_value(state, "SecondsPath") or _path_value(state, "TimestampPath")
    return WaitState(**_common(name, state), seconds=state.get("Seconds"), timestamp=timestamp, path=path)


def _choice(name: str, state: Value, _where: str, _scopes: dict[str, Scope]) -> State:
    rules = tuple((compile_rule(rule), rule["Next"]) for rule in state["Choices"])
    return ChoiceState(**_common(name, state), rules=rules, default=state.get("Default"))


def _succeed(name: str, state: Value, _where: str, _scopes: dict[str, Scope]) -> State:
    return SucceedState(**_common(name, state))


def _fail(name: str, state: Value, _where: str, _scopes: dict[str, Scope]) -> State:
    return FailState(
        name,
        "Fail",
        error=state.get("Error"),
        cause=state.get("Cause"),
        error_path=_text_field(state, "ErrorPath"),
        cause_path=_text_field(state, "CausePath"),
    )


def _task(name: str, state: Value, _where: str, _scopes: dict[str, Scope]) -> State:
    return TaskState(
        **_work(name, state),
        resource=parse_resource(state["Resource"]),
        timeout_seconds=_number(state, "TimeoutSeconds"),
        heartbeat_seconds=_number(state, "HeartbeatSeconds"),
        role_arn=_role(state.get("Credentials")),
    )


def _role(credentials: Value | None) -> Expression | None:
    if credentials is None:
        return None
    template = compile_template(dict(credentials))

    def role(evaluation: Evaluation) -> Any:
        return template(evaluation)["RoleArn"]

    return role


def _parallel(name: str, state: Value, where: str, scopes: dict[str, Scope]) -> State:
    branches = tuple(_scope(branch, f"{where}/Branches/{i}", scopes) for i, branch in enumerate(state["Branches"]))
    return ParallelState(**_work(name, state), branches=branches)


def _map(name: str, state: Value, where: str, scopes: dict[str, Scope]) -> State:
    processor = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
    selector = "ItemSelector" if "ItemSelector" in state else "Parameters"
    return MapState(
        **_work(name, state, selector),
        processor=_scope(state[processor], f"{where}/{processor}", scopes),
        items_path=_path_value(state, "ItemsPath"),
        max_concurrency=_number(state, "MaxConcurrency") or 0,
        tolerated_failure_count=_number(state, "ToleratedFailureCount"),
        tolerated_failure_percentage=_number(state, "ToleratedFailurePercentage"),
    )


_COMPILERS: dict[str, Callable[[str, Value, str, dict[str, Scope]], State]] = {
    "Pass": _pass,
    "Wait": _wait,
    "Choice": _choice,
    "Succeed": _succeed,
    "Fail": _fail,
    "Task": _task,
    "Parallel": _parallel,
    "Map": _map,
}
