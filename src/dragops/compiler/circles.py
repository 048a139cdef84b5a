"""Circles: flows that lead back to themselves, and values that need themselves."""

from collections.abc import Iterator

from dragops.compiler.graph import Graph
from dragops.compiler.order import cycles
from dragops.errors import Fault

_COMING_BACK = {"body", "try"}
"""Exec outputs whose flows come back to their node."""


def circles(graph: Graph) -> Iterator[Fault]:
    """Give a fault for each circle of exec wires, and of values, with a way out."""
    nodes = graph.nodes
    for path in cycles(nodes, lambda node: nodes[node].fired()):
        advice = _way_out(graph, path)
        message = f"exec wires run in a circle: {_circle(graph, path)}: {advice}"
        yield Fault(path[0], "EXEC_CYCLE", message)
    computed = [node.id for node in nodes.values() if node.is_computed]
    for path in cycles(
        computed, lambda node: (p.id for _, p in graph.computed_sources(nodes[node]))
    ):
        told = _circle(graph, [path[0], *reversed(path[1:])])
        message = f"values depend on themselves: {told}: keep one in a variable"
        yield Fault(path[0], "DATA_CYCLE", message)


def _way_out(graph: Graph, path: list[str]) -> str:
    for node_id, following in zip(path, [*path[1:], path[0]], strict=True):
        node = graph.nodes[node_id]
        for pin in sorted(_COMING_BACK & node.targets.keys()):
            if following in node.targets[pin]:
                return f"what {pin} fires comes back to {node} by itself: remove the wire to it"
    return "use a loop node to repeat"


def _circle(graph: Graph, path: list[str]) -> str:
    names = [str(graph.nodes[node]) for node in path]
    shown = names if len(names) <= 8 else [*names[:7], f"... {len(names) - 7} more"]
    return " -> ".join([*shown, names[0]])
