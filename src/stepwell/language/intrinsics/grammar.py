r"""The grammar of intrinsic functions, compiled as it is read.

    call     = "States." name "(" argument,… ")"
    argument = call | path | "'" text "'" | number | true | false | null

In a text `\'`, `\{`, `\}` and `\\` stand for what follows the backslash, and no other escape exists.
"""

import re
from dataclasses import dataclass
from typing import Any

from stepwell.language.document import to_text
from stepwell.language.evaluation import Evaluation, Expression, PathError, StatesError
from stepwell.language.jsonpath import PathSyntaxError, read_path
from stepwell.language.jsonpath.cursor import Cursor, TextSyntaxError

from .arguments import FunctionFailure
from .table import FUNCTIONS, Function
from .texts import count_problem, fill

MAX_INTRINSIC_LENGTH = 100_000
MAX_NESTED_CALLS = 10
_PER_STEP: dict[type, int] = {str: 256, list: 1, dict: 1}
"""So many characters, items and members a function handles at a step."""

_NAME = re.compile(r"States\.[A-Za-z0-9]+")
_PLAIN = re.compile(r"[^'\\{]+")
_ESCAPED = re.compile(r"['{}\\]")
_CONSTANTS: dict[str | None, Any] = {"true": True, "false": False, "null": None}


class IntrinsicSyntaxError(TextSyntaxError):
    """A text that is no call of an intrinsic function. `position` counts characters from its start."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text in quotes, as what stands before, between and behind its gaps `{}`."""

    parts: list[str]


class IntrinsicGrammar(Cursor):
    """Reads one call, and collects the names of the variables in it."""

    error = IntrinsicSyntaxError

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.deep = 0
        self.variables: set[str] = set()

    def whole(self) -> Expression:
        """Read the call that the whole text is."""
        if len(self.text) > MAX_INTRINSIC_LENGTH:
            self.fail(f"An intrinsic function may have {MAX_INTRINSIC_LENGTH} characters at most")
        call = self.call()
        if self.at < len(self.text):
            self.fail("Unexpected text behind the intrinsic function")
        return call

    def call(self) -> Expression:
        """Read a call."""
        begin = self.at
        name = self.match(_NAME)
        if name is None or name not in FUNCTIONS:
            self.fail(f"Expected the name of an intrinsic function: {', '.join(FUNCTIONS)}", begin)
        self.deep += 1
        if self.deep > MAX_NESTED_CALLS:
            self.fail(f"Intrinsic functions may be nested {MAX_NESTED_CALLS} deep at most", begin)
        if not self.take("("):
            self.fail(f"Expected '(' behind '{name}'")
        arguments = self._arguments()
        self.deep -= 1
        function = FUNCTIONS[name]
        problem = function.count_problem(len(arguments))
        if problem:
            self.fail(f"{name} {problem}", begin)
        text = self.text[begin : self.at]
        if name == "States.Format" and isinstance(arguments[0], Template):
            return self._format(arguments[0].parts, arguments[1:], text, begin)
        return _call(function, text, [_expression(argument) for argument in arguments])

    def _arguments(self) -> list[Any]:
        arguments: list[Any] = []
        self.blanks()
        while not self.take(")"):
            if arguments:
                self.expect(",", "or ')' behind an argument")
                self.blanks()
            arguments.append(self._argument())
            self.blanks()
        return arguments

    def _argument(self) -> Any:
        """Return an expression, or the constant that stands here."""
        if self.sees("States."):
            return self.call()
        if self.sees("$"):
            return self._path()
        if self.take("'"):
            return self._template()
        number = self.number()
        if number is not None:
            return number
        begin = self.at
        word = self.word()
        if word not in _CONSTANTS:
            self.fail("Expected a path, a text in '…', a number, true, false, null or an intrinsic function", begin)
        return _CONSTANTS[word]

    def _path(self) -> Expression:
        try:
            path, end = read_path(self.text, self.at)
        except PathSyntaxError as error:
            self.fail(error.message, self.at + error.position)
        self.at = end
        self.variables |= path.variables
        return path.evaluate

    def _template(self) -> Template:
        begin = self.at - 1
        parts: list[str] = []
        pieces: list[str] = []
        while not self.take("'"):
            plain = self.match(_PLAIN)
            if plain is not None:
                pieces.append(plain)
            elif self.take("{}"):
                parts.append("".join(pieces))
                pieces.clear()
            elif self.take("\\"):
                pieces.append(self._escaped())
            elif self.take("{"):
                pieces.append("{")
            else:
                self.fail("The text that starts with ' is not closed", begin)
        return Template([*parts, "".join(pieces)])

    def _escaped(self) -> str:
        character = self.match(_ESCAPED)
        if character is None:
            self.fail(r"Only \', \{, \} and \\ are escapes", self.at - 1)
        return character

    def _format(self, parts: list[str], arguments: list[Any], text: str, begin: int) -> Expression:
        problem = count_problem(parts, len(arguments))
        if problem:
            self.fail(problem, begin)
        return _call(Function(lambda *values: fill(parts, list(values)), 0, None), text, [*map(_expression, arguments)])


def _steps(values: list[Any]) -> int:
    """Return about how many steps a function takes for its arguments."""
    steps = 1
    for value in values:
        per_step = _PER_STEP.get(type(value))
        if per_step is not None:
            steps += len(value) // per_step
    return steps


def _expression(argument: Any) -> Expression:
    constant = "{}".join(argument.parts) if isinstance(argument, Template) else argument
    return argument if callable(argument) else lambda _: constant


def _call(function: Function, text: str, arguments: list[Expression]) -> Expression:
    apply, draws = function.apply, function.draws

    def call(evaluation: Evaluation) -> Any:
        try:
            values = [argument(evaluation) for argument in arguments]
            evaluation.allowance.spend(_steps(values))
            return apply(evaluation.entropy, *values) if draws else apply(*values)
        except FunctionFailure as failure:
            raise StatesError("States.IntrinsicFailure", _cause(text, str(failure))) from None
        except RecursionError:
            raise StatesError("States.IntrinsicFailure", _cause(text, "An argument is nested too deep")) from None
        except PathError as error:
            raise StatesError("States.Runtime", _cause(text, _not_found(error, evaluation))) from None

    return call


def _cause(text: str, problem: str) -> str:
    return f"The function '{text}' had the following error: {problem}"


def _not_found(error: PathError, evaluation: Evaluation) -> str:
    seen = to_text(evaluation.input)
    return f"The JsonPath argument for the field '{error.path}' could not be found in the input '{seen}'"
