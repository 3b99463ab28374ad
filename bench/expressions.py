"""What a JSONata expression costs here, and with other evaluators for Python, measured in the same run.

    .venv/bin/python bench/expressions.py [--rounds 7] [--check]

Each evaluator compiles an expression once and evaluates it over plain Python values, as an engine has to; only what
JSON can't avoid is converted. They take turns, round by round, and the figures are the medians of their CPU time. An
evaluator that is not installed is left out; the end of the output says how to install it.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import report
from wishes import EXPRESSION_WISHES, Figures, judged

from stepwell.language.jsonata import compile_jsonata

BATCH_SECONDS = 0.02
OURS = "stepwell"
AHEAD = "jsonatapy, converted"
"""What is given its data beforehand, in a form of its own, is no fair candidate: an engine has values of Python."""

Evaluate = Callable[[], Any]


@dataclass(frozen=True)
class Workload:
    """An expression with its data, and the value that is right."""

    title: str
    text: str
    data: Any
    right: Any


@dataclass(frozen=True)
class Candidate:
    """An evaluator: the package that it needs, and what makes it ready to evaluate a text over some data."""

    package: str
    ready: Callable[[str, Any], Evaluate]


def workloads() -> list[Workload]:
    """Return what is measured: what expressions of state machines are made of."""
    fields = {f"field{n}": n for n in range(10)}
    small = {"order": {"id": "o-1", "customer": {"name": "A. Customer", **fields}}}
    items = [{"sku": f"s-{n}", "price": n % 90 + 0.25, "quantity": n % 7 + 1} for n in range(1_000)]
    ten = ", ".join(f'"{name}": order.customer.{name}' for name in fields)
    each = "$map(items, function($item) { $item.price * $item.quantity })"
    made = "$map(items, function($item) { {'sku': $item.sku, 'total': $item.price * $item.quantity} })"
    totals = [item["price"] * item["quantity"] for item in items]
    return [
        Workload("simple path", "order.customer.name", small, "A. Customer"),
        Workload("ten fields", f"{{{ten}}}", small, fields),
        Workload("$map", each, {"items": items}, totals),
        Workload("$sum", "$sum(items.price)", {"items": items}, sum(item["price"] for item in items)),
        Workload(
            "$map of objects",
            made,
            {"items": items},
            [{"sku": item["sku"], "total": total} for item, total in zip(items, totals, strict=True)],
        ),
        Workload("filter", "items[quantity > 3].sku", {"items": items}, [i["sku"] for i in items if i["quantity"] > 3]),
    ]


class _NoEntropy:
    def random(self) -> float:
        return 0.5

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


def _ours(text: str, data: Any) -> Evaluate:
    expression, entropy = compile_jsonata(text), _NoEntropy()
    return lambda: expression({}, entropy=entropy, now_ms=0, input=data)


def _jsonata2py(text: str, data: Any) -> Evaluate:
    expression = import_module("jsonata2py").compile(text)
    return lambda: expression.evaluate(data)


def _jsonatapy(text: str, data: Any) -> Evaluate:
    expression = import_module("jsonatapy").compile(text)
    return lambda: expression.evaluate(data)


def _jsonatapy_ahead(text: str, data: Any) -> Evaluate:
    package = import_module("jsonatapy")
    expression, converted = package.compile(text), package.JsonataData(data)
    return lambda: expression.evaluate_with_data(converted)


def _jsonata_python(text: str, data: Any) -> Evaluate:
    expression = import_module("jsonata.jsonata").Jsonata(text)
    return lambda: expression.evaluate(data)


def _quickjs(text: str, data: Any) -> Evaluate:
    """Make the reference implementation ready in quickjs; it is asked and answers in JSON."""
    context = import_module("quickjs").Context()
    context.eval(_reference())
    context.eval(f"var answer, e = jsonata({json.dumps(text)});")
    context.eval("function ask(t) { e.evaluate(JSON.parse(t)).then(v => { answer = JSON.stringify(v); }); }")
    ask = context.get("ask")

    def evaluate() -> Any:
        ask(json.dumps(data))
        while context.execute_pending_job():
            pass
        return json.loads(context.get("answer"))

    return evaluate


def _reference() -> str:
    """Return the text of the reference implementation, which the tests have installed."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    package = import_module("language.jsonata.fuzz").reference_package()
    if package is None:
        raise ImportError("Node and npm, for the reference implementation")
    return str((package / "jsonata.min.js").read_text(encoding="utf-8"))


CANDIDATES = {
    OURS: Candidate("", _ours),
    "jsonata2py": Candidate("jsonata2py", _jsonata2py),
    "jsonatapy": Candidate("jsonatapy", _jsonatapy),
    AHEAD: Candidate("jsonatapy", _jsonatapy_ahead),
    "jsonata-python": Candidate("jsonata-python", _jsonata_python),
    "quickjs": Candidate("quickjs", _quickjs),
}


def _seconds(evaluate: Evaluate, count: int) -> float:
    begun = time.process_time()
    for _ in range(count):
        evaluate()
    return time.process_time() - begun


def _batch(evaluate: Evaluate) -> int:
    """Return how many evaluations take long enough to be measured."""
    count = 1
    while _seconds(evaluate, count) < BATCH_SECONDS:
        count *= 2
    return count


def measure(workload: Workload, names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Return the microseconds of one evaluation, by evaluator: medians of rounds in which they took turns."""
    evaluates = {name: CANDIDATES[name].ready(workload.text, workload.data) for name in names}
    for name, evaluate in evaluates.items():
        assert evaluate() == workload.right, f"{name}: {workload.title}"
    counts = {name: _batch(evaluate) for name, evaluate in evaluates.items()}
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(_seconds(evaluates[name], counts[name]) / counts[name])
    return {name: {"us": median(times) * 1e6} for name, times in found.items()}


def _missing() -> dict[str, str]:
    """Return the evaluators that can't be measured, with what they need."""
    missing = {}
    for name, candidate in CANDIDATES.items():
        try:
            candidate.ready("1", {})
        except ImportError as error:
            missing[name] = candidate.package if error.name else str(error)
    return missing


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description="what a JSONata expression costs, here and elsewhere")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="end with status 1 unless all that is wished holds")
    options = parser.parse_args()
    missing = _missing()
    names = [name for name in CANDIDATES if name not in missing]
    figures = {workload.title: measure(workload, names, options.rounds) for workload in workloads()}
    wishes = judged(figures, EXPRESSION_WISHES)
    print("\n\n".join([_table(figures, names), report.wishes(wishes)]))
    for name, needed in missing.items():
        print(f"\n{name} was not measured: it needs {needed} (pip install, beside Stepwell)", file=sys.stderr)
    return int(options.check and any(wish["holds"] is False for wish in wishes))


def _table(figures: Figures, names: list[str]) -> str:
    """Return the figures as a table in Markdown, one row for each expression."""
    rows = [["us each", *names], ["---", *["--:"] * len(names)]]
    rows += [[title, *(f"{figures[title][name]['us']:,.2f}" for name in names)] for title in figures]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
