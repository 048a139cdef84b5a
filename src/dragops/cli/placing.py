"""Where in a file a fault is: of its wire, else of its pin's value, else of its node."""

from dataclasses import dataclass
from typing import Any

from dragops.cli.documents import PatternFile
from dragops.errors import Fault
from dragops.model.marks import Mark, Path
from dragops.model.pattern import PatternSpec


@dataclass(frozen=True, slots=True)
class _Spelling:
    """Where the two spellings of a pattern keep its parts."""

    nodes: Path
    wires: Path
    variables: Path
    values: Path
    output: str
    input: str


_MANIFEST = _Spelling(
    ("spec", "nodes"), ("spec", "wires"), ("spec", "variables"), ("values",), "from", "to"
)
_REST = _Spelling(
    nodes=("graphData", "nodes"),
    wires=("graphData", "edges"),
    variables=("graphData", "variables"),
    values=("data", "values"),
    output="sourceHandle",
    input="targetHandle",
)
_PARTS = {"UNKNOWN_NODE": "type", "DUPLICATE_ID": "id"}
"""The part of a node that a fault is about."""


class Placer:
    """Knows where the parts of one file's pattern stand."""

    def __init__(self, file: PatternFile, spec: PatternSpec) -> None:
        self._document = file.document
        self._spelling = _MANIFEST if file.is_manifest else _REST
        self._spec = spec
        self._wires = {f"{wire.from_} -> {wire.to}": at for at, wire in enumerate(spec.wires)}
        self._variables = {variable.name: at for at, variable in enumerate(spec.variables)}
        self._last = {node.id: at for at, node in enumerate(spec.nodes)}
        self._first = {node.id: at for at, node in reversed([*enumerate(spec.nodes)])}

    def place_of(self, fault: Fault) -> Mark:
        """Give the line and column of a fault; of all nodes where nothing is nearer."""
        path = self._wire(fault) or self._variable(fault) or self._node(fault)
        return self._document.mark(*(path or self._spelling.nodes))

    def as_json(self, fault: Fault) -> dict[str, Any]:
        """Give a fault with the keys of the API, and its place."""
        line, column = self.place_of(fault)
        return {"line": line, "column": column, **fault.as_json()}

    def _wire(self, fault: Fault) -> Path:
        at = self._wires.get(fault.wire or "")
        if at is None:
            return ()
        wire, spelling = self._spec.wires[at], self._spelling
        ends = {wire.from_: spelling.output, wire.to: spelling.input}
        end = ends.get(f"{fault.node_id}.{fault.pin}")
        return (*spelling.wires, at, *([end] if end else []))

    def _variable(self, fault: Fault) -> Path:
        at = self._variables.get(fault.variable or "")
        return () if at is None else (*self._spelling.variables, at)

    def _node(self, fault: Fault) -> Path:
        # of two nodes with one id, the second is the one too many
        known = self._last if fault.code == "DUPLICATE_ID" else self._first
        at = known.get(fault.node_id or "")
        if at is None:
            return ()
        node: Path = (*self._spelling.nodes, at)
        if fault.pin is not None and fault.pin in self._spec.nodes[at].values:
            return (*node, *self._spelling.values, fault.pin)
        part = _PARTS.get(fault.code)
        return (*node, part) if part else node
