"""Definitions that several tests run."""


def states(**named):
    """Return a definition of states in a row: each goes on to the next, the last one ends."""
    names = list(named)
    rows = {name: dict(state) for name, state in named.items()}
    for name, following in zip(names, [*names[1:], None], strict=True):
        if rows[name]["Type"] not in {"Succeed", "Fail", "Choice"}:
            rows[name].update({"Next": following} if following else {"End": True})
    return {"StartAt": names[0], "States": rows}


PASS = {"Type": "Pass"}
HELLO = states(Hello={"Type": "Pass", "Result": {"hello": "world"}})
LONG_WAIT = states(Wait={"Type": "Wait", "Seconds": 3600})


def call(function, **payload):
    """Return a state that calls a function, and goes on with what it returns."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": payload or {"all.$": "$"}},
        "OutputPath": "$.Payload",
    }


def callback(function="echo", **fields):
    """Return a state that gives a function its task token, and waits for the token's answer."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token"}},
        **fields,
    }


def work(activity, **fields):
    """Return a state that waits for a worker of an activity."""
    return {"Type": "Task", "Resource": activity, **fields}
