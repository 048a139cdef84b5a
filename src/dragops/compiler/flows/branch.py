"""Branch and Filter Guard: ``if`` and ``else``."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import (
    FlowRule,
    FlowWriter,
    Place,
    always,
    fired_by,
    no_inner,
    write_either,
)
from dragops.compiler.graph import GraphNode


def _either(yes: str, no: str) -> FlowRule:
    """Make the rule of a node that goes on at one pin if its condition is true, else at another."""

    def write(writer: FlowWriter, node: GraphNode, place: Place) -> None:
        condition = writer.reader.read(node, "condition")
        write_either(writer, node, place, condition=condition, pins=(yes, no))

    def sides(node: GraphNode) -> list[Sequence[str]]:
        return [fired_by(node, yes), fired_by(node, no)]

    return FlowRule(write, sides, no_inner, splits=always)


BRANCH = _either("true", "false")
FILTER_GUARD = _either("exec", "rejected")
