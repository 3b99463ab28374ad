"""What happens to an execution, and what it asks for in turn."""

from dataclasses import dataclass

from stepwell.language.document import Document
from stepwell.language.resources import Resource


@dataclass(frozen=True, slots=True)
class Start:
    """The execution starts."""


@dataclass(frozen=True, slots=True)
class TaskSucceeded:
    """A call, a job, or the holder of a task token answered with a result."""

    lane: int
    ticket: int
    output: Document


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A call, a job, or the holder of a task token answered with an error."""

    lane: int
    ticket: int
    error: str | None
    cause: str | None
    by_call: bool = False
    """Whether the call itself failed, and not what became of it later."""


@dataclass(frozen=True, slots=True)
class TaskSubmitted:
    """A service has taken a job on (`job` names it), or (None) the message with the task token."""

    lane: int
    ticket: int
    output: Document
    job: str | None


@dataclass(frozen=True, slots=True)
class TaskHeartbeat:
    """The holder of a task token is alive."""

    lane: int
    ticket: int


@dataclass(frozen=True, slots=True)
class ActivityStarted:
    """A worker has taken an activity's task."""

    lane: int
    ticket: int
    worker_name: str | None


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A lane's `due` has come."""

    lane: int
    ticket: int


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The execution's own time is over."""


@dataclass(frozen=True, slots=True)
class TurnCame:
    """Lanes that waited for their next turn go on."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody stops the execution."""

    error: str | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Redrive:
    """Somebody lets the execution, which ended without success, go on from where it ended."""

    token: str | None
    """Under which whoever asks will recognise this redrive."""


Event = (
    Start
    | TaskSucceeded
    | TaskFailed
    | TaskSubmitted
    | TaskHeartbeat
    | ActivityStarted
    | TimerFired
    | DeadlineReached
    | TurnCame
    | Stop
    | Redrive
)


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function or a service, and bring the answer with this ticket."""

    lane: int
    ticket: int
    resource: Resource
    parameters: Document
    timeout_at: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """Offer a task to the workers of an activity."""

    lane: int
    ticket: int
    activity: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Bring the end of a job with this ticket."""

    lane: int
    ticket: int
    job: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for this ticket any more: what was handed over may stop, a job is to be stopped."""

    lane: int
    ticket: int
    resource: Resource | None
    job: str | None


@dataclass(frozen=True, slots=True)
class Yield:
    """Come back with `TurnCame`: there is more to do, after others had their turn."""


Command = Call | Offer | Watch | Cancel | Yield
