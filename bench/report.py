"""Figures as text, for people."""

from typing import Any

from wishes import Figures

_COLUMNS = {
    "executions_per_s": ("executions/s", ",.1f"),
    "transitions_per_s": ("transitions/s", ",.0f"),
    "p50_ms": ("p50 ms", ",.2f"),
    "p99_ms": ("p99 ms", ",.2f"),
    "cpu_ms_each": ("CPU ms each", ",.2f"),
    "memory_mib": ("MiB", ",.0f"),
    "strangers": ("strangers", ".2f"),
    "first_execution_s": ("first execution s", ".2f"),
    "idle_mib": ("idle MiB", ",.0f"),
}
MANY_STRANGERS = 0.25
"""Cores that others use; with more, the figures are worth little."""

_SHOWN = {True: "holds", False: "DOES NOT HOLD", None: "not measured"}


def line(made: dict[str, Any]) -> str:
    """Return one measure as a line."""
    shown = [f"{made[key]:{form}} {title}" for key, (title, form) in _COLUMNS.items() if key in made]
    return f"{made['measure']}, {made['server']}: {', '.join(shown)}"


def table(figures: Figures) -> str:
    """Return the medians as tables in Markdown, one for each set of columns."""
    tables: dict[tuple[str, ...], list[str]] = {}
    for measure, servers in figures.items():
        for server, found in servers.items():
            keys = tuple(key for key in _COLUMNS if key in found)
            cells = [measure, server, *(f"{found[key]:{_COLUMNS[key][1]}}" for key in keys)]
            tables.setdefault(keys, []).append(_row(cells))
    return "\n\n".join(
        "\n".join([_row(["measure", "server", *(_COLUMNS[key][0] for key in keys)]), _ruler(len(keys)), *rows])
        for keys, rows in tables.items()
    )


def wishes(judged: list[dict[str, Any]]) -> str:
    """Return what became of each wish as a table in Markdown."""
    rows = [_row(["wish", "bound", "measured", ""]), "|---|---|--:|---|"]
    for found in judged:
        number = found["measured"]
        shown = "" if number is None else f"{number:,.4g}" if number < 1_000 else f"{number:,.0f}"
        rows.append(_row([found["wish"], found["bound"], shown, _SHOWN[found["holds"]]]))
    return "\n".join(rows)


def doubt(figures: Figures) -> str:
    """Return what speaks against the figures, or nothing."""
    most = max((found.get("strangers", 0.0) for servers in figures.values() for found in servers.values()), default=0.0)
    if most <= MANY_STRANGERS:
        return ""
    return f"Others used up to {most:.1f} cores meanwhile. Measure again when the machine has nothing else to do."


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ruler(numbers: int) -> str:
    return "|---|---|" + "--:|" * numbers
