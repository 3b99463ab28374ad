"""Expressions that would run forever, or take all memory, end with the error of their bound, and others go on.

What follows sees that from outside, as a client does.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from e2e.definitions import HELLO, states
from e2e.hostile import JSONATA, JSONPATH, jsonata, jsonpath
from e2e.server import ended

MOST_SECONDS = 30.0
"""For one expression, on a machine that has much else to do; alone it is half a second."""
MOST_GROWTH_MIB = 50


def resident_mib(server):
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))) / 1024


@pytest.mark.parametrize("kind", JSONATA)
def test_a_hostile_expression_ends_with_the_error_of_its_bound(server, sfn, create, start, kind):
    expression, bound = JSONATA[kind]
    machine = create(jsonata(expression))
    before = resident_mib(server)
    begun = time.monotonic()
    found = ended(sfn, start(machine))
    assert time.monotonic() - begun < MOST_SECONDS
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert found["cause"].endswith(f"threw an error during evaluation. {bound}")
    assert resident_mib(server) - before < MOST_GROWTH_MIB


@pytest.mark.parametrize("kind", JSONPATH)
def test_a_hostile_path_ends_with_the_error_of_its_bound(sfn, create, start, kind):
    path, make, bound = JSONPATH[kind]
    found = ended(sfn, start(create(jsonpath(path, make))), seconds=60)
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert bound in found["cause"]


def test_a_catcher_sees_the_error_of_a_bound(sfn, create, start):
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% [1..1000000000] %}"}
    definition = {
        "QueryLanguage": "JSONata",
        **states(Hostile={**task, "Catch": catch}, Caught={"Type": "Pass", "Output": "caught"}),
    }
    assert ended(sfn, start(create(definition)))["output"] == '"caught"'


def test_other_executions_end_while_hostile_ones_are_evaluated(server, sfn, create):
    """How long they take is measured where nothing else counts: `tests/runtime/test_long_turns.py`, and `bench`."""
    small = create(HELLO)
    endless = create(jsonata(JSONATA["endless loop"][0]))
    before = resident_mib(server)
    with ThreadPoolExecutor(4) as pool:
        attacks = [pool.submit(sfn.start_execution, stateMachineArn=endless) for _ in range(4)]
        beside = 0
        while not all(attack.done() for attack in attacks):
            execution = sfn.start_execution(stateMachineArn=small)["executionArn"]
            assert ended(sfn, execution)["status"] == "SUCCEEDED"
            beside += 1
    assert beside >= 4, "the hostile ones took two seconds of processor time"
    for attack in attacks:
        assert ended(sfn, attack.result()["executionArn"])["error"] == "States.QueryEvaluationError"
    assert resident_mib(server) - before < MOST_GROWTH_MIB


def test_a_hostile_state_under_test_ends_with_its_bound(sfn):
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "End": True}
    found = sfn.test_state(definition=json.dumps({**state, "Output": f"{{% {JSONATA['endless loop'][0]} %}}"}))
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert found["cause"].endswith(JSONATA["endless loop"][1])


def test_a_definition_that_takes_seconds_to_check_is_checked_beside_the_rest(sfn, create):
    small = create(HELLO)
    wide = jsonata("[" + ",".join(["1"] * 40_000) + "]")
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(sfn.validate_state_machine_definition, definition=json.dumps(wide))
        while not check.done():
            execution = sfn.start_execution(stateMachineArn=small)["executionArn"]
            assert ended(sfn, execution)["status"] == "SUCCEEDED"
        assert check.result()["result"] == "OK"


def test_nothing_of_a_hostile_execution_is_held_back(sfn, create, start):
    execution = start(create(jsonata("($f := function($x){ $f($x) }; $f(0))")))
    assert ended(sfn, execution)["status"] == "FAILED"
    events = sfn.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events][-2:] == ["EvaluationFailed", "ExecutionFailed"]
    assert all(one["timestamp"] <= other["timestamp"] for one, other in pairwise(events))


def test_a_pass_over_the_largest_payload_is_within_the_bounds(sfn, create, start):
    items = [
        {"id": number, "name": f"item {number}", "price": number * 1.5, "qty": number % 7} for number in range(3000)
    ]
    expression = (
        "($seen := $merge($states.input.items.{$string(id): price * qty}); $states.input.items^(>price)"
        ".{'id': id, 'total': $lookup($seen, $string(id)), 'label': $uppercase(name)})[[0..9]]"
    )
    found = ended(sfn, start(create(jsonata(expression)), {"items": items}))
    assert found["status"] == "SUCCEEDED", found.get("cause")
    assert json.loads(found["output"])[0] == {"id": 2999, "total": 2999 * 1.5 * 3, "label": "ITEM 2999"}
