"""Sequence: one flow to its end, then the next; what follows the last needs no block."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by
from dragops.compiler.graph import GraphNode


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    for number in range(node.settings["count"] - 1):
        writer.inner(fired_by(node, f"then{number}"))


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, f"then{node.settings['count'] - 1}")]


def _inner(node: GraphNode) -> list[str]:
    pins = (f"then{number}" for number in range(node.settings["count"] - 1))
    return [target for pin in pins for target in fired_by(node, pin)]


SEQUENCE = FlowRule(_write, _sides, _inner)
