import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.language.diagnostics import INVALID_JSON_DESCRIPTION, SCHEMA_VALIDATION_FAILED
from stepwell.language.source import MAX_DEFINITION, MAX_DEPTH, Position, json_problem, read
from stepwell.language.source.json_text import MAX_NUMBER

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
NUMERIC = "in numeric value"
MINUS = "expected digit (0-9) to follow minus sign, for valid numeric value"

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def _problem(text: str) -> str:
    (problem,) = read(text).problems
    return problem.message.partition("\n at ")[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not some json", f"Unrecognized token 'not': was expecting {VALUES}"),
        ("{'not': 'json'", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ('{"a": tru}', f"Unrecognized token 'tru': was expecting {VALUES}"),
        ('{"a": truely}', f"Unrecognized token 'truely': was expecting {VALUES}"),
        ('{"a": None}', f"Unrecognized token 'None': was expecting {VALUES}"),
        ("<xml/>", f"Unexpected character ('<' (code 60)): expected a valid value {VALUES}"),
        ('{"a": €}', f"Unexpected character ('€' (code 8364 / 0x20ac)): expected a valid value {VALUES}"),
        ('{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"),
        ("[1,]", f"Unexpected character (']' (code 93)): expected a valid value {VALUES}"),
        ("[1,}", "Unexpected character ('}' (code 125)): expected a value"),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
        ('{"a":1 "b":2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
        ('{"a":', "Unexpected end-of-input within/between Object entries"),
        ('{"a', "Unexpected end-of-input in field name"),
        ('{"a":"b', "Unexpected end-of-input: was expecting closing quote for a string value"),
        ('{"a":"\\', "Unexpected end-of-input in character escape sequence"),
        ('{"a":"\\u12', "Unexpected end-of-input in character escape sequence"),
        ('{"a":"\\x"}', "Unrecognized character escape 'x' (code 120)"),
        ('{"a":"\\u1G"}', "Unexpected character ('G' (code 71)): expected a hex-digit for character escape sequence"),
        ('{"a":01}', "Invalid numeric value: Leading zeroes not allowed"),
        (
            '{"a":-}',
            f"Unexpected character ('}}' (code 125)) {NUMERIC}: {MINUS}",
        ),
        ('{"a":1.}', f"Unexpected character ('}}' (code 125)) {NUMERIC}: Decimal point not followed by a digit"),
        ('{"a":1e+}', f"Unexpected character ('}}' (code 125)) {NUMERIC}: Exponent indicator not followed by a digit"),
        ('{"a":-', "Unexpected end-of-input in a Number value"),
        ('{"a":1e400}', "Numeric value (1e400) out of range of double"),
        ('{"a":"\\ud83d"}', "Incomplete surrogate pair: a character's second half or first half is missing"),
        ("12a", "Unexpected character ('a' (code 97)): Expected space separating root-level values"),
        ("{} x", f"Unrecognized token 'x': was expecting {VALUES}"),
        ("{} {}", "Unexpected character ('{' (code 123)): was expecting the end of the text behind its one value"),
    ],
)
def test_a_text_that_is_no_json_is_refused_in_the_words_of_jackson(text: str, message: str) -> None:
    assert _problem(text) == message
    assert json_problem(text) == message


@pytest.mark.parametrize("word", ["NaN", "Infinity"])
def test_numbers_that_are_none_are_refused(word: str) -> None:
    assert _problem(f'{{"a": {word}}}') == (
        f"Non-standard token '{word}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow"
    )


def test_control_characters_are_refused_in_strings_and_between_tokens() -> None:
    kept = "has to be escaped using backslash to be included in"
    assert _problem('{"a":"\n"}') == f"Illegal unquoted character ((CTRL-CHAR, code 10)): {kept} string value"
    assert _problem('{"a\t":1}') == f"Illegal unquoted character ((CTRL-CHAR, code 9)): {kept} name"
    assert _problem('{\x0b"a":1}') == (
        "Illegal character ((CTRL-CHAR, code 11)): only regular white space (\\r, \\n, \\t) is allowed between tokens"
    )


def test_a_missing_or_wrong_closing_mark_is_named_with_its_opening() -> None:
    assert json_problem("{") == (
        "Unexpected end-of-input: expected close marker for Object "
        '(start marker at [Source: (String)"{"; line: 1, column: 1])'
    )
    assert json_problem('{"a":[1}') == (
        "Unexpected close marker '}': expected ']' (for Array starting at "
        '[Source: (String)"{"a":[1}"; line: 1, column: 6])'
    )
    assert json_problem("]") == (
        "Unexpected close marker ']': expected '}' (for root starting at [Source: (String)\"]\"; line: 1, column: 0])"
    )


def test_a_problem_is_located_as_aws_does_and_for_people() -> None:
    (problem,) = read("not a definition").problems
    where = '[Source: (String)"not a definition"; line: 1, column: 4]'
    assert problem.code == INVALID_JSON_DESCRIPTION
    assert problem.location == where
    assert problem.message == f"Unrecognized token 'not': was expecting {VALUES}\n at {where}"
    assert (problem.line, problem.column) == (1, 1)
    (problem,) = read('{\n  "a": ?\n}').problems
    assert (problem.line, problem.column) == (2, 8)
    assert problem.location == '[Source: (String)"{\n  "a": ?\n}"; line: 2, column: 9]'


def test_a_long_text_is_cut_in_its_location() -> None:
    (problem,) = read('{"a":"' + "x" * 1000).problems
    assert problem.location is not None
    assert '"[truncated 506 chars]; line: 1, column: 1007]' in problem.location


@pytest.mark.parametrize("text", ["", " ", "\n", "[]", '"text"', "[1, 2]"])
def test_a_definition_must_be_an_object(text: str) -> None:
    source = read(text)
    (problem,) = source.problems
    assert (problem.code, problem.message) == (SCHEMA_VALIDATION_FAILED, "Definition must be a valid JSON object")
    assert problem.location is None
    assert source.value is None


def test_a_doubled_name_is_a_problem_at_its_second_place() -> None:
    source = read('{"a": 1,\n "a": 2}')
    (problem,) = source.problems
    assert problem.message.startswith("Duplicate field 'a'\n at [Source: ")
    assert (problem.line, problem.column) == (2, 2)
    assert source.value == {"a": 2}
    assert json_problem('{"a": 1, "a": 2}') is None


def test_nesting_numbers_and_length_are_bounded() -> None:
    assert _problem("[" * (MAX_DEPTH + 1)) == f"Document nesting depth (201) exceeds the maximum allowed ({MAX_DEPTH})"
    assert not read('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH).problems
    long = "9" * (MAX_NUMBER + 1)
    assert _problem(f'{{"a":{long}}}') == f"Number value length (1001) exceeds the maximum allowed ({MAX_NUMBER})"
    assert _problem("{" + " " * MAX_DEFINITION + "}") == f"Definition must not exceed {MAX_DEFINITION} characters"
    assert json_problem("[" * 100_000) is not None


def test_every_value_and_key_has_its_position() -> None:
    source = read('{\n  "StartAt": "A",\n  "States": {"A": {"L": [1, {"x": null}]}}\n}')
    assert source.position(()) == Position(1, 1)
    assert source.position(("StartAt",)) == Position(2, 14)
    assert source.position(("StartAt",), key=True) == Position(2, 3)
    assert source.position(("States", "A", "L", 1, "x")) == Position(3, 35)
    assert source.position(("States", "A", "L", 1, "x"), key=True) == Position(3, 30)


def test_what_is_not_there_is_shown_at_what_is_around_it() -> None:
    source = read('{"A": {"B": [1]}}')
    assert source.position(("A", "Next")) == source.position(("A",))
    assert source.position(("A", "B", 7, "x")) == source.position(("A", "B"))


@settings(deadline=None)
@given(JSON)
def test_what_json_says_is_read(value: Any) -> None:
    for text in (json.dumps({"v": value}), json.dumps({"v": value}, indent=1, ensure_ascii=False)):
        source = read(text)
        assert (source.problems, source.value) == ([], {"v": value})
        assert json_problem(text) is None


def _pointers(value: Any, pointer: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    inner = [found for key, member in members for found in _pointers(member, (*pointer, key))]
    return [(pointer, value), *inner]


@settings(deadline=None)
@given(JSON, st.sampled_from([None, 2]))
def test_at_a_position_stands_its_value(value: Any, indent: int | None) -> None:
    text = json.dumps({"v": value}, indent=indent)
    source, lines, decoder = read(text), text.split("\n"), json.JSONDecoder()
    for pointer, part in _pointers({"v": value}):
        line, column = source.position(pointer)
        behind = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert decoder.raw_decode(behind)[0] == part


@settings(deadline=None)
@given(st.text() | st.text(alphabet='{}[]",:\\utrue0123.-e \n'))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    source = read(text)
    assert source.problems or isinstance(source.value, dict)
    for problem in source.problems:
        assert problem.line >= 1
        assert problem.column >= 1


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\u0041dtrue0123.-e \n'))
def test_an_input_has_a_problem_exactly_where_it_is_not_json(text: str) -> None:
    try:
        json.loads(text, parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        assert json_problem(text)
