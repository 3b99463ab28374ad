"""The intrinsic functions of JSONPath states: `States.Format('Hello, {}', $.name)`, each compiled once and then called.

`grammar` reads a call and compiles it; `table` says which functions there are; `arrays`, `texts` and `numbers` hold
them. They are pure: what is random comes from the evaluation's entropy, or from a seed by the generator that Java has.
"""

from stepwell.language.evaluation import Expression

from .grammar import IntrinsicGrammar, IntrinsicSyntaxError

__all__ = ["Intrinsic", "IntrinsicSyntaxError", "compile_intrinsic", "looks_like_intrinsic"]


class Intrinsic:
    """A compiled call."""

    __slots__ = ("evaluate", "text", "variables")

    def __init__(self, text: str, evaluate: Expression, variables: frozenset[str]) -> None:
        self.text = text
        self.evaluate = evaluate
        """Returns the value of the function; raises `StatesError` where an argument is missing or of the wrong kind."""
        self.variables = variables

    def __repr__(self) -> str:
        return f"Intrinsic({self.text!r})"


def compile_intrinsic(text: str) -> Intrinsic:
    """Return the call that `text` is, or raise `IntrinsicSyntaxError`."""
    grammar = IntrinsicGrammar(text)
    return Intrinsic(text, grammar.whole(), frozenset(grammar.variables))


def looks_like_intrinsic(text: str) -> bool:
    """Return whether a text is meant as an intrinsic function: it starts with `States.`."""
    return text.startswith("States.")
