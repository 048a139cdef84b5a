"""Compares what a caller has of the catalogue's nodes with the catalogue itself.

Only pins that the graph uses count, so that a stale list of nodes is told where it matters.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from dragops.compiler.graph import describe
from dragops.errors import Fault
from dragops.model.pattern import Node, PatternSpec
from dragops.model.pin import PinType, may_connect
from dragops.nodes.catalogue import definition
from dragops.nodes.definition import Pin


class PinView(Protocol):
    """A pin as the caller has it."""

    @property
    def name(self) -> str:
        """Give its name."""

    @property
    def type(self) -> str:
        """Give its type, in whatever case."""


class NodeView(Protocol):
    """A node type as the caller has it."""

    @property
    def inputs(self) -> Sequence[PinView]:
        """Give its inputs."""

    @property
    def outputs(self) -> Sequence[PinView]:
        """Give its outputs."""


def view_faults(spec: PatternSpec, views: Mapping[str, NodeView]) -> Iterator[Fault]:
    """Find the pins that the graph uses and that the caller has otherwise than the catalogue."""
    inputs, outputs = _pins_used(spec)
    for node in spec.nodes:
        view, known = views.get(node.type), definition(node.type)
        if view is None or known is None:
            continue
        # settings are no pins here, wherever a view has them
        used = inputs[node.id] - {setting.name for setting in known.properties}
        yield from _compared(node, used, view.inputs, known.inputs)
        yield from _compared(node, outputs[node.id], view.outputs, known.outputs)


def told_once(faults: Sequence[Fault]) -> list[Fault]:
    """Leave out what is told already: word for word, or of a pin by the view that is stale."""
    stale = {(f.node_id, f.pin) for f in faults if f.code == "DEFINITION_MISMATCH"}
    echoes = {"UNKNOWN_PIN", "TYPE_MISMATCH"}
    heard = (f for f in faults if f.code not in echoes or (f.node_id, f.pin) not in stale)
    return list(dict.fromkeys(heard))


def _pins_used(spec: PatternSpec) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    inputs = defaultdict(set, {node.id: set(node.values) for node in spec.nodes})
    outputs: dict[str, set[str]] = defaultdict(set)
    for wire in spec.wires:
        source, _, output = wire.from_.partition(".")
        target, _, input_ = wire.to.partition(".")
        outputs[source].add(output)
        inputs[target].add(input_)
    return inputs, outputs


def _compared(
    node: Node, used: set[str], seen: Sequence[PinView], known: tuple[Pin, ...]
) -> Iterator[Fault]:
    types = {pin.name: pin.type for pin in known}
    # dynamic pins follow from settings, which the compiler has and a view has not
    if any(pin.dynamic for pin in known):
        used = used & types.keys()
    for pin in seen:
        if pin.name in used and not _fits(pin.type, types.get(pin.name)):
            here = types[pin.name].value if pin.name in types else "no such pin"
            message = (
                f"{describe(node.type, node.title, node.id)}: your definition has pin "
                f"{pin.name!r} as {pin.type}, the catalogue has {here}; reload the list of nodes"
            )
            yield Fault(node.id, "DEFINITION_MISMATCH", message, pin=pin.name)


def _fits(seen: str, known: PinType | None) -> bool:
    try:
        return known is not None and may_connect(PinType.read(seen), known)
    except StopIteration:
        return False
