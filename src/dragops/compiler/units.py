"""Groups triggers into units: those that lead to the same nodes are written together.

Where there is an On Error, the failures of all triggers lead to it.
"""

from collections.abc import Iterator

from dragops.compiler.graph import Graph
from dragops.compiler.shares import Shares


def group_triggers(graph: Graph, reached: list[str], shares: Shares) -> list[list[str]]:
    """Give the triggers' ids in groups, all in the pattern's order."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = node = parent[above]
        return node

    for one, other in _joined(graph, reached, shares):
        parent[root(one)] = root(other)
    groups: dict[str, list[str]] = {}
    for event in graph.events():
        groups.setdefault(root(event.id), []).append(event.id)
    return list(groups.values())


def _joined(graph: Graph, reached: list[str], shares: Shares) -> Iterator[tuple[str, str]]:
    for node in reached:
        for target in graph.nodes[node].fired():
            yield target, node
    if handler := graph.on_error():
        for event in graph.events():
            yield event.id, handler.id
    yield from shares.linked
