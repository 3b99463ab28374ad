"""Colours and icons. A status is told by the border and its style as well as by its colour.

The rules have the colours in them, and no variables of CSS: not every program that shows SVG knows those.
"""

import re
from collections.abc import Mapping

_LIGHT = {
    "paper": "#ffffff", "ink": "#1b2330", "muted": "#5b6675", "box": "#ffffff", "border": "#9aa5b4",
    "container": "#f4f6f9",
    "scope": "#fbfcfd", "edge": "#5f6b7a", "catch": "#b3441e", "unknown": "#a15c00",
    "running": "#1565c0", "waiting": "#6a4fb3", "retrying": "#a15c00", "succeeded": "#1b7f3b", "caught": "#a15c00",
    "failed": "#c62828", "aborted": "#5b6675",
}  # fmt: skip
_DARK = {
    "paper": "#11161d", "ink": "#e6ebf2", "muted": "#9aa7b8", "box": "#1a212b", "border": "#566274",
    "container": "#161c25",
    "scope": "#131921", "edge": "#8c99aa", "catch": "#f08a5d", "unknown": "#e0a13c",
    "running": "#5aa9f5", "waiting": "#ab92f0", "retrying": "#e0a13c", "succeeded": "#57c27a", "caught": "#e0a13c",
    "failed": "#f2716d", "aborted": "#9aa7b8",
}  # fmt: skip

_COLOUR = re.compile(r"\$([a-z]+)")

THEMES = ("auto", "light", "dark")

_RULES = """
.stepwell{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.paper{fill:$paper}
.node rect{fill:$box;stroke:$border;stroke-width:1.25}
.node.container>rect{fill:$container}
.node.scope>rect{fill:$scope;stroke-dasharray:3 3}
.node.unknown>rect{stroke:$unknown;stroke-dasharray:5 3}
.icon{fill:none;stroke:$muted;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.node.unknown .icon{stroke:$unknown}
text{fill:$ink}
.name{font-size:13px;font-weight:600}
.small{font-size:11px;fill:$muted}
.label{font-size:11px;text-anchor:middle;dominant-baseline:central;fill:$muted;paint-order:stroke;
stroke:$paper;stroke-width:4px;stroke-linejoin:round}
.label.catch{fill:$catch}
.edge{fill:none;stroke:$edge;stroke-width:1.4}
.edge.default{stroke-dasharray:1 3;stroke-linecap:round}
.edge.catch{stroke:$catch;stroke-dasharray:6 3}
.head{fill:$edge}
.head.catch{fill:$catch}
.mark circle{fill:$box;stroke:$edge;stroke-width:1.5}
.mark .core{fill:$edge;stroke:none}
"""
_STATUSES = {
    "running": "",
    "waiting": "stroke-dasharray:8 3",
    "retrying": "stroke-dasharray:4 2",
    "succeeded": "",
    "caught": "stroke-dasharray:8 2",
    "failed": "stroke-width:3",
    "timed-out": "stroke-width:3",
    "aborted": "stroke-dasharray:2 3",
}

ICONS = {
    "Task": (
        '<circle cx="10" cy="10" r="3"/><path d="M10 2v3M10 15v3M2 10h3M15 10h3M4.3 4.3l2.2 2.2M13.5 13.5l2.2 2.2'
        'M4.3 15.7l2.2-2.2M13.5 6.5l2.2-2.2"/>'
    ),
    "Choice": '<path d="M10 2L18 10L10 18L2 10z"/>',
    "Wait": '<circle cx="10" cy="10" r="8"/><path d="M10 5v5l3.5 2"/>',
    "Pass": '<path d="M3 10h13M11 5l5 5l-5 5"/>',
    "Succeed": '<circle cx="10" cy="10" r="8"/><path d="M6 10.5l3 3l5.5-6.5"/>',
    "Fail": '<circle cx="10" cy="10" r="8"/><path d="M7 7l6 6M13 7l-6 6"/>',
    "Parallel": '<path d="M5 3v14M10 3v14M15 3v14"/>',
    "Map": '<rect x="3" y="3" width="10" height="10" rx="2"/><path d="M7 17h8a2 2 0 0 0 2-2V7"/>',
    "Unknown": '<path d="M6.5 7a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.1-1.5 2.3M10 16.5v.1"/>',
}
"""Drawn in a square of 20 by 20, with strokes."""


def style_sheet(theme: str) -> str:
    """Return the rules for "light", "dark", or "auto", which follows the viewer."""
    if theme == "auto":
        return f"{_coloured(_LIGHT)}@media (prefers-color-scheme:dark){{{_coloured(_DARK)}}}"
    return _coloured(_DARK if theme == "dark" else _LIGHT)


def _coloured(colours: Mapping[str, str]) -> str:
    rules = _RULES + "".join(_status(name, more) for name, more in _STATUSES.items())
    return _COLOUR.sub(lambda found: colours[found[1]], rules)


def _status(name: str, more: str) -> str:
    colour = f"${'failed' if name == 'timed-out' else name}"
    return f".status-{name} .icon{{stroke:{colour}}}.status-{name}>rect{{stroke:{colour};stroke-width:2;{more}}}\n"
