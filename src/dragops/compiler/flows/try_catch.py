"""Try / Catch: ``try``, ``except``, ``finally``; what follows the block hangs on ``finally``."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, fired_by_all
from dragops.compiler.graph import GraphNode
from dragops.compiler.names import wish_of
from dragops.compiler.unit import Jump

_BLOCKS = 5
"""What CPython counts for one try with except and finally, and what stands in the latter."""


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    out = writer.body.out
    error = writer.begin_outputs(node).get("error")
    ending = _write_ending(writer, node)
    writer.body.blocks += _BLOCKS
    with out.block("try", origin=node.id):
        writer.inner(fired_by(node, "try"))
    _write_catch(writer, node, error)
    if ending:
        with (
            out.block("finally", origin=node.id),
            out.block(f"with {ending}", origin=node.id),
            writer.body.jumping(Jump.RAISE),
        ):
            writer.inner(fired_by(node, "finally"))
    writer.body.blocks -= _BLOCKS


def _write_ending(writer: FlowWriter, node: GraphNode) -> str | None:
    if not fired_by(node, "finally"):
        return None
    writer.unit.imports.nodes.add("flow")
    ending = writer.unit.names.take(f"{wish_of(node)}_ending")
    writer.body.out.line(f"{ending} = flow.Ending(ctx)", origin=node.id)
    return ending


def _write_catch(writer: FlowWriter, node: GraphNode, error: str | None) -> None:
    out, catch = writer.body.out, fired_by(node, "catch")
    head = "except Exception as exc" if error or not catch else "except Exception"
    with out.block(head, origin=node.id):
        if error:
            out.line(f"{error} = ctx.failure(exc)", origin=node.id)
        if catch:
            writer.inner(catch)
        else:
            writer.unit.imports.nodes.add("flow")
            out.line(f"flow.drop(ctx, {error or 'ctx.failure(exc)'})", origin=node.id)


def _sides(_node: GraphNode) -> list[Sequence[str]]:
    return []


TRY_CATCH = FlowRule(_write, _sides, fired_by_all("try", "catch", "finally"))
