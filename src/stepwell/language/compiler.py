"""From a definition's value to what the machine runs. The value has been diagnosed before: its shape is right.

What the language has and this version can't run yet is refused here, by name, so that nothing starts that could not be
finished.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stepwell.language.definition import (
    ChoiceState,
    Definition,
    FailState,
    MapState,
    ParallelState,
    PassState,
    PathValue,
    Retrier,
    Scope,
    State,
    SucceedState,
    TaskState,
    WaitState,
)
from stepwell.language.evaluation import Evaluation, Expression
from stepwell.language.fields import Fields, JsonataFields, JsonPathFields
from stepwell.language.resources import parse_resource
from stepwell.language.timestamps import parse_timestamp

Value = Mapping[str, Any]

DEFAULT_INTERVAL_SECONDS = 1
DEFAULT_MAX_ATTEMPTS = 3
DEFAULT_BACKOFF_RATE = 2.0
JSONATA = "JSONata"


class NotRunnable(ValueError):
    """The definition asks for something that this version does not run. `where` is the state, `what` the field."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{what} is not implemented yet in this version of Stepwell ({where})")
        self.where = where
        self.what = what


def compile_definition(value: Value) -> Definition:
    """Compile a definition that has no errors. Raise `NotRunnable` for what can't be run yet."""
    compiler = _Compiler(value.get("QueryLanguage", "JSONPath"))
    root = compiler.scope(value, "")
    return Definition(value["StartAt"], value.get("TimeoutSeconds"), root, compiler.scopes)


class _Compiler:
    """Compiles the scopes of one definition. A state's own language is not its children's: they have the machine's."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.scopes: dict[str, Scope] = {}

    def scope(self, value: Value, path: str) -> Scope:
        """Compile one `States` object, and those within."""
        scope = self.scopes[path] = Scope(path, value["StartAt"], _States(self, value["States"], path))
        for name, state in value["States"].items():
            where = f"{path}/States/{name}"
            _refuse_what_is_not_built(state, where)
            for inner, member in _inner_scopes(state):
                self.scope(inner, f"{where}/{member}")
        return scope

    def state(self, name: str, value: Value, where: str) -> State:
        """Compile one state, after the scopes within."""
        query = value.get("QueryLanguage", self._language) == JSONATA
        fields: Fields = JsonataFields(value) if query else JsonPathFields(value)
        return _COMPILERS[value["Type"]](self, name, value, fields, where)


class _States(dict[str, State]):
    """The states of a scope, each compiled when it is first asked for: a large definition has others wait for none."""

    def __init__(self, compiler: _Compiler, values: Value, path: str) -> None:
        super().__init__()
        self._compiler = compiler
        self._values = values
        self._path = path

    def __missing__(self, name: str) -> State:
        state = self[name] = self._compiler.state(name, self._values[name], f"{self._path}/States/{name}")
        return state


def _inner_scopes(state: Value) -> Iterator[tuple[Value, str]]:
    """Yield the scopes within a state, each with its member of it."""
    for number, branch in enumerate(state.get("Branches", ())):
        yield branch, f"Branches/{number}"
    for member in ("ItemProcessor", "Iterator"):
        if member in state:
            yield state[member], member


def _refuse_what_is_not_built(state: Value, where: str) -> None:
    processor = state.get("ItemProcessor", state.get("Iterator", {}))
    if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        raise NotRunnable(where, "Map of Mode 'DISTRIBUTED'")


def _work(name: str, state: Value, fields: Fields, parameters: str) -> dict[str, Any]:
    return {
        "name": name,
        **fields.common(),
        "parameters": fields.template(parameters),
        "result_selector": fields.result_selector(),
        "retriers": tuple(map(_retrier, state.get("Retry", ()))),
        "catchers": tuple(fields.catcher(catcher, number) for number, catcher in enumerate(state.get("Catch", ()))),
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


def _pass(_compiler: _Compiler, name: str, _state: Value, fields: Fields, _where: str) -> State:
    parameters = None if isinstance(fields, JsonataFields) else fields.template("Parameters")
    return PassState(name=name, **fields.common(), result=fields.result(), parameters=parameters)


def _wait(_compiler: _Compiler, name: str, state: Value, fields: Fields, _where: str) -> State:
    path = fields.moment("Seconds") or fields.moment("Timestamp")
    seconds = timestamp = None
    if path is None:
        seconds = state.get("Seconds")
        timestamp = parse_timestamp(state["Timestamp"]) if "Timestamp" in state else None
    return WaitState(name=name, **fields.common(), seconds=seconds, timestamp=timestamp, path=path)


def _choice(_compiler: _Compiler, name: str, state: Value, fields: Fields, _where: str) -> State:
    rules = tuple(fields.rule(rule, number) for number, rule in enumerate(state["Choices"]))
    return ChoiceState(name=name, **fields.common(), rules=rules, default=state.get("Default"))


def _succeed(_compiler: _Compiler, name: str, _state: Value, fields: Fields, _where: str) -> State:
    return SucceedState(name=name, **fields.common())


def _fail(_compiler: _Compiler, name: str, _state: Value, fields: Fields, _where: str) -> State:
    error, cause = fields.failure("Error"), fields.failure("Cause")
    return FailState(
        name,
        "Fail",
        query=isinstance(fields, JsonataFields),
        error=None if isinstance(error, PathValue) else error,
        cause=None if isinstance(cause, PathValue) else cause,
        error_path=error if isinstance(error, PathValue) else None,
        cause_path=cause if isinstance(cause, PathValue) else None,
    )


def _task(_compiler: _Compiler, name: str, state: Value, fields: Fields, _where: str) -> State:
    return TaskState(
        **_work(name, state, fields, fields.arguments),
        resource=parse_resource(state["Resource"]),
        timeout_seconds=fields.number("TimeoutSeconds"),
        heartbeat_seconds=fields.number("HeartbeatSeconds"),
        role_arn=_role(fields.role()),
    )


def _role(credentials: Expression | None) -> Expression | None:
    if credentials is None:
        return None
    template = credentials

    def role(evaluation: Evaluation) -> Any:
        return template(evaluation)["RoleArn"]

    return role


def _parallel(compiler: _Compiler, name: str, state: Value, fields: Fields, where: str) -> State:
    branches = tuple(compiler.scopes[f"{where}/Branches/{number}"] for number in range(len(state["Branches"])))
    return ParallelState(**_work(name, state, fields, fields.arguments), branches=branches)


def _map(compiler: _Compiler, name: str, state: Value, fields: Fields, where: str) -> State:
    processor = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
    selector = "Parameters" if "Parameters" in state else "ItemSelector"
    return MapState(
        **_work(name, state, fields, selector),
        processor=compiler.scopes[f"{where}/{processor}"],
        items_path=fields.items(),
        max_concurrency=fields.number("MaxConcurrency") or 0,
        tolerated_failure_count=fields.number("ToleratedFailureCount"),
        tolerated_failure_percentage=fields.number("ToleratedFailurePercentage"),
    )


_COMPILERS: dict[str, Callable[[_Compiler, str, Value, Fields, str], State]] = {
    "Pass": _pass,
    "Wait": _wait,
    "Choice": _choice,
    "Succeed": _succeed,
    "Fail": _fail,
    "Task": _task,
    "Parallel": _parallel,
    "Map": _map,
}
