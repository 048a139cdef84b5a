"""The REST spelling of a pattern's graph, and the two ways between it and ``PatternSpec``.

``graphData`` is what a React-Flow editor holds. Whatever of it a pattern has no field for (sizes,
colours, the viewport, ids of edges) is kept in ``spec.editor`` and comes back where it was::

    editor = {"nodes": {<node id>: {<key>: ..., "data": {<key>: ...}}},
              "edges": {"<from>-><to>": [{<key>: ...}]}, <key of the graph>: ...}
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from dragops.model.ids import NODE_ID_PATTERN
from dragops.model.pattern import (
    NODES_MAX,
    VARIABLES_MAX,
    WIRES_MAX,
    Node,
    PatternSpec,
    Position,
    Text,
    Variable,
    Wire,
    at_most,
)
from dragops.model.schema import FREE_JSON, Json, Shape

GraphNodeId = Annotated[str, Field(pattern=NODE_ID_PATTERN, max_length=63)]
WireEnd = Annotated[str, Field(max_length=128)]
Pixels = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class _Open(Shape):
    """A shape that keeps the keys that it does not know."""

    model_config = ConfigDict(extra="allow")

    def rest(self) -> dict[str, Any]:
        """Give the unknown keys."""
        return dict(self.model_extra or {})

    @classmethod
    def unknown(cls, kept: object) -> dict[str, Any]:
        """Give of kept keys those that this shape has no field for."""
        known = {field.alias for field in cls.model_fields.values()}
        return {key: value for key, value in _object(kept).items() if key not in known}


class GraphPosition(Shape):
    """Where the editor shows the node."""

    x: Pixels = 0
    y: Pixels = 0


class GraphNodeData(_Open):
    """What the editor's node holds."""

    label: str | None = Field(default=None, max_length=256)
    description: Text | None = None
    values: dict[str, Json] = Field(default_factory=dict, json_schema_extra=FREE_JSON)


class GraphNode(_Open):
    """One node as the editor has it."""

    id: GraphNodeId
    type: str = Field(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9]*$")
    position: GraphPosition | None = None
    data: GraphNodeData = GraphNodeData()


class GraphEdge(_Open):
    """One wire as the editor has it."""

    id: str | None = Field(default=None, max_length=300)
    source: Annotated[WireEnd, Field(pattern=r"^[^.]*$")]
    source_handle: WireEnd
    target: Annotated[WireEnd, Field(pattern=r"^[^.]*$")]
    target_handle: WireEnd

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if max(len(self.output), len(self.input)) > 128:
            raise ValueError("a node id and its pin have at most 127 characters together")
        return self

    @property
    def output(self) -> str:
        """Give the end that the wire comes from."""
        return f"{self.source}.{self.source_handle}" if self.source_handle else self.source

    @property
    def input(self) -> str:
        """Give the end that the wire goes to."""
        return f"{self.target}.{self.target_handle}" if self.target_handle else self.target


class GraphData(_Open):
    """A pattern's graph in the REST spelling."""

    nodes: tuple[GraphNode, ...] = Field(default=(), json_schema_extra=at_most(NODES_MAX))
    edges: tuple[GraphEdge, ...] = Field(default=(), json_schema_extra=at_most(WIRES_MAX))
    variables: tuple[Variable, ...] = Field(default=(), json_schema_extra=at_most(VARIABLES_MAX))


def spec_of(graph: GraphData, *, title: str, description: str, tags: Iterable[str]) -> PatternSpec:
    """Give the pattern that holds this graph; nothing of the graph is lost."""
    return PatternSpec(
        title=title,
        description=description,
        tags=tuple(tags),
        variables=graph.variables,
        nodes=tuple(_node_of(node) for node in graph.nodes),
        wires=tuple(_wire_of(edge) for edge in graph.edges),
        editor=_editor_of(graph) or None,
    )


def graph_of(spec: PatternSpec) -> GraphData:
    """Give the graph of a pattern in the REST spelling, with what an editor has kept in it."""
    editor = _object(spec.editor)
    nodes, edges = _object(editor.get("nodes")), _object(editor.get("edges"))
    return GraphData.model_validate(
        GraphData.unknown(editor)
        | {
            "nodes": [_graph_node(node, _object(nodes.get(node.id))) for node in spec.nodes],
            "edges": _graph_edges(spec.wires, edges),
            "variables": spec.variables,
        }
    )


def _node_of(node: GraphNode) -> Node:
    place = node.position
    return Node(
        id=node.id,
        type=node.type,
        title=node.data.label,
        description=node.data.description,
        values=node.data.values,
        position=Position(x=place.x, y=place.y) if place else None,
    )


def _wire_of(edge: GraphEdge) -> Wire:
    return Wire(from_=edge.output, to=edge.input)


def _editor_of(graph: GraphData) -> dict[str, Any]:
    """Give the keys of the graph that a pattern has no field for."""
    nodes = {node.id: _kept_of_node(node) for node in graph.nodes}
    edges: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for edge in graph.edges:
        key = _edge_key(_wire_of(edge))
        own_id = {"id": edge.id} if edge.id not in {None, _made_id(key, len(edges[key]))} else {}
        edges[key].append(own_id | edge.rest())
    kept = {
        "nodes": {id_: keys for id_, keys in nodes.items() if keys},
        "edges": {key: list_ for key, list_ in edges.items() if any(list_)},
    }
    return {name: keys for name, keys in kept.items() if keys} | graph.rest()


def _kept_of_node(node: GraphNode) -> dict[str, Any]:
    data = node.data.rest()
    return node.rest() | ({"data": data} if data else {})


def _graph_node(node: Node, kept: dict[str, Any]) -> dict[str, Any]:
    named = {"label": node.title, "description": node.description, "values": node.values or None}
    data = GraphNodeData.unknown(kept.get("data")) | _set_of(named)
    place = node.position.model_dump() if node.position else None
    return GraphNode.unknown(kept) | _set_of(
        {"id": node.id, "type": node.type, "position": place, "data": data}
    )


def _graph_edges(wires: Iterable[Wire], kept: dict[str, Any]) -> list[dict[str, Any]]:
    seen: dict[str, int] = defaultdict(int)
    edges = []
    for wire in wires:
        key = _edge_key(wire)
        turn, seen[key] = seen[key], seen[key] + 1
        own = _kept_of_edge(kept, key, turn)
        id_ = str(own.get("id") or _made_id(key, turn))[:300]
        edges.append(GraphEdge.unknown(own) | {"id": id_} | _ends_of(wire))
    return edges


def _ends_of(wire: Wire) -> dict[str, str]:
    source, _, source_handle = wire.from_.partition(".")
    target, _, target_handle = wire.to.partition(".")
    handles = {"sourceHandle": source_handle, "targetHandle": target_handle}
    return {"source": source, "target": target} | handles


def _kept_of_edge(kept: dict[str, Any], key: str, turn: int) -> dict[str, Any]:
    turns = kept.get(key)
    return _object(turns[turn]) if isinstance(turns, list) and turn < len(turns) else {}


def _edge_key(wire: Wire) -> str:
    return f"{wire.from_}->{wire.to}"


def _made_id(key: str, turn: int) -> str:
    """Name an edge that has no id of its own, the same each time."""
    return f"{key}#{turn + 1}" if turn else key


def _object(value: object) -> dict[str, Any]:
    """Give a copy of an object; anything else was put there by hand and means nothing."""
    return dict(value) if isinstance(value, dict) else {}


def _set_of(keys: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in keys.items() if value is not None}
