"""The state under test: found in what the request has for a definition, and compiled alone.

The whole definition is checked, but only this state is compiled, in a state machine that is cut down to it: where it
leads to need not be runnable. A Parallel or a Map can be tested with a mocked result only, so its branches are never
run; each is a stub, and so is what only a run of them would use.
"""

from dataclasses import dataclass
from typing import Any

from stepwell.language.compiler import compile_definition
from stepwell.language.definition import Definition
from stepwell.language.diagnostics import aws_text
from stepwell.language.validation import Diagnosis, diagnose, diagnose_state
from stepwell.testing.refusal import INVALID_DEFINITION, TestRefused

UNNAMED = "StateName"
"""What AWS calls the state of a definition that is a single state."""

_STUB = {"StartAt": "Stub", "States": {"Stub": {"Type": "Wait", "Seconds": 1, "End": True}}}
_OF_RUNS = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")


@dataclass(frozen=True, slots=True)
class Subject:
    """A state, as it is written."""

    name: str
    value: dict[str, Any]
    query_language: str

    @property
    def type(self) -> str:
        """Its Type."""
        return str(self.value["Type"])

    @property
    def uses_jsonata(self) -> bool:
        """Whether its expressions are JSONata."""
        return bool(self.value.get("QueryLanguage", self.query_language) == "JSONata")

    def compile(self) -> Definition:
        """Return a state machine of this state alone. Raise `NotRunnable` where this version can't run it."""
        state = {field: value for field, value in self.value.items() if field not in _OF_RUNS}
        for field in ("ItemProcessor", "Iterator"):
            if field in state:
                state[field] = _STUB
        if "Branches" in state:
            state["Branches"] = [_STUB] * len(state["Branches"])
        return compile_definition(
            {"StartAt": self.name, "QueryLanguage": self.query_language, "States": {self.name: state}}
        )


def find_subject(definition: str, name: str | None) -> Subject:
    """Return the state under test: the definition, or the one of that name in it. Raise `TestRefused`."""
    if name is None:
        state = _valid(diagnose_state(definition))
        return Subject(UNNAMED, state, "JSONPath")
    machine = _valid(diagnose(definition))
    found = _find(machine, name)
    if found is None:
        raise TestRefused("State not found in definition")
    return Subject(name, found, machine.get("QueryLanguage", "JSONPath"))


def _valid(diagnosis: Diagnosis) -> dict[str, Any]:
    if diagnosis.errors:
        raise TestRefused(aws_text(diagnosis.errors), INVALID_DEFINITION)
    value: dict[str, Any] = diagnosis.value
    return value


def _find(scope: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Return the state of a name, which is unique in the whole definition, from whatever depth."""
    states: dict[str, dict[str, Any]] = scope["States"]
    if name in states:
        return states[name]
    for state in states.values():
        processor = state.get("ItemProcessor", state.get("Iterator"))
        for inner in [*state.get("Branches", ()), *([] if processor is None else [processor])]:
            found = _find(inner, name)
            if found is not None:
                return found
    return None
