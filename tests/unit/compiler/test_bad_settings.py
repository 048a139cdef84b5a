"""Settings and fixed values that can only fail: refused before a run."""

from typing import Any

import pytest

from dragops.compiler.check import check
from support.patterns import node, pattern, wire

BAD_SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("OnWebhook", {"webhookAlias": "Main"}),
    ("OnWebhook", {"webhookAlias": 5}),
    ("OnWebhook", {"responseMode": "Later"}),
    ("OnWebhook", {"methods": ["HEAD"]}),
    ("Switch", {"cases": [True], "value": 1}),
    ("Switch", {"cases": ["2", 2], "value": 1}),
    ("Switch", {"cases": list(range(65)), "value": 1}),
    ("Sequence", {"count": 0}),
    ("Sequence", {"count": 65}),
    ("Sequence", {"count": "2"}),
    ("Sequence", {"count": True}),
    ("ForRange", {"end": 3, "step": 0}),
    ("ForEachBatch", {"collection": [], "size": 0}),
    ("While", {"condition": True, "maxTurns": 0}),
    ("While", {"condition": True, "maxTurns": 1_000_001}),
    ("Parallel", {"count": 0}),
    ("Parallel", {"count": 65}),
    ("ForEachParallel", {"collection": [], "concurrency": 0}),
    ("ForEachParallel", {"collection": [], "concurrency": 65}),
    ("Retry", {"maxAttempts": 0}),
    ("Retry", {"maxAttempts": 101}),
    ("Retry", {"retryOn": ["HTTPError"]}),
    ("Delay", {"unit": "days"}),
    ("Integer", {"value": 2**70}),
    ("Float", {"value": float("inf")}),
    ("String", {"value": "\ud800"}),
    ("Array", {"values": "{}"}),
    ("Array", {"values": "[1,"}),
    ("Object", {"values": 7}),
    ("DateTime", {"value": "20260305"}),
    ("Format", {"template": "{a"}),
    ("Format", {"template": "{}"}),
    ("Format", {"template": "{a..b}"}),
    ("Format", {"template": "{values.a}"}),
    ("GetProperty", {"object": 1, "key": "a..b"}),
    ("GetProperty", {"object": 1, "key": "a["}),
    ("SetProperty", {"key": 'a["b]'}),
    ("Log", {"exec": True}),
    ("Log", {"message": {"a": [float("nan")]}}),
    ("RespondToWebhook", {"headers": "text"}),
    ("Concat", {"a": {"b": 1}}),
    ("HttpRequest", {"url": ["https://a.test"]}),
    ("Sort", {"array": [], "order": []}),
]


@pytest.mark.parametrize(("type_", "values"), BAD_SETTINGS)
def test_a_value_that_is_sure_to_fail_is_refused(type_: str, values: dict[str, Any]) -> None:
    """What can be known before a run is told before a run."""
    spec = pattern("p", node("hook", "OnWebhook", responseMode="Response Node"))
    spec = spec.model_copy(update={"nodes": (*spec.nodes, node("x", type_, **values))})

    faults = check(spec)[1]

    assert {(each.code, each.node_id) for each in faults} == {("BAD_VALUE", "x")}


def test_faulty_settings_hide_no_pins() -> None:
    """Wires to dynamic pins are no faults while the settings that make them are wrong."""
    spec = pattern(
        "p", node("start", "OnStart"), node("f", "Format", template="{a"), wire("start.data", "f.a")
    )

    assert [each.code for each in check(spec)[1]] == ["BAD_VALUE"]
