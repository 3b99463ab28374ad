"""The graph of a definition: read from whatever text there is, laid out, and written as data or as SVG. Pure.

A transition never leaves its `States` object, so every scope is laid out alone, and the innermost first: a Parallel or
a Map is a box of known size to the scope that it is in. Within a scope the steps are those of Sugiyama: edges that
close a loop are found by a depth-first search, ranks are longest paths from the start, rows are ordered by the
barycenters of their neighbours, columns come from pooling adjacent violators, and edges run in the channels between the
rows.

What makes it quick and quiet is that all long edges to one target share one lane. Nothing depends on the order in which
the states are written: two texts that say the same look the same.
"""

from stepwell.graph.layout import lay_out
from stepwell.graph.model import Edge, Graph, Node
from stepwell.graph.reading import read_graph
from stepwell.graph.shown import shown

__all__ = ["Edge", "Graph", "Node", "draw", "shown"]


def draw(definition: str, collapsed: frozenset[str] = frozenset()) -> Graph:
    """Return the graph of a definition, laid out. Never raise: what is broken is a "?" or is left out, and is listed.

    Containers whose ids are in `collapsed` are drawn as plain boxes.
    """
    scope, problems = read_graph(definition, collapsed)
    return lay_out(scope, problems)
