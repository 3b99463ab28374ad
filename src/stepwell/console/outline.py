"""What of a definition is needed to tell from a history which state of which scope an event speaks of."""

from dataclasses import dataclass, field
from typing import Any

from stepwell.graph.reading import escaped
from stepwell.language.source import read


@dataclass(slots=True)
class StateOutline:
    """One state. `path` is its JSON pointer."""

    path: str
    name: str
    type: str
    next: str | None
    caught_by: frozenset[str]
    """Where its catchers lead."""
    scopes: tuple["ScopeOutline", ...]
    value: dict[str, Any] = field(repr=False)


@dataclass(slots=True)
class ScopeOutline:
    """One `States` object."""

    path: str
    states: dict[str, StateOutline]
    value: dict[str, Any] = field(repr=False)


def outline_of(definition: str) -> ScopeOutline:
    """Return the outline of a definition that executions follow, and so is valid."""
    value = read(definition).value
    return _scope(value if isinstance(value, dict) else {}, "")


def find_state(scope: ScopeOutline, path: str) -> tuple[ScopeOutline, StateOutline] | None:
    """Return the state with a path, and the scope that it is in."""
    for state in scope.states.values():
        if state.path == path:
            return scope, state
        if path.startswith(f"{state.path}/"):
            for inner in state.scopes:
                found = find_state(inner, path)
                if found is not None:
                    return found
    return None


def _scope(value: dict[str, Any], path: str) -> ScopeOutline:
    states = value.get("States", {})
    return ScopeOutline(path, {name: _state(name, state, path) for name, state in states.items()}, value)


def _state(name: str, state: dict[str, Any], scope: str) -> StateOutline:
    path = f"{scope}/States/{escaped(name)}"
    inner = [(f"{path}/Branches/{number}", branch) for number, branch in enumerate(state.get("Branches", ()))]
    inner += [(f"{path}/{field}", state[field]) for field in ("ItemProcessor", "Iterator") if field in state]
    return StateOutline(
        path,
        name,
        state.get("Type", ""),
        state.get("Next"),
        frozenset(catcher.get("Next", "") for catcher in state.get("Catch", ())),
        tuple(_scope(value, where) for where, value in inner),
        state,
    )
