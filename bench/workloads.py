"""What the benchmarks run: state machines, how many states one execution of each enters, and which output is right.

A server that answers quickly but wrongly is not fast, so the output of every execution is looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

CHAIN_STATES = 10
LOOP_TURNS = 100
MAP_ITEMS = 1_000
WAIT_SECONDS = 1

States = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Workload:
    """A state machine with an input for it."""

    title: str
    definition: dict[str, Any]
    input: Any
    transitions: int
    """How many states one execution enters."""
    is_right: Callable[[Any], bool]
    """Whether an output is the one that the definition asks for."""


def _one_after_the_other(states: States) -> dict[str, Any]:
    names = list(states)
    linked: States = {name: {**states[name], "Next": following} for name, following in pairwise(names)}
    linked[names[-1]] = {**states[names[-1]], "End": True}
    return {"StartAt": names[0], "States": linked}


def chain() -> Workload:
    """Return Pass states in a row: every other one has a fixed result, the rest read the input."""
    states: States = {}
    for number in range(CHAIN_STATES):
        made = {"Parameters": {"copied.$": "$.n", "fixed": number}} if number % 2 else {"Result": {"step": number}}
        states[f"P{number}"] = {"Type": "Pass", **made, "ResultPath": f"$.r{number}"}
    return _chain(f"chain of {CHAIN_STATES} Pass states", _one_after_the_other(states))


def jsonata_chain() -> Workload:
    """Return the same Pass states in JSONata: each merges what it makes into its input, by one expression."""
    states: States = {}
    for number in range(CHAIN_STATES):
        made = f"{{'copied': $states.input.n, 'fixed': {number}}}" if number % 2 else f"{{'step': {number}}}"
        merged = f"{{% $merge([$states.input, {{'r{number}': {made}}}]) %}}"
        states[f"P{number}"] = {"Type": "Pass", "Output": merged}
    definition = {"QueryLanguage": "JSONata", **_one_after_the_other(states)}
    return _chain(f"chain of {CHAIN_STATES} Pass states in JSONata", definition)


def _chain(title: str, definition: dict[str, Any]) -> Workload:
    right = {"n": 7} | {f"r{n}": {"copied": 7, "fixed": n} if n % 2 else {"step": n} for n in range(CHAIN_STATES)}
    return Workload(title, definition, {"n": 7}, CHAIN_STATES, lambda output: output == right)


def loop() -> Workload:
    """Return a counter: a Choice, and a Pass with an intrinsic function, in turns."""
    enough = {"Variable": "$.i", "NumericGreaterThanEqualsPath": "$.n", "Next": "Done"}
    states: States = {
        "Check": {"Type": "Choice", "Choices": [enough], "Default": "Increment"},
        "Increment": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)", "n.$": "$.n"}, "Next": "Check"},
        "Done": {"Type": "Succeed"},
    }
    return Workload(
        f"loop of Choice and Pass, {LOOP_TURNS} turns",
        {"StartAt": "Check", "States": states},
        {"i": 0, "n": LOOP_TURNS},
        2 * LOOP_TURNS + 2,
        lambda output: output == {"i": LOOP_TURNS, "n": LOOP_TURNS},
    )


def inline_map() -> Workload:
    """Return an inline Map with one Pass for each item, and no bound on how many at once."""
    one = {"StartAt": "One", "States": {"One": {"Type": "Pass", "Parameters": {"value.$": "$"}, "End": True}}}
    each = {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 0, "ItemProcessor": one, "End": True}
    items = list(range(1, MAP_ITEMS + 1))
    right = [{"value": item} for item in items]
    return Workload(
        f"inline Map over {MAP_ITEMS:,} items",
        {"StartAt": "Each", "States": {"Each": each}},
        {"items": items},
        1 + MAP_ITEMS,
        lambda output: output == right,
    )


def parallel() -> Workload:
    """Return two branches that judge a customer, and a Choice upon what they say."""
    branches = [
        _one_after_the_other(
            {
                f"Read {what}": {"Type": "Pass", "Parameters": {"customer.$": "$.customer"}},
                f"Judge {what}": {"Type": "Pass", "Result": True},
            }
        )
        for what in ("identity", "address")
    ]
    both = {"And": [{"Variable": f"$.checks[{n}]", "BooleanEquals": True} for n in (0, 1)], "Next": "Open"}
    states: States = {
        "Verify": {"Type": "Parallel", "Branches": branches, "ResultPath": "$.checks", "Next": "Decide"},
        "Decide": {"Type": "Choice", "Choices": [both], "Default": "Refuse"},
        "Open": {"Type": "Pass", "Result": "opened", "ResultPath": "$.decision", "End": True},
        "Refuse": {"Type": "Pass", "Result": "refused", "ResultPath": "$.decision", "End": True},
    }
    customer = {"id": "c-1", "name": "A. Customer"}
    right = {"customer": customer, "checks": [True, True], "decision": "opened"}
    return Workload(
        "Parallel of two branches, then Choice",
        {"StartAt": "Verify", "States": states},
        {"customer": customer},
        7,
        lambda output: output == right,
    )


def wait() -> Workload:
    """Return one Wait."""
    return Workload(
        f"Wait of {WAIT_SECONDS} s",
        _one_after_the_other({"Hold": {"Type": "Wait", "Seconds": WAIT_SECONDS}}),
        {"n": 7},
        1,
        lambda output: output == {"n": 7},
    )


def _hostile(expression: str) -> dict[str, Any]:
    states: States = {"Spend": {"Type": "Pass", "Output": f"{{% {expression} %}}"}}
    return {"QueryLanguage": "JSONata", **_one_after_the_other(states)}


def _hostile_path(path: str, subject: Any) -> dict[str, Any]:
    states: States = {
        "Make": {"Type": "Pass", "Result": subject},
        "Spend": {"Type": "Pass", "Parameters": {"found.$": path}},
    }
    return _one_after_the_other(states)


def _deep() -> Any:
    found: Any = 1
    for _ in range(13):
        found = {"a": found, "b": found}
    return found


def _wild() -> Any:
    chance = Random(1)
    return ["".join(chance.choices("ab", k=9_000)) for _ in range(28)]


HOSTILE = {
    "endless recursion": _hostile("($f := function($x){ 1 + $f($x) }; $f(0))"),
    "endless loop": _hostile("($f := function($x){ $f($x + 1) }; $f(0))"),
    "catastrophic regex": _hostile("$contains($pad('', 40, 'a') & '!', /^(a+)+$/)"),
    "doubling string": _hostile("$reduce([1..80], function($a, $b){ $a & $a }, 'xx')"),
    "value that shares its parts": _hostile(
        "($d := function($s, $n){ $n = 0 ? $s : $d({'a': $s, 'b': $s}, $n - 1) }; $d(1, 60))"
    ),
    "ranges of ranges": _hostile("$map([1..100000], function($i){ [1..100000] })"),
    "pad to a billion": _hostile("$pad('x', 1000000000, 'y')"),
    "sort": _hostile("$sort([1..50000].($ * 7919 % 50021), function($a, $b){ $a > $b })"),
    "comparing long strings": _hostile(
        "($s := $pad('', 3000000, 'a'); $t := $s & 'b'; $u := $s & 'c'; [1..200000][$t < $u])"
    ),
    "path of all below all": _hostile_path("$..*..*..*", _deep()),
    "path with a wide automaton": _hostile_path("$[?(@ =~ /.*a.{300}b.{100}c/)]", _wild()),
}
"""Definitions of executions that end with the error of a bound, each by another way."""
