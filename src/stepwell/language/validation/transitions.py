"""The ways between the states of one scope: that all lead somewhere, reach every state, and come to an end."""

from collections.abc import Iterator
from typing import Any

from stepwell.language.diagnostics import ERROR, MISSING_END_STATE, MISSING_TRANSITION_TARGET, WARNING, Pointer
from stepwell.language.validation.walk import Walk


def check_transitions(walk: Walk, machine: dict[str, Any], pointer: Pointer) -> None:
    """Check the transitions of a state machine, a branch or an item processor.

    As in AWS, a scope that cannot end is not told of unreachable states as well.
    """
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        return
    start = machine.get("StartAt")
    if isinstance(start, str) and start not in states:
        _missing(walk, start, (*pointer, "StartAt"))
    ways = {name: list(_targets(state)) for name, state in states.items()}
    for name, targets in ways.items():
        for way, target in targets:
            if target not in states:
                _missing(walk, target, (*pointer, "States", name, *way))
    if not any(_ends(state) for state in states.values()):
        # A loop inside a branch can still end, by failing; the whole machine's loop AWS refuses.
        severity = WARNING if pointer else ERROR
        walk.report(pointer or None, "Workflow has no terminal state", MISSING_END_STATE, severity=severity)
    elif isinstance(start, str) and start in states:
        reached = _reached(start, ways)
        for name in states:
            if name not in reached:
                message = f'State "{name}" is not reachable.'
                walk.report((*pointer, "States", name), message, MISSING_TRANSITION_TARGET)


def _missing(walk: Walk, target: str, pointer: Pointer) -> None:
    # The word is 'Next' wherever the target stands: in StartAt and Default as well.
    walk.report(pointer, f"Missing 'Next' target: {target}", MISSING_TRANSITION_TARGET)


def _targets(state: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield the names that a state leads to, each with the way to it within the state."""
    if not isinstance(state, dict):
        return
    for field in ("Next", "Default"):
        if isinstance(state.get(field), str):
            yield (field,), state[field]
    for field in ("Choices", "Catch"):
        entries = state.get(field)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and isinstance(entry.get("Next"), str):
                yield (field, index, "Next"), entry["Next"]


def _ends(state: Any) -> bool:
    """Return whether a state can be the last. One that says nothing of what follows is a problem of its own."""
    if not isinstance(state, dict) or state.get("Type") in ("Succeed", "Fail") or state.get("End") is True:
        return True
    return state.get("Type") != "Choice" and "Next" not in state


def _reached(start: str, ways: dict[str, list[tuple[Pointer, str]]]) -> set[str]:
    reached = {start}
    waiting = [start]
    while waiting:
        for _, target in ways.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached
