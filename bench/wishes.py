"""What is wished of the figures, as a table, and whether it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Figures = dict[str, dict[str, dict[str, float]]]
"""Measure -> server -> figure -> its median over the rounds."""


@dataclass(frozen=True)
class Wish:
    """A bound on one number, which is None where what it follows from was not measured."""

    text: str
    number: Callable[[Figures], float | None]
    at_least: float | None = None
    at_most: float | None = None
    aim: float | None = None

    def holds(self, number: float) -> bool:
        """Return whether a number is within the bound."""
        return (self.at_least is None or number >= self.at_least) and (self.at_most is None or number <= self.at_most)

    def bound(self) -> str:
        """Return the bound in words."""
        words = f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"
        return words if self.aim is None else f"{words}, aim {self.aim:g}"


def _figure(measure: str, figure: str) -> Callable[[Figures], float | None]:
    """Return what finds a figure of ours."""
    return lambda figures: figures.get(measure, {}).get("stepwell", {}).get(figure)


def _ratio(measure: str, figure: str, *, inverse: bool = False) -> Callable[[Figures], float | None]:
    """Return what divides our figure by moto's, or moto's by ours."""

    def ratio(figures: Figures) -> float | None:
        ours, theirs = (figures.get(measure, {}).get(server, {}).get(figure) for server in ("stepwell", "moto"))
        if not ours or not theirs:
            return None
        return theirs / ours if inverse else ours / theirs

    return ratio


def _to_own(measure: str, other: str, figure: str) -> Callable[[Figures], float | None]:
    """Return what divides a figure of ours by the one of another measure of ours."""
    dividend, divisor = _figure(measure, figure), _figure(other, figure)

    def ratio(figures: Figures) -> float | None:
        one, another = dividend(figures), divisor(figures)
        return one / another if one and another else None

    return ratio


WISHES = (
    Wish("chain: executions/s, in moto's", _ratio("chain", "executions_per_s"), at_least=40, aim=100),
    Wish("chain: transitions/s", _figure("chain", "transitions_per_s"), at_least=10_000),
    Wish("alone: moto's p50, in ours", _ratio("alone", "p50_ms", inverse=True), at_least=20),
    Wish("map: moto's p50, in ours", _ratio("map", "p50_ms", inverse=True), at_least=20),
    Wish(
        "jsonata chain: executions/s, in the chain's",
        _to_own("jsonata chain", "chain", "executions_per_s"),
        at_least=0.7,
    ),
    Wish("express: executions/s, in the chain's", _to_own("express", "chain", "executions_per_s"), at_least=3),
    Wish("express alone: p50, in that of alone", _to_own("express alone", "alone", "p50_ms"), at_most=0.5),
    Wish("beside hostile: p99, in that of steady", _to_own("beside hostile", "steady", "p99_ms"), at_most=2),
    Wish("machine: transitions/s of the chain", _figure("machine chain", "transitions_per_s"), at_least=50_000),
    Wish("start: first execution, s", _figure("start", "first_execution_s"), at_most=1.5),
    Wish("sqs sends: sends/s, in moto's", _ratio("sqs sends", "sends_per_s"), at_least=10),
    Wish("http waits: at once", _figure("http waits", "at_once"), at_least=500),
    Wish("http waits: peak memory, MiB", _figure("http waits", "peak_mib"), at_most=150),
    Wish("start: idle memory, in moto's", _ratio("start", "idle_mib"), at_most=0.5),
)


def _slower(measure: str, other: str) -> Callable[[Figures], float | None]:
    """Return what divides the time of another evaluator by ours."""

    def ratio(figures: Figures) -> float | None:
        ours, theirs = (figures.get(measure, {}).get(name, {}).get("us") for name in ("stepwell", other))
        return theirs / ours if ours and theirs else None

    return ratio


EXPRESSION_WISHES = tuple(
    Wish(f"{measure}: time of {other}, in ours", _slower(measure, other), at_least=1)
    for measure in ("simple path", "ten fields", "$map", "$sum")
    for other in ("jsonata2py", "jsonatapy", "jsonata-python", "quickjs")
)


def judged(figures: Figures, wishes: tuple[Wish, ...] = WISHES) -> list[dict[str, Any]]:
    """Return what became of each wish; `holds` is None where it could not be measured."""
    found = []
    for wish in wishes:
        number = wish.number(figures)
        holds = None if number is None else wish.holds(number)
        found.append({"wish": wish.text, "bound": wish.bound(), "measured": number, "holds": holds})
    return found
