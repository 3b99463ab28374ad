"""What the iterations of a Map are given that has an ItemBatcher: several items each, beside an input of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stepwell.language.definition import PathValue
from stepwell.language.document import to_text
from stepwell.language.evaluation import Expression
from stepwell.language.fields.jsonata import JsonataFields
from stepwell.language.fields.jsonpath import JsonPathFields


@dataclass(frozen=True, slots=True)
class Batcher:
    """An ItemBatcher: how much goes into a batch, each a number or where it is to be found, and what goes beside it."""

    most_items: int | PathValue | None
    most_bytes: int | PathValue | None
    input: Expression | None


def read_batcher(state: dict[str, Any], *, jsonata: bool) -> Batcher | None:
    """Return the ItemBatcher of a Map; None where it has none."""
    if "ItemBatcher" not in state:
        return None
    fields = (JsonataFields if jsonata else JsonPathFields)(state["ItemBatcher"])
    return Batcher(
        fields.number("MaxItemsPerBatch"), fields.number("MaxInputBytesPerBatch"), fields.template("BatchInput")
    )


def batches(items: list[Any], beside: dict[str, Any], most_items: int | None, most_bytes: int | None) -> list[Any]:
    """Return the inputs of the iterations. An item that is too large for any batch has one of its own."""
    room = None if most_bytes is None else most_bytes - len(to_text(beside | {"Items": []}).encode())
    return [beside | {"Items": batch} for batch in _split(items, most_items or len(items), room)]


def _split(items: list[Any], most: int, room: int | None) -> Iterator[list[Any]]:
    batch: list[Any] = []
    used = 0
    for item in items:
        size = 0 if room is None else len(to_text(item).encode()) + 1  # with the comma
        if batch and (len(batch) == most or (room is not None and used + size - 1 > room)):
            yield batch
            batch, used = [], 0
        batch.append(item)
        used += size
    if batch:
        yield batch
