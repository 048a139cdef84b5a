"""graphData and PatternSpec convert into each other without loss."""

from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from dragops.model.graph_data import GraphData, graph_of, spec_of
from dragops.model.pattern import Node, PatternSpec, Wire
from support.any_pattern import graphs, specs


def as_spec(graph: GraphData) -> PatternSpec:
    return spec_of(graph, title="T", description="D", tags=["x"])


def as_json(graph: GraphData) -> dict[str, Any]:
    return graph.model_dump(mode="json", by_alias=True, exclude_unset=True)


@given(graphs())
def test_a_graph_comes_back_as_it_was(graph: dict[str, Any]) -> None:
    """Label and title, the editor's own keys, ids and order of edges: nothing is lost."""
    again = graph_of(as_spec(GraphData.model_validate(graph)))

    assert as_json(again) == graph


@given(specs())
def test_a_manifest_comes_back_as_it_was(spec: PatternSpec) -> None:
    """Reading by REST and writing back changes nothing, and leaves no editor behind."""
    assert as_spec(graph_of(spec)) == spec


@given(graphs())
def test_the_stored_form_is_stable(graph: dict[str, Any]) -> None:
    """A second way round gives the same pattern."""
    spec = as_spec(GraphData.model_validate(graph))

    assert as_spec(graph_of(spec)) == spec


def test_what_the_editor_keeps_cannot_override_the_graph() -> None:
    """spec.editor is written by hand here: known keys in it mean nothing, odd shapes neither."""
    spec = PatternSpec(
        nodes=(Node(id="a", type="Log"),),
        wires=(Wire(from_="a.x", to="a.y"),),
        editor={
            "nodes": {"a": {"id": "b", "type": 7, "position": 5, "data": {"label": 3, "hue": 1}}},
            "edges": {"a.x->a.y": [{"source": "z", "hue": 2}], "gone": 4},
            "variables": "no",
            "viewport": {"zoom": 2},
        },
    )

    assert as_json(graph_of(spec)) == {
        "viewport": {"zoom": 2},
        "nodes": [{"id": "a", "type": "Log", "data": {"hue": 1}}],
        "edges": [
            {
                "id": "a.x->a.y",
                "source": "a",
                "sourceHandle": "x",
                "target": "a",
                "targetHandle": "y",
                "hue": 2,
            }
        ],
        "variables": [],
    }


@pytest.mark.parametrize("end", ["a", "", "a.b.c", ".", "x" * 128])
def test_a_wire_that_makes_no_sense_can_still_be_read(end: str) -> None:
    """The compiler says what is wrong with it; a read must not fail."""
    (edge,) = graph_of(PatternSpec(wires=(Wire(from_=end, to="a.b"),))).edges

    assert f"{edge.source}.{edge.source_handle}".rstrip(".") == end.rstrip(".")


@pytest.mark.parametrize(
    ("graph", "path"),
    [
        ({"nodes": [{"id": "a b", "type": "Log"}]}, ("nodes", 0, "id")),
        (
            {"nodes": [{"id": "a", "type": "Log", "data": {"label": 1}}]},
            ("nodes", 0, "data", "label"),
        ),
        (
            {"nodes": [{"id": "a", "type": "Log", "position": {"x": "1"}}]},
            ("nodes", 0, "position", "x"),
        ),
        ({"edges": [{"source": "a"}]}, ("edges", 0, "sourceHandle")),
        ({"edges": 5}, ("edges",)),
    ],
)
def test_a_fault_names_its_place_in_the_graph(graph: Any, path: tuple[Any, ...]) -> None:
    """The path is that of the body, so that a caller finds it."""
    with pytest.raises(ValidationError) as failure:
        GraphData.model_validate(graph)

    assert failure.value.errors()[0]["loc"] == path
