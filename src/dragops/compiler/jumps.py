"""Break and Continue: which flows leave the loop that they run in, and which have none to leave.

A jump acts on the innermost loop of whichever flow reached it. Turns of For Each Parallel and
branches of Parallel are walls: what runs beside others cannot end a loop around them all.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from dragops.compiler.graph import Graph, GraphNode
from dragops.compiler.order import after_successors
from dragops.errors import Fault

LOOPS = frozenset({"ForEach", "ForEachBatch", "ForRange", "While"})
_JUMPS = frozenset({"Break", "Continue"})

Escaping: TypeAlias = Mapping[str, frozenset[str]]
"""Node types of the jumps by which the flow from a node on may leave itself, by node id."""


class Around(StrEnum):
    """What stands around a flow."""

    NOTHING = "nothing"
    LOOP = "a loop"
    TURN = "a turn of For Each Parallel"
    BRANCH = "a branch of Parallel"


_ALLOWED = {"Break": {Around.LOOP}, "Continue": {Around.LOOP, Around.TURN}}


def encloses(node: GraphNode, pin: str) -> Around | None:
    """Say what stands around the flow of an exec output because of its node, if anything does."""
    if node.definition.type in LOOPS and pin == "body":
        return Around.LOOP
    if node.definition.type == "ForEachParallel" and pin == "body":
        return Around.TURN
    return Around.BRANCH if node.definition.type == "Parallel" and pin != "completed" else None


def escaping(graph: Graph, live: set[str]) -> Escaping:
    """Give the nodes whose flow may jump out of itself, and by which jumps (no cycles)."""
    if not any(graph.nodes[node].definition.type in _JUMPS for node in live):
        return {}
    found: dict[str, frozenset[str]] = {}
    for node_id in after_successors(sorted(live), lambda each: graph.nodes[each].fired()):
        node = graph.nodes[node_id]
        staying = (targets for pin, targets in node.targets.items() if not encloses(node, pin))
        jumps = [found[target] for each in staying for target in each if target in found]
        if own := _JUMPS & {node.definition.type}:
            jumps.append(own)
        if jumps:
            found[node_id] = frozenset().union(*jumps)
    return found


def stray_jumps(graph: Graph) -> Iterator[Fault]:
    """Give a fault for each Break and Continue that can be reached where it has no loop."""
    for node, around in sorted(_surroundings(graph)):
        type_ = graph.nodes[node].definition.type
        if type_ in _JUMPS and around not in _ALLOWED[type_]:
            yield Fault(node, "BREAK_OUTSIDE_LOOP", f"{graph.nodes[node]} {_ADVICE[around]}")


_ADVICE = {
    Around.NOTHING: "can be reached outside of every loop: lead to it from the body of a loop only",
    Around.TURN: "is reached in the body of a For Each Parallel, whose turns run beside each "
    "other: use a For Each, or end one turn with Continue",
    Around.BRANCH: "is reached in a branch of a Parallel, which runs beside the others: put the "
    "whole loop into the branch",
}


def _surroundings(graph: Graph) -> set[tuple[str, Around]]:
    """Give each reached node with all that may stand around it."""
    found = {(start.id, Around.NOTHING) for start in graph.starts()}
    todo = list(found)
    while todo:
        node_id, around = todo.pop()
        node = graph.nodes[node_id]
        for pin, targets in node.targets.items():
            inside = encloses(node, pin) or around
            new = {(target, inside) for target in targets} - found
            found |= new
            todo += new
    return found
