"""What happens to an execution, and what it asks for in turn."""

from msgspec import Struct

from stepwell.language.document import Document
from stepwell.language.resources import Resource


class Start(Struct, frozen=True):
    """The execution starts."""


class TaskSucceeded(Struct, frozen=True):
    """A call, a job, or the holder of a task token answered with a result."""

    lane: int
    ticket: int
    output: Document


class TaskFailed(Struct, frozen=True):
    """A call, a job, or the holder of a task token answered with an error."""

    lane: int
    ticket: int
    error: str | None
    cause: str | None
    by_call: bool = False
    """Whether the call itself failed, and not what became of it later."""


class TaskSubmitted(Struct, frozen=True):
    """A service has taken a job on (`job` names it), or (None) the message with the task token."""

    lane: int
    ticket: int
    output: Document
    job: str | None


class TaskHeartbeat(Struct, frozen=True):
    """The holder of a task token is alive."""

    lane: int
    ticket: int


class ActivityStarted(Struct, frozen=True):
    """A worker has taken an activity's task."""

    lane: int
    ticket: int
    worker_name: str | None


class TimerFired(Struct, frozen=True):
    """A lane's `due` has come."""

    lane: int
    ticket: int


class DeadlineReached(Struct, frozen=True):
    """The execution's own time is over."""


class TurnCame(Struct, frozen=True):
    """Lanes that waited for their next turn go on."""


class Stop(Struct, frozen=True):
    """Somebody stops the execution."""

    error: str | None
    cause: str | None


class Redrive(Struct, frozen=True):
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


class Call(Struct, frozen=True):
    """Call a function or a service, and bring the answer with this ticket."""

    lane: int
    ticket: int
    resource: Resource
    parameters: Document
    timeout_at: int | None


class Offer(Struct, frozen=True):
    """Offer a task to the workers of an activity."""

    lane: int
    ticket: int
    activity: str


class Watch(Struct, frozen=True):
    """Bring the end of a job with this ticket."""

    lane: int
    ticket: int
    job: str


class Cancel(Struct, frozen=True):
    """Nobody waits for this ticket any more: what was handed over may stop, a job is to be stopped."""

    lane: int
    ticket: int
    resource: Resource | None
    job: str | None


class Yield(Struct, frozen=True):
    """Come back with `TurnCame`: there is more to do, after others had their turn."""


Command = Call | Offer | Watch | Cancel | Yield
