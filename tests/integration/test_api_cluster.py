"""The API against a real control plane, with RBAC on and the chart's own roles."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS, PATTERNS, SECRETS
from dragops.errors import NotFound
from support.api_door import until
from support.installed import ELSEWHERE, HERE
from support.product import LOGGER
from support.real_door import Real, open_real_door

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def real(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Real]:
    """The API over the session's control plane."""
    async with open_real_door(cluster_kubeconfig, tmp_path) as opened:
        yield opened


async def test_tokens_and_rights_are_the_clusters(real: Real) -> None:
    """401 without a token that is meant for us, 403 without the right, 200 with it."""
    plain = await real.token("editor", audience="")
    powerless = await real.token("nobody")

    async def seen(token: str | None, **headers: str) -> tuple[int, str]:
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await real.http.post("/api/patterns", json={"name": "R"}, headers=sent | headers)
        return answer.status_code, answer.json().get("error", {}).get("message", "")

    assert (await seen(None))[0] == 401
    assert (await seen("nonsense"))[0] == 401
    assert (await seen(plain))[0] == 401
    status, message = await seen(powerless)
    assert (status, "create patterns" in message, HERE in message) == (403, True, True)
    assert (await seen(await real.token("editor")))[0] == 201
    editor = await real.token("editor")
    assert (await seen(editor, **{"X-Dragops-Workspace": ELSEWHERE}))[0] == 403
    assert (await seen(editor, **{"X-Dragops-Workspace": "kube-system"}))[0] == 403


async def test_a_life_from_create_to_delete(real: Real) -> None:
    """Deploy, edit, pause, resume, redeploy, undeploy, delete; each read sees the last write."""
    words = {"name": "Life", "description": "d", "graphData": LOGGER}
    created = await real.data("POST", "/api/patterns", words)
    pattern = f"/api/patterns/{created['id']}"

    done = await real.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {}})
    path = f"/api/deployments/{done['deploymentId']}"
    shown = await real.data("GET", path)
    assert (done["status"], shown["status"], shown["versionNumber"]) == ("active", "active", 1)
    assert shown["webhookEndpoints"][0]["webhookSecret"] == "a1b2"
    assert (await real.call("GET", pattern)).json()["graphData"] == created["graphData"]

    changed = await real.data("PUT", pattern, {"name": "Life 2"})
    assert (await real.call("GET", pattern)).json() == changed
    await real.data("POST", f"{pattern}/deploy", {"nodeDefinitions": {}})
    assert (await real.data("GET", f"{pattern}/deployment"))["versionNumber"] == 2

    for call, word in (("pause", "paused"), ("resume", "active"), ("redeploy", "active")):
        assert (await real.data("POST", f"{path}/{call}"))["status"] == word
    assert (await real.data("DELETE", f"{pattern}/deploy"))["status"] == "undeployed"
    assert await real.data("DELETE", path) == {"id": done["deploymentId"], "status": "deleted"}
    assert (await real.call("GET", path)).status_code == 404
    assert (await real.call("DELETE", path)).status_code == 404
    name = done["deploymentId"].replace("_", "-", 1)
    with pytest.raises(NotFound):
        await real.admin.get(CONFIG_MAPS, HERE, f"{name}-live")


async def test_a_write_carries_the_field_manager_and_who_asked(real: Real) -> None:
    """kubectl shows both."""
    created = await real.data("POST", "/api/patterns", {"name": "Mine"})

    stored = await real.admin.get(PATTERNS, HERE, created["id"].replace("_", "-", 1))

    assert {entry["manager"] for entry in stored["metadata"]["managedFields"]} == {"dragops-api"}
    by = stored["metadata"]["annotations"]["dragops.dev/changed-by"]
    assert by == f"system:serviceaccount:{HERE}:editor"


async def test_whose_field_was_changed_is_told(real: Real) -> None:
    """A GitOps controller that applied the state will put it back."""
    created = await real.data("POST", "/api/patterns", {"name": "G", "graphData": LOGGER})
    name = created["id"].replace("_", "-", 1)
    manifest = {
        "apiVersion": "dragops.dev/v1",
        "kind": "PatternDeployment",
        "metadata": {"name": f"dep-{name}"},
        "spec": {"patternRef": {"name": name}, "state": "Active"},
    }
    await real.admin.apply(DEPLOYMENTS, HERE, manifest, manager="argocd-controller")

    answer = await real.call("POST", f"/api/deployments/dep_{name}/pause")

    assert answer.status_code == 200, answer.text
    assert "argocd-controller" in answer.headers["Warning"]


async def test_two_deploys_at_once_both_succeed(real: Real) -> None:
    """One of the releases survives; both callers hear that it is active."""
    created = await real.data("POST", "/api/patterns", {"name": "Two", "graphData": LOGGER})
    path = f"/api/patterns/{created['id']}/deploy"

    answers = await asyncio.gather(
        *(real.call("POST", path, {"nodeDefinitions": {}}) for _ in range(4))
    )

    assert [a.json()["data"]["status"] for a in answers] == ["active"] * 4
    assert len({a.json()["data"]["deploymentId"] for a in answers}) == 1


async def test_a_null_value_and_an_editors_keys_survive_the_api_server(real: Real) -> None:
    """Pruning takes nothing of what a pattern may hold."""
    node = {
        "id": "n",
        "type": "Log",
        "position": {"x": 0.5, "y": 0},
        "data": {"values": {"message": None, "deep": {"a": [1, None]}}, "hue": None},
        "measured": {"width": 3},
    }
    graph = {"nodes": [node], "edges": [], "variables": [], "viewport": {"zoom": 1}}

    created = await real.data("POST", "/api/patterns", {"name": "N", "graphData": graph})

    assert (await real.call("GET", f"/api/patterns/{created['id']}")).json()["graphData"] == graph


async def test_a_secret_of_another_owner_stays_closed(real: Real) -> None:
    """The API's right to read Secrets is nobody else's."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "bank-endpoints"},
        "stringData": {"hook.secret": "theirs"},
    }
    created = await real.data("POST", "/api/patterns", {"name": "S", "graphData": LOGGER})
    spec = {"patternRef": {"name": created["id"].replace("_", "-", 1)}}
    real.operator.makes_children = False
    await real.admin.create(SECRETS, HERE, body)
    manifest = {"apiVersion": "dragops.dev/v1", "kind": "PatternDeployment"}
    manifest |= {"metadata": {"name": "bank"}, "spec": spec}
    await real.admin.apply(DEPLOYMENTS, HERE, manifest, manager="kubectl")
    view = real.parts.deployment_view
    await until(lambda: bool((view.get(HERE, "bank") or {}).get("status", {}).get("webhooks")))

    shown = await real.data("GET", "/api/deployments/bank")

    assert shown["webhookEndpoints"][0]["webhookSecret"] is None
