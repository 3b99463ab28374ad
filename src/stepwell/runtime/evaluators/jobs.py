"""What an evaluator can be asked for: functions of values that can be pickled, to such values."""

from collections import OrderedDict
from typing import Any, NamedTuple

from stepwell.language.compiler import compile_definition
from stepwell.language.definition import Definition
from stepwell.language.diagnostics import Diagnostic
from stepwell.language.source import value_of
from stepwell.language.validation import diagnose
from stepwell.machine.advance import advance
from stepwell.machine.data import Execution, Lane, Moment
from stepwell.machine.events import Command, Event
from stepwell.machine.history import EventTuple
from stepwell.machine.step import Step
from stepwell.runtime.moment import TurnMoment
from stepwell.testing.refusal import TestRefused
from stepwell.testing.request import StateTest, read_test
from stepwell.testing.trial import Need, Outcome, Reply, run_test

KEPT_DEFINITIONS = 32

_compiled: OrderedDict[int, Definition] = OrderedDict()


class Advanced(NamedTuple):
    """A step without what the server has anyway."""

    execution: Execution
    events: list[EventTuple]
    first_event: int
    commands: list[Command]
    touched: list[Lane]
    gone: list[int]
    steps_left: int

    def step(self, definition: Definition, moment: TurnMoment) -> Step:
        """Return the step."""
        step = Step(self.execution, definition, moment)
        step.events, step.first_event = self.events, self.first_event
        step.commands, step.touched, step.gone = self.commands, self.touched, self.gone
        return step


def take_turn(revision: int, definition: str, execution: Execution, event: Event, moment: TurnMoment) -> Advanced:
    """Advance an execution that follows a revision, of which the definition is the text."""
    step = advance(execution, _definition(revision, definition), event, moment)
    left = moment.allowance.steps
    return Advanced(execution, step.events, step.first_event, step.commands, step.touched, step.gone, left)


def _definition(revision: int, text: str) -> Definition:
    found = _compiled.pop(revision, None) or compile_definition(value_of(text))
    _compiled[revision] = found
    if len(_compiled) > KEPT_DEFINITIONS:
        _compiled.popitem(last=False)
    return found


def problems_of(definition: str, kind: str) -> tuple[Diagnostic, ...]:
    """Return all that is wrong with a definition of a type of state machine."""
    return diagnose(definition, kind).diagnostics


def read_state_test(request: dict[str, Any]) -> StateTest | TestRefused:
    """Return the test that a request of TestState asks for."""
    try:
        return read_test(request)
    except TestRefused as refusal:
        return refusal


def run_state_test(
    test: StateTest, arn: str, machine_arn: str, moment: Moment, reply: Reply | None
) -> Need | Outcome | TestRefused:
    """Run a test of a state to its outcome, or to what it needs."""
    try:
        return run_test(test, arn, machine_arn, moment, reply)
    except TestRefused as refusal:
        return refusal
