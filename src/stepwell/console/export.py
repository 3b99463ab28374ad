"""An execution as one file: all of it as JSON, a page to read offline, or the picture of how it went."""

import html
from typing import Any

from stepwell.api.server import Server
from stepwell.console.beside import beside
from stepwell.console.events import compact
from stepwell.console.execution import Executions
from stepwell.console.finding import Found, find
from stepwell.console.request import Asked
from stepwell.console.stories import Stories, turns
from stepwell.graph import draw
from stepwell.graph.svg import to_svg
from stepwell.graph.text import safe_text
from stepwell.language.document import encode, to_text
from stepwell.language.timestamps import format_milliseconds as utc
from stepwell.runtime.evaluators.pool import Evaluators

FORMATS = {"json": b"application/json", "html": b"text/html; charset=utf-8", "svg": b"image/svg+xml; charset=utf-8"}
MOST_SHOWN = 2_000
"""Characters of the details of an event on the page; the JSON has them all."""

_STYLE = """:root{color-scheme:light dark}
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8884;padding:.25rem .5rem;text-align:left;
vertical-align:top}code,pre{font:12px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}th{font-weight:600}"""


class Exports:
    """Answers the call that exports."""

    def __init__(self, server: Server, stories: Stories, executions: Executions, evaluators: Evaluators) -> None:
        self._server = server
        self._stories = stories
        self._executions = executions
        self._evaluators = evaluators

    async def file(self, asked: Asked) -> tuple[str, bytes, bytes]:
        """Return (name, content type, content)."""
        form = asked.choice("format", tuple(FORMATS), "json")
        found = await find(self._server, asked.scope, asked.required("arn"))
        summary = await self._executions.summary(asked)
        if form == "svg":
            content = (await self._svg(summary)).encode()
        else:
            summary["events"] = await self._events(found)
            content = encode(summary) if form == "json" else _page(summary, await self._svg(summary)).encode()
        name = "".join(
            each if each.isascii() and (each.isalnum() or each in "-_.") else "_" for each in found.record.name
        )
        return f"{name or 'execution'}.{form}", FORMATS[form], content

    async def _svg(self, summary: dict[str, Any]) -> str:
        statuses = {path: state["status"] for path, state in summary["states"].items()}
        text = summary["definition"]
        svg: str = await beside(self._evaluators, len(text), _drawn, text, statuses, summary["execution"]["name"])
        return svg

    async def _events(self, found: Found) -> list[dict[str, Any]]:
        story = await self._stories.of(found)
        return [
            compact(story, number, event, with_data=True)
            async for first, events in turns(found.store, found.record.key, 1, story.last)
            for number, event in enumerate(events, first)
            if number <= story.last
        ]


def _drawn(definition: str, statuses: dict[str, str], title: str) -> str:
    return to_svg(draw(definition), statuses=statuses, title=title)


def _page(summary: dict[str, Any], svg: str) -> str:
    execution = summary["execution"]
    facts = [
        ("Execution", execution["executionArn"]),
        ("Status", execution["status"]),
        ("Started", utc(execution["started"])),
        ("Stopped", "" if execution["stopped"] is None else utc(execution["stopped"])),
        ("Error", execution["error"] or ""),
        ("Cause", execution["cause"] or ""),
        ("Input", execution["input"]),
        ("Output", execution["output"] or ""),
    ]
    rows = "\n".join(f"<tr><th>{name}</th><td><code>{_safe(value)}</code></td></tr>" for name, value in facts if value)
    events = "\n".join(_row(event) for event in summary["events"])
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{_safe(execution["name"])}</title>\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<style>{_STYLE}</style>\n<h1>{_safe(execution['name'])}</h1>\n<table>{rows}</table>\n{svg}\n"
        f"<h2>Events</h2>\n<table><tr><th>Id</th><th>Time</th><th>Type</th><th>State</th><th>Details</th></tr>\n"
        f"{events}</table>\n<h2>Definition</h2>\n<pre>{_safe(summary['definition'], None)}</pre></html>\n"
    )


def _row(event: dict[str, Any]) -> str:
    details = _safe(to_text(event["details"])) if event["details"] else ""
    cells = (event["id"], utc(event["at"]), event["type"], _safe(event["state"] or ""), f"<code>{details}</code>")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _safe(text: str, limit: int | None = MOST_SHOWN) -> str:
    lines = text.splitlines() if limit is None else [text[: limit + 1]]
    return "\n".join(html.escape(safe_text(line, limit)) for line in lines)
