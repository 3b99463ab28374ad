"""What is no pattern, no schedule, no transformer: the reasons, in AWS's words where they are known."""


class InvalidPattern(ValueError):
    """The text is no event pattern; the message is the reason."""


class InvalidSchedule(ValueError):
    """The text is no schedule expression; the message is the reason."""


class InvalidTransformer(ValueError):
    """The input of a target can't be made like this; the message is the reason."""


class InvalidEvent(ValueError):
    """An entry of PutEvents that makes no event."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
