"""The numbers of `java.util.Random`: AWS promises that a seed always gives the same ones, and these are what it gives.

A linear congruential generator of 48 bits; every number takes the upper bits of one or two steps.
"""

_MULTIPLIER = 0x5DEECE66D
_INCREMENT = 0xB
_MASK = (1 << 48) - 1


class JavaRandom:
    """A sequence of numbers that depends on its seed only, as Java's documentation lays down."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ _MULTIPLIER) & _MASK

    def _next(self, bits: int) -> int:
        """Return the next `bits` bits, as a number that is not negative."""
        self._state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return self._state >> (48 - bits)

    def next_int(self) -> int:
        """Return the next integer of 32 bits, with its sign."""
        number = self._next(32)
        return number - (1 << 32) if number >> 31 else number

    def next_below(self, bound: int) -> int:
        """Return the next number from 0 up to, but not including, a bound of at most 2^31."""
        if not 0 < bound <= 1 << 31:
            raise ValueError(f"a bound must be from 1 to 2147483648, not {bound}")
        number = self._next(31)
        if bound & (bound - 1) == 0:
            return (bound * number) >> 31
        # A number of the last, incomplete stretch would favour small results: Java draws again.
        while number - number % bound + bound - 1 >= 1 << 31:
            number = self._next(31)
        return number % bound

    def next_double(self) -> float:
        """Return the next number from 0.0 up to, but not including, 1.0."""
        high = self._next(26)
        return float((high << 27) + self._next(27)) * 2.0**-53
