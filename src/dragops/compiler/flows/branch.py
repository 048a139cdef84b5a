"""Branch: ``if`` and ``else``."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, no_inner
from dragops.compiler.graph import GraphNode


def _write(writer: FlowWriter, node: GraphNode, place: Place) -> None:
    condition = writer.reader.read(node, "condition")
    yes, no = fired_by(node, "true"), fired_by(node, "false")
    merge = writer.unit.joins.merges.get(node.id)
    if no and (not yes or yes == [merge]):
        condition, yes, no = f"not {condition}", no, yes
    with writer.body.out.block(f"if {condition}", origin=node.id):
        writer.side(node, yes, place)
    if no and no != [merge]:
        with writer.body.out.block("else", origin=node.id):
            writer.side(node, no, place)


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "true"), fired_by(node, "false")]


BRANCH = FlowRule(_write, _sides, no_inner, is_split=True)
