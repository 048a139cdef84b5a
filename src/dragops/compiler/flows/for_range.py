"""For Range: ``for`` over Python's ``range`` where the step is known, over ours where it is not."""

from collections.abc import Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, fired_by_all
from dragops.compiler.flows.turn import write_loop
from dragops.compiler.graph import GraphNode
from dragops.nodes import loops


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    names = writer.begin_outputs(node)
    head = f"for {names.get('index', '_')} in {_numbers(writer, node)}"
    write_loop(writer, node, head, names)


def _numbers(writer: FlowWriter, node: GraphNode) -> str:
    if "step" in node.sources or node.settings["inclusive"]:
        return writer.reader.call_to(loops.numbers, node)
    reader = writer.reader
    reader.prepare(node, ["start", "end"])
    first, end, step = (reader.argument(node, node.inputs[p]) for p in ("start", "end", "step"))
    if step != "1":
        return f"range({first}, {end}, {step})"
    return f"range({end})" if first == "0" else f"range({first}, {end})"


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "completed")]


FOR_RANGE = FlowRule(_write, _sides, fired_by_all("body"))
