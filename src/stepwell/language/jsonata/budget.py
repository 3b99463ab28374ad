"""What one evaluation may use up, and where that is counted.

Nothing in an expression may run away: a call and an item of a step cost a step each, what is made or copied costs by
its size, the nesting of calls has a bound, and so has everything that grows (sequences, strings). The bounds are AWS's
own as measured: about 100 levels, 6,990,256 bytes for a value, at 8 bytes an item.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stepwell.language.evaluation import Entropy
from stepwell.language.jsonata.errors import DEPTH, MEMORY, STEPS, exhausted
from stepwell.language.jsonata.values import UNDEFINED, KeptSequence, Sequence, plain

MAX_VALUE_BYTES = 6_990_256
CHARACTERS_PER_STEP = 64
COPIED_PER_STEP = 4
"""So many items go into a new sequence at a step. It takes less time than a step, and memory."""
MADE_PER_STEP = 2
"""So many items are made for a new sequence at a step: they take memory themselves."""
COMPARED_PER_STEP = 4_096
"""To compare so many characters of two texts takes no longer than one step."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The bounds of one evaluation: steps, levels of nesting, items of a sequence, characters of a string."""

    steps: int = 4_000_000
    depth: int = 100
    sequence: int = MAX_VALUE_BYTES // 8
    string: int = MAX_VALUE_BYTES


DEFAULT_BUDGET = Budget()


class Run:
    """One evaluation: what is left of its budget, and where it gets the time and chance from."""

    __slots__ = ("bindings", "budget", "depth", "entropy", "limit", "now_ms", "source", "steps", "unsettled")

    def __init__(
        self, budget: Budget, bindings: Mapping[str, Any], entropy: Entropy, now_ms: int, source: Any = UNDEFINED
    ) -> None:
        self.budget = budget
        self.steps = budget.steps
        self.limit = budget.depth
        self.depth = 0
        self.unsettled = False
        """Whether something was made that is no plain value, and may be in the result."""
        self.bindings = bindings
        self.entropy = entropy
        self.now_ms = now_ms
        self.source = source
        """The expression's own input."""

    def member(self, value: Any) -> Any:
        """Return a value that may be put into an object or an array; what counts as its item later stays a sequence."""
        kind = type(value)
        if kind is KeptSequence or (kind is Sequence and len(value) == 1):
            self.unsettled = True
            return value
        return plain(value)

    def spend(self, steps: int) -> None:
        """Use up steps; fail where none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise exhausted(STEPS)

    def too_deep(self) -> None:
        """Fail: there are more levels than there may be."""
        raise exhausted(DEPTH)

    def reserve(self, items: int, per_step: int = COPIED_PER_STEP) -> None:
        """Fail where a sequence of so many items is too long; else use up steps for them."""
        if items > self.budget.sequence:
            raise exhausted(MEMORY)
        self.steps -= items // per_step
        if self.steps < 0:
            raise exhausted(STEPS)

    def reserve_text(self, characters: int) -> None:
        """Fail where a string of so many characters is too long; else use up steps for them."""
        if characters > self.budget.string:
            raise exhausted(MEMORY)
        self.spend(characters // CHARACTERS_PER_STEP)

    def compare_texts(self, one: str, other: str) -> None:
        """Use up steps for a comparison of two texts, where they are so long that it takes time."""
        length = min(len(one), len(other))
        if length >= COMPARED_PER_STEP:
            self.spend(length // COMPARED_PER_STEP)
