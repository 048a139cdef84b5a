"""Reads inputs: wires and fixed values, computed nodes on the way, each converted to its pin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dragops.compiler.graph import Graph, GraphNode
from dragops.errors import RunFailure
from dragops.model.pin import PinType
from dragops.nodes.convert import CONVERSIONS, Convert
from dragops.nodes.definition import python_name
from support.context import RecordingContext
from support.reference.outputs import Outputs


def named(exc: RunFailure, node: GraphNode) -> RunFailure:
    """Remember where a failure came from, unless it is known."""
    exc.node = getattr(exc, "node", node.id)  # type: ignore[attr-defined]  # of these files only
    return exc


@dataclass
class Reading:
    """One reading of one node's inputs: whatever is computed for it is computed once."""

    graph: Graph
    ctx: RecordingContext
    types: Mapping[str, Convert]
    outputs: Outputs
    seen: dict[str, Any] = field(default_factory=dict)

    def inputs(self, node: GraphNode, only: Iterable[str] = ()) -> dict[str, Any]:
        """Read and convert inputs: all that are wired or set, or `only` some."""
        wanted = [p for p in node.inputs.values() if p.type is not PinType.EXEC]
        if only:
            wanted = [pin for pin in wanted if pin.name in only]
        found = {}
        for pin in wanted:
            source = node.sources.get(pin.name)
            if source:
                found[pin.name] = self.value(self.graph.nodes[source.node], source.pin)
            elif pin.name in node.values or only:
                found[pin.name] = node.values.get(pin.name, pin.default)
        try:
            return {name: _converted(node, name, found[name]) for name in found}
        except RunFailure as exc:
            raise named(exc, node) from None

    def value(self, node: GraphNode, pin: str) -> Any:
        """Give an output."""
        if node.is_literal:
            return node.constant
        if not node.is_computed:
            return self.outputs.of(node.id).get(pin)
        if node.id not in self.seen:
            lazy = _LAZY.get(node.definition.type)
            self.seen[node.id] = lazy(self, node) if lazy else self.computed(node)
        result = self.seen[node.id]
        if pin not in {output.name for output in node.definition.outputs}:
            return result[pin]
        return result if len(node.outputs) == 1 else getattr(result, python_name(pin))

    def computed(self, node: GraphNode) -> Any:
        """Evaluate a node that reads all of its inputs."""
        return self.call(node, self.inputs(node))

    def one(self, node: GraphNode, pin: str) -> Any:
        """Read one input alone."""
        return self.inputs(node, (pin,))[pin]

    def call(self, node: GraphNode, inputs: dict[str, Any]) -> Any:
        """Call a node's function."""
        function = node.definition.function
        assert function is not None
        taken = function.__code__.co_varnames
        given = {python_name(name): node.settings[name] for name in node.settings}
        fixed = {pin.name for pin in node.definition.inputs}
        given |= {python_name(n): v for n, v in inputs.items() if n in fixed}
        for pin in node.definition.inputs:
            if pin.dynamic:
                given[python_name(pin.name) + "s"] = _dynamic(node, inputs)
        known = {"ctx": self.ctx, "types": self.types}
        given |= {n: v for n, v in known.items() if n in taken and n not in given}
        try:
            return function(**given)
        except RunFailure as exc:
            raise named(exc, node) from None


def _converted(node: GraphNode, pin: str, value: Any) -> Any:
    wanted = node.inputs[pin]
    if wanted.nullable and value is None:
        return None
    return CONVERSIONS[wanted.type](value, pin)


def _dynamic(node: GraphNode, inputs: dict[str, Any]) -> dict[str, Any]:
    """Give the inputs that the node's settings have made, by their keys."""
    fixed = {pin.name for pin in node.definition.inputs}
    return {
        pin.key or name: inputs.get(name, pin.default)
        for name, pin in node.inputs.items()
        if name not in fixed and (name in inputs or pin.key is not None)
    }


def _and(reading: Reading, node: GraphNode) -> Any:
    return reading.one(node, "a") and reading.one(node, "b")


def _or(reading: Reading, node: GraphNode) -> Any:
    return reading.one(node, "a") or reading.one(node, "b")


def _select(reading: Reading, node: GraphNode) -> Any:
    return reading.one(node, "ifTrue" if reading.one(node, "condition") else "ifFalse")


def _coalesce(reading: Reading, node: GraphNode) -> Any:
    first = reading.one(node, "a")
    return reading.one(node, "b") if first is None else first


_LAZY = {"And": _and, "Or": _or, "Select": _select, "Coalesce": _coalesce}
