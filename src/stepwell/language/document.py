"""A JSON value and its text, each made from the other when first asked for.

AWS passes the text of an input on as it was written until something changes the value: `["a", "b"]` stays with its
blank through a Succeed state, while what a state has computed is written compactly. Keeping the two together gives
the same histories, and a state that passes its input through costs neither parsing nor writing. One that only adds a
member to it has that member written, and put behind the text that is there.
"""

from collections.abc import Callable
from typing import Any

import msgspec

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode

_UNSET: Any = object()


def to_text(value: Any) -> str:
    """Return the compact JSON text of a value, with all characters beyond ASCII as they are."""
    return encode(value).decode()


def exceeds(text: str, limit: int) -> bool:
    """Return whether a text takes more than `limit` bytes of UTF-8: one that has no more than a quarter never does."""
    return len(text) > limit or not (text.isascii() or len(text.encode("utf-8", "surrogatepass")) <= limit)


class Document(msgspec.Struct, eq=False, gc=False):
    """A JSON value with its text: `Document(text)`, or `Document(None, value)`.

    Neither is ever changed in place: whoever changes a value makes a new document.
    """

    _given: str | None
    _value: Any = _UNSET
    written: str | None = None
    """The compact text, once it is known."""

    @property
    def text(self) -> str:
        """The JSON text: as it was given, else compact."""
        text = self._given
        if text is None:
            text = self.written
            if text is None:
                text = self.written = encode(self._value).decode()
        return text

    @property
    def value(self) -> Any:
        """The value, in Python's types. Raise `msgspec.DecodeError` where the text is not JSON."""
        value = self._value
        if value is _UNSET:
            value = self._value = decode(self._given)  # type: ignore[arg-type]
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        text = self._given or self.written
        return (Document, (text,)) if text else (Document, (None, self._value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Document({self.text!r})"


Merge = Callable[[Document, Document], Document]
"""Puts the second document's value into the first one's."""


def merge_by(put: Callable[[Any, Any], Any]) -> Merge:
    """Return what merges two documents as `put` merges their values."""
    return lambda source, result: Document(None, put(source.value, result.value))


def merge_as_member(name: str, put: Callable[[Any, Any], Any]) -> Merge:
    """Return what sets a member of an object; to what is no object, it does what `put` does."""
    behind = f",{to_text(name)}:"

    def merge(source: Document, result: Document) -> Document:
        value, member = source.value, result.value
        if type(value) is not dict:
            return Document(None, put(value, member))
        text = source.written
        if text is not None and value and name not in value:
            text = f"{text[:-1]}{behind}{result.written or to_text(member)}}}"
        else:
            text = None
        merged = value.copy()
        merged[name] = member
        return Document(text, merged, text)

    return merge
