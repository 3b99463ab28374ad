"""What is written for an expression: nothing of its text but escaped, no more than Python takes, and what it means."""

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.jsonata.conftest import run
from language.jsonata.fuzz import NoEntropy
from language.jsonata.generator import Generator
from stepwell.language.evaluation import Allowance, Overdrawn
from stepwell.language.jsonata import UNDEFINED, Budget, JsonataSyntaxError, compile_jsonata
from stepwell.language.jsonata.compiler.vocabulary import VOCABULARY

OWN = re.compile(r"[tkmfp][0-9]+")
PARAMETERS = {*VOCABULARY, "source", "bindings", "run", "budget", "entropy", "now_ms", "value", "frame", "error"}
MEMBERS = {
    "append", "bindings", "call", "depth", "extend", "get", "is_integer", "issuperset", "limit", "member", "reserve",
    "source", "spend", "steps", "too_deep", "unsettled",
}  # fmt: skip
EVEN = "$even := function($n){$n = 0 ? true : $odd($n - 1)}"
ODD = "$odd := function($n){$n = 0 ? false : $even($n - 1)}"
HOSTILE = st.text(st.sampled_from("'\"`\\\n\r{}()[];:=,#§run§é\u2028\ud800\x00%$_.ab1 "), max_size=20)


def words(source: str) -> set[str]:
    """Return the names in a source that are none of those which it may use."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and not (OWN.fullmatch(node.id) or node.id in PARAMETERS):
            found.add(node.id)
        if isinstance(node, ast.Attribute) and node.attr not in MEMBERS:
            found.add(node.attr)
        if isinstance(node, ast.arg) and not (OWN.fullmatch(node.arg) or node.arg in PARAMETERS):
            found.add(node.arg)
        if isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.Lambda):
            found.add(type(node).__name__)
    return found


def quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" for c in text) + '"'


@given(HOSTILE)
def test_a_text_stays_a_text(text):
    expression = compile_jsonata(f"{{{quoted(text)}: {quoted(text)} & '!', 'is': {quoted(text)} = {quoted(text)}}}")
    assert words(expression.python()) == set()
    assert run(expression.text) == {text: text + "!", "is": True} | ({"is": True} if text == "is" else {})


@given(HOSTILE, HOSTILE)
def test_a_name_stays_a_name(name, variable):
    for text in (
        f"a.`{name}`.b[`{name}` = 1]",
        f"(${variable} := a; ${variable}.`{name}`)",
        name,
        f"/{name}/",
        f"f.{name}({name})",
    ):
        try:
            expression = compile_jsonata(text)
        except JsonataSyntaxError:
            continue
        assert words(expression.python()) == set()


def test_only_known_words_are_written():
    generator = Generator(3)
    for _ in range(500):
        assert words(compile_jsonata(generator.expression()).python()) == set()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("($x := 1; $f := function(){$x}; $x := 2; $f())", 2),
        ("($x := 1; ($x := 2); $x)", 1),
        ("($x := 1; false ? $x := 2; $x)", 1),
        ("($x := 1; true ? $x := 2; $x)", 2),
        ("($x := 1; ($x := $x + 1; $x))", 2),
        ("(true and ($x := 5); $x)", UNDEFINED),
        ("($map([1, 2], function($v){$y := $v}); $y)", UNDEFINED),
        ("($f := $map([1, 2], function($v){function(){$v}}); [$f[0](), $f[1]()])", [1, 2]),
        ("($x := 10; $map([1, 2], function($v){$map([5], function($w){$v + $w + $x})}))", [[16], [17]]),
        ("$map([1, 2], function($x){($y := $x * 2; $filter([1..5], function($z){$z > $y}))})", [[3, 4, 5], [5]]),
        ("$reduce([1..4], function($x, $y, $i){$x + $y * $i}, 0)", 20),
        ("$reduce([3], function($x, $y){$x + $y})", 3),
        ("[1..3][$map([$], function($v){$v})[0] = 2]", 2),
        (f"({EVEN}; {ODD}; $map([6, 7], function($n){{$even($n)}}))", [True, False]),
        ("5 ~> function($x){$x + 1}", 6),
        ("($f := function($a, $b){[$a, $b]}; $f(1))", [1]),
        ("function($a, $a){$a}(1, 2)", 2),
        ("$map([1, 2], function(){'x'})", ["x", "x"]),
        ("$map(5, function($v, $i, $a){$a})", [5]),
        ("$sum", None),
    ],
)  # fmt: skip
def test_a_variable_is_what_it_was_bound_to_last_around(evaluate, text, value):
    found = evaluate(text)
    assert value is None or found == value


def test_a_binding_hides_a_built_in_function(evaluate, fails):
    assert evaluate("$sum", sum=5) == 5
    expression = compile_jsonata("$map([1, 2], function($v){$sum([$v, 1])})")
    assert run(expression.text) == [2, 3]
    for hidden in ("map", "sum"):
        with pytest.raises(Exception, match="Attempted to invoke a non-function"):
            run(expression.text, **{hidden: 1})


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"$ = {n} ? {n} : " for n in range(80)) + "$",
        "{'a': " * 80 + "$" + "}" * 80,
        "a[" * 40 + "true" + "]" * 40,
        "".join(f"$map([$], function($v{n}){{" for n in range(25)) + "$v0" + "})" * 25,
        "".join(f"($v{n} := {n}; " for n in range(40)) + "$v0" + ")" * 40,
        "".join(f"(true ? $v{n} := {n}; " for n in range(25)) + "$v0" + ")" * 25,
        "(" + "; ".join(f"$v{n} := $v{n} + {n}" for n in range(1_000)) + ")",
    ],
)
def test_what_is_nested_deep_or_long_can_be_written(text):
    expression = compile_jsonata(text)
    assert len(expression.python()) < 3_000 * 200
    run(text, {"a": 1}, Budget(depth=1_000))


def test_what_is_too_long_to_be_compiled_is_refused_whenever_it_is_evaluated(fails):
    text = "[" + ", ".join(f"a[b = {n}].c" for n in range(3_000)) + "]"
    expression = compile_jsonata(text)
    for _ in range(2):
        with pytest.raises(Exception, match="memory limit exceeded"):
            expression({}, entropy=NoEntropy(), now_ms=0, input={})


def test_what_takes_long_to_be_compiled_is_not_on_a_small_allowance():
    expression = compile_jsonata("[" + ", ".join(f"a[b = {n}].c" for n in range(100)) + "]")
    with pytest.raises(Overdrawn):
        expression({}, entropy=NoEntropy(), now_ms=0, input={}, allowance=Allowance(1_000))
    assert expression({}, entropy=NoEntropy(), now_ms=0, input={}, allowance=Allowance(1_000_000)) == []
    assert expression({}, entropy=NoEntropy(), now_ms=0, input={}, allowance=Allowance(1_000)) == []


def test_what_shares_large_values_is_measured(evaluate, fails):
    data = {"big": "x" * 10_000, "items": [{"n": n} for n in range(1_000)]}
    for text in (
        "$map(items, function($v){$$.big})",
        "items.$$.big",
        "items.{'n': n, 'big': $$.big}",
        "$map(items, function($v){{'n': $v.n, 'big': $$.big}})",
        "$map(items, function($v){[$$.big]})",
        "($f := function($v){$$.big}; $map(items, $f))",
        "$map(items, $append(?, $$.big))",
        "items{$string(n): $$.big}",
        "(" + "$x0 := big; " + "; ".join(f"$x{n + 1} := {{'a': $x{n}, 'b': $x{n}}}" for n in range(10)) + "; $x10)",
    ):
        assert "memory limit exceeded" in fails(text, data).message, text
    assert len(evaluate("$map(items, function($v){{'n': $v.n}})", data)) == 1_000


def test_a_path_is_within_the_budget_too(fails):
    assert "memory limit exceeded" in fails("a.b", {"a": [{"b": 1}] * 100}, Budget(sequence=50)).message


def test_an_integer_that_no_double_holds_is_out_of_range(fails):
    assert fails("a * 1.5", {"a": 10**400}).code == "D1001"
