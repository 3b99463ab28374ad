r"""Sets of characters: a class `[a-z\d]`, an escape `\w`, a single character without regard to case."""

DIGITS = [(0x30, 0x39)]
WORD = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]
SPACE = [
    (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
    (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
]  # fmt: skip
LINE_ENDS = "\n\r\u2028\u2029"
LAST = 0x10FFFF
MAX_KNOWN = 2_000

Ranges = list[tuple[int, int]]


def canonical(character: str) -> str:
    """Return the character that all its cases share, as ECMAScript compares them."""
    upper = character.upper()
    if len(upper) != 1 or (ord(upper) < 128 <= ord(character)):
        return character
    return upper


def inverted(ranges: Ranges) -> Ranges:
    """Return the ranges of all other characters."""
    result, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            result.append((start, low - 1))
        start = max(start, high + 1)
    if start <= LAST:
        result.append((start, LAST))
    return result


class CharSet:
    """A set of characters; which of those it has met are in it is remembered."""

    __slots__ = ("_folded", "_known", "_negated", "_ranges")

    def __init__(self, ranges: Ranges, negated: bool = False, ignore_case: bool = False) -> None:
        self._ranges = ranges
        self._negated = negated
        self._folded = ignore_case
        self._known: dict[str, bool] = {}

    def __contains__(self, character: str) -> bool:
        known = self._known.get(character)
        if known is None:
            known = self._has(character) is not self._negated
            if len(self._known) < MAX_KNOWN:
                self._known[character] = known
        return known

    def _has(self, character: str) -> bool:
        forms = {character}
        if self._folded:
            same = canonical(character)
            forms = {form for form in {character, same, same.lower(), character.lower()} if len(form) == 1}
            forms = {form for form in forms if canonical(form) == same}
        return any(low <= ord(form) <= high for form in forms for low, high in self._ranges)


ANY = CharSet([(ord(end), ord(end)) for end in LINE_ENDS], negated=True)
