"""The errors of the wire: their codes, texts and members, and which refusal of the runtime becomes which of them."""

from stepwell.runtime import (
    activity_registry,
    aliases,
    arns,
    connection_parameters,
    connections,
    errors,
    quotas,
    registry,
    tagging,
)

CORAL_SERVICE = "com.amazon.coral.service"
VALIDATION = "com.amazon.coral.validate"


class ApiError(Exception):
    """An error answer. `members` are what it has beside its message, such as a resource's name.

    Its status and its namespace are those that the service's model has for the code, unless they are given.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None, namespace: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members: dict[str, str] = {}
        self.status = status
        self.namespace = namespace


class ClientDisconnected(Exception):
    """Nobody waits for the answer any more."""


def serialization_error(message: str) -> ApiError:
    """Return the error for a body that is not what the operation takes: no JSON, or a value of another type."""
    return ApiError("SerializationException", message)


def not_implemented(what: str) -> ApiError:
    """Return the error for what AWS has and this version has not."""
    return ApiError("UnsupportedOperationException", f"{what} is not implemented yet in this version of Stepwell")


# What the runtime refuses, in AWS's words; the code on the wire is the name of the class unless it is given here.
_TEXTS: dict[type[errors.RuntimeRefusal], str] = {
    arns.InvalidArn: "Invalid Arn: '{}'",
    arns.InvalidRoleArn: "Invalid Role Arn: '{}'",
    arns.InvalidName: "Invalid Name: '{}'",
    errors.ExecutionAlreadyExists: "Execution Already Exists: '{}'",
    errors.InvalidToken: "Invalid Token: 'Invalid token'",
    errors.InvalidOutput: "Invalid Output: '{}'",
    errors.TaskDoesNotExist: "Task Does Not Exist: 'Provided task does not exist anymore'",
    errors.TaskTimedOut: "Task Timed Out: 'Provided task does not exist anymore'",
    errors.ActivityWorkerLimitExceeded: (
        "The maximum number of workers concurrently polling for activity tasks has been reached."
    ),
    aliases.AliasDoesNotExist: "Request references a resource that does not exist.",
    registry.StateMachineDoesNotExist: "State Machine Does Not Exist: '{}'",
    registry.StateMachineAlreadyExists: "State Machine Already Exists: '{}'",
    registry.StateMachineDeleting: "State Machine is being deleted: '{}'",
    activity_registry.ActivityDoesNotExist: "Activity Does Not Exist: '{}'",
    activity_registry.ActivityAlreadyExists: "Activity Already Exists: '{}'",
    connections.ConnectionDoesNotExist: "Failed to describe the connection(s). Connection '{}' does not exist.",
    connections.ConnectionAlreadyExists: "Connection {} already exists.",
    connections.ConnectionLimitExceeded: "The maximum number of connections has been reached.",
    connections.ConnectionKeyDoesNotFit: (
        "The secrets of the connection '{}' were sealed with another key than this server has. Start it with that key"
        " (STEPWELL_SECRET_KEY, or the file secret.key), or update the connection with all its parameters."
    ),
    quotas.ActivityLimitExceeded: (
        "The maximum number of activities has been reached. Existing activities must be deleted before a new activity"
        " can be created."
    ),
    quotas.StateMachineLimitExceeded: (
        "The maximum number of state machines has been reached. Existing state machines must be deleted before a new"
        " state machine can be created."
    ),
    tagging.ResourceNotFound: "Resource not found: '{}'",
    tagging.TooManyTags: "Too many tags: '{}'. A resource can have 50.",
}
_CODES: dict[type[errors.RuntimeRefusal], str] = {
    arns.InvalidRoleArn: "InvalidArn",
    aliases.AliasDoesNotExist: "ResourceNotFound",
    aliases.InvalidRoutingConfiguration: "ValidationException",
    aliases.NothingToUpdate: "ValidationException",
    connection_parameters.IncompleteParameters: "ValidationException",
    connections.ConnectionAlreadyExists: "ResourceAlreadyExistsException",
    connections.ConnectionDoesNotExist: "ResourceNotFoundException",
    connections.ConnectionKeyDoesNotFit: "InvalidStateException",
    connections.ConnectionLimitExceeded: "LimitExceededException",
    errors.UnknownTestCase: "ValidationException",
    errors.UnusableSecretKey: "InvalidStateException",
}
_REASONS: dict[type[errors.RuntimeRefusal], str] = {
    aliases.InvalidRoutingConfiguration: "INVALID_ROUTING_CONFIGURATION",
    aliases.NothingToUpdate: "MISSING_REQUIRED_PARAMETER",
}
_NAMES_ITS_RESOURCE = (tagging.ResourceNotFound, tagging.TooManyTags)


def from_refusal(refusal: errors.RuntimeRefusal) -> ApiError:
    """Return the error that a refusal of the runtime becomes on the wire."""
    kind = type(refusal)
    subject = str(refusal)
    error = ApiError(_CODES.get(kind, kind.__name__), _TEXTS.get(kind, "{}").format(subject))
    if kind in _NAMES_ITS_RESOURCE:
        error.members["resourceName"] = subject
    if kind in _REASONS:
        error.members["reason"] = _REASONS[kind]
    return error
