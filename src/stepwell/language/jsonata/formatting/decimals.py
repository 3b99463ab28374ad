"""Decimals by pictures: `$formatNumber`."""

import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from math import isfinite

from stepwell.language.jsonata.formatting.pictures import DecimalPicture, Symbols, decimal_pictures
from stepwell.language.jsonata.functions.numbers import rounded
from stepwell.language.jsonata.text import number_text

MAX_PLACES = 100
PRECISION = 500


def format_number(value: float, picture: str, options: dict[str, str]) -> str:
    """Return a number's text by a picture."""
    symbols = Symbols(options)
    positive, negative = decimal_pictures(picture, symbols)
    chosen = positive if value >= 0 else negative
    if symbols.percent in chosen.picture:
        value *= 100
    elif symbols.per_mille in chosen.picture:
        value *= 1000
    mantissa, exponent = _scaled(value, chosen) if chosen.least_exponent else (value, None)
    places = min(chosen.most_fraction, MAX_PLACES)
    text = _fixed(rounded(mantissa, places), places, symbols)
    text = text.replace(".", symbols.decimal) if "." in text else text + symbols.decimal
    whole, _, fraction = text.partition(symbols.decimal)
    whole = whole.lstrip(symbols.zero).rjust(chosen.least_integer, symbols.zero)
    fraction = fraction.rstrip(symbols.zero).ljust(chosen.least_fraction, symbols.zero)
    text = _grouped(whole, chosen, symbols) + symbols.decimal + _grouped_fraction(fraction, chosen, symbols)
    if symbols.decimal not in chosen.picture or text.endswith(symbols.decimal):
        text = text[:-1]
    if exponent is not None:
        digits = _fixed(exponent, 0, symbols).rjust(chosen.least_exponent, symbols.zero)
        text += symbols.exponent + (symbols.minus if exponent < 0 else "") + digits
    return chosen.prefix + text + chosen.suffix


def _scaled(value: float, picture: DecimalPicture) -> tuple[float, int]:
    """Return a mantissa with as many digits as the picture has, and its exponent."""
    if value == 0 or not isfinite(value):
        return value, 0
    most, least = 10.0**picture.scale, 10.0 ** (picture.scale - 1)
    sign, mantissa, exponent = (-1 if value < 0 else 1), abs(value), 0
    while mantissa < least:
        mantissa *= 10
        exponent -= 1
    while mantissa > most:
        mantissa /= 10
        exponent += 1
    return sign * mantissa, exponent


def _fixed(value: float, places: int, symbols: Symbols) -> str:
    """Return a number with a fixed count of decimals, in the picture's own digits."""
    value = abs(value)
    if not isfinite(value) or value >= 10**21:
        text = number_text(value)
    else:
        with localcontext() as context:
            context.prec = PRECISION
            text = f"{Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    if symbols.zero == "0":
        return text
    return "".join(
        chr(min(ord(symbols.zero[:1]) + int(digit), sys.maxunicode)) if digit.isdigit() else digit for digit in text
    )


def _grouped(whole: str, picture: DecimalPicture, symbols: Symbols) -> str:
    if picture.every:
        for group in range((len(whole) - 1) // picture.every, 0, -1):
            at = len(whole) - group * picture.every
            whole = whole[:at] + symbols.grouping + whole[at:]
        return whole
    # A position beyond the digits counts from the end of the text, decimal separator and all, as the reference does.
    end, text = len(whole), whole + symbols.decimal
    for position in picture.integer_groups:
        at = end - position
        text = text[:at] + symbols.grouping + text[at:]
        end += 1
    return text.removesuffix(symbols.decimal)


def _grouped_fraction(fraction: str, picture: DecimalPicture, symbols: Symbols) -> str:
    for position in picture.fraction_groups:
        fraction = fraction[:position] + symbols.grouping + fraction[position:]
    return fraction
