"""Expressions that would run away: each ends with the error of its bound."""

import pytest

from language.jsonata.fuzz import NoEntropy
from stepwell.language.jsonata import Budget, JsonataError, compile_jsonata

STACK, TIME, MEMORY = "Stack overflow", "evaluation timeout", "memory limit exceeded"
DOUBLE = "($d := function($s, $n){$n = 0 ? $length($s) : $d($s & $s, $n - 1)}; $d('x', %d))"
SHARE = "($d := function($s, $n){$n = 0 ? $s : $d({'a': $s, 'b': $s}, $n - 1)}; %s)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("($f := function(){$f()}; $f())", TIME),
        ("($f := function($n){$n + $f($n + 1)}; $f(1))", STACK),
        ("+".join(["1"] * 200), STACK),
        ("+".join(["1"] * 20_000), STACK),
        ("(" * 3_000 + "1" + ")" * 3_000, STACK),
        ("-" * 3_000 + "1", STACK),
        (f"$contains('{'a' * 40}!', /^(a+)+$/)", TIME),
        (f"$contains('{'ab' * 2_000}', /^(a|b|ab)*c/)", TIME),
        (DOUBLE % 23, MEMORY),
        ("$pad('x', 1000000000)", MEMORY),
        ("[1..900000]", MEMORY),
        ("$range(1, 1e12, 1)", MEMORY),
        ("($d := function($s, $n){$n = 0 ? $s : $d([$s, $s], $n - 1)}; $d(1, 40))", MEMORY),
        (SHARE % "$d(1, 40)", MEMORY),
        (SHARE % "$string($d(1, 40))", TIME),
        (SHARE % "$d(1, 40) = $d(1, 40)", TIME),
        ("$map([1..800000], function($x){[1..800000]})", TIME),
        ("$replace($pad('x', 1000000, 'x'), 'x', $pad('y', 1000, 'y'))", MEMORY),
        ("{} ~> |$|{'self': $}|", MEMORY),
    ],
)
def test_a_hostile_expression_ends_with_the_error_of_its_bound(fails, text, message):
    error = fails(text, budget=Budget(steps=200_000) if message == TIME else None)
    assert error.code == "U1001"
    assert message in error.message


def test_a_recursion_that_ends_in_calls_runs_as_a_loop(evaluate):
    assert evaluate("($f := function($n){$n = 0 ? 'done' : $f($n - 1)}; $f(20000))") == "done"


def test_the_bounds_are_those_of_aws(evaluate, fails):
    assert evaluate("$count([1..873782])") == 873_782
    assert MEMORY in fails("[1..873783]").message
    assert evaluate(DOUBLE % 22) == 2**22
    assert fails("[1..10000001]").code == "D2014"


def test_an_ordinary_regular_expression_is_not_charged_much(evaluate):
    text = "$replace($pad('ab', 20000, 'ab'), /(a)(b)/, '$2$1') ~> $length()"
    assert evaluate(text, budget=Budget(steps=500_000)) == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "$substring('abc', 1/0)",
        "$round(1.5, 1/0)",
        "$split('a,b', ',', 1/0)",
        "$substring('abc', 0/0)",
        "$formatBase(1/0)",
        "$string('\\uD800')",
        "$string(['\\uD800'])",
        "$formatNumber(1, '0', {'zero-digit': '\\uDBFF\\uDFFF'})",
        "$toMillis($pad('1', 5000, '1'), '[Y]')",
        "$power(0, -1) & ''",
        "$parse($pad('[', 5000, '['))",
    ],
)
def test_what_no_number_or_text_should_be_is_no_crash(text):
    failed = None
    try:
        compile_jsonata(text)({}, entropy=NoEntropy(), now_ms=0)
    except JsonataError as error:
        failed = error
    assert failed is None or failed.message


def test_a_long_picture_is_refused_before_it_costs(fails):
    for text in ("$formatNumber(1, $pad('0', 100000, ',0'))", "$fromMillis(0, $pad('[Y]', 300000, '[Y]'))"):
        assert TIME in fails(text).message


def test_the_input_is_never_shared_in_a_result_that_is_not_plain(evaluate):
    value = evaluate("{'a': x[], 'b': [x[]]}", {"x": 1})
    assert value == {"a": [1], "b": [1]}
    assert type(value["a"]) is list
