import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.evaluation import PathError
from stepwell.language.jsonpath import PathSyntaxError, compile_path, compile_reference_path


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("$", {"a": 1}, "new"),
        ("$", None, "new"),
        ("$.a", {"a": 1, "b": 2}, {"a": "new", "b": 2}),
        ("$.c", {"a": 1}, {"a": 1, "c": "new"}),
        ("$.a.b", {}, {"a": {"b": "new"}}),
        ("$.a.b.c", {"a": {"x": 1}}, {"a": {"x": 1, "b": {"c": "new"}}}),
        ("$['a']['b c']", {"a": {}}, {"a": {"b c": "new"}}),
        ("$.a[1]", {"a": [1, 2, 3]}, {"a": [1, "new", 3]}),
        ("$.a[-1]", {"a": [1, 2, 3]}, {"a": [1, 2, "new"]}),
        ("$.a[0].b", {"a": [{"c": 1}]}, {"a": [{"c": 1, "b": "new"}]}),
        ("$[0]", [1, 2], ["new", 2]),
    ],
)
def test_putting_replaces_or_makes_the_node(path: str, value: Any, expected: Any) -> None:
    assert compile_reference_path(path).put(value, "new") == expected


@pytest.mark.parametrize(
    ("path", "value", "detail"),
    [
        ("$.a[3]", {"a": [1]}, "Index out of bounds when evaluating path $['a'][3]"),
        ("$.a[0]", {}, "Missing property in path $['a']"),
        ("$.a[0].b", {"a": {}}, "Filter: [0] can only be applied to arrays. Current context is: {}"),
        ("$.a", "text", "Expected to find an object with property ['a'] in path $ but found 'java.lang.String'."),
        ("$.a", [1], "Expected to find an object with property ['a'] in path $ but found 'java.util.ArrayList'."),
        ("$.a.b", {"a": None}, "Expected to find an object with property ['b'] in path $['a'] but found 'null'."),
    ],
)
def test_putting_where_there_is_no_place_is_an_error(path: str, value: Any, detail: str) -> None:
    with pytest.raises(PathError) as caught:
        compile_reference_path(path).put(value, "new")
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    "path",
    [
        "$.*",
        "$..a",
        "$.a[*]",
        "$.a[0:1]",
        "$.a[0,1]",
        "$['a','b']",
        "$.a[?(@.b)]",
        "$$.a",
        "$a",
        "a",
        "$.a b",
        "$.a.length()",
    ],
)
def test_what_is_no_reference_path_is_refused(path: str) -> None:
    with pytest.raises(PathSyntaxError):
        compile_reference_path(path)


def test_getting_reads_like_a_path() -> None:
    assert compile_reference_path("$.a[1]").get({"a": [1, 2]}) == 2
    with pytest.raises(PathError, match="No results"):
        compile_reference_path("$.a").get({})


objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3),
    lambda children: st.dictionaries(st.sampled_from("abc"), children, max_size=3),
    max_leaves=10,
)


@given(objects, st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.integers())
def test_what_was_put_is_found_and_the_input_is_not_changed(value: Any, names: list[str], new: int) -> None:
    text = "$." + ".".join(names)
    path = compile_reference_path(text)
    before = copy.deepcopy(value)
    try:
        result = path.put(value, new)
    except PathError:
        assert "Expected to find an object" in str(path_error(path, value))
    else:
        assert path.get(result) == compile_path(text).find(result) == new
    assert value == before


def path_error(path: Any, value: Any) -> PathError:
    with pytest.raises(PathError) as caught:
        path.put(value, 0)
    return caught.value


def test_putting_shares_what_it_does_not_change() -> None:
    value = {"a": {"x": [1]}, "b": {"c": {}}}
    result = compile_reference_path("$.b.c.d").put(value, 1)
    assert result["a"] is value["a"]
