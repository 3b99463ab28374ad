"""A JSON value and its text, each made from the other when first asked for.

AWS passes the text of an input on as it was written until something changes the value: `["a", "b"]` stays with its
blank through a Succeed state, while what a state has computed is written compactly. Keeping the two together gives
the same histories, and a state that passes its input through costs neither parsing nor writing.
"""

from typing import Any

import msgspec

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode

_UNSET: Any = object()


def to_text(value: Any) -> str:
    """Return the compact JSON text of a value, with all characters beyond ASCII as they are."""
    return encode(value).decode()


def exceeds(text: str, limit: int) -> bool:
    """Return whether a text takes more than `limit` bytes of UTF-8."""
    length = len(text)
    if length * 4 <= limit or (length <= limit and text.isascii()):
        return False
    return length > limit or len(text.encode("utf-8", "surrogatepass")) > limit


class Document(msgspec.Struct, eq=False, gc=False):
    """A JSON value with its text: `Document(text)`, or `Document(None, value)`.

    Neither is ever changed in place: whoever changes a value makes a new document.
    """

    _text: str | None
    _value: Any = _UNSET

    @property
    def text(self) -> str:
        """The JSON text: as it was written, else compact."""
        text = self._text
        if text is None:
            text = self._text = encode(self._value).decode()
        return text

    @property
    def value(self) -> Any:
        """The value, in Python's types. Raise `msgspec.DecodeError` where the text is not JSON."""
        value = self._value
        if value is _UNSET:
            value = self._value = decode(self._text)  # type: ignore[arg-type]
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return (Document, (None, self._value)) if self._text is None else (Document, (self._text,))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Document({self.text!r})"
