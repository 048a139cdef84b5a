"""Whose an output is: the run's, or that of one turn of a For Each Parallel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dragops.compiler.graph import Graph
from dragops.compiler.order import reached

_PARALLEL = "ForEachParallel"


@dataclass(frozen=True, slots=True)
class Turns:
    """What belongs to turns in a graph."""

    owned: frozenset[str]
    """Nodes whose outputs belong to a turn: those of the bodies, and the loops themselves."""
    shared: Mapping[str, tuple[str, ...]]
    """For each loop, those nodes of its body that are led to from outside of it as well."""


def find_turns(graph: Graph, live: Iterable[str]) -> Turns:
    """Look at the bodies of all loops with turns at the same time."""
    loops = [n for n in live if graph.nodes[n].definition.type == _PARALLEL]
    if not loops:
        return Turns(frozenset(), {})
    bodies = {loop: _reached(graph, graph.nodes[loop].targets.get("body", ())) for loop in loops}
    entries = _entries(graph, live)
    shared = {loop: _shared(graph, loop, bodies[loop], entries) for loop in loops}
    return Turns(frozenset(loops).union(*bodies.values()), shared)


def has_turns(graph: Graph, turns: Turns, starts: Iterable[str]) -> bool:
    """Say whether the flows from some nodes on, or that of On Error, come to such a loop."""
    if not turns.shared:
        return False
    handler = graph.on_error()
    found = _reached(graph, [*starts, *([handler.id] if handler else [])])
    return any(loop in found for loop in turns.shared)


def _entries(graph: Graph, live: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
    """Give for each node the exec outputs that fire it."""
    entries: dict[str, set[tuple[str, str]]] = {}
    for node in live:
        for pin, targets in graph.nodes[node].targets.items():
            for target in targets:
                entries.setdefault(target, set()).add((node, pin))
    return entries


def _shared(
    graph: Graph, loop: str, body: set[str], entries: dict[str, set[tuple[str, str]]]
) -> tuple[str, ...]:
    doors = [
        node
        for node in body
        if any(
            source not in body and (source, pin) != (loop, "body") for source, pin in entries[node]
        )
    ]
    inside = _reached(graph, doors)
    return tuple(node for node in graph.nodes if node in inside) if doors else ()


def _reached(graph: Graph, starts: Iterable[str]) -> set[str]:
    return reached(starts, lambda node: graph.nodes[node].fired())
