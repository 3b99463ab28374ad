"""The grammar of paths: a recursive descent from the text to the parts of `syntax`.

path      = root step* call?              root = "$" | "$$" | "$" variable | (in a filter) "@"
step      = "." name | ".*" | ".." (name | "*" | bracket) | bracket
bracket   = "[" ( "*" | name-in-quotes,… | integer,… | slice | "?(" condition ")" ) "]"
call      = "." function "(" operand,… ")"
"""

import re

from .conditions import ConditionGrammar
from .functions import FUNCTIONS
from .syntax import (
    MAX_NESTING,
    MAX_PATH_LENGTH,
    MAX_STEPS,
    Call,
    Filter,
    Index,
    Indexes,
    Name,
    Names,
    Operand,
    Query,
    Route,
    Scan,
    Slice,
    Step,
    Wildcard,
)

_VARIABLE = re.compile(r"[^\W\d]\w{0,255}")
# Beside what ends every name: the comma and the bracket of a call around the path, and in a filter its operators.
_NAME = re.compile(r"[^\s.\[\](),'\"*]+")
_NAME_IN_FILTER = re.compile(r"[^\s.\[\](),'\"*=<>!&|~?]+")


class PathGrammar(ConditionGrammar):
    """Reads one path."""

    def path(self) -> tuple[str, Route]:
        """Read a path from its root on: "$", "$$" or the name of a variable, and the way from there."""
        begin = self.at
        if self.take("$$"):
            root = "$$"
        elif self.take("$"):
            root = self.match(_VARIABLE) or "$"
        else:
            self.fail("A path starts with '$'")
        route = self.route()
        if self.at - begin > MAX_PATH_LENGTH:
            self.fail(f"A path may have {MAX_PATH_LENGTH} characters at most", begin)
        return root, route

    def route(self) -> Route:
        """Read the steps behind a root, and the call of a function if there is one."""
        steps: list[Step] = []
        while True:
            if self.take(".."):
                steps.append(Scan())
                self._after_scan(steps)
            elif self.take("."):
                call = self._dotted(steps)
                if call is not None:
                    return Route(tuple(steps), call)
            elif self.take("["):
                steps.append(self._bracket())
            else:
                return Route(tuple(steps))
            if len(steps) > MAX_STEPS:
                self.fail(f"A path may have {MAX_STEPS} steps at most")

    def query(self) -> Query | None:
        """Read a path that starts with `@` or `$` in a filter."""
        if self.take("@"):
            return Query(self.route(), from_root=False)
        if self.take("$"):
            return Query(self.route(), from_root=True)
        return None

    def _after_scan(self, steps: list[Step]) -> None:
        if self.take("["):
            steps.append(self._bracket())
        elif self._dotted(steps) is not None:
            self.fail("A function cannot follow '..' directly")

    def _dotted(self, steps: list[Step]) -> Call | None:
        if self.take("*"):
            steps.append(Wildcard())
            return None
        begin = self.at
        name = self.match(_NAME_IN_FILTER if self.deep else _NAME)
        if name is None:
            self.fail("Expected a name, '*' or '[' here; a name with blanks or signs is written ['name']")
        if self.take("("):
            return self._call(name, begin)
        steps.append(Name(name))
        return None

    def _call(self, name: str, begin: int) -> Call:
        if name not in FUNCTIONS:
            self.fail(f"The path function '{name}' is not known; there are {', '.join(FUNCTIONS)}", begin)
        arguments: list[Operand] = []
        self.nest()
        self.blanks()
        while not self.take(")"):
            if arguments:
                self.expect(",", "between the arguments of a path function")
            arguments.append(self.operand())
            self.blanks()
        self.deep -= 1
        if self.sees(".") or self.sees("["):
            self.fail("A path function must be the last part of a path")
        problem = FUNCTIONS[name].check(len(arguments))
        if problem:
            self.fail(f"The path function '{name}' {problem}", begin)
        return Call(name, tuple(arguments))

    def _bracket(self) -> Step:
        begin = self.at - 1
        self.blanks()
        step: Step
        if self.take("*"):
            step = Wildcard()
        elif self.take("?"):
            step = self._filter()
        elif self.sees("'") or self.sees('"'):
            step = self._names()
        else:
            step = self._numbers(begin)
        self.expect("]", "at the end of a step in brackets")
        return step

    def _filter(self) -> Filter:
        self.expect("(", "behind the '?' of a filter")
        self.nest()
        condition = self.condition()
        self.deep -= 1
        self.expect(")", "at the end of a filter")
        return Filter(condition)

    def _names(self) -> Step:
        names = [self.quoted() or ""]
        self.blanks()
        while self.take(","):
            self.blanks()
            name = self.quoted()
            if name is None:
                self.fail("Expected a name in quotes")
            names.append(name)
            self.blanks()
        return Name(names[0]) if len(names) == 1 else Names(tuple(names))

    def _numbers(self, begin: int) -> Step:
        first = self.integer()
        self.blanks()
        if self.sees(":"):
            return self._slice(first, begin)
        if first is None:
            self.fail("Expected an index, a name in quotes, '*', a slice or a filter in the brackets", begin)
        indexes = [first]
        while self.take(","):
            index = self.integer()
            if index is None:
                self.fail("Expected an index")
            indexes.append(index)
            self.blanks()
        return Index(first) if len(indexes) == 1 else Indexes(tuple(indexes))

    def _slice(self, start: int | None, begin: int) -> Slice:
        self.take(":")
        stop = self.integer()
        self.blanks()
        step = self.integer() if self.take(":") else None
        if step == 0:
            self.fail("The step of a slice cannot be 0", begin)
        return Slice(slice(start, stop, step))

    def nest(self) -> None:
        """Go one level down, where that is allowed. The caller comes up again by `deep -= 1`."""
        self.deep += 1
        if self.deep > MAX_NESTING:
            self.fail(f"Filters, brackets and functions may be nested {MAX_NESTING} deep at most")
