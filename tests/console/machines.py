"""State machines of the console's tests."""

import itertools
import json

from console.conftest import ROLE

NUMBERS = itertools.count(1)
ANSWERED = {"Type": "Pass", "End": True}
TOKEN_TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::states:startExecution.waitForTaskToken",
    "Comment": "Somebody has to decide",
}
EACH = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemProcessor": {
        "StartAt": "Look",
        "States": {
            "Look": {
                "Type": "Choice",
                "Choices": [{"Variable": "$", "NumericGreaterThan": 100, "Next": "Too much"}],
                "Default": "Fine",
            },
            "Fine": {"Type": "Pass", "End": True},
            "Too much": {"Type": "Fail", "Error": "TooMuch", "Cause": "It is"},
        },
    },
}


def create(sfn, states, kind="STANDARD", **more):
    """Create a state machine that begins with the first of these states."""
    definition = {"StartAt": next(iter(states)), "States": states, **more}
    return sfn.create_state_machine(
        name=f"m{next(NUMBERS)}", definition=json.dumps(definition, indent=1), roleArn=ROLE, type=kind
    )["stateMachineArn"]


def start(sfn, machine, value=None, **more):
    """Start an execution."""
    return sfn.start_execution(stateMachineArn=machine, input=json.dumps(value or {}, ensure_ascii=False), **more)[
        "executionArn"
    ]


def ended(sfn, eventually, arn):
    """Wait until an execution has ended."""
    return eventually(lambda: (found := sfn.describe_execution(executionArn=arn))["status"] != "RUNNING" and found)


def review(sfn, **more):
    """Return a Task that waits for its token to be answered; it is given to an execution that does nothing with it."""
    other = create(sfn, {"Nothing": ANSWERED})
    parameters = {"StateMachineArn": other, "Input": {"token.$": "$$.Task.Token", "amount.$": "$.amount"}}
    return {**TOKEN_TASK, "Parameters": parameters, "End": True, **more}
