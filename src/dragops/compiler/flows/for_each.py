"""For Each: ``for``, with item and index only where somebody reads them."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, fired_by_all
from dragops.compiler.graph import GraphNode


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    read = [pin for pin in ("item", "index") if writer.unit.is_read(node, pin)]
    names = {pin: writer.unit.output(node, pin) for pin in read}
    writer.body.assigned.update(dict.fromkeys(names.values()))
    if names and not writer.is_once:
        writer.body.out.line(f"{' = '.join(names.values())} = None", origin=node.id)
    writer.keep_outputs(node, names)
    collection = writer.reader.read(node, "collection")
    if "index" in names:
        loop = f"for {names['index']}, {names.get('item', '_')} in enumerate({collection})"
    else:
        loop = f"for {names.get('item', '_')} in {collection}"
    with writer.body.out.block(loop, origin=node.id):
        writer.body.out.line("await ctx.turn()", origin=node.id)
        if not fired_by(node, "body"):
            writer.keep_outputs(node, names)
        writer.body.blocks += 1
        writer.inner(fired_by(node, "body"))
        writer.body.blocks -= 1


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "completed")]


FOR_EACH = FlowRule(_write, _sides, fired_by_all("body"))
