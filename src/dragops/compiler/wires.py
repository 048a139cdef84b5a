"""Reads the wires: which pins they join, and everything that is wrong with them."""

from collections.abc import Iterator

from dragops.compiler.graph import Graph, GraphNode, Source
from dragops.compiler.settings import near_pin, unknown_pin
from dragops.errors import Fault
from dragops.model.pattern import Wire
from dragops.model.pin import PinType, may_connect
from dragops.nodes.definition import Pin


def connect(graph: Graph, unknown: set[str]) -> Iterator[Fault]:
    """Give each node its wires; ``unknown`` are ids of nodes that have another fault already."""
    for wire in graph.spec.wires:
        faults = list(_faults_of(graph, wire, unknown))
        yield from faults
        source, target = _end(wire.from_), _end(wire.to)
        if faults or not all(_has_known_pins(graph, node) for node, _ in (source, target)):
            _note_meant(graph, *source, is_exact=True)  # it may be drawn backwards
            _note_meant(graph, *target, is_exact=False)


def _has_known_pins(graph: Graph, node_id: str) -> bool:
    return node_id in graph.nodes and graph.nodes[node_id].pins_known


def _note_meant(graph: Graph, node_id: str, pin: str, *, is_exact: bool) -> None:
    node = graph.nodes.get(node_id)
    if node is not None:
        is_exact |= pin in node.inputs or not node.pins_known
        node.meant.add(pin if is_exact else near_pin(pin, node.inputs))


def _faults_of(graph: Graph, wire: Wire, unknown: set[str]) -> Iterator[Fault]:
    faults = list(_end_faults(graph, wire, unknown))
    yield from faults
    source, target = _end(wire.from_), _end(wire.to)
    if faults or source[0] in unknown or target[0] in unknown:
        return
    output = _pin(graph.nodes[source[0]], source[1], of="outputs")
    input_ = _pin(graph.nodes[target[0]], target[1], of="inputs")
    if isinstance(output, Fault) or isinstance(input_, Fault):
        found = [fault for fault in (output, input_) if isinstance(fault, Fault)]
        if {fault.code for fault in found} == {"WRONG_DIRECTION"}:
            del found[1:]  # a wire that goes backwards is one mistake
        yield from (_on(wire, fault) for fault in found)
    elif output is not None and input_ is not None:
        yield from _join(graph, wire, output, input_)


def _end(text: str) -> tuple[str, str]:
    node, _, pin = text.partition(".")
    return node, pin


def _shown(wire: Wire) -> str:
    return f"{wire.from_} -> {wire.to}"


def _end_faults(graph: Graph, wire: Wire, unknown: set[str]) -> Iterator[Fault]:
    for text in (wire.from_, wire.to):
        node, pin = _end(text)
        if pin and (node in graph.nodes or node in unknown):
            continue
        wrong = f"there is no node {node!r}" if pin else f"{text!r} is not <node id>.<pin>"
        shown = " ".join(_shown(wire).split())  # a message is one line
        message = f"wire {shown}: {wrong}; remove the wire or mend it"
        yield Fault(None, "UNKNOWN_WIRE_END", message, wire=_shown(wire))


def _pin(node: GraphNode, name: str, *, of: str) -> Pin | Fault | None:
    wanted, others = (node.outputs, node.inputs) if of == "outputs" else (node.inputs, node.outputs)
    if name in wanted:
        return wanted[name]
    if name in others and node.pins_known:
        side = "an input" if of == "outputs" else "an output"
        message = f"{node}: pin {name} is {side}; a wire goes from an output to an input"
        return Fault(node.id, "WRONG_DIRECTION", message, pin=name)
    if of == "inputs" and any(name == setting.name for setting in node.definition.properties):
        message = f"{node}: {name} is a setting, which no wire reaches: give it a value"
        return Fault(node.id, "UNKNOWN_PIN", message, pin=name)
    return unknown_pin(node, name, list(wanted)) if node.pins_known else None


def _join(graph: Graph, wire: Wire, output: Pin, input_: Pin) -> Iterator[Fault]:
    (source, _), (target_id, _) = _end(wire.from_), _end(wire.to)
    target = graph.nodes[target_id]
    if not may_connect(output.type, input_.type):
        yield _on(wire, _mismatch(graph.nodes[source], output, target, input_))
    elif input_.type is PinType.EXEC:
        graph.nodes[source].targets.setdefault(output.name, []).append(target_id)
    elif input_.name in target.sources:
        message = f"{target}: pin {input_.name} has two wires; an input takes one: remove the other"
        yield _on(wire, Fault(target_id, "TWO_WIRES", message, pin=input_.name))
    else:
        target.sources[input_.name] = Source(source, output.name)


def _mismatch(source: GraphNode, output: Pin, target: GraphNode, input_: Pin) -> Fault:
    is_exec = PinType.EXEC in {output.type, input_.type}
    message = (
        f"{target}: pin {input_.name} takes {input_.type.value}, but {source} gives "
        f"{output.type.value} at {output.name}: "
        f"{'Exec goes with Exec only:' if is_exec else 'convert it, or'} wire another pin"
    )
    return Fault(target.id, "TYPE_MISMATCH", message, pin=input_.name)


def _on(wire: Wire, fault: Fault) -> Fault:
    return Fault(fault.node_id, fault.code, fault.message, fault.pin, _shown(wire))
