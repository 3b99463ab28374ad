import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.evaluation import Evaluation, PathError
from stepwell.language.jsonpath import PathSyntaxError, compile_path, read_path
from stepwell.language.jsonpath.select import MAX_VISITS

VALUE: dict[str, Any] = {
    "a": {"b": [1, 2, {"c": 5}], "d": "text", "nothing": None},
    "items": [{"p": 1, "t": "a"}, {"p": 2, "t": "bb"}, {"q": 3}],
    "n": [3, 1, 2],
    "strange name": {"it's": 1, 'a "b"': 2, "back\\slash": 3},
    "input-value": 0,
}


class Entropy:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


def evaluation(**variables: Any) -> Evaluation:
    return Evaluation(VALUE, lambda: {"Execution": {"Id": "arn", "Input": {"x": 1}}}, variables, Entropy())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", VALUE),
        ("$.a.d", "text"),
        ("$.a.nothing", None),
        ("$['a']['d']", "text"),
        ('$["a"].d', "text"),
        ("$[ 'a' ].d", "text"),
        ("$.a.b[0]", 1),
        ("$.a.b[-1].c", 5),
        ("$.a.b[2]['c']", 5),
        ("$['strange name']['it\\'s']", 1),
        ("$['strange name']['a \"b\"']", 2),
        ("$['strange name']['back\\\\slash']", 3),
        ("$['strange name']['\\u0069t\\'s']", 1),
        ("$.input-value", 0),
        ("$['n', 'input-value', 'absent']", {"n": [3, 1, 2], "input-value": 0}),
    ],
)
def test_a_definite_path_yields_its_node(path: str, expected: Any) -> None:
    compiled = compile_path(path)
    assert compiled.definite
    assert compiled.find(VALUE) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.items[*].p", [1, 2]),
        ("$.items.*.p", [1, 2]),
        ("$.a.*", [[1, 2, {"c": 5}], "text", None]),
        ("$.items[1:].p", [2]),
        ("$.n[:1]", [3]),
        ("$.n[-2:]", [1, 2]),
        ("$.n[:-1]", [3, 1]),
        ("$.n[::2]", [3, 2]),
        ("$.n[::-1]", [2, 1, 3]),
        ("$.n[1:99]", [1, 2]),
        ("$.n[0,2]", [3, 2]),
        ("$.n[ 0 , -1 , 9 ]", [3, 2]),
        ("$.items[*]['p','t']", [{"p": 1, "t": "a"}, {"p": 2, "t": "bb"}, {}]),
        ("$['items','n'][0]", [{"p": 1, "t": "a"}, 3]),
        ("$..p", [1, 2]),
        ("$..['c']", [5]),
        ("$.a..[0]", [1]),
        ("$.a..*", [[1, 2, {"c": 5}], "text", None, 1, 2, {"c": 5}, 5]),
        ("$.n[*]", [3, 1, 2]),
    ],
)
def test_an_indefinite_path_yields_the_list_of_its_nodes(path: str, expected: list[Any]) -> None:
    compiled = compile_path(path)
    assert not compiled.definite
    assert compiled.find(VALUE) == expected


@pytest.mark.parametrize(
    "path",
    [
        "$[*]",
        "$.item.items[*]",
        "$.item.items[1:5]",
        "$.items[*].v",
        "$.items[1:]",
        "$.items[1:].v",
        "$..x",
        "$.y[?(@.z)]",
    ],
)
def test_an_indefinite_path_over_missing_parents_yields_an_empty_list(path: str) -> None:
    assert compile_path(path).find({}) == []


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("$.x", "No results for path: $['x']"),
        ("$.a.x", "No results for path: $['a']['x']"),
        ("$.a.x.y", "Missing property in path $['a']['x']"),
        ("$.no.such.path", "Missing property in path $['no']"),
        ("$.x[0]", "Missing property in path $['x']"),
        ("$.a.b[5]", "Index out of bounds when evaluating path $['a']['b'][5]"),
        ("$.a.b[-4]", "Index out of bounds when evaluating path $['a']['b'][-4]"),
        ("$.a.nothing[0]", "The path $['a']['nothing'] is null"),
        ("$.a.d[0]", 'Filter: [0] can only be applied to arrays. Current context is: "text"'),
        (
            "$.a.d.x",
            "Expected to find an object with property ['x'] in path $['a']['d'] but found 'java.lang.String'.",
        ),
        (
            "$.n.x",
            "Expected to find an object with property ['x'] in path $['n'] but found 'java.util.ArrayList'.",
        ),
        (
            "$.n['x','y']",
            "Expected to find an object with property ['x','y'] in path $['n'] but found 'java.util.ArrayList'.",
        ),
    ],
)
def test_a_definite_path_that_leads_nowhere_says_where_it_ends(path: str, detail: str) -> None:
    with pytest.raises(PathError) as caught:
        compile_path(path).find(VALUE)
    assert caught.value.detail == detail
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause == f"Invalid path '{path}' : {detail}"


def test_a_path_starts_from_input_context_or_variable() -> None:
    paths = [compile_path(text) for text in ("$.input-value", "$$.Execution.Input.x", "$name[1].y", "$$", "$name")]
    assert [path.root for path in paths] == ["$", "$$", "name", "$$", "name"]
    assert [path.variables for path in paths] == [set(), set(), {"name"}, set(), {"name"}]
    seen = evaluation(name=[0, {"y": 2}])
    assert [path.evaluate(seen) for path in paths] == [0, 1, 2, dict(seen.context()), [0, {"y": 2}]]
    assert compile_path("$$..Id").evaluate(seen) == ["arn"]


def test_an_unassigned_variable_is_a_path_error() -> None:
    with pytest.raises(PathError, match=r"The variable '\$absent' has not been assigned"):
        compile_path("$absent.x").evaluate(evaluation())


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ("", 0),
        ("a", 0),
        ("$.", 2),
        ("$..", 3),
        ("$.a.", 4),
        ("$[", 1),
        ("$['a'", 5),
        ("$['a", 2),
        ("$['a',]", 6),
        ("$.a[]", 3),
        ("$.a[b]", 3),
        ("$.a[0,]", 6),
        ("$.a[::0]", 3),
        ("$.a b", 3),
        ("$.a b.c", 3),
        ("$x-y", 2),
        ("$$x", 2),
        ("$.a)", 3),
        ("$.a[?(@.b]", 9),
        ("$.a[?@.b]", 5),
        ("$.a[?(@.b ==)]", 12),
        ("$.a[?(@.b ~ 1)]", 10),
        ("$.a[?(@.b like 1)]", 10),
        ("$.a[?(1)]", 6),
        ("$.a[?(@.b == ['a' 'b'])]", 18),
        ("$.a[?(/x/ =~ @.b)]", 6),
        ("$.a[?(@.b =~ 'x')]", 6),
        ("$.a[?(@.b =~ /x)]", 13),
        ("$.a.unknown()", 4),
        ("$.a.length(1)", 4),
        ("$.a.index()", 4),
        ("$.a.length().x", 12),
        ("$..length()", 11),
        ("$" + ".a" * 101, 203),
        ("$." + "a" * 10_001, 0),
    ],
)
def test_what_is_no_path_is_refused_with_its_position(path: str, position: int) -> None:
    with pytest.raises(PathSyntaxError) as caught:
        compile_path(path)
    assert caught.value.message
    assert caught.value.position == position


def test_nesting_is_bounded() -> None:
    with pytest.raises(PathSyntaxError, match="nested 20 deep"):
        compile_path("$" + "[?(@.a" * 30 + ")]" * 30)
    with pytest.raises(PathSyntaxError, match="nested 20 deep"):
        compile_path("$[?(" + "!" * 5_000 + "@.a)]")
    with pytest.raises(PathSyntaxError, match="nested 20 deep"):
        compile_path("$[?(@.a == " + "[" * 3_000 + ")]")


def test_the_visits_of_one_evaluation_are_bounded() -> None:
    value: Any = 1
    for _ in range(12):
        value = [value] * 4
    with pytest.raises(PathError, match=f"more than {MAX_VISITS} nodes"):
        compile_path("$..*..*..*").find([value])
    with pytest.raises(PathError, match=f"more than {MAX_VISITS} nodes"):
        compile_path("$[?(@ in $)]").find(list(range(2_000)))


def test_a_path_inside_a_longer_text_ends_where_its_grammar_ends() -> None:
    text = "f($.a[?(@.x == ')' && @.y in [1, 2])].b, $$.c)"
    first, end = read_path(text, 2)
    second, last = read_path(text, end + 2)
    assert (first.text, text[end]) == ("$.a[?(@.x == ')' && @.y in [1, 2])].b", ",")
    assert (second.text, text[last]) == ("$$.c", ")")


names = st.text(st.characters(codec="utf-8", exclude_characters="'\\"), min_size=1, max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(names, children, max_size=4),
    max_leaves=20,
)


def leaves(value: Any, keys: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    children = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    return [(keys, value)] + [leaf for key, child in children for leaf in leaves(child, (*keys, key))]


@given(values)
def test_a_definite_path_equals_plain_indexing(value: Any) -> None:
    for keys, node in leaves(value):
        text = "$" + "".join(f"[{key}]" if isinstance(key, int) else f"['{key}']" for key in keys)
        assert compile_path(text).find(value) is node


@given(
    values, st.sampled_from(["$..*", "$..[?(@.a)]", "$[*]", "$['a','b']", "$[::-1]", "$.append(1)", "$..a.length()"])
)
def test_a_path_never_changes_its_input(value: Any, text: str) -> None:
    before = copy.deepcopy(value)
    try:
        compile_path(text).find(value)
    except PathError:
        assert compile_path(text).definite
    assert value == before


@given(values)
def test_a_deep_scan_finds_every_node_but_the_root(value: Any) -> None:
    assert len(compile_path("$..*").find(value)) == len(leaves(value)) - 1


@given(st.text(alphabet="$.[]()?@'\"*:,0123ab =<>!&|/~\\", max_size=30))
def test_any_text_is_a_path_or_a_syntax_error(text: str) -> None:
    position, path = 0, None
    try:
        path = compile_path("$" + text)
    except PathSyntaxError as error:
        position = error.position
    assert 0 <= position <= len(text) + 1
    assert path is None or path.text == "$" + text
