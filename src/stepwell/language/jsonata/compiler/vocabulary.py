"""The words of the source that is written: what it may name beside its own names and constants."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import (
    HOLE,
    Lambda,
    chained,
    invoke,
    leave,
    located,
    misnamed,
    partially,
)
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.booleans import truth
from stepwell.language.jsonata.operations import (
    NUMBERS,
    arithmetic,
    compared,
    concatenated,
    different,
    included,
    negated,
    numbers_between,
    same,
)
from stepwell.language.jsonata.predicates import item_at, keeps
from stepwell.language.jsonata.result import finish
from stepwell.language.jsonata.values import (
    EXACT,
    UNDEFINED,
    Constructed,
    Numbers,
    OuterSequence,
    Sequence,
    collapse,
    keep_array,
    keep_steps,
    plain,
)
from stepwell.language.jsonata.variables import find
from stepwell.language.jsonata.walking import (
    descendants,
    field,
    follow,
    follow_variable,
    gathered,
    members,
    name_step,
    reached,
    reached_from,
    together,
)

VOCABULARY: dict[str, Any] = {
    word.__name__: word
    for word in (
        Constructed, JsonataError, Lambda, Numbers, OuterSequence, Run, Sequence, arithmetic, chained, collapse,
        compared, concatenated, descendants, dict, different, enumerate, field, find, finish, float, follow,
        follow_variable, gathered, included, int, invoke, isinstance, item_at, keep_array, keep_steps, keeps, leave,
        len, list, located, map, members, misnamed, name_step, negated, numbers_between, partially, plain, range,
        reached, reached_from, same, together, truth, tuple, type,
    )
} | {"EXACT": EXACT, "HOLE": HOLE, "NUMBERS": NUMBERS, "UNDEFINED": UNDEFINED}  # fmt: skip
