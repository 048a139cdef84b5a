"""Call Pattern: one line that names the pattern, the inputs and the outputs with their types."""

from collections.abc import Iterable, Sequence

from dragops.compiler.flows.rule import FlowRule, FlowWriter, Place, fired_by, no_inner, unpacked
from dragops.compiler.graph import GraphNode
from dragops.model.pin import PinType
from dragops.nodes.definition import Pin


def _write(writer: FlowWriter, node: GraphNode, _place: Place) -> None:
    outputs, literal = node.data_outputs(), writer.unit.imports.literal
    inputs = [pin for pin in node.inputs.values() if pin.type is not PinType.EXEC]
    writer.reader.prepare(node, [pin.name for pin in inputs])
    given = [f"{literal(pin.name)}: {writer.reader.argument(node, pin)}" for pin in inputs]
    parts = ["ctx", literal(node.settings["pattern"]), f"{{{', '.join(given)}}}"]
    parts.append(literal(_types(outputs)))
    if types := _types(pin for pin in inputs if pin.type is not PinType.ANY):
        parts.append(f"types={literal(types)}")
    writer.unit.imports.nodes.add("runs")
    names = writer.outputs(node)
    target = _target(outputs, names)
    writer.body.out.line(f"{target}await runs.call_pattern({', '.join(parts)})", origin=node.id)
    writer.keep_outputs(node, names)


def _types(pins: Iterable[Pin]) -> dict[str, str]:
    return {pin.name: pin.type.value for pin in pins}


def _target(outputs: list[Pin], names: dict[str, str]) -> str:
    if not names:
        return ""
    return unpacked(outputs, names) if len(outputs) > 1 else f"({names[outputs[0].name]},) = "


def _sides(node: GraphNode) -> list[Sequence[str]]:
    return [fired_by(node, "exec")]


CALL_PATTERN = FlowRule(_write, _sides, no_inner, is_call=True)
