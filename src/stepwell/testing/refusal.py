"""How a test is refused before it runs."""

VALIDATION, INVALID_DEFINITION = "ValidationException", "InvalidDefinition"


class TestRefused(Exception):
    """The request can't be met; `code` is the error of the API, the message AWS's where it is known."""

    __test__ = False

    def __init__(self, message: str, code: str = VALIDATION) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
