"""The statements of queries.sql, by name."""

import re
from collections.abc import Iterator
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)
_INCLUDED = re.compile(r"\{(\w+)\}")
_ROWS = re.compile(r"\{rows of (\d+)\}")

ROWS_AT_ONCE = 64
"""At most so many rows go into one run of a statement. A power of two: each power below it is a prepared statement."""


class Query:
    """One statement. Where it takes rows, `columns` says how many parameters a row has; else it is 0."""

    __slots__ = ("_by_rows", "columns", "text")

    def __init__(self, text: str) -> None:
        found = _ROWS.search(text)
        self.columns = int(found[1]) if found else 0
        self.text = text
        self._by_rows: dict[int, str] = {}
        if found:
            row = f"({', '.join('?' * self.columns)})"
            for exponent in range(ROWS_AT_ONCE.bit_length()):
                rows = 1 << exponent
                self._by_rows[rows] = text.replace(found[0], ", ".join([row] * rows))

    def runs(self, parameters: list[object]) -> Iterator[tuple[str, int, list[object]]]:
        """Yield the runs that write these rows: text, number of rows, parameters."""
        columns = self.columns
        if not columns:
            yield self.text, 1, parameters
            return
        rows = len(parameters) // columns
        if rows in self._by_rows:
            yield self._by_rows[rows], rows, parameters
            return
        start = 0
        while rows:
            size = min(1 << (rows.bit_length() - 1), ROWS_AT_ONCE)
            end = start + size * columns
            yield self._by_rows[size], size, parameters[start:end]
            rows -= size
            start = end


def _load() -> dict[str, Query]:
    source = (files(__package__) / "queries.sql").read_text("utf-8")
    pieces = _NAME.split(source)[1:]
    texts = {name: _COMMENT.sub("", text).strip() for name, text in zip(pieces[::2], pieces[1::2], strict=True)}
    return {name: Query(_INCLUDED.sub(lambda found: texts[found[1]], text)) for name, text in texts.items()}


QUERIES = _load()


def text(name: str) -> str:
    """Return the text of a statement that takes no rows."""
    return QUERIES[name].text
