"""The definition that a fork follows: it begins with a state of another, and has what that one leads to. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from stepwell.console.outline import ScopeOutline
from stepwell.language.document import to_text
from stepwell.language.queries import is_query

VARIABLES_STATE = "Variables of the fork"


def derived(
    root: Mapping[str, Any], scope: ScopeOutline, state: str, variables: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return the definition that begins with a state of a scope, and what is worth a warning.

    With variables, a Pass state that assigns them comes first.
    """
    states = {name: scope.states[name].value for name in _reachable(scope, state)}
    definition = {
        name: root[name] for name in ("Comment", "QueryLanguage", "TimeoutSeconds", "Version") if name in root
    }
    definition["StartAt"] = state
    if variables:
        name = _free_name(states)
        assign = {name: {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": _literal(variables), "Next": state}}
        definition["StartAt"], states = name, assign | states
    definition["States"] = states
    warnings = []
    if scope.path:
        warnings.append(
            f"{scope.path} alone is run: its end is the end of the execution, and nothing is gathered. $$.Map.Item and "
            "$states.context.Map.Item are not there."
        )
    left_out = sorted(scope.states.keys() - states.keys())
    if left_out:
        warnings.append(f"What can't be reached from {state} is left out: {', '.join(left_out)}")
    return definition, warnings


def _reachable(scope: ScopeOutline, start: str) -> list[str]:
    """Return the states that can be reached from one, in the order in which the definition has them."""
    found, waiting = {start}, [start]
    while waiting:
        for target in _targets(scope.states[waiting.pop()].value):
            if target in scope.states and target not in found:
                found.add(target)
                waiting.append(target)
    return [name for name in scope.states if name in found]


def _targets(state: Mapping[str, Any]) -> Iterable[str]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    for several in ("Choices", "Catch"):
        yield from (rule["Next"] for rule in state.get(several, ()) if "Next" in rule)


def _free_name(states: Mapping[str, Any]) -> str:
    taken, name, number = to_text(dict(states)), VARIABLES_STATE, 2
    while name in taken:
        name = f"{VARIABLES_STATE} {number}"
        number += 1
    return name


def _literal(value: Any) -> Any:
    """Return a value as JSONata has it that means this value and nothing else."""
    if isinstance(value, Mapping):
        return {name: _literal(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_literal(member) for member in value]
    return f"{{% {to_text(value)} %}}" if is_query(value) else value
