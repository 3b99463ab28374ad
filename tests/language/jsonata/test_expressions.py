"""The language: paths, sequences, operators, functions, tuples."""

import pytest

from stepwell.language.jsonata import UNDEFINED, Function, compile_jsonata

DATA = {
    "a": {"b": [1, 2, 3], "c": {"d": "x"}},
    "items": [{"n": "p", "price": 3, "tags": ["r", "s"]}, {"n": "q", "price": 1, "tags": ["t"]}],
    "orders": [{"no": 1, "lines": [{"k": "a"}, {"k": "b"}]}, {"no": 2, "lines": [{"k": "c"}]}],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.c.d", "x"),
        ("items.n", ["p", "q"]),
        ("items[0].n", "p"),
        ("items[price > 2].n", "p"),
        ("items[price > 2].n[]", ["p"]),
        ("items.tags", ["r", "s", "t"]),
        ("items.[n]", [["p"], ["q"]]),
        ("items^(price).n", ["q", "p"]),
        ("items^(>n).price", [1, 3]),
        ("items{n: price}", {"p": 3, "q": 1}),
        ("a.b[-1]", 3),
        ("a.*", [1, 2, 3, {"d": "x"}]),
        ("**.d", "x"),
        ("orders.lines.{'k': k, 'no': %.no}", [{"k": "a", "no": 1}, {"k": "b", "no": 1}, {"k": "c", "no": 2}]),
        ("orders@$o.items[n = 'p'].($o.no & n)", ["1p", "2p"]),
        ("items#$i.($i & n)", ["0p", "1q"]),
        ("[1..3]", [1, 2, 3]),
        ("1 + 2 * 3", 7),
        ("7 / 2", 3.5),
        ("4 / 2", 2),
        ("-7 % 3", -1),
        ("0.1 + 0.2", 0.30000000000000004),
        ("'a' & 1 & true & null", "a1truenull"),
        ("1 = true", False),
        ("'a' in ['a', 'b']", True),
        ("a.b = [1, 2, 3]", True),
        ("($x := 2; $f := function($n){$n * $x}; $f(4))", 8),
        ("($f := $substring(?, 0, 2); $f('hello'))", "he"),
        ("'x' ~> $uppercase", "X"),
        ("items[0] ~> |$|{'price': 9}, 'tags'|", {"n": "p", "price": 9}),
        ("missing ? 1 : 2", 2),
        ("(1; 2; 3)", 3),
    ],
)
def test_an_expression_has_the_value_of_the_reference(evaluate, text, value):
    assert evaluate(text, DATA) == value


ONE, TWO = "$map([{'a': 1}], $keys)", "$map([{'a': 1}, {'b': 1}], $keys)"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (ONE, ["a"]),
        (f"({ONE})", "a"),
        (f"true ? {ONE} : 1", "a"),
        (f"($x := {ONE}; {{'k': $x}})", {"k": "a"}),
        (f"{{'k': {ONE}}}", {"k": ["a"]}),
        (f"{{'k': {ONE}}}.k", "a"),
        (f"[{ONE}]", ["a"]),
        (TWO, [["a"], ["b"]]),
        (f"({TWO})", [["a"], ["b"]]),
        (f"{TWO}[0]", "a"),
        (f"{TWO}[$ = 'a']", ["a"]),
        (f"{TWO}.($type($))", ["string", "string"]),
        (f"{TWO}@$k.{{'k': $k}}", [{"k": "a"}, {"k": "b"}]),
        (f"$map({TWO}, function($k){{$k}})", ["a", "b"]),
        (f"$map({TWO}, $type)", ["array", "array"]),
        (f"$filter({TWO}, function($k){{$k = 'a'}})", ["a"]),
        (f"$reduce({TWO}, function($x, $y){{$x & $y}})", "ab"),
        (f"($f := function($x){{$type($x)}}; $f({ONE}))", "string"),
        (f"{TWO} ~> $map(function($k){{$k & '!'}})", ["a!", "b!"]),
    ],
)
def test_a_sequence_of_one_that_is_an_item_counts_as_its_item_for_who_looks_at_it_next(evaluate, text, value):
    assert evaluate(text, DATA) == value


def test_nothing_is_not_null(evaluate):
    assert evaluate("missing.name", DATA) is UNDEFINED
    assert evaluate("null") is None
    assert evaluate("[missing, null]", DATA) == [None]


def test_a_transformation_never_changes_its_input(evaluate):
    data = {"x": [{"y": 1}]}
    assert evaluate("$ ~> |x|{'y': 2}|", data) == {"x": [{"y": 2}]}
    assert evaluate("{'z': 1} ~> |$$.x|{'y': 3}|", data) == {"z": 1}
    assert data == {"x": [{"y": 1}]}


def test_numbers_come_out_as_json_prints_them(evaluate):
    value = evaluate("[0.5 + 0.5, 1e3, 2 * 1152921504606846976, 1e21, -0]")
    assert value == [1, 1000, 2305843009213694000, 1e21, 0]
    assert [type(item) for item in value] == [int, int, int, float, int]


def test_results_are_plain_lists(evaluate):
    for text in ("items.tags", "{'a': items.n}.a", "$map(items, function($i){$i.tags})", "[[1], items.n]"):
        value = evaluate(text, DATA)
        assert all(type(part) is list for part in [value, *value] if isinstance(part, list))


def test_a_function_as_a_result_stays_a_function(evaluate):
    assert isinstance(evaluate("function($x){$x}"), Function)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("1 +", "S0207", "Unexpected end of expression"),
        ("(1", "S0203", 'Expected ")" before end of expression'),
        ("[1, 2", "S0203", 'Expected "]" before end of expression'),
        ("'abc", "S0101", "String literal must be terminated by a matching quote"),
        ("a !b", "S0204", 'Unknown operator: "!"'),
        ("}", "S0211", 'The symbol "}" cannot be used as a unary operator'),
        ("/ab", "S0302", "No terminating / in regular expression"),
        ("a ?? b", "S0211", 'The symbol "?" cannot be used as a unary operator'),
        ("%", "S0217", "The object representing the 'parent' cannot be derived from this expression"),
        ("1 + 'a'", "T2002", 'The right side of the "+" operator must evaluate to a number'),
        ("$x(1)", "T1006", "Attempted to invoke a non-function"),
        ("$eval('1')", "T1006", "Attempted to invoke a non-function"),
        ("sum(1)", "T1005", "Attempted to invoke a non-function. Did you mean $sum?"),
        ("$sum('a')", "T0412", 'Argument 1 of function "sum" must be an array of "numbers"'),
        ("$length('a', 1)", "T0410", 'Argument 2 of function "length" does not match function signature'),
        ("$number('x')", "D3030", 'Unable to cast value to a number: "x"'),
        ("$error('no')", "D3137", "no"),
        ("{1: 2}", "T1003", "Key in object structure must evaluate to a string; got: 1"),
        ("1/0 + 1", "D1001", "Number out of range: null"),
    ],
)
def test_an_error_has_the_code_and_the_text_of_the_reference(fails, text, code, message):
    error = fails(text)
    assert (error.code, error.message) == (code, message)


def test_an_expression_knows_what_it_refers_to():
    compiled = compile_jsonata(
        "($a := $states.input.x + $b; $map($c, function($d){$d.e & $.f & $states.context.y}); $sum($a))"
    )
    assert compiled.variables == {"states", "b", "c"}
    assert compiled.states_fields == {"input", "context"}
    assert [name for name, _ in compiled.root_references] == ["$"]


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("foo.bar", ["foo"]),
        ("$", ["$"]),
        ("$$", ["$$"]),
        ("$x[y > 1].z", []),
        ("$x.(a + b)", []),
        ("$x.$", []),
        ("1 + a", ["a"]),
    ],
)
def test_references_to_the_context_are_those_at_the_top_level(text, references):
    assert [name for name, _ in compile_jsonata(text).root_references] == references
