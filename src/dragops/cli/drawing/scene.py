"""What a picture of a pattern shows: boxes with pins and fixed values, and links between pins.

A pattern with faults is drawn as far as it can be read, with the faulty nodes marked.
Next: ``dragops.cli.drawing.layout`` decides where, ``mermaid`` writes it at once.
"""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dragops.compiler.check import check
from dragops.compiler.graph import GraphNode
from dragops.model.declared import NOTHING, Declared
from dragops.model.pattern import Node, PatternSpec
from dragops.model.pin import PinType
from dragops.nodes.definition import Kind, Pin

TITLE_MAX, VALUE_MAX, FAULT_MAX = 44, 34, 300
_EXEC = "exec"
_Wired = tuple[dict[str, None], dict[str, None]]


@dataclass(frozen=True, slots=True)
class Port:
    """A pin that a link reaches."""

    name: str
    type: PinType | None = None
    """None when the node's type is unknown."""

    @property
    def text(self) -> str:
        """Give its name as it is drawn."""
        return shortened(self.name, VALUE_MAX)


@dataclass(frozen=True, slots=True)
class Box:
    """One node as it is drawn."""

    id: str
    title: str
    label: str
    """Its id, and what it is where the title does not say it."""
    look: str
    """``event``, ``flow``, ``action``, ``value`` or ``unknown``."""
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    """Settings and fixed inputs, each as short texts."""
    faults: tuple[str, ...] = ()

    @property
    def is_value(self) -> bool:
        """Say whether it is computed where it is read."""
        return self.look == "value"


@dataclass(frozen=True, slots=True)
class Link:
    """A wire; boxes are meant by their place in the scene."""

    source: int
    output: str
    target: int
    input: str
    type: PinType | None = None

    @property
    def is_exec(self) -> bool:
        """Say whether it says what runs next."""
        return self.type is PinType.EXEC


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is drawn of one pattern."""

    title: str
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]


def scene_of(spec: PatternSpec, declared: Declared = NOTHING, *, title: str) -> Scene:
    """Give what a picture of a pattern shows."""
    graph, found = check(spec, declared)
    nodes = list({node.id: node for node in reversed(spec.nodes)}.values())[::-1]
    places = {node.id: at for at, node in enumerate(nodes)}
    links = [*_links(spec, places, graph.nodes)]
    faults: dict[str, list[str]] = {node.id: [] for node in nodes}
    for fault in found:
        faults.get(fault.node_id or "", []).append(fault.message)
    wired = _wired(links, len(nodes))
    boxes = (
        _box(node, graph.nodes.get(node.id), wired[at], faults[node.id])
        for at, node in enumerate(nodes)
    )
    return Scene(title, tuple(boxes), tuple(links))


def _links(
    spec: PatternSpec, places: dict[str, int], nodes: dict[str, GraphNode]
) -> Iterable[Link]:
    for wire in spec.wires:
        (source, _, output), (target, _, input_) = (
            end.partition(".") for end in (wire.from_, wire.to)
        )
        if source not in places or target not in places:
            continue
        known = nodes.get(source)
        pin = known.outputs.get(output) if known else None
        type_ = pin.type if pin else PinType.EXEC if output == input_ == _EXEC else None
        yield Link(places[source], output, places[target], input_, type_)


def _wired(links: list[Link], boxes: int) -> list[_Wired]:
    """Give for each box the names of its inputs and outputs that links reach, each once."""
    wired: list[_Wired] = [({}, {}) for _ in range(boxes)]
    for link in links:
        wired[link.source][1][link.output] = None
        wired[link.target][0][link.input] = None
    return wired


def _box(
    node: Node,
    known: GraphNode | None,
    wired: _Wired,
    faults: list[str],
) -> Box:
    inputs, outputs = wired
    label = known.definition.label if known else node.type
    title = shortened(node.title or label, TITLE_MAX)
    return Box(
        id=node.id,
        title=title,
        label=f"{label} · {node.id}" if title != label else node.id,
        look=_look(known),
        inputs=_ports(inputs, known.inputs if known else {}),
        outputs=_ports(outputs, known.outputs if known else {}),
        values=tuple(
            (shortened(name, VALUE_MAX), _text(value))
            for name, value in node.values.items()
            if name not in inputs
        ),
        faults=tuple(shortened(fault, FAULT_MAX) for fault in faults),
    )


def _look(known: GraphNode | None) -> str:
    if known is None:
        return "unknown"
    definition = known.definition
    if definition.kind is Kind.EVENT:
        return "event"
    if definition.is_pure:
        return "value"
    return "flow" if definition.category == "Flow Control" else "action"


def _ports(wired: dict[str, None], pins: dict[str, Pin]) -> tuple[Port, ...]:
    """Give the wired pins in the order of the definition, those that it lacks last."""
    ordered = [name for name in pins if name in wired]
    ordered += [name for name in wired if name not in pins]
    return tuple(Port(name, pins[name].type if name in pins else None) for name in ordered)


def _text(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(said, VALUE_MAX)


def shortened(text: str, most: int) -> str:
    """Give a text as one line of what can be seen, cut where it is too long."""
    line = " ".join(text.split())
    seen = "".join(
        c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in line
    )
    return seen if len(seen) <= most else seen[: most - 1] + "…"
