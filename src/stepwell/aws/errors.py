"""What can come of a call beside an answer."""


class AwsError(Exception):
    """The service answered with an error."""

    def __init__(
        self, code: str, message: str, status: int, request_id: str = "", extended_request_id: str = "", shape: str = ""
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        """As clients see it: `ResourceNotFoundException`, `NotFound`, empty where the service gave none."""
        self.message = message
        self.status = status
        self.request_id = request_id
        self.extended_request_id = extended_request_id
        """Amazon S3's second identifier of a request; else empty."""
        self.shape = shape or code
        """The error's name in the model of the service, which may differ from the code (Amazon SQS)."""


class AwsUnreachable(Exception):
    """The service gave no answer, or the request could not even be made; the message is that of AWS's SDKs."""


class NoCredentials(AwsUnreachable):
    """No credentials were found, nor an endpoint that could do without."""


class AnswerTooLarge(AwsUnreachable):
    """The body of the answer is larger than what can be of any use; it was not read to its end."""


class NoSuchCall(AwsUnreachable):
    """There is no service, or no operation of it, with this name."""


class RoleNotAssumed(Exception):
    """The role that the call was to be made as could not be assumed."""

    def __init__(self, role_arn: str, reason: str) -> None:
        super().__init__(f"{role_arn}: {reason}")
        self.role_arn = role_arn
        self.reason = reason
