"""Strings: parts of them, cases, padding, joining."""

import re
from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.text import to_string
from stepwell.language.jsonata.values import UNDEFINED, OuterSequence, whole

_BLANKS = re.compile(r"[ \t\n\r]+")


@native("string", "<x-b?:s>", arity=1)
def string(run: Run, arg: Any = UNDEFINED, prettify: Any = UNDEFINED) -> Any:
    """Cast a value to a string."""
    if type(arg) is OuterSequence:
        arg = arg[0]
    return UNDEFINED if arg is UNDEFINED else to_string(arg, run, prettify is True)


@native("substring", "<s-nn?:s>")
def substring(_run: Run, text: Any = UNDEFINED, start: Any = UNDEFINED, length: Any = UNDEFINED) -> Any:
    """Return a part of a text, by characters; a negative start counts from the end."""
    if text is UNDEFINED:
        return UNDEFINED
    size = len(text)
    start = 0 if start is UNDEFINED or size + start < 0 else start
    if length is UNDEFINED:
        return text[whole(start) :]
    if length <= 0:
        return ""
    end = start + length if start >= 0 else size + start + length
    return text[whole(start) : whole(end)]


@native("substringBefore", "<s-s:s>")
def substring_before(_run: Run, text: Any = UNDEFINED, chars: Any = UNDEFINED) -> Any:
    """Return what is before the first occurrence of a text, else the whole."""
    if text is UNDEFINED or chars is UNDEFINED:
        return text
    at = text.find(chars)
    return text if at < 0 else text[:at]


@native("substringAfter", "<s-s:s>")
def substring_after(_run: Run, text: Any = UNDEFINED, chars: Any = UNDEFINED) -> Any:
    """Return what is behind the first occurrence of a text, else the whole."""
    if text is UNDEFINED or chars is UNDEFINED:
        return text
    at = text.find(chars)
    return text if at < 0 else text[at + len(chars) :]


@native("lowercase", "<s-:s>")
def lowercase(_run: Run, text: Any = UNDEFINED) -> Any:
    """Return a text in lower case."""
    return UNDEFINED if text is UNDEFINED else text.lower()


@native("uppercase", "<s-:s>")
def uppercase(run: Run, text: Any = UNDEFINED) -> Any:
    """Return a text in upper case."""
    if text is UNDEFINED:
        return UNDEFINED
    result = text.upper()
    run.reserve_text(len(result))
    return result


@native("length", "<s-:n>")
def length(_run: Run, text: Any = UNDEFINED) -> Any:
    """Return how many characters a text has."""
    return UNDEFINED if text is UNDEFINED else len(text)


@native("trim", "<s-:s>")
def trim(_run: Run, text: Any = UNDEFINED) -> Any:
    """Return a text with single blanks in it and none around it."""
    if text is UNDEFINED:
        return UNDEFINED
    result = _BLANKS.sub(" ", text)
    return result.removeprefix(" ").removesuffix(" ")


@native("pad", "<s-ns?:s>")
def pad(run: Run, text: Any = UNDEFINED, width: Any = UNDEFINED, char: Any = UNDEFINED) -> Any:
    """Return a text filled up to a width: behind it, or with a negative width before it."""
    if text is UNDEFINED:
        return UNDEFINED
    if width is UNDEFINED:
        return text
    missing = whole(abs(width)) - len(text)
    if missing <= 0:
        return text
    run.reserve_text(whole(abs(width)))
    fill = " " if char is UNDEFINED or not char else char
    padding = (fill * (missing // len(fill) + 1))[:missing]
    return text + padding if width > 0 else padding + text


@native("join", "<a<s>s?:s>")
def join(run: Run, strs: Any = UNDEFINED, separator: Any = UNDEFINED) -> Any:
    """Return texts one behind the other, with a separator between them."""
    if strs is UNDEFINED:
        return UNDEFINED
    separator = "" if separator is UNDEFINED else separator
    run.reserve_text(sum(map(len, strs)) + len(separator) * len(strs))
    return separator.join(strs)
