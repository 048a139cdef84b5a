"""How much a pattern may hold: more is a fault like any other."""

from typing import Any

import orjson
import pytest

from dragops.compiler.check import check
from dragops.model.graph_data import GraphData, spec_of
from dragops.model.pattern import PatternSpec
from support.patterns import node, pattern

START = node("start", "OnStart")


@pytest.mark.parametrize(
    ("what", "count"), [("nodes", 5_001), ("wires", 20_001), ("variables", 201)]
)
def test_too_many_parts_are_a_fault_of_the_pattern(what: str, count: int) -> None:
    """They are told by the compiler's code, from a manifest as from an editor's graph."""
    part = {"id": "a", "type": "Log", "from": "a.exec", "to": "a.exec", "name": "a"}
    keys = {"nodes": ("id", "type"), "wires": ("from", "to"), "variables": ("name", "type")}
    edge = {"source": "a", "sourceHandle": "exec", "target": "a", "targetHandle": "exec"}
    typed = part | ({"type": "Any"} if what == "variables" else {})
    manifest = {what: [{key: typed[key] for key in keys[what]}] * count}
    graph = {"edges": [edge] * count} if what == "wires" else manifest

    for spec in (
        PatternSpec.model_validate(manifest),
        spec_of(GraphData.model_validate(graph), title="", description="", tags=()),
    ):
        (found,) = check(spec)[1]
        assert (found.code, found.message.partition(",")[0]) == (
            "TOO_LARGE",
            f"the pattern has {count} {what}",
        )


def test_a_pattern_of_one_mebibyte_is_not_too_large() -> None:
    """1,048,576 bytes of JSON, and not one more; what else is wrong is told as well."""

    def codes(*, more: int, **values: Any) -> list[str]:
        spec = pattern("p", START, node("log", "Log", message="", **values))
        size = len(orjson.dumps(spec.as_json()))
        spec.nodes[1].values["message"] = "x" * (1_048_576 - size + more)
        return [fault.code for fault in check(spec)[1]]

    assert codes(more=0) == []
    assert codes(more=1) == ["TOO_LARGE"]
    assert codes(more=1, level="loud") == ["BAD_VALUE", "TOO_LARGE"]
