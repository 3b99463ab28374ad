"""The built-in functions, by group."""

import pytest

from language.jsonata.conftest import NOW
from stepwell.language.jsonata import UNDEFINED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$string([1, 'a', null])", '[1,"a",null]'),
        ("$string(1e-7)", "1e-7"),
        ("$boolean(2 % 0)", False),
        ("(2 % 0) ? 1 : 2", 2),
        ("$string(0.1 + 0.2)", "0.3"),
        ("$substring('hello', -3, 2)", "ll"),
        ("$substringBefore('a-b', '-')", "a"),
        ("$substringAfter('a-b', '-')", "b"),
        ("$pad('x', -3, '#')", "##x"),
        ("$trim('  a   b ')", "a b"),
        ("$join(['a', 'b'], '-')", "a-b"),
        ("$split('a1b2', /[0-9]/)", ["a", "b", ""]),
        ("$match('ab', /(a)(b)?/)", {"match": "ab", "index": 0, "groups": ["a", "b"]}),
        ("$match('a', /(a)(b)?/).groups", ["a", None]),
        ("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "Smith, John"),
        ("$contains('abc', /B/i)", True),
        ("$contains('aXa', /^(a)x\\1$/i)", True),
        ("$contains('price: 10', /(?<=: )\\d+(?!\\d)/)", True),
        ("$base64encode('hi')", "aGk="),
        ("$base64decode('aGk=')", "hi"),
        ("$encodeUrlComponent('a b/é')", "a%20b%2F%C3%A9"),
        ("$decodeUrl('a%20b%2F')", "a b%2F"),
        ("$round(2.5)", 2),
        ("$round(123.456, 2)", 123.46),
        ("$power(2, 10)", 1024),
        ("$formatBase(255, 16)", "ff"),
        ("$number('0x10')", 16),
        ("$sum([1, 2.5])", 3.5),
        ("$average([1, 2])", 1.5),
        ("$max([3, 1])", 3),
        ("$append([1], 2)", [1, 2]),
        ("$sort(['b', 'a'])", ["a", "b"]),
        ("$sort([3, 1, 2], function($l, $r){$l < $r})", [3, 2, 1]),
        ("$distinct([1, true, 1, {'a': 1}, {'a': 1}])", [1, True, {"a": 1}]),
        ("$zip([1, 2], ['a', 'b'])", [[1, "a"], [2, "b"]]),
        ("$reverse([1, 2])", [2, 1]),
        ("$keys([{'a': 1}, {'b': 2}])", ["a", "b"]),
        ("$merge([{'a': 1}, {'b': 2}])", {"a": 1, "b": 2}),
        ("$spread({'a': 1, 'b': 2})", [{"a": 1}, {"b": 2}]),
        ("$sift({'a': 1, 'b': 2}, function($v){$v > 1})", {"b": 2}),
        ("$each({'a': 1}, function($v, $k){$k & $v})", "a1"),
        ("$map([1, 2], function($v, $i){$v * $i})", [0, 2]),
        ("$filter([1, 2, 3], function($v){$v > 1})", [2, 3]),
        ("$single([1, 2], function($v){$v = 2})", 2),
        ("$reduce([1, 2, 3], function($a, $b){$a + $b})", 6),
        ("$type([])", "array"),
        ("$formatNumber(1234.5678, '#,##0.00')", "1,234.57"),
        ("$formatNumber(-0.14, '01%')", "-14%"),
        ("$formatInteger(1999, 'I')", "MCMXCIX"),
        ("$formatInteger(21, 'w;o')", "twenty-first"),
        ("$formatInteger(1234567, '#,##0')", "1,234,567"),
        ("$parseInteger('twelve thousand, four hundred and seventy-six', 'w')", 12476),
        ("$fromMillis(1509380732935)", "2017-10-30T16:25:32.935Z"),
        (
            "$fromMillis(1509380732935, '[FNn] [D1o] [MNn] [Y], [h#1]:[m][P]', '+0100')",
            "Monday 30th October 2017, 5:25pm",
        ),
        ("$toMillis('2017-10-30T16:25:32.935Z')", 1509380732935),
        ("$toMillis('30/10/2017', '[D]/[M]/[Y]')", 1509321600000),
    ],
)
def test_a_function_has_the_value_of_the_reference(evaluate, text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(0, 6, 2)", [0, 2, 4, 6]),
        ("$range(0, 5, 2)", [0, 2, 4]),
        ("$range(1, 5, 0)", []),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$hash('input', 'SHA-1')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ("$random(42)", 0.7275636800328681),
        ("$parse('{\"a\": [1]}')", {"a": [1]}),
        ("$random()", 0.25),
        ("$uuid()", "b4a1c4a6-4c4b-4a6e-9d8a-0123456789ab"),
    ],
)
def test_the_functions_that_aws_has_added(evaluate, text, value):
    assert evaluate(text) == value


def test_time_stands_still_during_an_evaluation(evaluate):
    assert evaluate("$millis()") == NOW
    assert evaluate("$now()") == "2017-10-30T16:25:32.935Z"
    assert evaluate("$now('[Y]')") == "2017"


@pytest.mark.parametrize("name", ["uppercase", "sum", "sort", "keys", "fromMillis", "split", "number", "map"])
def test_a_function_of_nothing_is_nothing(evaluate, name):
    more = {"map": ", function($v){1}", "split": ", 'a'"}.get(name, "")
    assert evaluate(f"${name}(missing{more})", {}) is UNDEFINED


@pytest.mark.parametrize("text", ["(1/0) ? 1 : 2", "[1, 1/0] ? 1 : 2", "$not(-1/0)"])
def test_an_infinite_number_is_neither_true_nor_false(fails, text):
    assert fails(text).code == "D1001"


def test_what_is_summed_must_be_numbers_wherever_they_were_found(evaluate, fails):
    items = [{"n": 1}, {"n": 2.5}, {"m": 4}, {"n": [1, 2]}]
    assert evaluate("$sum(items.n)", {"items": items}) == 6.5
    assert evaluate("$sum(items.n)", {"items": [{"n": 0.1}, {"n": 0.2}, {"n": 0.3}]}) == 0.1 + 0.2 + 0.3
    for other in (True, "1", None, {}):
        assert fails("$sum(items.n)", {"items": [{"n": 1}, {"n": other}]}).code == "T0412"
