"""The one walker that reads the tables: an object by its structure, a value by its shape."""

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import Any

from stepwell.language.diagnostics import (
    DUPLICATE_STATE_NAME,
    INVALID_STATE_NAME,
    TOO_DEEPLY_NESTED,
    Pointer,
)
from stepwell.language.grammar import JSONATA, JSONPATH, STRUCTURES, TYPES, Structure, shapes
from stepwell.language.validation import data, rules, values
from stepwell.language.validation.data import assigned_names
from stepwell.language.validation.transitions import check_transitions
from stepwell.language.validation.walk import Place, Walk

MAX_STATE_NAME = 80
MAX_NESTING = 32
"""Branches and item processors within each other; AWS has a limit too, but does not publish it."""

_MACHINES = frozenset({"Machine", "Branch", "ItemProcessor"})


def structure(walk: Walk, name: str, value: Any, pointer: Pointer, place: Place) -> None:
    """Check an object against the structure with this name."""
    if not isinstance(value, dict):
        walk.report(pointer, "Expected value of type Object")
        return
    if name in _MACHINES:
        place = _entered(walk, name, value, pointer, place)
        if place.depth > MAX_NESTING:
            return
    place = place._replace(structure=name)
    table, found = STRUCTURES[name], len(walk.diagnostics)
    _required(walk, table, value, pointer)
    for key, content in value.items():
        field = table.fields.get(key)
        if field is None:
            walk.report(pointer, f"Field '{key}' is not supported", key=key)
        elif field.language is not None and field.language != place.language:
            message = f"field '{key}' is only supported for the '{field.language}' QueryLanguage"
            walk.report(pointer, f"The QueryLanguage is set to '{place.language}', but {message}", key=key)
        else:
            shape = field.shape
            _CHECKS[type(shape)](walk, shape, content, (*pointer, key), place)
    _groups(walk, table, value, pointer)
    rules.check(walk, name, value, pointer, place, found)
    if name in _MACHINES:
        check_transitions(walk, value, pointer)


def _entered(walk: Walk, name: str, machine: dict[str, Any], pointer: Pointer, place: Place) -> Place:
    """Return the place within a machine."""
    depth = place.depth if name == "Machine" else place.depth + 1
    if depth > MAX_NESTING:
        walk.report(pointer, f"States are nested more than {MAX_NESTING} levels deep", TOO_DEEPLY_NESTED)
    outer, leaving, express = place.outer | (place.assigned - place.own), place.leaving | place.own, place.express
    config = machine.get("ProcessorConfig")
    if isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED":
        if express:
            message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
            walk.report((*pointer, "ProcessorConfig", "Mode"), message)
        # Its executions are of their own: they see no variables, and have a type.
        outer, leaving, express = frozenset(), frozenset(), config.get("ExecutionType") == "EXPRESS"
    # A state's query language does not pass down: nested states start again from the machine's.
    return Place(walk.language, express, depth, outer, leaving)


def _assigned(walk: Walk, state: Any) -> set[str]:
    """Return the names of the variables that a state assigns."""
    names: set[str] = set()
    if isinstance(state, dict):
        language = state.get("QueryLanguage", walk.language)
        holders = [state]
        for key in ("Choices", "Catch"):
            entries = state.get(key)
            holders += [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        for holder in holders:
            assign = holder.get("Assign")
            names.update(assigned_names(assign, language) if isinstance(assign, dict) else ())
    return names


def _required(walk: Walk, table: Structure, value: dict[str, Any], pointer: Pointer) -> None:
    missing = [key for key, field in table.fields.items() if field.required and key not in value]
    if missing:
        walk.report(pointer, f"These fields are required: [{', '.join(missing)}]")


def _groups(walk: Walk, table: Structure, value: dict[str, Any], pointer: Pointer) -> None:
    """Check which fields exclude each other. `End: false` counts as no End."""
    for group in (*table.exactly_one, *table.at_most_one):
        present = [key for key in group if key in value and not (key == "End" and value[key] is False)]
        if len(present) > 1:
            message = f"There should only be one of the following fields: [{', '.join(group)}]"
            walk.report(pointer, message, key=present[1])
        elif not present and group in table.exactly_one:
            walk.report(pointer, f"This object should have only one of the following fields: [{', '.join(group)}]")


def _states(walk: Walk, _: shapes.States, value: Any, pointer: Pointer, place: Place) -> None:
    if not isinstance(value, dict):
        walk.report(pointer, "Expected value of type Object")
        return
    if not value:
        walk.report(pointer, "Value cannot be empty")
    assigned = {name: _assigned(walk, content) for name, content in value.items()}
    times = Counter(chain.from_iterable(assigned.values()))
    place = place._replace(assigned=frozenset(times))
    for name, content in value.items():
        _name(walk, name, pointer)
        own = frozenset(variable for variable in assigned[name] if times[variable] == 1)
        state(walk, content, (*pointer, name), place._replace(own=own))


def _name(walk: Walk, name: str, pointer: Pointer) -> None:
    if not name:
        walk.report((*pointer, name), "State name cannot be empty", INVALID_STATE_NAME)
    elif len(name) > MAX_STATE_NAME:
        message = f"Invalid State name: State exceeds the {MAX_STATE_NAME}-character limit allowed by the service"
        walk.report((*pointer, name), message, INVALID_STATE_NAME)
    if name in walk.state_names:
        walk.report((*pointer, name), f"Duplicate State name: {name}", DUPLICATE_STATE_NAME)
    walk.state_names.add(name)


def state(walk: Walk, value: Any, pointer: Pointer, place: Place) -> None:
    """Check a state by its type."""
    if not isinstance(value, dict):
        walk.report(pointer, "Expected value of type Object")
        return
    language = value.get("QueryLanguage", walk.language)
    if language == JSONPATH and walk.language == JSONATA:
        walk.report(pointer, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
    type_ = value.get("Type")
    if "Type" not in value:
        walk.report(pointer, "These fields are required: [Type]")
    elif type_ not in TYPES:
        message = f"The field 'Type' should have one of these values: [{', '.join(TYPES)}]"
        walk.report((*pointer, "Type"), message)
    else:
        structure(walk, type_, value, pointer, place._replace(language=JSONATA if language == JSONATA else JSONPATH))


def _list_of(walk: Walk, shape: shapes.ListOf, value: Any, pointer: Pointer, place: Place) -> None:
    if not isinstance(value, list):
        walk.report(pointer, "Expected value of type Array")
        return
    if not value and not shape.empty:
        walk.report(pointer, "Value cannot be empty")
    check = _CHECKS[type(shape.item)]
    for index, item in enumerate(value):
        check(walk, shape.item, item, (*pointer, index), place)


def _nested(walk: Walk, shape: shapes.Nested, value: Any, pointer: Pointer, place: Place) -> None:
    structure(walk, shape.structure, value, pointer, place)


_Check = Callable[[Walk, Any, Any, Pointer, Place], None]

_CHECKS: dict[type[shapes.Shape], _Check] = {
    shapes.Text: values.text,
    shapes.Flag: values.flag,
    shapes.Number: values.number,
    shapes.Path: values.path,
    shapes.Timestamp: values.timestamp,
    shapes.StateName: values.state_name,
    shapes.TaskResource: values.task_resource,
    shapes.DataResource: values.data_resource,
    shapes.Label: values.label,
    shapes.Data: data.data,
    shapes.Literal: data.literal,
    shapes.Variables: data.variables,
    shapes.Credentials: data.credentials,
    shapes.States: _states,
    shapes.ListOf: _list_of,
    shapes.Nested: _nested,
}
