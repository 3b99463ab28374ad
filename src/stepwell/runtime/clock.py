"""Where time, chance and keys come from. The only place of the project that asks the system for them."""

import random
import time
import uuid
from typing import Protocol

_RANDOM_BITS = 20


class Clock(Protocol):
    """A clock that tests may replace."""

    def now(self) -> int:
        """Return milliseconds since the epoch; never less than what it returned before."""


class SystemClock:
    """The system's clock, kept from running backwards."""

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        """Return milliseconds since the epoch."""
        now = time.time_ns() // 1_000_000
        self._last = max(self._last, now)
        return self._last


class SystemEntropy:
    """The system's randomness."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return self._random.random()

    def uuid(self) -> str:
        """Return a new UUID."""
        return str(uuid.uuid4())


class Keys:
    """Makes the keys of rows: they grow with time, and those of several nodes hardly ever meet."""

    def __init__(self, clock: Clock, newest: int) -> None:
        self._clock = clock
        self._last = newest

    def next(self) -> int:
        """Return a key above all before."""
        fresh = (self._clock.now() << _RANDOM_BITS) | random.getrandbits(_RANDOM_BITS)
        self._last = max(fresh, self._last + 1)
        return self._last
