"""While: the condition stands in the loop, as reading it may take lines of its own."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, fired_by_all
from dragops.compiler.flows.turn import write_turn
from dragops.compiler.graph import GraphNode
from dragops.compiler.names import wish_of


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    unit, out, names = writer.unit, writer.body.out, writer.begin_outputs(node)
    unit.imports.nodes.add("loops")
    turns = unit.names.take(f"{wish_of(node)}_turns")
    out.line(f"{turns} = loops.turns({node.settings['maxTurns']})", origin=node.id)
    with out.block("while True", origin=node.id), writer.body.branch():
        condition = writer.reader.read(node, "condition")
        with out.block(f"if not {condition}", origin=node.id):
            out.line("break", origin=node.id)
        index = f"{names['index']} = " if names else ""
        out.line(f"{index}next({turns})", origin=node.id)
        out.line("await ctx.turn()", origin=node.id)
        write_turn(writer, node, names)


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "completed")]


WHILE = FlowRule(_write, _sides, fired_by_all("body"))
