"""Groups triggers into units: those that lead to the same nodes are written together."""

from dragops.compiler.graph import Graph
from dragops.compiler.shares import Shares


def group_triggers(graph: Graph, reached: list[str], shares: Shares) -> list[list[str]]:
    """Give the triggers' ids in groups, all in the pattern's order."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = node = parent[above]
        return node

    for node in reached:
        for target in graph.nodes[node].fired():
            parent[root(target)] = root(node)
    for value, reader in shares.linked:
        parent[root(value)] = root(reader)
    groups: dict[str, list[str]] = {}
    for event in graph.events():
        groups.setdefault(root(event.id), []).append(event.id)
    return list(groups.values())
