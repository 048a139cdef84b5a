"""Calls of patterns that are known: what their On Pattern Call declares has to fit.

The compiler itself knows one pattern only; a deploy looks up the others and asks here.
"""

from collections.abc import Iterator, Mapping

from dragops.compiler.graph import describe
from dragops.errors import Fault
from dragops.model.pattern import Node, PatternSpec
from dragops.nodes.catalogue import definition
from dragops.nodes.interface import Interface, interface_of


def patterns_called(spec: PatternSpec) -> tuple[str, ...]:
    """Give the words by which a pattern names those that it calls."""
    names = (node.values.get("pattern") for node in _of_type(spec, "CallPattern"))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def call_faults(spec: PatternSpec, known: Mapping[str, PatternSpec]) -> Iterator[Fault]:
    """Give a fault for each call that would fail; ``known`` has patterns by those words."""
    for node in _of_type(spec, "CallPattern"):
        called = known.get(str(node.values.get("pattern")))
        for wrong in _mismatches(node, called) if called else ():
            shown = describe("Call Pattern", node.title, node.id)
            message = f"{shown}: {node.values['pattern']}: {wrong}"
            yield Fault(node.id, "DEFINITION_MISMATCH", message, pin="pattern")


def _mismatches(node: Node, called: PatternSpec) -> Iterator[str]:
    callable_at = next(_of_type(called, "OnPatternCall"), None)
    if callable_at is None:
        yield "it has no On Pattern Call"
        return
    try:
        here, there = _interface(node), _interface(callable_at)
    except ValueError:
        return  # a field list that is none is a fault of its own pattern
    takes = {field.name: field.type for field in here.inputs}
    yield from there.mismatches(takes, {field.name: field.type for field in here.outputs})


def _interface(node: Node) -> Interface:
    lists = (node.values.get(name) for name in ("inputs", "outputs"))
    inputs, outputs = (each if isinstance(each, list) else [] for each in lists)
    return interface_of({"inputs": inputs, "outputs": outputs})


def _of_type(spec: PatternSpec, type_: str) -> Iterator[Node]:
    for node in spec.nodes:
        found = definition(node.type)
        if found is not None and found.type == type_:
            yield node
