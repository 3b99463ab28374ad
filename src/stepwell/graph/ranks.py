"""Which edges lead back, and in which row every node stands: by what can be reached from the start, and how."""

from stepwell.graph.model import END, Scope

Links = list[list[int]]
"""For each node the nodes that its edges lead to, in the order of the edges."""


def rank(scope: Scope) -> tuple[list[int], list[int]]:
    """Return the row of each node and the order in which they are found; say of each edge whether it leads back.

    A node stands below all that lead to it, but for loops. What can't be reached begins in the row behind the start,
    and the end is below everything.
    """
    number = {node.id: index for index, node in enumerate(scope.nodes)}
    links: Links = [[] for _ in scope.nodes]
    for edge in scope.edges:
        links[number[edge.source.id]].append(number[edge.target.id])
    found, back = _search(links)
    ranks = [0] + [1] * (len(links) - 1)
    for source in _downwards(found, links, back):
        below = ranks[source] + 1
        for target in links[source]:
            if ranks[target] < below and (source, target) not in back:
                ranks[target] = below
    if scope.nodes and scope.nodes[-1].kind == END:
        ranks[-1] = max([1, *(each + 1 for each in ranks[:-1])])
    for edge in scope.edges:
        edge.back = (number[edge.source.id], number[edge.target.id]) in back
    return ranks, found


def _search(links: Links) -> tuple[list[int], set[tuple[int, int]]]:
    """Search depth first; return the nodes in the order in which they are found, and the links that close a loop."""
    new, open_, done = 0, 1, 2
    states = [new] * len(links)
    found: list[int] = []
    back: set[tuple[int, int]] = set()
    for root in range(len(links)):
        if states[root] != new:
            continue
        states[root] = open_
        found.append(root)
        path = [(root, iter(links[root]))]
        while path:
            node, following = path[-1]
            for target in following:
                if states[target] == new:
                    states[target] = open_
                    found.append(target)
                    path.append((target, iter(links[target])))
                    break
                if states[target] == open_:
                    back.add((node, target))
            else:
                states[node] = done
                path.pop()
    return found, back


def _downwards(found: list[int], links: Links, back: set[tuple[int, int]]) -> list[int]:
    """Return the nodes so that each comes behind all that lead to it without a loop."""
    waiting = [0] * len(links)
    for source, targets in enumerate(links):
        for target in targets:
            waiting[target] += (source, target) not in back
    ready = [node for node in found if not waiting[node]]
    for source in ready:  # it grows
        for target in links[source]:
            if (source, target) not in back:
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
    return ready
