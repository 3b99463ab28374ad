"""A graph as one SVG document, which needs nothing else: no font, no script, no browser to make it."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from stepwell.graph.model import CATCH, DEFAULT, END, SCOPE, START, UNKNOWN, Edge, Graph, Node
from stepwell.graph.shown import path_of
from stepwell.graph.text import columns_of, safe_text
from stepwell.graph.themes import ICONS, style_sheet

LONGEST_NAME = 160
_MARKER = (
    '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse">'
    '<path d="M0 0.5L8 4L0 7.5z" class="head"/></marker>'
    '<marker id="arrow-catch" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 0.5L8 4L0 7.5z" class="head catch"/></marker>'
)
_NAME_COLUMN = 8.0
_LABEL_COLUMN = 6.5


def to_svg(graph: Graph, *, theme: str = "auto", statuses: Mapping[str, str] | None = None, title: str = "") -> str:
    """Return a graph as SVG. `theme`: "light", "dark", or "auto", which follows the viewer. `statuses`: by node id."""
    known = statuses or {}
    width, height = round(graph.width), round(graph.height)
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" class="stepwell" role="img" '
        f"aria-label={quoteattr(safe_text(title or 'State machine'))}>"
    )
    parts = [
        head,
        f"<style>{style_sheet(theme)}</style>",
        f"<defs>{_MARKER}</defs>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    boxes = [node for node in graph.nodes if node.scopes or node.kind == SCOPE]
    parts += [_node(node, known.get(node.id)) for node in boxes]
    parts += [_line(edge) for edge in graph.edges]
    parts += [_node(node, known.get(node.id)) for node in graph.nodes if not node.scopes and node.kind != SCOPE]
    parts += [_label(edge) for edge in graph.edges if edge.label and edge.label_at is not None]
    return "\n".join([*parts, "</svg>\n"])


def _node(node: Node, status: str | None) -> str:
    if node.kind in {START, END}:
        return _mark(node)
    classes = ["node", node.kind]
    if node.scopes:
        classes.append("container")
    if status is not None:
        classes.append(f"status-{safe_text(status).lower().replace('_', '-')}")
    described = f"{node.type} {node.name}".strip() + (f": {status}" if status else "")
    box = (
        f'<rect x="{node.x:g}" y="{node.y:g}" width="{node.width:g}" height="{node.height:g}" '
        f'rx="{10 if node.kind != SCOPE else 8}"/>'
    )
    return (
        f'<g class="{" ".join(classes)}" data-id={quoteattr(safe_text(node.id))}>'
        f"<title>{_text(described, LONGEST_NAME)}</title>{box}{_inside(node)}</g>"
    )


def _inside(node: Node) -> str:
    """Return what is written in a box."""
    if node.kind == SCOPE:
        shown = _fitted(node.name, node.width - 20, _LABEL_COLUMN)
        return f'<text class="small" x="{node.x + 10:g}" y="{node.y + 15:g}">{shown}</text>'
    unknown = node.kind == UNKNOWN
    icon = ICONS["Unknown" if unknown else node.type]
    middle = node.y + 22
    room = node.width - 50
    second = ("?" if unknown and not node.type else node.type) + (f" · {node.label}" if node.label else "")
    return (
        f'<svg x="{node.x + 10:g}" y="{middle - 10:g}" width="20" height="20" viewBox="0 0 20 20" class="icon">'
        f"{icon}</svg>"
        f'<text class="name" x="{node.x + 40:g}" y="{middle - 2:g}">{_fitted(node.name, room, _NAME_COLUMN)}</text>'
        f'<text class="small" x="{node.x + 40:g}" y="{middle + 13:g}">{_fitted(second, room, _LABEL_COLUMN)}</text>'
    )


def _mark(node: Node) -> str:
    radius = node.width / 2
    x, y = node.x + radius, node.y + radius
    inner = f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 8:g}" class="core"/>'
    return (
        f'<g class="mark {node.kind}"><title>{node.name}</title>'
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 2:g}"/>{inner}</g>'
    )


def _line(edge: Edge) -> str:
    kind = "catch" if edge.kind == CATCH else "default" if edge.kind == DEFAULT else ""
    marker = "arrow-catch" if edge.kind == CATCH else "arrow"
    return f'<path class="edge {kind}" d="{path_of(edge.points)}" marker-end="url(#{marker})"/>'


def _label(edge: Edge) -> str:
    assert edge.label_at is not None
    x, y = edge.label_at
    kind = " catch" if edge.kind == CATCH else ""
    return f'<text class="label{kind}" x="{x:g}" y="{y:g}">{_text(edge.label)}</text>'


def _text(text: str, limit: int | None = None) -> str:
    return escape(safe_text(text, limit))


def _fitted(text: str, room: float, column: float) -> str:
    """Return a text cut to the width that it has, never within a character."""
    most = max(int(room / column), 1)
    shown = safe_text(text, LONGEST_NAME)
    if columns_of(shown) > most:
        while shown and columns_of(shown) > most - 1:
            shown = shown[:-1]
        shown += "…"
    return escape(shown)
