"""The stages of a visit's data: what history holds of them, and between that what the state makes of it once more.

The state is run again as TestState would run it, with the input, the variables and the result that the visit had, and
nobody is called. What comes of that is the same as then, unless an expression used chance or the time.
"""

from collections.abc import Container
from typing import Any, NamedTuple

from stepwell.console.outline import StateOutline
from stepwell.language.document import Document, decode
from stepwell.language.evaluation import Allowance, Entropy, Overdrawn
from stepwell.language.timestamps import format_milliseconds
from stepwell.machine.limits import Limits
from stepwell.runtime.evaluators import OUTSIDE_STEPS
from stepwell.testing.request import DEBUG, StateTest
from stepwell.testing.subject import Subject
from stepwell.testing.trial import Trial

TOKEN = "<task token>"
"""What is shown in the place of a task token."""

_STAGES = (
    *(
        "afterInputPath",
        "afterItemsPath",
        "afterItemsPointer",
        "afterItemSelector",
        "afterParameters",
        "afterArguments",
    ),
    *("result", "afterResultSelector", "afterResultPath"),
)


class Visited(NamedTuple):
    """The execution that a visit was in."""

    arn: str
    machine_arn: str
    role_arn: str
    input: str
    started: int


class Run(NamedTuple):
    """What a visit had, as history and the rows say."""

    visited: Visited
    state: StateOutline
    language: str
    source: str
    """Its input."""
    variables: dict[str, Any]
    entered: int
    attempts: int
    known: dict[str, str]
    """The stages that history holds, by name."""


def stages_outside(run: Run) -> list[dict[str, Any]]:
    """Return the stages, worked out in a process."""
    return stages_of(run, OUTSIDE_STEPS, last=True)


def stages_of(run: Run, steps: int, *, last: bool = False) -> list[dict[str, Any]]:
    """Return the stages in the order of the flow. Raise `Overdrawn` where that takes more steps than there are."""
    try:
        worked_out = _inspected(run, Allowance(steps, last=last))
    except Overdrawn:
        raise
    except Exception:  # noqa: BLE001 (what history holds is shown, whatever else can't be)
        worked_out = {}
    made = {name: value for name, value in worked_out.items() if isinstance(value, str)} | run.known
    return [{"name": name, "value": made[name], "exact": name in run.known} for name in _STAGES if name in made]


def _inspected(run: Run, allowance: Allowance) -> dict[str, Any]:
    visited, state = run.visited, run.state
    context: dict[str, Any] = {
        "Execution": {
            "Id": visited.arn,
            "Input": decode(visited.input),
            "Name": visited.arn.split(":")[7],
            "RoleArn": visited.role_arn,
            "StartTime": format_milliseconds(visited.started),
        },
        "State": {
            "Name": state.name,
            "EnteredTime": format_milliseconds(run.entered),
            "RetryCount": max(run.attempts - 1, 0),
        },
        "StateMachine": {"Id": visited.machine_arn, "Name": visited.machine_arn.rpartition(":")[2]},
        "Task": {"Token": TOKEN},
    }
    test = StateTest(
        subject=Subject(state.name, state.value, run.language),
        input=Document(run.source),
        variables=run.variables,
        role_arn=visited.role_arn,
        level=DEBUG,
        reveal_secrets=False,
        mock=None,
        context=context,
        retry_count=0,
        failed_iterations=None,
        reader_data=None,
    )
    trial = Trial(test, visited.arn, visited.machine_arn, _Then(run.entered, visited.arn.split(":")[3], allowance))
    need = trial.begin()
    result = run.known.get("result")
    if result is not None and state.type in {"Task", "Parallel", "Map"}:
        trial.succeed(Document(result))
    elif need is not None and state.type == "Wait":
        trial.pass_by()
    return trial.outcome().inspection or {}


class _Then:
    """The moment at which the state was entered. Chance is none: what it gave then is not known."""

    def __init__(self, now: int, region: str, allowance: Allowance) -> None:
        self.now = now
        self.region = region
        self.allowance = allowance
        self.entropy: Entropy = self
        self.limits = Limits()
        self.activities: Container[str] = self

    def random(self) -> float:
        """Return a number that is no chance."""
        return 0.5

    def uuid(self) -> str:
        """Return a UUID that is none."""
        return "00000000-0000-4000-8000-000000000000"

    def token(self, _lane: int, _ticket: int) -> str:
        """Return what stands for the task token."""
        return TOKEN

    def __contains__(self, _: object) -> bool:
        return True
