"""The eighteen intrinsic functions: what each computes, and how many arguments it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import arrays, numbers, texts


@dataclass(frozen=True, slots=True)
class Function:
    """An intrinsic function. One that `draws` takes the entropy of the evaluation before its arguments."""

    apply: Callable[..., Any]
    least: int
    most: int | None
    draws: bool = False

    def count_problem(self, count: int) -> str | None:
        """Return what is wrong with so many arguments, or None."""
        if count >= self.least and (self.most is None or count <= self.most):
            return None
        if self.most is None:
            return f"takes {self.least} or more arguments but got {count}"
        wanted = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        return f"takes {wanted} argument(s) but got {count}"


FUNCTIONS: dict[str, Function] = {
    "States.Array": Function(arrays.make, 0, None),
    "States.ArrayPartition": Function(arrays.partition, 2, 2),
    "States.ArrayContains": Function(arrays.contains, 2, 2),
    "States.ArrayRange": Function(arrays.spread, 3, 3),
    "States.ArrayGetItem": Function(arrays.get_item, 2, 2),
    "States.ArrayLength": Function(arrays.length, 1, 1),
    "States.ArrayUnique": Function(arrays.unique, 1, 1),
    "States.Base64Encode": Function(texts.base64_encode, 1, 1),
    "States.Base64Decode": Function(texts.base64_decode, 1, 1),
    "States.Hash": Function(texts.hash_text, 2, 2),
    "States.Format": Function(texts.format_text, 1, None),
    "States.StringSplit": Function(texts.split, 2, 2),
    "States.StringToJson": Function(texts.string_to_json, 1, 1),
    "States.JsonToString": Function(texts.json_to_string, 1, 1),
    "States.JsonMerge": Function(texts.json_merge, 3, 3),
    "States.MathAdd": Function(numbers.add, 2, 2),
    "States.MathRandom": Function(numbers.random, 2, 3, draws=True),
    "States.UUID": Function(numbers.uuid, 0, 0, draws=True),
}
