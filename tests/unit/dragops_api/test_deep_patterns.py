"""Patterns of hundreds of levels, which kubectl can store: REST shows them and refuses to go on."""

from typing import Any

import pytest

from dragops.cluster.client import PATTERNS
from support.api_door import Door

CALLS = [
    ("GET", "/api/patterns", None, 200),
    ("GET", "/api/patterns/p", None, 200),
    ("GET", "/api/patterns/p/export", None, 200),
    ("GET", "/api/patterns/p/export?format=manifest", None, 200),
    ("POST", "/api/patterns/p/validate", {}, 200),
    ("POST", "/api/patterns/p/clone", {}, 413),
    ("PATCH", "/api/patterns/p", {"name": "N"}, 413),
    ("PUT", "/api/patterns/p", {"name": "N"}, 413),
    ("POST", "/api/patterns/p/deploy", {"environmentId": None, "nodeDefinitions": {}}, 422),
    ("DELETE", "/api/patterns/p", None, 200),
]


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize("where", ["editor", "values", "default"])
async def test_a_pattern_that_is_too_deep_is_shown_and_told_so(door: Door, where: str) -> None:
    """Encoders give up at 255 levels: no call fails of it, and its verdict says what is wrong."""
    deep, log = nested(150), {"id": "l", "type": "Log"}
    spec: dict[str, Any] = {
        "editor": {"editor": {"x": deep}},
        "values": {"nodes": [log | {"values": {"message": deep}}]},
        "default": {"variables": [{"name": "a", "type": "Any", "default": deep}]},
    }[where]
    start: dict[str, Any] = {"id": "s", "type": "OnStart"}
    spec["nodes"] = [start, *spec.get("nodes", ())]
    body = {"metadata": {"name": "p"}, "spec": spec}
    await door.cluster.create(PATTERNS, "team-a", body)

    answers = [await door.call(method, path, sent) for method, path, sent, _ in CALLS]

    assert [answer.status_code for answer in answers] == [status for *_, status in CALLS]
    assert "nests more than 64 levels" in answers[4].text
