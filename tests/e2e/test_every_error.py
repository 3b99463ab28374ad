"""Every error that the model gives an operation is raised by a call of that operation, or it is said why it can't be.

The table has for each error the operations, and for each of these the parameters that provoke it.
"""

import json

import pytest

from e2e.definitions import HELLO
from e2e.inprocess import in_process
from e2e.server import ROLE
from e2e.shapes import service_model
from e2e.subjects import Subjects, route
from e2e.test_whole_model import NOT_BUILT, REQUESTS
from stepwell.runtime import activities, aliases, quotas, versions

STATES = "arn:aws:states:us-east-1:123456789012"
NO_MACHINE, NO_ACTIVITY = f"{STATES}:stateMachine:none", f"{STATES}:activity:none"
NO_EXECUTION = f"{STATES}:execution:none:none"
OTHER_ACCOUNT = "210987654321"
KMS_KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/none"}
TWO_DESTINATIONS = {"level": "ALL", "destinations": [{}, {}]}
TAGS_TOO_MANY = [{"key": f"key-{number}", "value": ""} for number in range(51)]

NO_KEYS = "it has no keys of KMS: nothing may seem encrypted that is not"
ONE_BY_ONE = "changes are made one at a time, so none contradicts another"
REPEATABLE = "deleting what is gone is no error"
PATTERN_FIRST = "the model's own constraint refuses it first, with a ValidationException"
EXCUSED = {
    "KmsAccessDeniedException": NO_KEYS,
    "KmsInvalidStateException": NO_KEYS,
    "KmsThrottlingException": NO_KEYS,
    "ActivityAlreadyExists": "activities of a name could differ in their encryption only, and there is but one",
    ("ConflictException", "CreateStateMachine"): ONE_BY_ONE,
    ("ConflictException", "UpdateStateMachine"): ONE_BY_ONE,
    ("ConflictException", "UpdateStateMachineAlias"): ONE_BY_ONE,
    ("ConflictException", "DeleteStateMachineAlias"): ONE_BY_ONE,
    ("ResourceNotFound", "DeleteStateMachineAlias"): REPEATABLE,
    ("ResourceNotFound", "ListExecutions"): NOT_BUILT["DescribeMapRun"],
    ("InvalidName", "CreateStateMachineAlias"): PATTERN_FIRST,
    ("StateMachineTypeNotSupported", "CreateStateMachine"): PATTERN_FIRST,
}
"""Why an error is never raised: by anything, or by one operation."""


def same(**params):
    """Return what gives the same parameters whatever there is."""
    return lambda _: params


def new(**more):
    """Return what gives the parameters of a new state machine."""
    return lambda make: {"name": make.name(), "definition": json.dumps(HELLO), "roleArn": ROLE, **more}


def of(member, maker, **more):
    """Return what gives one parameter that is made by `Subjects`, and others as they are."""
    return lambda make: {member: getattr(make, maker)(), **more}


def for_all(operations, params):
    """Return the same for several operations."""
    return dict.fromkeys(operations, params)


def taken_name(make):
    """Return the parameters of an execution whose name is taken, with another input."""
    machine = make.machine()
    make.call("StartExecution", stateMachineArn=machine, name="taken", input="1")
    return {"stateMachineArn": machine, "name": "taken", "input": "2"}


def taken_machine(make):
    """Return the parameters of a state machine whose name another has."""
    name = make.machine().rpartition(":")[2]
    return {"name": name, "definition": json.dumps({**HELLO, "Comment": "another"}), "roleArn": ROLE}


def taken_alias(make):
    """Return the parameters of an alias whose name another has."""
    version = make.version()
    make.call("CreateStateMachineAlias", name="live", routingConfiguration=route(version))
    return {"name": "live", "routingConfiguration": route(version), "description": "another"}


def version_in_use(make):
    """Return the ARN of a version that an alias leads to."""
    return {"stateMachineVersionArn": make.alias().rpartition(":")[0] + ":1"}


def routed_to_deleting(make):
    """Return the parameters of an alias of a state machine that is being deleted."""
    return {"name": "live", "routingConfiguration": route(f"{make.deleting()}:1")}


def alias_of_deleting(make):
    """Return the parameters that change an alias of a state machine that is being deleted."""
    machine = make.deleting_with_alias()
    return {"stateMachineAliasArn": f"{machine}:live", "description": "another"}


def deleting_by_name(make):
    """Return the parameters of a state machine with the name of one that is being deleted."""
    return {"name": make.deleting().rpartition(":")[2], "definition": json.dumps(HELLO), "roleArn": ROLE}


def aliased_to_nothing(make):
    """Return the parameters that turn an alias to a version that is not there."""
    alias = make.alias()
    return {"stateMachineAliasArn": alias, "routingConfiguration": route(alias.rpartition(":")[0] + ":9")}


LISTS = ("ListActivities", "ListStateMachines")
LISTS_OF_MACHINE = ("ListExecutions", "ListStateMachineAliases", "ListStateMachineVersions")
OF_EXECUTION = (
    "DescribeExecution", "DescribeStateMachineForExecution", "GetExecutionHistory", "RedriveExecution", "StopExecution",
)  # fmt: skip
OF_MACHINE = (
    "DescribeStateMachine", "ListExecutions", "ListStateMachineAliases", "PublishStateMachineVersion",
    "StartExecution", "StartSyncExecution",
)  # fmt: skip
OF_DELETING = ("ListStateMachineAliases", "PublishStateMachineVersion", "StartExecution", "StartSyncExecution")
NEEDS_MEMBERS = [
    name for name in REQUESTS.keys() - NOT_BUILT.keys()
    if any(error.name == "ValidationException" for error in service_model().operation_model(name).error_shapes)
]  # fmt: skip
ANSWERS = {"SendTaskFailure": {}, "SendTaskHeartbeat": {}, "SendTaskSuccess": {"output": "1"}}

PROVOKED = {
    "ActivityDoesNotExist": for_all(("DescribeActivity", "GetActivityTask"), same(activityArn=NO_ACTIVITY)),
    "ActivityLimitExceeded": {"CreateActivity": lambda make: {"name": make.name()}},
    "ActivityWorkerLimitExceeded": {"GetActivityTask": of("activityArn", "activity")},
    "ConflictException": {
        "CreateStateMachineAlias": taken_alias,
        "DeleteStateMachineVersion": version_in_use,
        "PublishStateMachineVersion": of("stateMachineArn", "machine", revisionId="another"),
    },
    "ExecutionAlreadyExists": {"StartExecution": taken_name},
    "ExecutionDoesNotExist": for_all(OF_EXECUTION, same(executionArn=NO_EXECUTION)),
    "ExecutionLimitExceeded": {
        "StartExecution": of("stateMachineArn", "machine"),
        "RedriveExecution": of("executionArn", "failed"),
    },
    "ExecutionNotRedrivable": {"RedriveExecution": of("executionArn", "ended")},
    "InvalidDefinition": {
        "CreateStateMachine": new(definition="{}"),
        "TestState": same(definition='{"Type": "Nothing"}'),
        "UpdateStateMachine": of("stateMachineArn", "machine", definition="{}"),
    },
    "InvalidEncryptionConfiguration": {
        "CreateActivity": lambda make: {"name": make.name(), "encryptionConfiguration": KMS_KEY},
        "CreateStateMachine": new(encryptionConfiguration=KMS_KEY),
        "UpdateStateMachine": of("stateMachineArn", "machine", encryptionConfiguration=KMS_KEY),
    },
    "InvalidExecutionInput": {
        "StartExecution": of("stateMachineArn", "machine", input="{"),
        "StartSyncExecution": lambda make: {"stateMachineArn": make.machine(type="EXPRESS"), "input": "{"},
        "TestState": same(definition=json.dumps(HELLO["States"]["Hello"]), input="{"),
    },
    "InvalidLoggingConfiguration": {
        "CreateStateMachine": new(loggingConfiguration=TWO_DESTINATIONS),
        "UpdateStateMachine": of("stateMachineArn", "machine", loggingConfiguration=TWO_DESTINATIONS),
    },
    "InvalidName": {
        "CreateActivity": same(name="a b"),
        "CreateStateMachine": new(name="a b"),
        "StartExecution": of("stateMachineArn", "machine", name="a b"),
        "StartSyncExecution": lambda make: {"stateMachineArn": make.machine(type="EXPRESS"), "name": "a b"},
    },
    "InvalidOutput": {"SendTaskSuccess": of("taskToken", "token", output="{")},
    "InvalidToken": {
        **for_all(LISTS, same(nextToken="none")),
        **for_all(LISTS_OF_MACHINE, of("stateMachineArn", "machine", nextToken="none")),
        "GetExecutionHistory": of("executionArn", "ended", nextToken="none"),
        **{name: same(taskToken="none", **more) for name, more in ANSWERS.items()},
    },
    "InvalidTracingConfiguration": {
        "CreateStateMachine": new(tracingConfiguration={}),
        "UpdateStateMachine": of("stateMachineArn", "machine", tracingConfiguration={}),
    },
    "MissingRequiredParameter": {"UpdateStateMachine": of("stateMachineArn", "machine")},
    "ResourceNotFound": {
        "CreateStateMachineAlias": lambda make: {
            "name": "live", "routingConfiguration": route(make.version().replace(":1", ":2")),
        },
        "DescribeStateMachineAlias": same(stateMachineAliasArn=f"{NO_MACHINE}:live"),
        "ListStateMachineAliases": lambda make: {"stateMachineArn": f"{make.machine()}:9"},
        "ListTagsForResource": same(resourceArn=NO_MACHINE),
        "TagResource": same(resourceArn=NO_ACTIVITY, tags=[]),
        "UntagResource": same(resourceArn=NO_MACHINE, tagKeys=[]),
        "UpdateStateMachineAlias": aliased_to_nothing,
    },
    "ServiceQuotaExceededException": {
        "CreateStateMachineAlias": lambda make: {"name": "live", "routingConfiguration": route(make.version())},
        "PublishStateMachineVersion": of("stateMachineArn", "machine"),
        "UpdateStateMachine": of("stateMachineArn", "machine", roleArn=ROLE, publish=True),
    },
    "StateMachineAlreadyExists": {"CreateStateMachine": taken_machine},
    "StateMachineDeleting": {
        "CreateStateMachine": deleting_by_name,
        "CreateStateMachineAlias": routed_to_deleting,
        **for_all(OF_DELETING, of("stateMachineArn", "deleting")),
        "UpdateStateMachine": of("stateMachineArn", "deleting", roleArn=ROLE),
        "UpdateStateMachineAlias": alias_of_deleting,
    },
    "StateMachineDoesNotExist": {
        **for_all(OF_MACHINE, same(stateMachineArn=NO_MACHINE)),
        "UpdateStateMachine": same(stateMachineArn=NO_MACHINE, roleArn=ROLE),
    },
    "StateMachineLimitExceeded": {"CreateStateMachine": new()},
    "StateMachineTypeNotSupported": {
        "ListExecutions": lambda make: {"stateMachineArn": make.machine(type="EXPRESS")},
        "StartSyncExecution": of("stateMachineArn", "machine"),
    },
    "TaskDoesNotExist": {
        name: of("taskToken", "token", account=OTHER_ACCOUNT, **more) for name, more in ANSWERS.items()
    },
    "TaskTimedOut": {name: of("taskToken", "answered_token", **more) for name, more in ANSWERS.items()},
    "TooManyTags": {
        "CreateActivity": lambda make: {"name": make.name(), "tags": TAGS_TOO_MANY},
        "CreateStateMachine": new(tags=TAGS_TOO_MANY),
        "TagResource": of("resourceArn", "machine", tags=TAGS_TOO_MANY),
    },
    "ValidationException": for_all(NEEDS_MEMBERS, same()),
}  # fmt: skip
LOWERED = {
    "ActivityLimitExceeded": (quotas, "MAX_ACTIVITIES", 0),
    "ActivityWorkerLimitExceeded": (activities, "MOST_POLLERS", 0),
    "ExecutionLimitExceeded": (quotas, "MAX_OPEN_EXECUTIONS", 0),
    "StateMachineLimitExceeded": (quotas, "MAX_STATE_MACHINES", 0),
    ("ServiceQuotaExceededException", "CreateStateMachineAlias"): (aliases, "MAX_ALIASES", 0),
    ("ServiceQuotaExceededException", "PublishStateMachineVersion"): (versions, "MAX_VERSIONS", 0),
    ("ServiceQuotaExceededException", "UpdateStateMachine"): (versions, "MAX_VERSIONS", 0),
}
"""The quotas that are lowered to provoke an error."""

MODELLED = {
    (error.name, name)
    for name in service_model().operation_names
    if name not in NOT_BUILT
    for error in service_model().operation_model(name).error_shapes
}
PAIRS = sorted({(error, name) for error, operations in PROVOKED.items() for name in operations})


@pytest.fixture(scope="module")
def server():
    with in_process() as server:
        yield server


@pytest.fixture(scope="module")
def make(server):
    def call(operation, **params):
        status, body = server.post(operation, **params)
        assert status == 200, f"{operation}: {body}"
        return body

    return Subjects(call)


def refused(server, operation, params):
    """Call an operation; return the code that it is refused with."""
    status, body = server.post(operation, **params)
    assert status == 400, body
    assert body["message"]
    return body["__type"].partition("#")[2]


def test_every_modelled_error_is_provoked_or_excused():
    left = {pair for pair in MODELLED - set(PAIRS) if pair[0] not in EXCUSED and pair not in EXCUSED}
    assert {pair for pair in left if pair[0] != "InvalidArn"} == set()
    assert set(PAIRS) <= MODELLED
    assert not EXCUSED.keys() & {*PROVOKED, *PAIRS}, "an excuse for what is raised"


@pytest.mark.parametrize(("error", "operation"), PAIRS)
def test_an_error_of_the_model_is_raised(server, make, monkeypatch, error, operation):
    params = PROVOKED[error][operation](make)
    lowered = LOWERED.get(error) or LOWERED.get((error, operation))
    if lowered is not None:
        monkeypatch.setattr(*lowered)
    assert refused(server, operation, params) == error


@pytest.mark.parametrize("operation", sorted(name for error, name in MODELLED if error == "InvalidArn"))
def test_a_text_that_is_no_arn_is_refused_by_every_operation_that_takes_one(server, make, operation):
    params = REQUESTS[operation](make) | ({"roleArn": "x"} if operation == "TestState" else {})
    params = {name: "nonsense" if name.lower().endswith("arn") else value for name, value in params.items()}
    if "routingConfiguration" in params:
        params["routingConfiguration"] = route("nonsense")
    assert refused(server, operation, params) == "InvalidArn"
