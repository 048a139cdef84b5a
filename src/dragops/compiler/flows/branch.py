"""Branch and Filter Guard: ``if`` and ``else``."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, no_inner
from dragops.compiler.graph import GraphNode


def _either(yes_pin: str, no_pin: str) -> FlowRule:
    """Make the rule of a node that goes on at one pin if its condition is true, else at another."""

    def write(writer: FlowWriter, node: GraphNode, place: Place) -> None:
        condition = writer.reader.read(node, "condition")
        yes, no = fired_by(node, yes_pin), fired_by(node, no_pin)
        merge = writer.unit.joins.merges.get(node.id)
        if no and (not yes or yes == [merge]):
            condition, yes, no = f"not {condition}", no, yes
        with writer.body.out.block(f"if {condition}", origin=node.id):
            writer.side(node, yes, place)
        if no and no != [merge]:
            with writer.body.out.block("else", origin=node.id):
                writer.side(node, no, place)

    def sides(node: GraphNode) -> list[Sequence[str]]:
        return [fired_by(node, yes_pin), fired_by(node, no_pin)]

    return FlowRule(write, sides, no_inner, is_split=True)


BRANCH = _either("true", "false")
FILTER_GUARD = _either("exec", "rejected")
