"""Where time, chance and keys come from. The only place of the project that asks the system for them."""

import hmac
import random
import time
import uuid
from typing import Protocol

_VERSION_7 = 0x7 << 76 | 0x2 << 62
_BY_CHANCE = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)
"""The bits of a UUID of version 7 that are neither the time nor the version and the variant."""


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
        if now < self._last:
            return self._last
        self._last = now
        return now


def time_ordered_uuid(now: int) -> str:
    """Return a UUID (version 7) that grows with time: in an index, new ones come where the last ones are."""
    number = now << 80 | random.getrandbits(80) & _BY_CHANCE | _VERSION_7
    digits = number.to_bytes(16).hex()  # a UUID object would take twice as long
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


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


class SeededEntropy:
    """Randomness that follows from a seed, and that nobody can foresee who doesn't have it."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return (self._draw() >> 75) / (1 << 53)

    def uuid(self) -> str:
        """Return a new UUID."""
        return str(uuid.UUID(int=self._draw(), version=4))

    def _draw(self) -> int:
        self._drawn += 1
        return int.from_bytes(hmac.digest(self._seed, self._drawn.to_bytes(8), "sha256")[:16])


class Keys:
    """Makes the keys of rows: the milliseconds where there is time, else one above the last. They grow with time."""

    def __init__(self, clock: Clock, newest: int) -> None:
        self._clock = clock
        self._last = newest

    def next(self) -> int:
        """Return a key above all before."""
        self._last = max(self._clock.now(), self._last + 1)
        return self._last
