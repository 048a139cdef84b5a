"""Break and Continue: Python's own where they reach their loop, an exception where they do not."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, no_inner
from dragops.compiler.graph import GraphNode
from dragops.compiler.unit import Jump


def _write_break(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    if writer.body.jump is Jump.LOOP:
        writer.body.out.line("break", origin=node.id)
    else:
        _write_raise(writer, node, "BreakLoop")


def _write_continue(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    if writer.body.jump is Jump.RAISE:
        _write_raise(writer, node, "ContinueLoop")
    else:
        word = "continue" if writer.body.jump is Jump.LOOP else "return"
        writer.body.out.line(word, origin=node.id)


def _write_raise(writer: FlowWriter, node: GraphNode, jump: str) -> None:
    writer.unit.imports.nodes.add("loops")
    writer.body.raised |= {node.definition.type}
    writer.body.out.line(f"raise loops.{jump}", origin=node.id)


def _sides(_node: GraphNode) -> list[Sequence[str]]:
    return []


BREAK = FlowRule(_write_break, _sides, no_inner)
CONTINUE = FlowRule(_write_continue, _sides, no_inner)
