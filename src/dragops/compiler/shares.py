"""Which computed nodes are read, and which of them become functions as several readers share them.

A computed node that one reader needs is a line before that reader. One that several need would be
written again for each, with all that it needs in turn, so it becomes a function; unless it needs
no other, when it stays a line. So the text grows with the graph and not faster.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dragops.compiler.graph import Graph, GraphNode
from dragops.compiler.order import after_successors

_Reader = tuple[str, str]
"""A place that reads: a node, and the pin if what it reads stands in a branch of its own."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How values are read in a graph."""

    functions: frozenset[str]
    """Computed nodes that become functions."""
    linked: tuple[tuple[str, str], ...]
    """Pairs of a computed node and a reader that must stand in the same function."""
    read: frozenset[tuple[str, str]]
    """Output pins of impure nodes that somebody reads."""


def find_shares(graph: Graph, reached: Iterable[str]) -> Shares:
    """Look at all that the reached impure nodes read."""

    def producers(node: str) -> list[str]:
        return [producer.id for _, producer in graph.computed_sources(graph.nodes[node])]

    order = [graph.nodes[node] for node in after_successors(reached, producers)]
    places: dict[str, set[_Reader]] = {node.id: set() for node in order}
    functions: set[str] = set()
    linked: list[tuple[str, str]] = []
    for node in reversed(order):
        if _needs_function(graph, node, places[node.id]):
            functions.add(node.id)
        for pin, producer in graph.computed_sources(node):
            places[producer.id] |= _places(node, pin, functions, places)
            if not _is_short(graph, producer):
                linked.append((producer.id, node.id))
    read = {(source.node, source.pin) for node in order for source in node.sources.values()}
    return Shares(frozenset(functions), tuple(linked), frozenset(read))


def _needs_function(graph: Graph, node: GraphNode, places: set[_Reader]) -> bool:
    return node.is_computed and len(places) > 1 and not _is_short(graph, node)


def _is_short(graph: Graph, node: GraphNode) -> bool:
    return next(graph.computed_sources(node), None) is None


def _places(
    node: GraphNode, pin: str, functions: set[str], places: dict[str, set[_Reader]]
) -> set[_Reader]:
    if pin in node.definition.lazy:
        return {(node.id, pin)}
    if not node.is_computed or node.id in functions:
        return {(node.id, "")}
    return places[node.id]
