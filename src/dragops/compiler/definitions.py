"""Compares a caller's ``nodeDefinitions`` with the catalogue, for editors with a stale list.

Only what the graph uses is looked at, as editors send their whole list.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dragops.compiler.check import check
from dragops.compiler.graph import Graph, GraphNode, describe_unknown
from dragops.errors import Fault
from dragops.model.pattern import PatternSpec
from dragops.model.pin import PinType, may_connect
from dragops.nodes import catalogue
from dragops.nodes.definition import Pin


def check_definitions(spec: PatternSpec, definitions: Mapping[str, Any]) -> list[Fault]:
    """Give every fault of a deploy call's ``nodeDefinitions``; ``{}`` has none."""
    faults = list(_unknown(spec, definitions))
    if not definitions:
        return faults
    graph, _ = check(spec)
    used = _used_pins(graph, spec)
    # the caller's key is the type as it is written in the graph, perhaps an alias
    written = {node.id: node.type for node in spec.nodes}
    for node in graph.nodes.values():
        view = definitions.get(written[node.id], definitions.get(node.definition.type))
        for side in ("inputs", "outputs"):
            for name in sorted(used.get((node.id, side), ())):
                faults += _mismatch(node, side, name, view)
    return faults


def _unknown(spec: PatternSpec, definitions: Mapping[str, Any]) -> Iterator[Fault]:
    for node in spec.nodes:
        if node.type in definitions and catalogue.definition(node.type) is None:
            message = (
                f"{describe_unknown(node)}: {node.type} is in nodeDefinitions but not in the "
                "catalogue, and nodes made of a definition are not supported yet: use HTTP nodes"
            )
            yield Fault(node.id, "UNKNOWN_NODE", message)


def _used_pins(graph: Graph, spec: PatternSpec) -> dict[tuple[str, str], set[str]]:
    used: dict[tuple[str, str], set[str]] = {}
    for wire in spec.wires:
        for text, side in ((wire.from_, "outputs"), (wire.to, "inputs")):
            node, _, pin = text.partition(".")
            used.setdefault((node, side), set()).add(pin)
    for each in graph.nodes.values():
        used.setdefault((each.id, "inputs"), set()).update(each.values)
    return used


def _mismatch(node: GraphNode, side: str, name: str, view: object) -> Iterator[Fault]:
    pins = view.get(side) if isinstance(view, Mapping) else None
    listed = pins if isinstance(pins, list) else []
    theirs = next((p for p in listed if isinstance(p, Mapping) and p.get("name") == name), None)
    if theirs is None or not node.pins_known:
        return
    ours = (node.inputs if side == "inputs" else node.outputs).get(name)
    shown = str(theirs.get("type"))[:40]
    if ours is None or not _fits(ours, shown):
        here = f"has it as {ours.type.value}" if ours else "has no such pin"
        message = (
            f"{node}: nodeDefinitions has the {side[:-1]} {name} as {shown}, the catalogue {here}: "
            "load the list of nodes anew"
        )
        yield Fault(node.id, "DEFINITION_MISMATCH", message, pin=name)


def _fits(ours: Pin, theirs: str) -> bool:
    try:
        type_ = PinType.read(theirs)
    except StopIteration:
        return False
    return may_connect(type_, ours.type)
