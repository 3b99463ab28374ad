"""A regular expression as JSONata sees it: a function from a text to its first match, which knows the next one."""

from typing import Any

from stepwell.language.jsonata.budget import Run
from stepwell.language.jsonata.calling import Native
from stepwell.language.jsonata.errors import JsonataError, JsonataSyntaxError
from stepwell.language.jsonata.regex.matcher import Match, Matcher
from stepwell.language.jsonata.regex.parser import RegexError
from stepwell.language.jsonata.regex.program import Program
from stepwell.language.jsonata.values import UNDEFINED, Function


class RegexFunction(Function):
    """The function that `/pattern/flags` is."""

    __slots__ = ("_ignore_case", "_position", "_program", "source")

    def __init__(self, source: str, flags: str, position: int) -> None:
        self.source = source
        self._position = position
        self._ignore_case = "i" in flags
        try:
            self._program = Program(source, flags)
        except (RegexError, RecursionError) as error:
            raise JsonataSyntaxError("S0303", position, f"/{source}/: {error}") from None

    def matcher(self, text: str, run: Run) -> Matcher:
        """Return what matches one text."""
        return Matcher(self._program, self._ignore_case, text, run)

    def following(self, matcher: Matcher, text: str, match: Match) -> Match | None:
        """Return the match behind one; raise D1004 where it would be of nothing, again and again."""
        if match.end >= len(text):
            return None
        found = matcher.search(match.end)
        if found is not None and found.start == found.end:
            error = JsonataError("D1004", self.source)
            error.position = self._position
            raise error
        return found

    def call(self, run: Run, arguments: list[Any], _context: Any) -> Any:
        """Return the first match in a text as an object, or nothing."""
        text = arguments[0] if arguments else UNDEFINED
        if type(text) is not str:
            return UNDEFINED
        start = arguments[1] if len(arguments) > 1 and type(arguments[1]) is int else 0
        matcher = self.matcher(text, run)
        return self._result(matcher, text, matcher.search(start), run)

    def _result(self, matcher: Matcher, text: str, match: Match | None, run: Run) -> Any:
        if match is None:
            return UNDEFINED
        run.unsettled = True

        def following(run: Run) -> Any:
            return self._result(matcher, text, self.following(matcher, text, match), run)

        return {
            "match": text[match.start : match.end],
            "start": match.start,
            "end": match.end,
            "groups": [UNDEFINED if group is None else group for group in match.groups],
            "next": Native("next", following, [], None, 0),
        }
