"""Documents: what the text of a value is, and that one which grew is the one that would have been written at once."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.language.document import Document, exceeds, merge_as_member, to_text
from stepwell.language.evaluation import PathError
from stepwell.language.jsonpath import compile_reference_path

names = st.sampled_from(["a", "b", 'with "quotes"', "ü\u2028\U0001f600", ""])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(names | st.text(), inner), max_leaves=8)


def document(value: Any, way: str) -> Document:
    """Return a document that somebody else wrote, with blanks, or one that was made here, and maybe written."""
    if way == "given":
        return Document(json.dumps(value))
    made = Document(None, value)
    if way == "written":
        assert made.text == to_text(value)
    return made


def documents(kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """Return documents of values, by whoever their texts are written."""
    return st.builds(document, kinds, st.sampled_from(["given", "made", "written"]))


@given(documents(st.dictionaries(names, values)), st.lists(st.tuples(names, documents(values)), min_size=1, max_size=6))
def test_a_text_that_grew_is_the_one_that_is_written_of_the_value(
    source: Document, members: list[tuple[str, Document]]
) -> None:
    """However often members are set, new ones and old ones, by whoever their texts were written."""
    expected = source.value
    for name, member in members:
        source = merge_as_member(name, compile_reference_path("$.x").put)(source, member)
        expected = {**expected, name: member.value}
        assert source.text == to_text(expected)
    assert source.value == expected


def test_setting_a_member_changes_neither_document() -> None:
    source, member = Document(None, {"a": [1]}), Document('{"x": 1}')
    before = source.text
    merged = merge_as_member("b", compile_reference_path("$.b").put)(source, member)
    assert merged.text == '{"a":[1],"b":{"x":1}}'
    assert (source.text, source.value, member.text) == (before, {"a": [1]}, '{"x": 1}')
    assert merged.value["a"] is source.value["a"]


@pytest.mark.parametrize("text", ["[1]", "null", '"a"', "3"])
def test_what_is_no_object_has_no_member_to_set(text: str) -> None:
    with pytest.raises(PathError, match="Expected to find an object with property"):
        merge_as_member("a", compile_reference_path("$.a").put)(Document(text), Document("1"))


def test_a_text_stays_as_it_was_given() -> None:
    document = Document('{ "a" : 1.0 }')
    assert document.value == {"a": 1.0}
    assert document.text == '{ "a" : 1.0 }'


@given(documents(values))
def test_a_document_that_went_to_another_process_is_the_same(document: Document) -> None:
    there = pickle.loads(pickle.dumps(document))
    assert (there.text, there.value) == (document.text, document.value)


@given(st.text(alphabet="aü€\U0001f600", max_size=12), st.integers(0, 40))
def test_a_text_is_measured_in_bytes(text: str, limit: int) -> None:
    assert exceeds(text, limit) == (len(text.encode()) > limit)
