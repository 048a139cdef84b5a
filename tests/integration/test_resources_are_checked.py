"""What the API server itself refuses, and that its message says what to do."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, PATTERNS, Kind
from dragops.errors import Rejected
from support.operator_stage import Stage, staged

pytestmark = pytest.mark.timeout(60)

REF = {"patternRef": {"name": "p"}}


def _tick(**setting: Any) -> dict[str, Any]:
    return REF | {"schedules": [{"nodeId": "t"} | setting]}


REFUSED: list[tuple[str, Kind, str, dict[str, Any], str]] = [
    ("a name that is too long", DEPLOYMENTS, "x" * 41, REF, "at most 40"),
    ("a name with a dot", PATTERNS, "a.b", {}, "letters, digits and dashes"),
    ("a name that begins with a digit", PATTERNS, "1a", {}, "beginning with a letter"),
    ("no pattern", DEPLOYMENTS, "a", {}, "patternRef"),
    ("another word for the state", DEPLOYMENTS, "a", REF | {"state": "On"}, "Undeployed"),
    (
        "a timestamp where there is none",
        DEPLOYMENTS,
        "a",
        REF
        | {
            "webhooks": [
                {"nodeId": "h", "signature": {"scheme": "github", "requireTimestamp": True}}
            ]
        },
        "set requireTimestamp to false",
    ),
    (
        "two settings of one webhook",
        DEPLOYMENTS,
        "a",
        REF | {"webhooks": [{"nodeId": "h"}, {"nodeId": "h"}]},
        "Duplicate",
    ),
    ("a rule of four fields", DEPLOYMENTS, "a", _tick(cronExpression="* * * *"), "write 5 fields"),
    ("seven fields", DEPLOYMENTS, "a", _tick(cronExpression="* " * 7), "6 with the second"),
    ("an empty rule", DEPLOYMENTS, "a", _tick(cronExpression=""), "cronExpression"),
    ("another word for overlap", DEPLOYMENTS, "a", _tick(overlap="Queue"), "Replace"),
    ("another word for missed runs", DEPLOYMENTS, "a", _tick(missedRuns="Some"), "Latest"),
    ("a window of nothing", DEPLOYMENTS, "a", _tick(missedWindowSeconds=5), "greater"),
    (
        "a window that nothing looks at",
        DEPLOYMENTS,
        "a",
        _tick(missedRuns="None", missedWindowSeconds=600),
        "leave missedWindowSeconds out",
    ),
    (
        "two settings of one schedule",
        DEPLOYMENTS,
        "a",
        REF | {"schedules": [{"nodeId": "t"}, {"nodeId": "t"}]},
        "Duplicate",
    ),
    ("no attempt", DEPLOYMENTS, "a", REF | {"retry": {"maxAttempts": 0}}, "greater"),
    ("an endless retry", DEPLOYMENTS, "a", REF | {"retry": {"maxAttempts": 101}}, "less"),
    ("a day and more", DEPLOYMENTS, "a", REF | {"retry": {"maxSeconds": 86401}}, "less"),
    ("a failure less", DEPLOYMENTS, "a", REF | {"circuitBreaker": {"failures": -1}}, "greater"),
    ("no window", DEPLOYMENTS, "a", REF | {"circuitBreaker": {"windowSeconds": 0}}, "greater"),
    ("a long resume", DEPLOYMENTS, "a", REF | {"resume": "x" * 65}, "64"),
    ("a wait back", DEPLOYMENTS, "a", REF | {"retry": {"initialSeconds": -1}}, "greater"),
    ("no time at all", DEPLOYMENTS, "a", REF | {"limits": {"timeoutSeconds": 0}}, "greater"),
    ("a node without a type", PATTERNS, "a", {"nodes": [{"id": "n"}]}, "type"),
    ("a number as a variable", ENVIRONMENTS, "a", {"variables": {"PORT": 80}}, "string"),
    ("a name with a space", ENVIRONMENTS, "a", {"variables": {"A B": "x"}}, "letters, digits, '_'"),
    ("no name", ENVIRONMENTS, "a", {"variables": {"": "x"}}, "letters, digits, '_'"),
    (
        "a hundred and one variables",
        ENVIRONMENTS,
        "a",
        {"variables": {f"V{number}": "" for number in range(101)}},
        "at most 100",
    ),
    (
        "variables that no bundle could hold",
        ENVIRONMENTS,
        "a",
        {"variables": {f"V{number}": "x" * 4096 for number in range(33)}},
        "at most 131072 characters",
    ),
    ("a Secret of no name", ENVIRONMENTS, "a", {"secretRef": {"name": "A_B"}}, "secretRef.name"),
]


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage:
        yield stage


async def test_what_cannot_be_meant_is_refused_with_a_reason(stage: Stage) -> None:
    for what, kind, name, spec, reason in REFUSED:
        body = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {"name": name}}

        with pytest.raises(Rejected) as refused:
            await stage.admin.create(kind, stage.workspace, body | {"spec": spec})

        assert reason in str(refused.value), what


async def test_a_deployment_keeps_its_pattern(stage: Stage) -> None:
    await stage.deployment("dep-a", "p")

    with pytest.raises(Rejected, match="delete it, or make another one"):
        await stage.deployment("dep-a", "q")


async def test_defaults_are_filled_in(stage: Stage) -> None:
    written = await stage.deployment("dep-a", webhooks=[{"nodeId": "h"}])

    assert written["spec"]["state"] == "Active"
    assert written["spec"]["limits"]["timeoutSeconds"] == 300
    assert written["spec"]["circuitBreaker"] == {"failures": 20, "windowSeconds": 300}
    assert written["spec"]["retry"] == {"maxAttempts": 1, "initialSeconds": 1, "maxSeconds": 300}
    assert written["spec"]["webhooks"][0]["signature"]["scheme"] == "dragops"


async def test_rules_of_every_form_are_taken(stage: Stage) -> None:
    """What they mean is the operator's to judge: it knows the zones and the calendar."""
    rules = ["* * * * *", "*/10 0 9 ? JAN-MAR MON", "@daily", " 0\t9  * * 1-5 "]

    for number, rule in enumerate(rules):
        settings = [{"nodeId": "t", "cronExpression": rule}]
        written = await stage.deployment(f"dep-{number}", schedules=settings)

        assert written["spec"]["schedules"][0]["cronExpression"] == rule
        assert written["spec"]["schedules"][0]["overlap"] == "Allow"
        assert written["spec"]["schedules"][0]["missedRuns"] == "Latest"


async def test_a_nodes_values_are_free_and_kept(stage: Stage) -> None:
    values = {"a": [1, {"b": None}], "c": "x"}

    written = await stage.pattern("p", {"nodes": [{"id": "n", "type": "T", "values": values}]})

    assert written["spec"]["nodes"][0]["values"] == values


async def test_a_manifest_that_drops_a_node_drops_it(stage: Stage) -> None:
    nodes = [{"id": "n", "type": "T"}, {"id": "m", "type": "T"}]
    await stage.pattern("p", {"nodes": nodes})

    written = await stage.pattern("p", {"nodes": nodes[:1]})

    assert [node["id"] for node in written["spec"]["nodes"]] == ["n"]
