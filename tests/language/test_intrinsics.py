import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.evaluation import Evaluation, StatesError
from stepwell.language.intrinsics import IntrinsicSyntaxError, compile_intrinsic, looks_like_intrinsic
from stepwell.language.intrinsics.java_random import JavaRandom
from stepwell.language.intrinsics.java_text import java_text


class Entropy:
    def __init__(self, number: float = 0.5) -> None:
        self.number = number

    def random(self) -> float:
        return self.number

    def uuid(self) -> str:
        return "6f7c1c1e-0000-4000-8000-000000000000"


def call(text: str, value: Any = None, number: float = 0.5, **variables: Any) -> Any:
    context = {"Execution": {"Name": "run"}, "StateMachine": {"Id": "arn", "Name": "m"}}
    return compile_intrinsic(text).evaluate(Evaluation(value, lambda: context, variables, Entropy(number)))


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("States.Array()", None, []),
        ("States.Array(1, 'a', true, null, $.x, -1.5)", {"x": [2]}, [1, "a", True, None, [2], -1.5]),
        ("States.Array( $.x ,$.x )", {"x": {}}, [{}, {}]),
        ("States.ArrayPartition($, 2)", [1, 2, 3], [[1, 2], [3]]),
        ("States.ArrayPartition($, 5)", [1, 2, 3], [[1, 2, 3]]),
        ("States.ArrayPartition($, 1.5)", [1, 2, 3], [[1, 2], [3]]),
        ("States.ArrayPartition($, 4)", [], []),
        ("States.ArrayContains($, 2)", [1, 2], True),
        ("States.ArrayContains($, true)", [1, 2], False),
        ("States.ArrayContains($, '1')", [1, 2], False),
        ("States.ArrayContains($, null)", [[]], False),
        ("States.ArrayContains($, $[0])", [{"a": 1, "b": [2]}, {"b": [2], "a": 1}], True),
        ("States.ArrayRange(1, 9, 2)", None, [1, 3, 5, 7, 9]),
        ("States.ArrayRange(0, 10, 3)", None, [0, 3, 6, 9]),
        ("States.ArrayRange(1, 9, 9)", None, [1]),
        ("States.ArrayRange(3, 1, -1)", None, [3, 2, 1]),
        ("States.ArrayRange(3, 1, 1)", None, []),
        ("States.ArrayRange(1, 1000, 1)", None, list(range(1, 1001))),
        ("States.ArrayRange(0.5, 2.4, 1)", None, [1, 2]),
        ("States.ArrayRange(-0.5, 1, 1)", None, [0, 1]),
        ("States.ArrayGetItem($, 5)", [1, 2, 3, 4, 5, 6], 6),
        ("States.ArrayLength($)", [1, None, []], 3),
        (
            "States.ArrayUnique($)",
            [1, 1, 1.5, True, True, None, None, "1", [], [], {"a": 1}, {"a": 1}],
            [1, 1.5, True, None, "1", [], {"a": 1}],
        ),
        ("States.Base64Encode('Data to encode')", None, "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Encode('')", None, ""),
        ("States.Base64Encode('ü')", None, "w7w="),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", None, "Data to encode"),
        ("States.Base64Decode('w7w')", None, "ü"),
        ("States.Hash('input data', 'MD5')", None, "812f45842bc6d66ee14572ce20db8e86"),
        ("States.Hash('input data', 'SHA-1')", None, "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        (
            "States.Hash($.d, $.a)",
            {"d": "input data", "a": "SHA-256"},
            "b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3",
        ),
        ("States.JsonMerge($.a, $.b, false)", {"a": {"x": 1, "y": {"z": 1}}, "b": {"y": {}}}, {"x": 1, "y": {}}),
        ("States.MathAdd(111, -1)", None, 110),
        ("States.MathAdd($.x, 4.3)", {"x": 59}, 63),
        ("States.MathAdd(0.5, -0.5)", None, 1),
        ("States.MathRandom(1, 999)", None, 500),
        ("States.MathRandom(12.5, 44.51)", None, 29),
        ("States.MathRandom(-99999, -9999)", None, -54999),
        ("States.StringSplit('1,2,3', ',')", None, ["1", "2", "3"]),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", None, ["This", "is", "a", "test", "string"]),
        ("States.StringSplit(', , ,', ',')", None, [" ", " "]),
        ("States.StringSplit(',,,,', ',')", None, []),
        ("States.StringSplit('a]b^c-d', '^-]')", None, ["a", "b", "c", "d"]),
        ("States.StringSplit('Hello\nWorld', '\n')", None, ["Hello", "World"]),
        ("States.StringSplit('ab', '')", None, ["ab"]),
        ("States.StringSplit('', '')", None, []),
        ("States.StringToJson($)", '{"a": [1, 2.5, "x"]}', {"a": [1, 2.5, "x"]}),
        ("States.StringToJson($)", "", None),
        ("States.StringToJson($)", " ", None),
        ("States.StringToJson($)", None, None),
        ("States.StringToJson($)", "-0", 0),
        ('States.StringToJson(\'\\{"a": "\\\'"\\}\')', None, {"a": "'"}),
        ('States.StringToJson(\'{"a": {"b": {}}}\')', None, {"a": {"b": {}}}),
        ("States.JsonToString($)", {"a": [1, "ü", None]}, '{"a":[1,"ü",null]}'),
        ("States.UUID()", None, "6f7c1c1e-0000-4000-8000-000000000000"),
        ("States.ArrayGetItem(States.StringSplit($$.StateMachine.Name, '-'), 0)", None, "m"),
        ("States.Format('{}', States.Array(1, 'x'))", None, "[1, x]"),
    ],
)
def test_a_function_computes_what_aws_computes(text: str, value: Any, expected: Any) -> None:
    before = copy.deepcopy(value)
    result = call(text, value)
    assert result == expected
    assert type(result) is type(expected)
    assert value == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("States.Format('no gap')", "no gap"),
        ("States.Format('{}{}', 1, 2)", "12"),
        ("States.Format('a {} b {} c', 'x', null)", "a x b null c"),
        ("States.Format('{}, {}, {}', true, 1.5, 1e10)", "true, 1.5, 1.0E10"),
        ("States.Format('\\{\\} {} \\'\\\\', 1)", "{} 1 '\\"),
        ("States.Format('{ {} }', 1)", "{ 1 }"),
        ("States.Format('{}', '{}')", "{}"),
        (
            "States.Format('fst={} and snd={}.', $$.Execution.Name, $$.StateMachine)",
            "fst=run and snd={Id=arn, Name=m}.",
        ),
        ("States.Format($template, $.a)", "It's {x=[1, null]}!"),
        ("States.Format('{}', $.b[?(@.c == ')')].c)", "[)]"),
    ],
)
def test_format_fills_its_gaps_as_java_writes_values(text: str, expected: str) -> None:
    assert call(text, {"a": {"x": [1, None]}, "b": [{"c": ")"}]}, template="It's {}!") == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (0.00012345, "1.2345E-4"),
        (1234567.5, "1234567.5"),
        (9999999.0, "9999999.0"),
        (10000000.0, "1.0E7"),
        (-12345678.9, "-1.23456789E7"),
        (1e16, "1.0E16"),
        (1.5e300, "1.5E300"),
        (5e-324, "5.0E-324"),
        (2.5e-7, "2.5E-7"),
    ],
)
def test_a_double_is_written_as_java_writes_it(number: float, text: str) -> None:
    assert java_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_is_read_as_the_same_number(number: float) -> None:
    text = java_text(number)
    assert float(text) == number
    assert re.fullmatch(r"-?(\d{1,7}\.\d+|\d\.\d+E-?\d+)", text)


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("States.ArrayPartition($, 2)", {}, "The first argument must be an array but was: {}"),
        ("States.ArrayPartition($, 0)", [1], "The chunk size must be a positive integer but was: 0"),
        ("States.ArrayPartition($, '2')", [1], 'The chunk size must be a number but was: "2"'),
        ("States.ArrayRange(1, 2, 0)", None, "The step must not be 0"),
        ("States.ArrayRange(0, 1000, 1)", None, "The range must have 1000 items or less but had 1001"),
        (
            "States.ArrayRange(0, 3000000000, 1)",
            None,
            "The second argument must be from -2147483648 to 2147483647 but was: 3000000000",
        ),
        ("States.ArrayGetItem($, 1)", [1], "The index 1 is out of bounds for an array of 1 items: [1]"),
        ("States.ArrayGetItem($, -1)", [1], "The index -1 is out of bounds for an array of 1 items: [1]"),
        ("States.ArrayLength('x')", None, 'The argument must be an array but was: "x"'),
        ("States.ArrayUnique(1)", None, "The argument must be an array but was: 1"),
        ("States.ArrayContains(null, 1)", None, "The first argument must be an array but was: null"),
        ("States.Base64Encode($)", "x" * 10_001, "The argument must have 10000 characters or less"),
        ("States.Base64Encode(1)", None, "The argument must be a string but was: 1"),
        ("States.Base64Decode('*')", None, 'The argument is not valid Base64: "*"'),
        (
            "States.Hash('x', 'MD4')",
            None,
            'The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512 but was: "MD4"',
        ),
        (
            "States.JsonMerge($, $, true)",
            {},
            "The third argument must be false, as there is no deep merge, but was: true",
        ),
        ("States.JsonMerge($, 1, false)", {}, "The second argument must be an object but was: 1"),
        ("States.MathAdd(true, 1)", None, "The first argument must be a number but was: true"),
        ("States.MathAdd(2147483647, 1)", None, "The sum must be from -2147483648 to 2147483647 but was: 2147483648"),
        ("States.MathRandom(2, 2)", None, "The start must be less than the end but they were: 2, 2"),
        ("States.StringSplit(1, ',')", None, "The first argument must be a string but was: 1"),
        ("States.StringToJson(1)", None, "The argument must be a string but was: 1"),
        ("States.StringToJson($)", "[1, 2", 'The argument is not valid JSON: Input data was truncated: "[1, 2"'),
        (
            "States.Format($, 1)",
            "none",
            "The number of arguments, 1, must match the number of occurrences of '{}' in the template, 0",
        ),
        ("States.Format(1)", None, "The template must be a string but was: 1"),
    ],
)
def test_a_bad_argument_is_an_intrinsic_failure_that_names_the_function(text: str, value: Any, problem: str) -> None:
    with pytest.raises(StatesError) as caught:
        call(text, value)
    assert caught.value.error == "States.IntrinsicFailure"
    assert caught.value.cause == f"The function '{text}' had the following error: {problem}"


def test_deeply_nested_json_is_a_failure_and_no_crash() -> None:
    with pytest.raises(StatesError, match="not valid JSON"):
        call("States.StringToJson($)", "[" * 100_000 + "]" * 100_000)


def test_a_deeply_nested_argument_is_a_failure_and_no_crash() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    for function in ("Format('{}', $)", "JsonToString($)", "ArrayUnique($)"):
        with pytest.raises(StatesError, match="An argument is nested too deep") as caught:
            call(f"States.{function}", value)
        assert caught.value.error == "States.IntrinsicFailure"


def test_a_failure_names_the_inner_function() -> None:
    with pytest.raises(StatesError, match=re.escape("The function 'States.MathAdd('x', 1)' had")):
        call("States.Format('{}', States.MathAdd('x', 1))")


@pytest.mark.parametrize("path", ["$.x", "$.a[3]", "$$.Nothing", "$absent"])
def test_a_missing_argument_is_a_runtime_error(path: str) -> None:
    with pytest.raises(StatesError) as caught:
        call(f"States.Array({path})", {"a": [1]})
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == (
        f"The function 'States.Array({path})' had the following error: "
        f"The JsonPath argument for the field '{path}' could not be found in the input '{{\"a\":[1]}}'"
    )


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 0),
        ("States.", 0),
        ("States.Nothing()", 0),
        ("States.format('x')", 0),
        ("States.Array", 12),
        ("States.Array(", 13),
        ("States.Array(1", 14),
        ("States.Array(1,)", 15),
        ("States.Array(1 2)", 15),
        ("States.Array(,1)", 13),
        ("States.Array()x", 14),
        ("States.Array($.)", 15),
        ("States.Array($.a b)", 17),
        ("States.Array('a)", 13),
        ("States.Array('a\\n')", 15),
        ('States.StringToJson(\'{"text":"An \\"escaped\\""}\')', 33),
        ('States.Array("a")', 13),
        ("States.Array(a)", 13),
        ("States.UUID(1)", 0),
        ("States.MathRandom(1)", 0),
        ("States.MathRandom(1, 2, 3, 4)", 0),
        ("States.Format()", 0),
        ("States.Format('{} {}', 1)", 0),
        ("States.Format('{}', 1, 2)", 0),
        ("States.Format('\\{\\}', 1)", 0),
        ("States.Array('" + "a" * 100_000 + "')", 0),
    ],
)
def test_what_is_no_call_is_refused_with_its_position(text: str, position: int) -> None:
    with pytest.raises(IntrinsicSyntaxError) as caught:
        compile_intrinsic(text)
    assert caught.value.message
    assert caught.value.position == position


def test_calls_are_nested_ten_deep_at_most() -> None:
    def nested(depth: int) -> str:
        return "States.Array(" * depth + ")" * depth

    assert call(nested(10)) == [[[[[[[[[[]]]]]]]]]]
    with pytest.raises(IntrinsicSyntaxError, match="nested 10 deep"):
        compile_intrinsic(nested(11))


def test_a_call_knows_the_variables_in_it() -> None:
    compiled = compile_intrinsic("States.Format($a, States.Array($b.c, $$.x, $.d), $a)")
    assert compiled.variables == {"a", "b"}


def test_a_text_that_starts_with_states_is_meant_as_a_call() -> None:
    assert looks_like_intrinsic("States.Format('x')")
    assert not looks_like_intrinsic("$.States.Format")


def test_the_random_numbers_of_a_seed_are_those_of_java() -> None:
    numbers = JavaRandom(42)
    assert [numbers.next_double() for _ in range(2)] == [0.7275636800328681, 0.6832234717598454]
    numbers = JavaRandom(42)
    assert [numbers.next_int() for _ in range(3)] == [-1170105035, 234785527, -1360544799]
    numbers = JavaRandom(42)
    assert [numbers.next_below(10) for _ in range(5)] == [0, 3, 8, 4, 0]
    numbers = JavaRandom(0)
    assert numbers.next_below(16) == 11


def test_a_seed_gives_the_same_number_every_time() -> None:
    assert call("States.MathRandom(0, 10, 42)") == call("States.MathRandom(0, 10, 42)", number=0.1) == 0
    assert call("States.MathRandom(100, 110, 42)") == 100


@pytest.mark.parametrize("bound", [0, -1, 2**31 + 1])
def test_a_bound_that_java_has_not_is_refused(bound: int) -> None:
    with pytest.raises(ValueError, match="a bound must be"):
        JavaRandom(1).next_below(bound)


@given(st.integers(-(2**31), 2**31 - 2), st.integers(1, 2**32), st.integers(-(2**31), 2**31 - 1))
def test_a_random_number_lies_within_its_bounds(start: int, span: int, seed: int) -> None:
    end = min(start + span, 2**31 - 1)
    assert start <= call(f"States.MathRandom({start}, {end}, {seed})") < end
    assert start <= call(f"States.MathRandom({start}, {end})", number=0.9999999999) < end


@given(st.text(max_size=50))
def test_what_was_encoded_is_decoded(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert call("States.Base64Decode(States.Base64Encode($))", text) == text
    assert call("States.StringToJson(States.JsonToString($))", [text]) == [text]


@given(st.text(max_size=20), st.text(max_size=3))
def test_the_parts_of_a_text_hold_all_but_its_delimiters(text: str, delimiters: str) -> None:
    parts = call("States.StringSplit($[0], $[1])", [text, delimiters])
    assert "".join(parts) == "".join(character for character in text if character not in delimiters)
    assert all(parts)


@given(st.lists(st.integers(0, 3)), st.integers(1, 5))
def test_the_chunks_of_an_array_hold_its_items_in_order(items: list[int], size: int) -> None:
    chunks = call("States.ArrayPartition($, " + str(size) + ")", items)
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])


@given(st.text(max_size=30))
def test_a_text_in_quotes_keeps_every_character_that_was_escaped(text: str) -> None:
    escaped = re.sub(r"(['{}\\])", r"\\\1", text)
    assert call(f"States.Format('{escaped}')") == text
    assert call(f"States.ArrayGetItem(States.Array('{escaped}'), 0)") == text


@given(st.text(alphabet="States.Array(){}$',\\ 1x", max_size=30))
def test_any_text_is_a_call_or_a_syntax_error(text: str) -> None:
    compiled, message = None, ""
    try:
        compiled = compile_intrinsic("States.Array(" + text)
    except IntrinsicSyntaxError as error:
        message = error.message
    assert (compiled is None) == bool(message)
