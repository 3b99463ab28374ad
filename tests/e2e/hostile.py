"""Expressions that would run forever, or take all memory, each with the error of the bound that it ends with."""

from random import Random

TIME = "U1001: Expression evaluation timeout: Check for infinite loop"
MEMORY = "U1001: Expression evaluation memory limit exceeded: Check for excessive memory usage"
DEPTH = (
    "U1001: Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive."
)
RANGE = (
    "D2014: The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate"
    " 1000000000."
)
JSONATA = {
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


def _deep():
    found = 1
    for _ in range(13):
        found = {"a": found, "b": found}
    return found


def _wild():
    chance = Random(1)
    return ["".join(chance.choices("ab", k=9_000)) for _ in range(28)]


JSONPATH = {
    "all below all": ("$..*..*..*", _deep, "could not be found in the input"),
    "wide automaton": ("$[?(@ =~ /.*a.{300}b.{100}c/)]", _wild, "take too many steps to evaluate."),
    "two lists": (
        "$[?($ anyof $)]",
        lambda: list(range(30_000)),
        "could not be found in the input",
    ),
}
"""A path, what makes the value that it is about, and a part of the cause."""


def _one(**state):
    return {"Type": "Pass", "End": True, **state}


def jsonata(expression):
    """Return a definition that evaluates an expression."""
    state = _one(Output=f"{{% {expression} %}}")
    return {"QueryLanguage": "JSONata", "StartAt": "Hostile", "States": {"Hostile": state}}


def jsonpath(path, make):
    """Return a definition that looks for a path in a value."""
    states = {"Make": {"Type": "Pass", "Result": make(), "Next": "Hostile"}}
    return {"StartAt": "Make", "States": {**states, "Hostile": _one(Parameters={"found.$": path})}}


DEFINITIONS = {
    **{kind: jsonata(expression) for kind, (expression, _) in JSONATA.items()},
    **{kind: jsonpath(path, make) for kind, (path, make, _) in JSONPATH.items()},
}
"""A definition for each of them."""
