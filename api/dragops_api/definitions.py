"""Compares a caller's view of the nodes with the catalogue: a stale editor learns it at deploy.

Only what the graph uses is looked at, as editors send their whole list. Types that the catalogue
does not know are the compiler's to refuse.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ConfigDict, ValidationError

from dragops.compiler.compile import compile_pattern
from dragops.errors import BadInput, Fault, PatternError
from dragops.model.pattern import Node, PatternSpec
from dragops.model.pin import PinType, may_connect
from dragops.model.program import Program
from dragops.model.schema import Shape
from dragops.nodes.catalogue import definition
from dragops.nodes.definition import Pin

_OPEN = ConfigDict(extra="ignore")


class PinView(Shape):
    """A pin as the caller has it."""

    model_config = _OPEN
    name: str
    type: str


class NodeView(Shape):
    """A node type as the caller has it."""

    model_config = _OPEN
    inputs: tuple[PinView, ...] = ()
    outputs: tuple[PinView, ...] = ()


def compile_as_seen(spec: PatternSpec, views: Mapping[str, Any], *, name: str) -> Program:
    """Compile a pattern; PatternError has the compiler's faults and those of the caller's view."""
    mismatches = tuple(check_definitions(spec, views))
    try:
        program = compile_pattern(spec, name=name)
    except PatternError as exc:
        raise PatternError((*exc.faults, *mismatches)) from exc
    if mismatches:
        raise PatternError(mismatches)
    return program


def check_definitions(spec: PatternSpec, views: Mapping[str, Any]) -> Iterator[Fault]:
    """Find the pins that the graph uses and that the caller has otherwise than the catalogue."""
    inputs, outputs = _pins_used(spec)
    for node in spec.nodes:
        known = definition(node.type)
        # dynamic pins follow from settings, which the compiler has and the caller's view has not
        if node.type not in views or known is None or known.dynamic is not None:
            continue
        view = _read(node.type, views[node.type])
        yield from _compared(node, inputs[node.id], view.inputs, known.inputs)
        yield from _compared(node, outputs[node.id], view.outputs, known.outputs)


def _read(type_: str, view: Any) -> NodeView:
    try:
        return NodeView.model_validate(view)
    except ValidationError as exc:
        first = exc.errors(include_url=False)[0]
        place = ".".join(str(part) for part in ("body.nodeDefinitions", type_, *first["loc"]))
        raise BadInput(place, first["msg"]) from exc


def _pins_used(spec: PatternSpec) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    inputs: dict[str, set[str]] = defaultdict(set)
    outputs: dict[str, set[str]] = defaultdict(set)
    for wire in spec.wires:
        source, _, output = wire.from_.partition(".")
        target, _, input_ = wire.to.partition(".")
        outputs[source].add(output)
        inputs[target].add(input_)
    return inputs, outputs


def _compared(
    node: Node, used: set[str], seen: tuple[PinView, ...], known: tuple[Pin, ...]
) -> Iterator[Fault]:
    types = {pin.name: pin.type for pin in known}
    for pin in seen:
        if pin.name in used and not _fits(pin.type, types.get(pin.name)):
            here = types[pin.name].value if pin.name in types else "no such pin"
            message = (
                f"{node.title or node.type} ({node.id}): your definition has pin "
                f"{pin.name!r} as {pin.type}, the catalogue has {here}; reload the list of nodes"
            )
            yield Fault(node.id, "DEFINITION_MISMATCH", message, pin=pin.name)


def _fits(seen: str, known: PinType | None) -> bool:
    try:
        return known is not None and may_connect(PinType.read(seen), known)
    except StopIteration:
        return False
