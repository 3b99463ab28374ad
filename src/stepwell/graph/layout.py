"""The layout of a whole graph: the innermost scopes first, then what they are in."""

from stepwell.graph.columns import spread
from stepwell.graph.model import END, START, Edge, Graph, Node, Problem, Scope
from stepwell.graph.routes import Routes
from stepwell.graph.rows import arrange
from stepwell.graph.text import columns_of

MARGIN = 24.0
PADDING = 16.0
HEADER = 44.0
"""Of a Parallel or a Map with something in it: its name and its type."""
SCOPE_HEADER = 22.0
SCOPE_GAP = 16.0

MARK = 28.0
BOX_HEIGHT = 44.0
LEAST_WIDTH = 132.0
MOST_WIDTH = 280.0
COLUMN = 8.2
"""Pixels of a character of a name."""
SMALL_COLUMN = 6.6
BESIDE_NAME = 52.0
"""What a box has beside its name: the icon, and space."""


def lay_out(root: Scope, problems: list[Problem]) -> Graph:
    """Return the graph with the coordinates of everything in it."""
    width, height = _size_scope(root)
    nodes: list[Node] = []
    edges: list[Edge] = []
    _place(root, MARGIN, MARGIN, nodes, edges)
    return Graph(nodes, edges, width + 2 * MARGIN, height + 2 * MARGIN, problems)


def _size_scope(scope: Scope) -> tuple[float, float]:
    """Lay a scope out from (0, 0) on; return its size."""
    for node in scope.nodes:
        _size(node)
    rows = arrange(scope)
    spread(rows)
    for row in rows.rows:
        for place in row:
            if place.node is not None:
                place.node.x = place.x - place.width / 2
    return Routes(rows).find()


def _size(node: Node) -> None:
    if node.kind in {START, END}:
        node.width = node.height = MARK
        return
    name = columns_of(node.name) * COLUMN
    label = columns_of(f"{node.type} · {node.label}") * SMALL_COLUMN
    node.width = float(round(min(max(name, label, LEAST_WIDTH - BESIDE_NAME) + BESIDE_NAME, MOST_WIDTH) / 2) * 2)
    node.height = BOX_HEIGHT
    if node.scopes:
        _size_container(node)


def _size_container(node: Node) -> None:
    """Size a Parallel or a Map around its scopes, which stand side by side."""
    x, tallest = PADDING, 0.0
    for scope in node.scopes:
        width, height = _size_scope(scope)
        box = scope.box
        box.width = max(width + 2 * PADDING, LEAST_WIDTH)
        box.height = SCOPE_HEADER + height + PADDING
        box.x, box.y = x, HEADER
        x += box.width + SCOPE_GAP
        tallest = max(tallest, box.height)
    inner = x - SCOPE_GAP + PADDING
    if inner < node.width:
        for scope in node.scopes:
            scope.box.x += round((node.width - inner) / 2)
    else:
        node.width = float(round(inner / 2) * 2)
    for scope in node.scopes:
        scope.box.height = tallest
    node.height = HEADER + tallest + PADDING


def _place(scope: Scope, x: float, y: float, nodes: list[Node], edges: list[Edge]) -> None:
    """Move a scope, and all in it, to where it stands in the whole."""
    for node in scope.nodes:
        node.x += x
        node.y += y
        nodes.append(node)
        for inner in node.scopes:
            box = inner.box
            box.x += node.x
            box.y += node.y
            nodes.append(box)
            width = max((each.x + each.width for each in inner.nodes), default=0.0)
            _place(inner, box.x + max((box.width - width) / 2, PADDING), box.y + SCOPE_HEADER, nodes, edges)
    for edge in scope.edges:
        edge.points = [(px + x, py + y) for px, py in edge.points]
        if edge.label_at is not None:
            edge.label_at = (edge.label_at[0] + x, edge.label_at[1] + y)
        edges.append(edge)
