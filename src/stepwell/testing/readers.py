"""What the reader of a Map has read, where a test says so: the data as it is at its source."""

import csv
import io
from collections.abc import Callable
from typing import Any

import msgspec

from stepwell.language.document import Document, decode
from stepwell.testing.refusal import TestRefused

MAX_ITEMS = 100_000


def read_items(state: dict[str, Any], data: str | None) -> Document | None:
    """Return the items that a Map's reader makes of the data; None where no data is given or nothing reads it."""
    reader = state.get("ItemReader")
    if reader is None:
        return None
    if data is None:
        return Document("[]")
    settings = reader.get("ReaderConfig", {})
    read = _READERS.get(settings.get("InputType", "JSON"), _json)
    try:
        items = read(data, settings)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, csv.Error):
        items = None
    if not isinstance(items, list):
        raise TestRefused("MapItemReaderData does not hold items of the InputType that the ItemReader has")
    most = settings.get("MaxItems")
    return Document(None, items[: most if isinstance(most, int) and most > 0 else MAX_ITEMS])


def has_pointer(state: dict[str, Any]) -> bool:
    """Return whether a Map's reader takes only what a pointer in the data leads to."""
    return "ItemsPointer" in state["ItemReader"].get("ReaderConfig", {})


def _json(data: str, settings: dict[str, Any]) -> Any:
    value = decode(data)
    for step in settings.get("ItemsPointer", "").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value.get(name) if isinstance(value, dict) else None
    return [{"Key": key, "Value": item} for key, item in value.items()] if isinstance(value, dict) else value


def _json_lines(data: str, _: dict[str, Any]) -> list[Any]:
    return [decode(line) for line in data.splitlines() if line.strip()]


def _csv(data: str, settings: dict[str, Any]) -> list[dict[str, str]]:
    delimiters = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
    rows = list(csv.reader(io.StringIO(data), delimiter=delimiters.get(settings.get("CSVDelimiter", "COMMA"), ",")))
    given = settings.get("CSVHeaders")
    headers = given if given is not None else (rows.pop(0) if rows else [])
    return [dict(zip(headers, row, strict=False)) for row in rows]


_READERS: dict[str, Callable[[str, dict[str, Any]], Any]] = {"JSON": _json, "JSONL": _json_lines, "CSV": _csv}
