"""For Each and For Each Batch: ``for``, with item and index only where somebody reads them."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, fired_by_all
from dragops.compiler.flows.turn import write_loop
from dragops.compiler.graph import GraphNode
from dragops.nodes import loops


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    names = writer.begin_outputs(node)
    _write_each(writer, node, names, writer.reader.read(node, "collection"))


def _write_batches(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    names = writer.begin_outputs(node)
    _write_each(writer, node, names, writer.reader.call_to(loops.batches, node))


def _write_each(
    writer: FlowWriter, node: GraphNode, names: dict[str, str], collection: str
) -> None:
    item = names.get("item") or names.get("batch") or "_"
    if "index" in names:
        head = f"for {names['index']}, {item} in enumerate({collection})"
    else:
        head = f"for {item} in {collection}"
    write_loop(writer, node, head, names)


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "completed")]


FOR_EACH = FlowRule(_write, _sides, fired_by_all("body"))
FOR_EACH_BATCH = FlowRule(_write_batches, _sides, fired_by_all("body"))
