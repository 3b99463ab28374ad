"""Numbers in English words, in Roman numerals and in letters, both ways."""

import re
from math import nan

_FEW = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
_ORDINALS = [
    "Zeroth",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
]
_DECADES = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"]
_MAGNITUDES = ["Thousand", "Million", "Billion", "Trillion"]
_ROMAN = [
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
]  # fmt: skip
_ROMAN_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_BETWEEN_WORDS = re.compile(r",\s|\sand\s|[\s\\-]")
MAX_ROMAN = 1_000_000


def _word_values() -> dict[str, int]:
    values = {word.lower(): value for words in (_FEW, _ORDINALS) for value, word in enumerate(words)}
    for index, word in enumerate(_DECADES):
        values[word.lower()] = (index + 2) * 10
        values[word.lower()[:-1] + "ieth"] = (index + 2) * 10
    values["hundredth"] = 100
    for index, word in enumerate(_MAGNITUDES):
        values[word.lower()] = values[word.lower() + "th"] = 10 ** ((index + 1) * 3)
    return values


WORD_VALUES = _word_values()


def to_words(value: int, ordinal: bool) -> str:
    """Return a number in words, each with a capital."""
    return _words(value, False, ordinal)


def _words(value: int, behind: bool, ordinal: bool) -> str:
    if value <= 19:
        return (" and " if behind else "") + (_ORDINALS if ordinal else _FEW)[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        words = (" and " if behind else "") + _DECADES[tens - 2]
        if rest:
            return words + "-" + _words(rest, False, ordinal)
        return words[:-1] + "ieth" if ordinal else words
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        words = (", " if behind else "") + _FEW[hundreds] + " Hundred"
    else:
        magnitude = min((len(str(value)) - 1) // 3, len(_MAGNITUDES))
        mantissa, rest = divmod(value, 10 ** (magnitude * 3))
        words = (", " if behind else "") + _words(mantissa, False, False) + " " + _MAGNITUDES[magnitude - 1]
    if rest:
        return words + _words(rest, True, ordinal)
    return words + "th" if ordinal else words


def from_words(text: str) -> float:
    """Return the number that words mean."""
    segments: list[float] = [0]
    for word in _BETWEEN_WORDS.split(text):
        value = WORD_VALUES.get(word, nan)
        if value < 100:
            top = segments.pop()
            if top >= 1000:
                segments.append(top)
                top = 0
            segments.append(top + value)
        else:
            segments.append(segments.pop() * value)
    return sum(segments)


def to_roman(value: int) -> str:
    """Return a number in Roman numerals, in lower case."""
    result = ""
    for size, numeral in _ROMAN:
        count, value = divmod(value, size)
        result += numeral * min(count, MAX_ROMAN)
    return result


def from_roman(text: str) -> float:
    """Return the number that upper case Roman numerals mean."""
    total: float = 0
    highest: float = 1
    for numeral in reversed(text):
        value = _ROMAN_VALUES.get(numeral, nan)
        if value < highest:
            total -= value
        else:
            highest = value
            total += value
    return total


def to_letters(value: int, first: str) -> str:
    """Return a number in letters: a, b, … z, aa, ab, and so on."""
    result = ""
    while value > 0:
        value, letter = divmod(value - 1, 26)
        result = chr(letter + ord(first)) + result
    return result


def from_letters(text: str, first: str) -> int:
    """Return the number that letters mean."""
    total = 0
    for letter in text:
        total = total * 26 + ord(letter) - ord(first) + 1
    return total
