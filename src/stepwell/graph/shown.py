"""A graph as plain data, for whoever draws it."""

from typing import Any

from stepwell.graph.model import Edge, Graph, Node, Point

CORNER = 6.0
"""The radius of a bend."""


def shown(graph: Graph) -> dict[str, Any]:
    """Return a graph as JSON has it."""
    return {
        "width": _number(graph.width),
        "height": _number(graph.height),
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [_edge(edge) for edge in graph.edges],
        "problems": [problem._asdict() for problem in graph.problems],
    }


def path_of(points: list[Point]) -> str:
    """Return a polyline as the `d` of an SVG path, its corners rounded."""
    if not points:
        return ""
    parts = [f"M{_pair(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(CORNER, _length(before, corner) / 2, _length(corner, after) / 2)
        parts.append(
            f"L{_pair(_towards(corner, before, radius))}Q{_pair(corner)} {_pair(_towards(corner, after, radius))}"
        )
    parts.append(f"L{_pair(points[-1])}")
    return "".join(parts)


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "type": node.type,
        "label": node.label,
        "parent": node.parent,
        "x": _number(node.x),
        "y": _number(node.y),
        "width": _number(node.width),
        "height": _number(node.height),
        "line": node.line,
        "column": node.column,
        "start": node.start,
        "end": node.end,
        "children": node.children,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "id": edge.id,
        "from": edge.source.id,
        "to": edge.target.id,
        "kind": edge.kind,
        "label": edge.label,
        "points": [[_number(x), _number(y)] for x, y in edge.points],
        "path": path_of(edge.points),
        "labelAt": None if edge.label_at is None else [_number(each) for each in edge.label_at],
        "back": edge.back,
    }


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 1)


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _length(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, by: float) -> Point:
    length = _length(start, end) or 1.0
    return start[0] + (end[0] - start[0]) * by / length, start[1] + (end[1] - start[1]) * by / length
