"""What the bus refuses, each named after the error of EventBridge, or of its Scheduler, that it becomes on the wire."""

from stepwell.runtime.errors import RuntimeRefusal


class ResourceNotFoundException(RuntimeRefusal):
    """There is no such thing."""


class ResourceAlreadyExistsException(RuntimeRefusal):
    """The name is taken."""


class ConflictException(RuntimeRefusal):
    """The name is taken, in the words of Scheduler."""


class InvalidEventPatternException(RuntimeRefusal):
    """The text is no event pattern."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}")


class ValidationException(RuntimeRefusal):
    """A parameter has no sense."""


class LimitExceededException(RuntimeRefusal):
    """There are as many as are allowed."""


class ServiceQuotaExceededException(RuntimeRefusal):
    """There are as many as are allowed, in the words of Scheduler."""
