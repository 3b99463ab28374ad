"""What operations are called with: state machines, executions, tokens, made by calls of the API itself."""

import itertools
import json

from e2e.definitions import HELLO, LONG_WAIT, states, work
from e2e.server import ROLE, eventually

FAIL = states(Broken={"Type": "Fail", "Error": "Broken", "Cause": "for a test"})
_numbers = itertools.count(1)


class Subjects:
    """Makes subjects, each of its own name, by `call(operation, **parameters)`, which returns an answer's members."""

    def __init__(self, call):
        self.call = call

    @staticmethod
    def name(stem="subject"):
        """Return a name that nobody has."""
        return f"{stem}-{next(_numbers)}"

    def machine(self, definition=HELLO, **settings):
        """Return the ARN of a new state machine."""
        answer = self.call(
            "CreateStateMachine", name=self.name(), definition=json.dumps(definition), roleArn=ROLE, **settings
        )
        return answer["stateMachineArn"]

    def deleting(self):
        """Return the ARN of a state machine that is being deleted, and stays so: an execution of it waits."""
        arn = self.held()
        self.call("DeleteStateMachine", stateMachineArn=arn)
        return arn

    def held(self):
        """Return the ARN of a state machine, with a version, of which an execution runs and would for an hour."""
        arn = self.machine(LONG_WAIT, publish=True)
        self.call("StartExecution", stateMachineArn=arn)
        return arn

    def deleting_with_alias(self):
        """Return the ARN of a state machine that is being deleted, and has an alias that is called live."""
        alias = self.call("CreateStateMachineAlias", name="live", routingConfiguration=route(f"{self.held()}:1"))
        arn = alias["stateMachineAliasArn"].rpartition(":")[0]
        self.call("DeleteStateMachine", stateMachineArn=arn)
        return arn

    def version(self):
        """Return the ARN of a version, the first one of its state machine."""
        return f"{self.machine(publish=True)}:1"

    def alias(self):
        """Return the ARN of an alias."""
        answer = self.call("CreateStateMachineAlias", name="live", routingConfiguration=route(self.version()))
        return answer["stateMachineAliasArn"]

    def activity(self):
        """Return the ARN of an activity."""
        return self.call("CreateActivity", name=self.name())["activityArn"]

    def running(self):
        """Return the ARN of an execution that runs, and would for an hour."""
        return self.call("StartExecution", stateMachineArn=self.machine(LONG_WAIT))["executionArn"]

    def ended(self, definition=HELLO):
        """Return the ARN of an execution that has ended."""
        arn = self.call("StartExecution", stateMachineArn=self.machine(definition))["executionArn"]
        eventually(
            lambda: self.call("DescribeExecution", executionArn=arn)["status"], lambda status: status != "RUNNING"
        )
        return arn

    def failed(self):
        """Return the ARN of an execution that has failed."""
        return self.ended(FAIL)

    def waiting_activity(self):
        """Return the ARN of an activity that has a task for a worker."""
        activity = self.activity()
        self.call("StartExecution", stateMachineArn=self.machine(states(Work=work(activity))))
        return activity

    def token(self):
        """Return the token of a task that waits for its answer."""
        return self.call("GetActivityTask", activityArn=self.waiting_activity())["taskToken"]

    def answered_token(self):
        """Return the token of a task that was answered."""
        token = self.token()
        self.call("SendTaskSuccess", taskToken=token, output="1")
        return token


def route(version):
    """Return the routing configuration that leads to one version."""
    return [{"stateMachineVersionArn": version, "weight": 100}]
