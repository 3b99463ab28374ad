"""The context object, `$$`: built only when an expression asks for it."""

from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.language.definition import MapState, State, TaskState, WorkState
from stepwell.language.resources import REQUEST_RESPONSE
from stepwell.language.timestamps import format_milliseconds
from stepwell.machine.data import NO_PARENT, Execution, Lane

if TYPE_CHECKING:
    from stepwell.machine.step import Step


class Context(msgspec.Struct, eq=False, gc=False):
    """The context object of one lane in one state; called, it gives the object. `item` is a Map's (index, value)."""

    _step: "Step"
    _lane: Lane
    _state: State
    _item: tuple[int, Any] | None = None
    _built: dict[str, Any] | None = None

    def __call__(self) -> dict[str, Any]:
        """Return the context object."""
        if self._built is None:
            self._built = self._build()
        return self._built

    def _build(self) -> dict[str, Any]:
        step, lane, state = self._step, self._lane, self._state
        retries = bool(isinstance(state, WorkState) and state.retriers)
        shown: dict[str, Any] = {"Name": state.name, "EnteredTime": format_milliseconds(lane.entered_at)}
        if retries:
            shown["RetryCount"] = lane.retries
        context = {**_same_all_turn(step, with_redrives=not retries), "State": shown}
        if isinstance(state, TaskState) and state.resource.pattern != REQUEST_RESPONSE:
            context["Task"] = {"Token": step.moment.token(lane.number, lane.ticket)}
        item = self._item or _enclosing_item(step, lane)
        if item is not None:
            context["Map"] = {"Item": {"Index": item[0], "Value": item[1]}}
        return context


def _same_all_turn(step: "Step", *, with_redrives: bool) -> dict[str, Any]:
    """Return what all contexts of a turn have in common: made once, for a Map of many items asks for it with each."""
    same = step.in_contexts.get(with_redrives)
    if same is None:
        execution = step.execution
        same = step.in_contexts[with_redrives] = {
            "Execution": _execution(execution, with_redrives=with_redrives),
            "StateMachine": {"Id": _started_as(execution), "Name": execution.state_machine_name},
        }
    return same


def _started_as(execution: Execution) -> str:
    """Return the ARN that the execution was started by: an alias, a version, or the state machine itself."""
    return execution.state_machine_alias_arn or execution.state_machine_version_arn or execution.state_machine_arn


def _execution(execution: Execution, *, with_redrives: bool) -> dict[str, Any]:
    shown = {
        "Id": execution.arn,
        "Input": execution.input.value,
        "StartTime": format_milliseconds(execution.started_at),
        "Name": execution.name,
        "RoleArn": execution.role_arn,
    }
    # As recorded from AWS: beside a RetryCount there is no RedriveCount as long as nothing was redriven.
    if execution.redrive_count or (with_redrives and not execution.waited_for):
        shown["RedriveCount"] = execution.redrive_count
    if execution.redriven_at is not None:
        shown["RedriveTime"] = format_milliseconds(execution.redriven_at)
    return shown


def _enclosing_item(step: "Step", lane: Lane) -> tuple[int, Any] | None:
    """Return the (index, value) of the innermost Map iteration that a lane is in."""
    while lane.parent != NO_PARENT:
        parent = step.execution.lanes[lane.parent]
        state = step.state_of(parent)
        if isinstance(state, MapState):
            return lane.index, step.items_of(parent, state).value[lane.index]
        lane = parent
    return None
