"""The turn of a loop, which is the same in all of them."""

from dragops.compiler.flows.rule import FlowWriter, fired_by
from dragops.compiler.graph import GraphNode
from dragops.compiler.unit import Jump

_BLOCKS = 2
"""What CPython counts for a loop with a try in it."""


def write_loop(writer: FlowWriter, node: GraphNode, head: str, names: dict[str, str]) -> None:
    """Write a ``for`` with the flow of its turns; ``names`` are the outputs that it sets."""
    with writer.body.out.block(head, origin=node.id):
        writer.body.out.line("await ctx.turn()", origin=node.id)
        write_turn(writer, node, names)


def write_turn(writer: FlowWriter, node: GraphNode, names: dict[str, str]) -> None:
    """Write what a turn does; jumps out of functions that it calls are caught here."""
    body, fired = writer.body, fired_by(node, "body")
    if not fired:
        writer.keep_outputs(node, names)
    raised, body.raised = body.raised, frozenset()
    body.blocks += _BLOCKS
    with body.jumping(Jump.LOOP):
        if any(target in writer.unit.escaping for target in fired):
            _write_guarded(writer, node)
        else:
            writer.inner(fired)
    body.blocks -= _BLOCKS
    body.raised = raised


def _write_guarded(writer: FlowWriter, node: GraphNode) -> None:
    out = writer.body.out
    with out.block("try", origin=node.id) as header:
        writer.inner(fired_by(node, "body"))
    if not writer.body.raised:
        out.unwrap(header)
        return
    writer.unit.imports.nodes.add("loops")
    for jump in sorted(writer.body.raised):
        with out.block(f"except loops.{jump}Loop", origin=node.id):
            out.line(jump.lower(), origin=node.id)
