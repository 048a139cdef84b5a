"""Whatever an editor may hold, and whatever kubectl may have applied, for property tests."""

from typing import Any

from hypothesis import strategies as st

from dragops.model.pattern import Node, PatternSpec, Position, Variable, Wire
from dragops.model.pin import PinType

ids = st.text("abcXYZ019_-", min_size=1, max_size=6)
texts = st.text(st.characters(codec="utf-8"), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
foreign_keys = st.dictionaries(st.sampled_from(["width", "selected", "style"]), json_values)
pixels = st.integers(-9999, 9999).map(float)
variables = st.builds(
    Variable,
    name=st.sampled_from(["a", "count"]),
    type=st.sampled_from(PinType),
    default=json_values,
)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Whatever an editor may hold: known keys and its own."""
    node_ids = draw(st.lists(ids, unique=True, min_size=1, max_size=4))
    place = st.fixed_dictionaries({"x": pixels, "y": pixels})
    data = st.fixed_dictionaries(
        {},
        optional={
            "label": texts,
            "description": texts,
            "values": st.dictionaries(texts, json_values, min_size=1, max_size=2),
            "colour": json_values,
        },
    )
    nodes = [
        draw(foreign_keys)
        | {"id": id_, "type": draw(st.sampled_from(["Log", "Add"])), "data": draw(data)}
        | draw(st.fixed_dictionaries({}, optional={"position": place}))
        for id_ in node_ids
    ]
    ends = st.sampled_from(node_ids)
    handles = st.sampled_from(["exec", "value"])
    edges = [
        draw(foreign_keys)
        | {"id": f"e{number}" if draw(st.booleans()) else draw(texts.filter(bool))}
        | {"source": draw(ends), "sourceHandle": draw(handles)}
        | {"target": draw(ends), "targetHandle": draw(handles)}
        for number in range(draw(st.integers(0, 4)))
    ]
    listed = [
        v.model_dump(mode="json", by_alias=True) for v in draw(st.lists(variables, max_size=2))
    ]
    viewport = draw(st.fixed_dictionaries({}, optional={"viewport": json_values}))
    return viewport | {"nodes": nodes, "edges": edges, "variables": listed}


@st.composite
def specs(draw: st.DrawFn) -> PatternSpec:
    """What kubectl may have applied: no editor has seen it."""
    node_ids = draw(st.lists(ids, unique=True, min_size=1, max_size=4))
    positions = st.none() | st.builds(Position, x=pixels, y=pixels)
    nodes = [
        Node(
            id=id_,
            type="Log",
            title=draw(st.none() | texts),
            description=draw(st.none() | texts),
            values=draw(st.dictionaries(texts, json_values, max_size=2)),
            position=draw(positions),
        )
        for id_ in node_ids
    ]
    ends = st.sampled_from([f"{id_}.{pin}" for id_ in node_ids for pin in ("exec", "value")])
    wires = draw(st.lists(st.builds(Wire, from_=ends, to=ends), max_size=4))
    return PatternSpec(
        title="T",
        description="D",
        tags=("x",),
        variables=tuple(draw(st.lists(variables, max_size=2))),
        nodes=tuple(nodes),
        wires=tuple(wires),
    )
