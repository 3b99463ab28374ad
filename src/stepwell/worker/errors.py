"""What goes wrong around a task."""


class TaskFailed(Exception):
    """Raised by a handler to fail its task under a name of its own: what Retry and Catch see."""

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause


class TokenRefused(Exception):
    """Nobody waits for this task any more.

    `code` is TaskTimedOut, TaskDoesNotExist or InvalidToken; Worker.Stopped where it is the worker that has ended.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class WorkerRefused(Exception):
    """The worker can't work: its activity doesn't exist, its credentials don't do, and waiting won't help."""


class CallFailed(Exception):
    """A call was not answered, or answered with an error."""

    def __init__(self, code: str, message: str, *, lasting: bool) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.lasting = lasting
        """Whether the same call would fail again, as far as can be told."""
