"""A pattern's graph once it has been looked at: nodes with their settings, pins and wires.

``check`` makes it and finds the faults; ``compile`` reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from dragops.model.pattern import Node, PatternSpec
from dragops.model.pin import PinType
from dragops.nodes.definition import Definition, Kind, Pin

ON_ERROR = "OnError"
"""The event inside a run: nothing starts there, each trigger's failure leads to it."""


@dataclass(frozen=True, slots=True)
class Source:
    """The output pin that an input reads."""

    node: str
    pin: str


@dataclass(slots=True)
class GraphNode:
    """One node; filled by the checks, left alone afterwards."""

    id: str
    title: str | None
    definition: Definition
    settings: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Pin] = field(default_factory=dict)
    outputs: dict[str, Pin] = field(default_factory=dict)
    pins_known: bool = True
    """False when faulty settings hide which dynamic pins there are."""
    values: dict[str, Any] = field(default_factory=dict)
    """Fixed values of inputs, converted to the pins' types."""
    constant: Any = None
    """The value of a literal."""
    sources: dict[str, Source] = field(default_factory=dict)
    meant: set[str] = field(default_factory=set)
    """Inputs and settings that a faulty wire or value, or one of a misspelt name, was for."""
    targets: dict[str, list[str]] = field(default_factory=dict)
    """For each wired exec output, the nodes that it fires, in wire order."""

    @override
    def __str__(self) -> str:
        return describe(self.definition.label, self.title, self.id)

    @property
    def is_event(self) -> bool:
        """Say whether the node starts runs."""
        return self.definition.kind is Kind.EVENT and self.definition.type != ON_ERROR

    @property
    def is_literal(self) -> bool:
        """Say whether the node is a fixed value."""
        return self.definition.constant is not None

    @property
    def is_computed(self) -> bool:
        """Say whether the node is evaluated where it is read."""
        return self.definition.is_pure and not self.is_literal

    def fired(self) -> Iterator[str]:
        """Give the nodes that this one fires, one for each wire."""
        for targets in self.targets.values():
            yield from targets

    def data_outputs(self) -> list[Pin]:
        """Give the outputs that hold values."""
        return [pin for pin in self.outputs.values() if pin.type is not PinType.EXEC]


@dataclass(slots=True)
class Graph:
    """All nodes by id, in the pattern's order, and the variables' start values."""

    spec: PatternSpec
    nodes: dict[str, GraphNode] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)
    """The pattern in JSON, once it is known to be storable."""
    meant: set[str] = field(default_factory=set)
    """Node types that a misspelt one may stand for."""
    declared: dict[str, Definition | None] = field(default_factory=dict)
    """Node types that come with the pattern; None for one whose definition is faulty."""

    def events(self) -> list[GraphNode]:
        """Give the nodes that start runs."""
        return [node for node in self.nodes.values() if node.is_event]

    def on_error(self) -> GraphNode | None:
        """Give the node whose flow runs after a failure that nothing has caught."""
        return next(self.of_type(ON_ERROR), None)

    def of_type(self, type_: str) -> Iterator[GraphNode]:
        """Give the nodes of one type."""
        return (node for node in self.nodes.values() if node.definition.type == type_)

    def starts(self) -> list[GraphNode]:
        """Give the nodes where flows begin."""
        handler = self.on_error()
        return [*self.events(), *([handler] if handler else [])]

    def computed_sources(self, node: GraphNode) -> Iterator[tuple[str, GraphNode]]:
        """Give each input that reads a computed node, with that node."""
        for pin, source in node.sources.items():
            producer = self.nodes[source.node]
            if producer.is_computed:
                yield pin, producer


def describe(label: str, title: str | None, node_id: str) -> str:
    """Name a node in a message: what it is, what it is called, its id."""
    words = " ".join((title or "").split())  # a message is one line
    called = f' "{words}"' if words and words != label else ""
    return f"{label}{called} ({node_id})"


def describe_unknown(node: Node) -> str:
    """Name a node whose type says nothing."""
    return describe(node.type, node.title, node.id)
