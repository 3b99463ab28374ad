"""Matching: `$match`, `$contains`, `$replace`, `$split`, by a text, a regular expression or a function like one."""

from collections.abc import Iterator
from math import floor, log10
from typing import Any, NamedTuple

from stepwell.language.jsonata.budget import MADE_PER_STEP, Run
from stepwell.language.jsonata.calling import call_item
from stepwell.language.jsonata.errors import MEMORY, JsonataError, exhausted
from stepwell.language.jsonata.functions.registry import native
from stepwell.language.jsonata.regex.function import RegexFunction
from stepwell.language.jsonata.values import UNDEFINED, Function, Sequence, is_number, whole


class Found(NamedTuple):
    """A match, and the object by which a function sees it."""

    start: Any
    end: Any
    match: Any
    groups: list[Any]
    value: Any


def matches(run: Run, matcher: Any, text: str) -> Iterator[Found]:
    """Yield the matches of a regular expression, or of a function that answers as one does."""
    if type(matcher) is RegexFunction:
        yield from _regex_matches(run, matcher, text)
        return
    result = call_item(run, matcher, [text])
    while result is not UNDEFINED and result is not None:
        found = result if type(result) is dict else {}
        groups, following = found.get("groups"), found.get("next")
        proper = is_number(found.get("start")) or is_number(found.get("end"))
        if not (proper or isinstance(groups, list) or isinstance(following, Function)):
            raise JsonataError("T1010")
        start = found.get("start", 0)
        matched = found.get("match", "")
        yield Found(start, found.get("end", start), matched, groups if isinstance(groups, list) else [], result)
        if not isinstance(following, Function):
            raise JsonataError("T1006")
        result = call_item(run, following, [])


def _regex_matches(run: Run, regex: RegexFunction, text: str) -> Iterator[Found]:
    matcher = regex.matcher(text, run)
    match = matcher.search(0)
    while match is not None:
        matched = text[match.start : match.end]
        groups = [UNDEFINED if group is None else group for group in match.groups]
        value = {"match": matched, "start": match.start, "end": match.end, "groups": groups}
        yield Found(match.start, match.end, matched, groups, value)
        match = regex.following(matcher, text, match)


def _index(text: str, at: int) -> int:
    """Return an offset in UTF-16 code units, as the reference counts here."""
    if text.isascii():
        return at
    return at + sum(character > "\uffff" for character in text[:at])


@native("match", "<s-f<s:o>n?:a<o>>")
def match(run: Run, text: Any = UNDEFINED, matcher: Any = UNDEFINED, limit: Any = UNDEFINED) -> Any:
    """Return the matches of a regular expression in a text."""
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3040", limit, index=3)
    result = Sequence()
    if limit is not UNDEFINED and limit <= 0:
        return result
    run.unsettled = True
    for found in matches(run, matcher, text):
        index = _index(text, found.start) if type(found.start) is int else found.start
        result.append({"match": found.match, "index": index, "groups": found.groups})
        if limit is not UNDEFINED and len(result) >= limit:
            break
    return result


@native("contains", "<s-(sf):b>")
def contains(run: Run, text: Any = UNDEFINED, token: Any = UNDEFINED) -> Any:
    """Return whether a text or a regular expression is found in a text."""
    if text is UNDEFINED:
        return UNDEFINED
    if type(token) is str:
        return token in text
    if token is UNDEFINED:
        return "undefined" in text
    return next(matches(run, token, text), None) is not None


@native("replace", "<s-(sf)(sf)n?:s>")
def replace(
    run: Run, text: Any = UNDEFINED, pattern: Any = UNDEFINED, replacement: Any = UNDEFINED, limit: Any = UNDEFINED
) -> Any:
    """Return a text in which matches are replaced, all of them or the first few."""
    if text is UNDEFINED:
        return UNDEFINED
    if pattern == "":
        raise JsonataError("D3010", pattern, index=2)
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3011", limit, index=4)
    if limit is not UNDEFINED and limit <= 0:
        return text
    if type(pattern) is str:
        if type(replacement) is not str:
            raise JsonataError("D3012", replacement)
        count = text.count(pattern) if limit is UNDEFINED else min(text.count(pattern), -whole(-limit // 1))
        run.reserve_text(len(text) + count * (len(replacement) - len(pattern)))
        return text.replace(pattern, replacement, count)
    return _replace_matches(run, text, pattern, replacement, limit)


def _replace_matches(run: Run, text: str, pattern: Any, replacement: Any, limit: Any) -> str:
    parts: list[str] = []
    at, size = 0, len(text)
    for count, found in enumerate(matches(run, pattern, text), 1):
        if type(replacement) is str:
            inserted: Any = _substitute(replacement, found)
        else:
            inserted = call_item(run, replacement, [found.value])
            if type(inserted) is not str:
                raise JsonataError("D3012", inserted)
        parts += (text[at : found.start], inserted)
        size += len(inserted)
        if size > run.budget.string:
            raise exhausted(MEMORY)
        run.spend(1 + len(inserted) // 64)
        at = found.start + len(found.match)
        if limit is not UNDEFINED and count >= limit:
            break
    return "".join(parts) + text[at:]


def _substitute(replacement: str, found: Found) -> str:
    r"""Return a replacement with `$0`, `$1`, … and `$$` filled in."""
    result, at = "", 0
    groups = found.groups
    digits = floor(log10(len(groups))) + 1 if groups else 1
    while (dollar := replacement.find("$", at)) >= 0:
        result += replacement[at:dollar]
        at = dollar + 1
        if replacement.startswith("$", at):
            result += "$"
            at += 1
        elif replacement.startswith("0", at):
            result += found.match
            at += 1
        else:
            number = _digits(replacement[at : at + digits])
            if digits > 1 and number is not None and number > len(groups):
                number = _digits(replacement[at : at + digits - 1])
            if number is None:
                result += "$"
                continue
            if 0 < number <= len(groups) and groups[number - 1] is not UNDEFINED:
                result += groups[number - 1]
            at += len(str(number))
    return result + replacement[at:]


def _digits(text: str) -> int | None:
    size = 0
    while size < len(text) and text[size] in "0123456789":
        size += 1
    return int(text[:size]) if size else None


@native("split", "<s-(sf)n?:a<s>>")
def split(run: Run, text: Any = UNDEFINED, separator: Any = UNDEFINED, limit: Any = UNDEFINED) -> Any:
    """Return the parts of a text between separators, all of them or the first few."""
    if text is UNDEFINED:
        return UNDEFINED
    if limit is not UNDEFINED and limit < 0:
        raise JsonataError("D3020", limit, index=3)
    if limit is not UNDEFINED and limit <= 0:
        return []
    if separator is UNDEFINED:
        return [text]
    if type(separator) is str:
        run.reserve(len(text) if not separator else text.count(separator) + 1, MADE_PER_STEP)
        parts = text.split(separator) if separator else list(text)
        return parts if limit is UNDEFINED else parts[: whole(limit)]
    result: list[str] = []
    at, counted = 0, 0
    for found in matches(run, separator, text):
        if limit is not UNDEFINED and counted >= limit:
            return result
        result.append(text[at : found.start])
        at = found.end
        counted += 1
    if limit is UNDEFINED or counted < limit:
        result.append(text[at:])
    return result
