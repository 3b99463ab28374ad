import json
import re
import string
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.language.source import MAX_DEPTH, Position, read
from stepwell.language.source.yaml_text import MAX_NODES

MACHINE = """\
# A comment
StartAt: A
States:
  A: &first
    Type: Pass
    Result:
      words: [yes, no, on, off, y, n, 2020-01-01, 012345678901, 0x1F, .inf, 1_000, "1", 'true']
      values: [true, False, null, ~, 1, -1, 1.5, 1e3, .5]
      text: >-
        folded
        text
    End: true
"""


def test_yaml_says_what_json_says() -> None:
    source = read(MACHINE)
    assert source.format == "yaml"
    assert not source.problems
    result = source.value["States"]["A"]["Result"]
    words = ["yes", "no", "on", "off", "y", "n", "2020-01-01", "012345678901", "0x1F", ".inf", "1_000", "1", "true"]
    assert result["words"] == words
    assert result["values"] == [True, False, None, None, 1, -1, 1.5, 1000.0, 0.5]
    assert [type(value) for value in result["values"][4:6]] == [int, int]
    assert result["text"] == "folded text"
    assert source.value["States"]["A"]["End"] is True


def test_positions_are_kept_in_yaml() -> None:
    source = read(MACHINE)
    assert source.position(("States", "A", "Type")) == Position(5, 11)
    assert source.position(("States", "A", "Type"), key=True) == Position(5, 5)
    assert source.position(("States", "A", "Result", "values", 1)) == Position(8, 22)


def test_an_alias_stands_for_its_anchor() -> None:
    source = read("StartAt: A\nRetry: &retry [{MaxAttempts: 1}]\nOther: *retry\n")
    assert source.value["Other"] == source.value["Retry"] == [{"MaxAttempts": 1}]


def _bomb() -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("StartAt: !Ref Name", "The tag '!Ref' is not supported: a definition holds plain data only", 1, 10),
        ("StartAt: A\nStartAt: B", "Duplicate field 'StartAt'", 2, 1),
        ("StartAt: A\n---\nStartAt: B", "There must be one document only", 2, 1),
        ("StartAt: *nothing", "The alias '*nothing' has no anchor before it", 1, 10),
        ("StartAt: &a [*a]", "The alias '*a' stands within what it stands for", 1, 14),
        ("StartAt: A\n? [b]\n: c", "A key must be text", 2, 3),
        ("StartAt: A\n  States: B", "mapping values are not allowed in this context", 2, 9),
        ("StartAt: 1e999", "Numeric value (1e999) out of range of double", 1, 10),
        ("StartAt: " + "9" * 2000, "Number value length (2000) exceeds the maximum allowed (1000)", 1, 10),
        ("StartAt: " + "[" * 300, f"Nesting depth exceeds the maximum allowed ({MAX_DEPTH})", 1, 210),
        ("StartAt: \x00", "unacceptable character #x0000: control characters are not allowed", 1, 10),
        ("StartAt: \ud800", "Half of a character (a surrogate) stands alone", 1, 10),
        (_bomb(), f"The text unfolds to more than {MAX_NODES} keys and values", 6, 15),
    ],
)
def test_what_is_not_plain_data_is_a_located_problem(text: str, message: str, line: int, column: int) -> None:
    (problem,) = read(text).problems
    assert (problem.message, problem.line) == (message, line)
    assert problem.location == f"[Source: (YAML); line: {problem.line}, column: {problem.column}]"
    assert problem.column == column


def test_tags_for_plain_data_are_taken() -> None:
    assert read("a: !!str 1\nb: !!int 2\nc: !!map {}\nd: !!seq []\ne: ! 3\n").value == {
        "a": "1",
        "b": 2,
        "c": {},
        "d": [],
        "e": "3",
    }


@pytest.mark.parametrize("text", ["just words", "- a\n- b", "<a>: : b"])
def test_what_is_neither_json_nor_a_mapping_is_refused_as_json(text: str) -> None:
    source = read(text)
    assert (source.format, source.value) == ("json", None)
    assert source.problems[0].code == "INVALID_JSON_DESCRIPTION"


NAMES = st.text(string.ascii_letters, min_size=1)
NUMBER_OF_YAML_1_2 = re.compile(r"[-+.0-9]+[eE][-+]?[0-9]+")
"""The writer knows YAML 1.1, where `1E5` is a text and stands without quotes."""
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.text(string.printable.strip()).filter(lambda text: not NUMBER_OF_YAML_1_2.fullmatch(text)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=15,
)


@settings(deadline=None)
@given(st.dictionaries(NAMES, PLAIN, min_size=1, max_size=4))
def test_what_yaml_writes_is_read(value: Any) -> None:
    source = read(yaml.safe_dump(value, default_flow_style=False))
    assert not source.problems
    assert json.dumps(source.value, sort_keys=True) == json.dumps(value, sort_keys=True)


@settings(deadline=None)
@given(st.text(alphabet="abc:-&*!{}[],'\" \n#|>?%@"))
def test_no_yaml_makes_the_reader_fail(text: str) -> None:
    source = read("StartAt: a\n" + text)
    assert source.problems or isinstance(source.value, dict)
