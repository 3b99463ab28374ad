"""Expressions that would run forever, or take all memory, end with the error of their bound, and others go on.

An expression is evaluated where everything else happens, so one that uses up its budget holds the others up for as long
as the budget lasts, and no longer. What follows measures that from outside, as a client sees it.
"""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from e2e.definitions import HELLO, states
from e2e.server import ended

TIME = "U1001: Expression evaluation timeout: Check for infinite loop"
MEMORY = "U1001: Expression evaluation memory limit exceeded: Check for excessive memory usage"
DEPTH = (
    "U1001: Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive."
)
RANGE = (
    "D2014: The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate"
    " 1000000000."
)
HOSTILE = {
    "endless recursion": ("($f := function($x){ 1 + $f($x) }; $f(0))", DEPTH),
    "endless loop": ("($f := function($x){ $f($x + 1) }; $f(0))", TIME),
    "two functions that call each other": (
        "($f := function($x){ $g($x) }; $g := function($x){ $f($x) }; $f(0))", TIME,
    ),
    "catastrophic regex": ("$contains($pad('', 40, 'a') & '!', /^(a+)+$/)", TIME),
    "regex with counted groups in each other": (
        "$match($pad('', 30, 'a') & 'X', /((a{0,30}){0,30}){0,30}Y/)", TIME,
    ),
    "doubling string": ("$reduce([1..80], function($a, $b){ $a & $a }, 'xx')", MEMORY),
    "doubling array": ("($d := function($s){ $d($append($s, $s)) }; $d([1, 2]))", MEMORY),
    "value that shares its parts": (
        "($d := function($s, $n){ $n = 0 ? $s : $d({'a': $s, 'b': $s}, $n - 1) }; $d(1, 60))", TIME,
    ),
    "huge range": ("[1..1000000000]", RANGE),
    "ranges of ranges": ("$map([1..100000], function($i){ [1..100000] })", TIME),
    "pad to a billion": ("$pad('x', 1000000000, 'y')", MEMORY),
    "many long strings": ("[1..10000].$pad('x', 100000)", TIME),
    "comparing long strings": (
        "($s := $pad('', 3000000, 'a'); $t := $s & 'b'; $u := $s & 'c'; [1..200000][$t < $u])", TIME,
    ),
}  # fmt: skip
MOST_SECONDS = 10.0
"""For one expression, on a machine that has much else to do; alone it is half a second."""
MOST_GROWTH_MIB = 150
STREAM_SECONDS = 3.0
CALM_P99_MS = 50.0
"""Below this, twice as long is nothing that anybody is held up by."""


def hostile(expression):
    return {"QueryLanguage": "JSONata", **states(Hostile={"Type": "Pass", "Output": f"{{% {expression} %}}"})}


def resident_mib(server):
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))) / 1024


def stream(sfn, machine, go_on):
    """Run small executions one after the other, for as long as that; return how long each took, in ms."""
    times = []
    while go_on():
        begun = time.perf_counter()
        execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
        assert ended(sfn, execution)["status"] == "SUCCEEDED"
        times.append((time.perf_counter() - begun) * 1000)
    return sorted(times)


def p99(times):
    return times[int(len(times) * 0.99)]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_expression_ends_with_the_error_of_its_bound(server, sfn, create, start, kind):
    expression, bound = HOSTILE[kind]
    machine = create(hostile(expression))
    before = resident_mib(server)
    begun = time.monotonic()
    found = ended(sfn, start(machine))
    assert time.monotonic() - begun < MOST_SECONDS
    assert (found["status"], found["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert found["cause"].endswith(f"threw an error during evaluation. {bound}")
    assert resident_mib(server) - before < MOST_GROWTH_MIB


def test_a_catcher_sees_the_error_of_a_bound(sfn, create, start):
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% [1..1000000000] %}"}
    definition = {
        "QueryLanguage": "JSONata",
        **states(Hostile={**task, "Catch": catch}, Caught={"Type": "Pass", "Output": "caught"}),
    }
    assert ended(sfn, start(create(definition)))["output"] == '"caught"'


def test_other_executions_go_on_beside_hostile_ones(server, sfn, create):
    small = create(HELLO)
    machines = [create(hostile(expression)) for expression, _ in HOSTILE.values()]
    until = time.monotonic() + STREAM_SECONDS
    idle = stream(sfn, small, lambda: time.monotonic() < until)
    before, grown, over = resident_mib(server), [], threading.Event()

    def attack():
        try:
            for machine in machines:
                execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
                assert ended(sfn, execution)["error"] == "States.QueryEvaluationError"
                grown.append(resident_mib(server) - before)
                over.wait(0.5)  # hostile ones come now and then: if there is nothing else, nothing else goes on
        finally:
            over.set()

    with ThreadPoolExecutor(1) as pool:
        attacker = pool.submit(attack)
        beside = stream(sfn, small, lambda: not over.is_set())
        attacker.result()
    assert len(grown) == len(machines)
    assert max(grown) < MOST_GROWTH_MIB
    assert beside[-1] < MOST_SECONDS * 1000
    assert p99(beside) < max(2 * p99(idle), CALM_P99_MS), f"idle {p99(idle):.1f} ms, beside {p99(beside):.1f} ms"


def test_nothing_of_a_hostile_execution_is_held_back(sfn, create, start):
    execution = start(create(hostile("($f := function($x){ $f($x) }; $f(0))")))
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
    found = ended(sfn, start(create(hostile(expression)), {"items": items}))
    assert found["status"] == "SUCCEEDED", found.get("cause")
    assert json.loads(found["output"])[0] == {"id": 2999, "total": 2999 * 1.5 * 3, "label": "ITEM 2999"}
