"""What a caller says of the nodes: a view of the catalogue, and declarative nodes of its own.

Only what the graph uses is looked at, as editors send their whole list. A view is compared with the
catalogue, so that a stale editor learns it at deploy; an entry with a request is a declarative
node. What neither the catalogue nor the caller defines is the compiler's to refuse.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ConfigDict

from dragops.compiler.called import call_faults
from dragops.compiler.compile import compile_pattern
from dragops.errors import BadInput, Fault, PatternError
from dragops.model.declared import DeclaredNode
from dragops.model.pattern import Node, PatternSpec
from dragops.model.pin import PinType, may_connect
from dragops.model.program import Program
from dragops.model.schema import Shape
from dragops.nodes.catalogue import definition
from dragops.nodes.definition import Pin
from dragops_api.parsing import parsed

S = TypeVar("S", bound=Shape)
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


def declared_in(spec: PatternSpec, views: Mapping[str, Any]) -> dict[str, DeclaredNode]:
    """Read the declarative nodes that the graph uses; BadInput says what in one is none."""
    types = sorted({node.type for node in spec.nodes} & views.keys())
    calls = [type_ for type_ in types if _is_call(type_, views[type_])]
    return {type_: _read(type_, DeclaredNode, views[type_]) for type_ in calls}


def compile_as_seen(
    spec: PatternSpec,
    views: Mapping[str, Any],
    *,
    name: str,
    called: Mapping[str, PatternSpec],
) -> Program:
    """Compile a pattern; PatternError has the compiler's faults and those of the caller's view.

    ``called`` are the patterns that it calls, as far as they are known: the calls must fit.
    """
    declared = declared_in(spec, views)
    mismatches = (*check_definitions(spec, views), *call_faults(spec, called))
    try:
        program = compile_pattern(spec, name=name, declared=declared)
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
        if _is_call(node.type, views[node.type]):
            continue  # no view: the compiler says that the catalogue's node has the name
        view = _read(node.type, NodeView, views[node.type])
        yield from _compared(node, inputs[node.id], view.inputs, known.inputs)
        yield from _compared(node, outputs[node.id], view.outputs, known.outputs)


def _is_call(type_: str, view: Any) -> bool:
    if not isinstance(view, dict):
        raise BadInput(f"body.nodeDefinitions.{type_}", "Input should be a valid dictionary")
    return "request" in view


def _read(type_: str, shape: type[S], view: Any) -> S:
    return parsed(shape, view, "body", "nodeDefinitions", type_)


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
