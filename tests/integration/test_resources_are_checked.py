"""What the API server itself refuses, and that its message says what to do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dragops.errors import Rejected, Unreachable
from support.operator_stage import Stage, staged
from support.refused_objects import MISWRITTEN, REFUSED, TAKEN

pytestmark = pytest.mark.timeout(60)


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


async def test_what_no_object_has_is_refused_as_kubectl_applies_it(stage: Stage) -> None:
    for what, kind, body, reason, _ in MISWRITTEN:
        whole = {"apiVersion": kind.api_version, "kind": kind.kind, **body}

        # what its merge does not know, the API server answers with 500
        with pytest.raises((Rejected, Unreachable)) as refused:
            await stage.admin.apply(kind, stage.workspace, whole, manager="kubectl")

        assert reason in str(refused.value), what


async def test_what_has_a_default_may_be_null(stage: Stage) -> None:
    for number, (_, kind, spec) in enumerate(TAKEN):
        head = {"apiVersion": kind.api_version, "kind": kind.kind}
        whole = {**head, "metadata": {"name": f"a{number}"}, "spec": spec}

        assert await stage.admin.apply(kind, stage.workspace, whole, manager="kubectl")


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
