"""The grammar of the conditions in a filter: `@.price < 10 && (@.tag in ['a', 'b'] || !@.hidden)`.

condition = both ("||" both)*       both = single ("&&" single)*
single    = "!" single | "(" condition ")" | operand (operator operand)?
operand   = path | text | number | true | false | null | "[" operand,… "]" | "/" regular expression "/" flags
"""

import re
from abc import ABC, abstractmethod
from typing import Any

from .cursor import Cursor
from .operators import OPERATORS
from .pattern import Pattern, PatternError
from .syntax import All, Any_, Comparison, Condition, Exists, Literal, Not, Operand, PathSyntaxError, Query

_REGULAR_EXPRESSION = re.compile(r"/((?:\\.|[^\\/])*)/([a-zA-Z]*)", re.DOTALL)
_SIGNS = tuple(name for name in OPERATORS if not name.isalpha())
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


class ConditionGrammar(Cursor, ABC):
    """Reads conditions; how a path is read is up to the grammar of paths, which stands on this one."""

    error = PathSyntaxError

    def __init__(self, text: str, at: int = 0) -> None:
        super().__init__(text, at)
        self.deep = 0

    @abstractmethod
    def query(self) -> Query | None:
        """Read a path that starts with `@` or `$`."""

    @abstractmethod
    def nest(self) -> None:
        """Go one level down, where that is allowed."""

    def condition(self) -> Condition:
        """Read alternatives."""
        found = [self._both()]
        while self.take("||"):
            found.append(self._both())
        return found[0] if len(found) == 1 else Any_(tuple(found))

    def _both(self) -> Condition:
        found = [self._single()]
        while self.take("&&"):
            found.append(self._single())
        return found[0] if len(found) == 1 else All(tuple(found))

    def _single(self) -> Condition:
        self.blanks()
        if self.sees("!") and not self.sees("!="):
            self.take("!")
            self.nest()
            inner = self._single()
            self.deep -= 1
            return Not(inner)
        if self.take("("):
            self.nest()
            inner = self.condition()
            self.deep -= 1
            self.expect(")", "at the end of a condition in brackets")
            self.blanks()
            return inner
        return self._comparison()

    def _comparison(self) -> Condition:
        begin = self.at
        left = self.operand()
        self.blanks()
        operator = self._operator()
        if operator is None:
            if not isinstance(left, Query):
                self.fail("Expected an operator behind this value", begin)
            return Exists(left)
        right = self.operand()
        self.blanks()
        if (operator == "=~") != isinstance(right, Pattern) or isinstance(left, Pattern):
            self.fail("A regular expression stands to the right of =~, and nothing else does", begin)
        return Comparison(left, operator, right)

    def _operator(self) -> str | None:
        for sign in _SIGNS:
            if self.take(sign):
                return sign
        begin = self.at
        word = self.word()
        if word is None:
            return None
        if word.lower() not in OPERATORS:
            self.fail(f"The operator '{word}' is not known; there are {', '.join(OPERATORS)}", begin)
        return word.lower()

    def operand(self) -> Operand:
        """Read what an operator compares."""
        self.blanks()
        query = self.query()
        if query is not None:
            return query
        if self.sees("/"):
            return self._pattern()
        return Literal(self._literal())

    def _literal(self) -> Any:
        begin = self.at
        text = self.quoted()
        if text is not None:
            return text
        number = self.number()
        if number is not None:
            return number
        if self.take("["):
            return self._array()
        word = self.word()
        if word not in _CONSTANTS:
            self.fail("Expected a path, a text in quotes, a number, true, false, null or an array", begin)
        return _CONSTANTS[word]

    def _array(self) -> list[Any]:
        self.nest()
        items: list[Any] = []
        self.blanks()
        while not self.take("]"):
            if items:
                self.expect(",", "between the items of an array")
                self.blanks()
            items.append(self._literal())
            self.blanks()
        self.deep -= 1
        return items

    def _pattern(self) -> Pattern:
        begin = self.at
        match = _REGULAR_EXPRESSION.match(self.text, begin)
        if match is None:
            self.fail("The regular expression is not closed", begin)
        self.at = match.end()
        try:
            return Pattern(match[1].replace("\\/", "/"), match[2])
        except PatternError as error:
            self.fail(error.message, begin + 1 + error.position)
