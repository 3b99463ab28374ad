"""Random workflows, for the simulation: every type of state, every pattern of tasks, nested and with all kinds of care.

A workflow is written so that what it comes to does not depend on the order of what happens at the same time: there is
one error that can leave a branch or an iteration, always with the same cause; whatever could leave one with another
error (a timeout, a tolerance that is exceeded) is caught where it happens.
"""

import random
from functools import lru_cache
from typing import Any

from machine.harness import ACTIVITY, CALLBACK, FUNCTION, JOB, SERVICE, States
from stepwell.language.compiler import compile_definition
from stepwell.language.definition import Definition
from stepwell.language.document import to_text

CAUSE = "It broke"
MOST_STATES = 14
PARAMETERS: dict[str, States] = {
    CALLBACK: {"QueueUrl": "queue", "MessageBody": {"token.$": "$$.Task.Token", "n.$": "$.n"}},
    JOB: {"StateMachineArn": "machine", "Input": {"n.$": "$.n"}},
}
"""What tasks are given whose actions take nothing else."""
DEEPEST = 2


class Workflow:
    """A definition with an input, and what the simulation has to know about them."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"workflow {seed}")
        writer = _Writer(rng)
        self.value = writer.scope(0)
        self.definition: Definition = compile_definition(self.value)
        self.input = to_text({"n": rng.randrange(10), "wait": rng.randrange(1, 4), "items": [*range(rng.randrange(5))]})
        self.error = writer.error
        self.waits = writer.waits
        """How many seconds the Wait states of fixed length take, by name."""


@lru_cache(maxsize=256)
def workflow(seed: int) -> Workflow:
    """Return the workflow of a seed."""
    return Workflow(seed)


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.count = 0
        self.error = rng.choice(["Boom", "Boom", "Custom.Error", None, "States.Runtime"])
        self.waits: dict[str, int] = {}

    def scope(self, depth: int) -> States:
        """Write a `States` object of a few states in a row."""
        names = [self._name() for _ in range(self.rng.randint(1, 4 - depth))]
        states: States = {}
        for name, following in zip(names, [*names[1:], None], strict=True):
            then = {"End": True} if following is None else {"Next": following}
            states.update(self._state(name, then, depth))
        return {"StartAt": names[0], "States": states}

    def _name(self) -> str:
        self.count += 1
        return f"S{self.count}"

    def _state(self, name: str, then: States, depth: int) -> States:
        kinds = ["pass", "wait", "choice", "task", "task", "task", "task", "end"]
        if depth < DEEPEST and self.count < MOST_STATES:
            kinds += ["parallel", "parallel", "map", "map"]
        kind = self.rng.choice(kinds)
        if kind == "choice":
            return self._choice(name, then)
        write = {"pass": self._pass, "wait": self._wait, "task": self._task, "end": self._end}.get(kind)
        if write is not None:
            return {name: write(name, then)}
        return {name: self._parallel(name, then, depth) if kind == "parallel" else self._map(name, then, depth)}

    def _pass(self, name: str, then: States) -> States:
        body = self.rng.choice([{}, {"Result": {"is": name}}, {"Parameters": {"n.$": "States.MathAdd($.n, 1)"}}])
        return {"Type": "Pass", **body, "ResultPath": f"$.{name}", **then}

    def _wait(self, name: str, then: States) -> States:
        form = self.rng.choice(["Seconds", "Seconds", "SecondsPath", "Timestamp"])
        if form == "Seconds":
            self.waits[name] = self.rng.randrange(6)
            return {"Type": "Wait", "Seconds": self.waits[name], **then}
        value = "$.wait" if form == "SecondsPath" else "2026-01-01T00:00:07.5Z"
        return {"Type": "Wait", form: value, **then}

    def _choice(self, name: str, then: States) -> States:
        left, right = self._name(), self._name()
        rule = {"Variable": "$.n", "NumericGreaterThan": self.rng.randrange(10), "Next": left}
        return {
            name: {"Type": "Choice", "Choices": [rule], "Default": right},
            left: self._pass(left, then),
            right: self._task(right, then),
        }

    def _end(self, name: str, then: States) -> States:
        """Write, seldom, a state that ends its scope; what follows it is not reached then."""
        if self.rng.random() < 0.6:
            return self._pass(name, then)
        if self.rng.random() < 0.5:
            return {"Type": "Succeed"}
        return {"Type": "Fail", "Cause": CAUSE} | ({} if self.error is None else {"Error": self.error})

    def _task(self, name: str, then: States) -> States:
        resource = self.rng.choice([FUNCTION, SERVICE, CALLBACK, JOB, ACTIVITY])
        state: States = {"Type": "Task", "Resource": resource, **then, **self._result(name)}
        if resource in PARAMETERS:
            state["Parameters"] = PARAMETERS[resource]
        elif self.rng.random() < 0.3:
            state["Parameters"] = {"n.$": "$.n", "retries": "none"}
        if self.rng.random() < 0.5:
            state["ResultSelector"] = {"got.$": "$.n"}
        timed = False
        if self.rng.random() < 0.4:
            state["TimeoutSeconds"] = self.rng.randrange(4, 9)
            timed = True
        if resource in {CALLBACK, ACTIVITY} and self.rng.random() < 0.4:
            state["HeartbeatSeconds"] = self.rng.randrange(2, 4)
            timed = True
        self._care(name, state, then, always=timed)
        return state

    def _result(self, name: str) -> States:
        return {"ResultPath": self.rng.choice([f"$.{name}", f"$.{name}.deep", None])}

    def _parallel(self, name: str, then: States, depth: int) -> States:
        branches = [self.scope(depth + 1) for _ in range(self.rng.randint(1, 3))]
        state: States = {"Type": "Parallel", "Branches": branches, **then, "ResultPath": f"$.{name}"}
        if self.rng.random() < 0.5:
            state["ResultSelector"] = {"count.$": "States.ArrayLength($)", "first.$": "$[0]"}
        self._care(name, state, then, always=False)
        return state

    def _map(self, name: str, then: States, depth: int) -> States:
        selected = {"n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "wait.$": "$.wait", "items.$": "$.items"}
        state: States = {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": selected,
            "MaxConcurrency": self.rng.randrange(4),
            "ItemProcessor": self.scope(depth + 1),
            "ResultPath": f"$.{name}",
            **then,
        }
        tolerant = self.rng.random() < 0.5
        if tolerant:
            state.update(self.rng.choice([{"ToleratedFailureCount": 1}, {"ToleratedFailurePercentage": 50}]))
        self._care(name, state, then, always=tolerant)
        return state

    def _care(self, name: str, state: States, then: States, *, always: bool) -> None:
        """Add Retry and Catch; `always`: everything that can be caught is."""
        rng = self.rng
        if rng.random() < 0.5:
            state["Retry"] = [self._retrier(["Boom", "States.Timeout"]), self._retrier(["States.ALL"])][
                : rng.randint(1, 2)
            ]
        if (always or rng.random() < 0.3) and "Next" in then:
            catcher: dict[str, Any] = {"ErrorEquals": ["States.ALL"], "Next": then["Next"]}
            state["Catch"] = [catcher | {"ResultPath": rng.choice([f"$.{name}", "$.caught", None])}]
        elif always:
            for field in ("TimeoutSeconds", "HeartbeatSeconds", "ToleratedFailureCount", "ToleratedFailurePercentage"):
                state.pop(field, None)

    def _retrier(self, errors: list[str]) -> States:
        rng = self.rng
        retrier: States = {"ErrorEquals": errors, "IntervalSeconds": rng.randint(1, 3), "MaxAttempts": rng.randrange(4)}
        retrier["BackoffRate"] = rng.choice([1, 1.5, 2])
        if rng.random() < 0.3:
            retrier["MaxDelaySeconds"] = 4
        if rng.random() < 0.3:
            retrier["JitterStrategy"] = "FULL"
        return retrier
