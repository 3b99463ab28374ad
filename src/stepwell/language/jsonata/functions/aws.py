"""What AWS has added: `$partition`, `$range`, `$hash`, `$random`, `$uuid`, `$parse`."""

import hashlib
from math import floor, isfinite
from typing import Any

import msgspec

from stepwell.language.jsonata.budget import MADE_PER_STEP, Run
from stepwell.language.jsonata.errors import JsonataError
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.values import UNDEFINED, Sequence
from stepwell.language.jsonata.values import number as as_json

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_MULTIPLIER, _INCREMENT, _MASK = 0x5DEECE66D, 0xB, (1 << 48) - 1


@native("partition", "<an:a<a>>")
def partition(run: Run, array: Any = UNDEFINED, size: Any = UNDEFINED) -> Any:
    """Return an array in arrays of a size; the last may be shorter."""
    if array is UNDEFINED or size is UNDEFINED:
        return UNDEFINED
    if not isfinite(size) or floor(size) < 1:
        raise JsonataError("D3142", size)
    run.reserve(len(array))
    width = floor(size)
    return [list(array[at : at + width]) for at in range(0, len(array), width)]


@native("range", "<nnn:a<n>>")
def range_(run: Run, first: Any = UNDEFINED, last: Any = UNDEFINED, step: Any = UNDEFINED) -> Any:
    """Return the numbers from the first in steps up to the last, which is one of them where a step meets it."""
    if UNDEFINED in (first, last, step):
        return UNDEFINED
    if step == 0 or not all(map(isfinite, (first, last, step))):
        return []
    count = floor((last - first) / step) + 1
    if count <= 0:
        return []
    run.reserve(count, MADE_PER_STEP)
    return Sequence(as_json(first + step * at) for at in range(count))  # one number stands for itself: recorded


@native("hash", "<ss:s>")
def hash_(run: Run, data: Any = UNDEFINED, algorithm: Any = UNDEFINED) -> Any:
    """Return the digest of a text, in hexadecimal."""
    if data is UNDEFINED or algorithm is UNDEFINED:
        return UNDEFINED
    if algorithm not in _ALGORITHMS:
        raise JsonataError("D3143", algorithm)
    run.spend(len(data) // 64)
    return hashlib.new(_ALGORITHMS[algorithm], data.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


@native("random", "<n?:n>")
def random(run: Run, seed: Any = UNDEFINED) -> Any:
    """Return a number from 0 up to 1; the same one for the same seed, by the generator that Java has."""
    if seed is UNDEFINED:
        return run.entropy.random()
    state = (int(seed if isfinite(seed) else 0) ^ _MULTIPLIER) & _MASK
    state = (state * _MULTIPLIER + _INCREMENT) & _MASK
    high = state >> 22
    state = (state * _MULTIPLIER + _INCREMENT) & _MASK
    return as_json(((high << 27) + (state >> 21)) * 2.0**-53)


@native("uuid", "<:s>")
def uuid(run: Run) -> str:
    """Return a new UUID, version 4."""
    return run.entropy.uuid()


@native("parse", "<s-:x>")
def parse(run: Run, text: Any = UNDEFINED) -> Any:
    """Return the value of a JSON text."""
    if text is UNDEFINED:
        return UNDEFINED
    run.spend(len(text) // 8)
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise JsonataError("D3144", text) from None
