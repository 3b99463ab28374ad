import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.evaluation import PathError
from stepwell.language.jsonpath import PathSyntaxError, compile_path
from stepwell.language.jsonpath.pattern import MAX_SUBJECT_LENGTH, Pattern, PatternError

BOOKS: list[dict[str, Any]] = [
    {"id": 0, "title": "Sayings", "price": 8.95, "tags": ["a", "b"]},
    {"id": 1, "title": "Sword", "price": 12, "tags": [], "isbn": None},
    {"id": 2, "title": "Moby Dick", "price": "8.99", "tags": ["b", "c"], "isbn": "0-553", "sold": True},
    {"id": 3, "title": 'The "Ring"', "tags": "b", "sold": False, "author": {"name": "T"}},
]
STORE = {"books": BOOKS, "wanted": [1, 3], "limit": 10}


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("@.price == 12", [1]),
        ("@.price == 12.0", [1]),
        ("@.price != 12", [0, 2, 3]),
        ("@.price < 10", [0]),
        ("@.price <= 12", [0, 1]),
        ("@.price > 8.95", [1]),
        ("@.price >= 8.95", [0, 1]),
        ("10 > @.price", [0]),
        ("@.price < $.limit", [0]),
        ("@.price == '12'", [1]),
        ("@.price == 8.99", [2]),
        ("@.price == '8.99'", [2]),
        ("@.id == 'x'", []),
        ("@.title == 'Sword'", [1]),
        ('@.title == "Sword"', [1]),
        ("@.title == 'The \"Ring\"'", [3]),
        ("@.title > 'Sb'", [1, 3]),
        ("@['title'] == 'Sword'", [1]),
        ("@.sold == true", [2]),
        ("@.sold == 1", []),
        ("@.sold != true", [0, 1, 3]),
        ("@.isbn == null", [1]),
        ("@.isbn", [1, 2]),
        ("!@.isbn", [0, 3]),
        ("!(@.isbn)", [0, 3]),
        ("!!@.isbn", [1, 2]),
        ("@.author.name", [3]),
        ("@.author == @.author", [0, 1, 2, 3]),
        ("@.tags[?(@ == 'c')]", [2]),
        ("@.tags[*]", [0, 2]),
        ("@.isbn && @.sold", [2]),
        ("@.id == 0 || @.id == 1 && @.sold", [0]),
        ("(@.id == 0 || @.id == 1) && @.isbn", [1]),
        ("@.id in [0, 2.0, 'x']", [0, 2]),
        ("@.id in $.wanted", [1, 3]),
        ("@.id IN $.wanted", [1, 3]),
        ("@.id nin $.wanted", [0, 2]),
        ("@.id in $.absent", []),
        ("@.tags subsetof ['a', 'b', 'x']", [0, 1]),
        ("@.tags anyof ['a', 'c']", [0, 2]),
        ("@.tags noneof ['a']", [1, 2]),
        ("@.tags contains 'a'", [0]),
        ("@.tags contains 'b'", [0, 2, 3]),
        ("@.tags size 2", [0, 2]),
        ("@.tags size 1", [3]),
        ("@.tags empty true", [1]),
        ("@.tags empty false", [0, 2, 3]),
        ("@.tags == ['a','b']", [0]),
        ("@.tags.length() == 2", [0, 2]),
        ("@.tags.length() > $.wanted.length()", []),
        ("@.price.max() == 1", []),
        ("@.title =~ /S.*/", [0, 1]),
        ("@.title =~ /s.*/i", [0, 1]),
        ("@.title =~ /s.*/", []),
        ("@.title =~ /Sw/", []),
        ("@.price =~ /[\\d.]+/", [0, 1, 2]),
        ("@.sold =~ /true/", [2]),
        ("@.title =~ /Moby\\sD\\w+/", [2]),
    ],
)
def test_a_filter_keeps_the_items_for_which_its_condition_holds(condition: str, ids: list[int]) -> None:
    assert compile_path(f"$.books[?({condition})].id").find(STORE) == ids


def test_a_filter_tests_an_object_itself() -> None:
    assert compile_path("$[?(@.limit == 10)].limit").find(STORE) == [10]
    assert compile_path("$[?(@.limit == 11)]").find(STORE) == []


def test_comparing_deeply_nested_values_is_a_path_error_and_no_crash() -> None:
    value: Any = 1
    other: Any = 1
    for _ in range(10_000):
        value, other = [value], [other]
    with pytest.raises(PathError, match="nested too deep"):
        compile_path("$[?(@.a == @.b)]").find([{"a": value, "b": other}])


def test_a_filter_behind_a_deep_scan_finds_each_node_once() -> None:
    assert compile_path("$..[?(@.id > 1)].id").find(STORE) == [2, 3]
    assert compile_path("$..[?(@ == 'b')]").find(STORE) == ["b", "b"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.n.length()", 4),
        ("$.o.length()", 2),
        ("$.n.min()", 1.0),
        ("$.n.max()", 4.0),
        ("$.n.sum()", 10.0),
        ("$.n.avg()", 2.5),
        ("$.n.stddev()", 1.118033988749895),
        ("$.o.keys()", ["x", "y"]),
        ("$.t.concat()", "ab"),
        ("$.t.concat('-', $.o.y)", "ab-z"),
        ("$.n.append(5)", [4, 1, 2, 3, 5]),
        ("$.n.first()", 4),
        ("$.n.last()", 3),
        ("$.n.index(1)", 1),
        ("$.n.index(-1)", 3),
        ("$..x.sum()", 7.0),
        ("$.n[1:].sum()", 6.0),
        ("$.o.y.length()", None),
    ],
)
def test_a_function_at_the_end_of_a_path_is_called_on_what_it_found(path: str, expected: Any) -> None:
    value = {"n": [4, 1, 2, 3], "t": ["a", 1, "b"], "o": {"x": 7, "y": "z"}}
    compiled = compile_path(path)
    assert compiled.definite
    assert compiled.find(value) == expected


@pytest.mark.parametrize("path", ["$.e.max()", "$.e.first()", "$.x.length()", "$.e.index('a')", "$.big.sum()"])
def test_a_function_without_a_value_is_a_path_error(path: str) -> None:
    with pytest.raises(PathError) as caught:
        compile_path(path).find({"e": [], "big": [10**400]})
    assert caught.value.detail


@pytest.mark.parametrize(
    "source",
    [
        "a",
        "a*b",
        "(ab)+",
        "(a|b)*abb",
        "a{2}",
        "a{1,3}b?",
        "a{2,}",
        "[a-b]+",
        "[^a]*",
        ".*a.*",
        "(?:a|ab)(c|bcd)*",
        "^a+$",
        "",
        "(|a)b",
        "(a*)*",
        "((a+)+)+b",
        "a??b",
        "\\.a|b\\*",
    ],
)
@given(text=st.text(alphabet="abcd.*\n", max_size=8))
def test_a_pattern_agrees_with_a_full_match_of_python(source: str, text: str) -> None:
    assert Pattern(source).matches(text) == (re.fullmatch(source.strip("^$"), text) is not None)


@pytest.mark.parametrize("source", ["(a|a)*b", "(a+)+b", "(a*)*b", ".*.*.*.*.*b", "(a|aa)+b", "(.{0,100}){1,5}b"])
def test_a_pattern_takes_time_linear_in_its_subject(source: str) -> None:
    pattern = Pattern(source)
    assert not pattern.matches("a" * MAX_SUBJECT_LENGTH)
    assert pattern.matches("a" * 500 + "b")


@pytest.mark.parametrize(
    "source",
    [
        "(a",
        "a)",
        "*a",
        "a**",
        "a{3,2}",
        "a{9999}",
        "(?=a)",
        "(?P<x>a)",
        "(a)\\1",
        "\\bword",
        "a$b",
        "[a",
        "[z-a]",
        "[a&&b]",
        "\\p{L}",
        "((a{400}){400}){400}",
        "(" * 60 + ")" * 60,
        "a" * 1001,
    ],
)
def test_a_pattern_that_an_automaton_cannot_match_is_refused(source: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(source)
    assert 0 <= caught.value.position <= len(source)
    with pytest.raises(PathSyntaxError):
        compile_path(f"$[?(@.x =~ /{source}/)]")


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(PatternError, match="flag 'q'"):
        Pattern("a", "q")


def test_a_subject_that_is_too_long_is_a_path_error() -> None:
    with pytest.raises(PathError, match="longer than"):
        compile_path("$[?(@ =~ /a*/)]").find(["a" * (MAX_SUBJECT_LENGTH + 1)])


@given(st.lists(st.text(alphabet="ab", max_size=30), max_size=60))
def test_what_a_pattern_has_kept_never_changes_its_answer(texts: list[str]) -> None:
    kept = Pattern("(a|b)*a(a|b){4}")
    assert [kept.matches(text) for text in texts] == [Pattern("(a|b)*a(a|b){4}").matches(text) for text in texts]
