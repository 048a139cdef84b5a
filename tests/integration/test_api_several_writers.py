"""REST, kubectl and Argo CD write the same objects: nobody undoes what another has written."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragops.cluster.client import DEPLOYMENTS, PATTERNS, Cluster, Kind
from dragops.errors import Conflict
from dragops.model.yaml_text import json_of
from support.api_door import until
from support.installed import HERE
from support.operator_stage import eventually
from support.product import LOGGER
from support.real_door import Real, open_real_door

pytestmark = pytest.mark.timeout(120)

APPLIED: dict[str, Any] = {
    "title": "From Git",
    "nodes": [
        {"id": "start", "type": "OnStart", "position": {"x": 1, "y": 2}},
        {"id": "log", "type": "Log", "values": {"message": "hi"}},
    ],
    "wires": [{"from": "start.exec", "to": "log.exec"}],
}


@pytest.fixture
async def real(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Real]:
    """The API over the session's control plane."""
    async with open_real_door(cluster_kubeconfig, tmp_path) as opened:
        yield opened


@pytest.fixture
async def argo(cluster_kubeconfig: str) -> AsyncIterator[Cluster]:
    """Argo CD as it is by default: client-side apply, so an update under its own name."""
    async with await Cluster.connect(cluster_kubeconfig, manager="argocd-controller") as cluster:
        yield cluster
    await asyncio.sleep(0.1)


def _manifest(kind: Kind, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": name},
        "spec": spec,
    }


async def _kubectl(real: Real, kind: Kind, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Apply as ``kubectl apply --server-side`` does: a conflict is an error."""
    body = _manifest(kind, name, spec)
    return await real.admin.apply(kind, HERE, body, manager="kubectl", force=False)


async def _spec(real: Real, kind: Kind, name: str) -> dict[str, Any]:
    return dict((await real.admin.get(kind, HERE, name))["spec"])


async def test_rest_and_kubectl_keep_what_the_other_has_written(real: Real) -> None:
    """Each edits fields of its own, in turn; no warning, as nobody's field is touched."""
    await _kubectl(real, PATTERNS, "shared", APPLIED)
    path = "/api/patterns/shared"

    patched = await real.call("PATCH", path, {"description": "by REST", "tags": ["rest"]})
    await _kubectl(real, PATTERNS, "shared", APPLIED | {"title": "From Git 2"})
    again = await real.call("PATCH", path, {"tags": ["rest", "more"]})

    assert "Warning" not in {*patched.headers, *again.headers}
    wanted = APPLIED | {
        "title": "From Git 2",
        "description": "by REST",
        "tags": ["rest", "more"],
    }
    assert (await real.call("GET", path)).json()["name"] == "From Git 2"
    stored = await _spec(real, PATTERNS, "shared")
    assert {key: stored[key] for key in wanted} == wanted


async def test_a_put_of_the_whole_graph_takes_over_what_it_changes_only(real: Real) -> None:
    """An editor that saves sends everything; kubectl still owns what stayed the same."""
    await _kubectl(real, PATTERNS, "saved", APPLIED)
    path = "/api/patterns/saved"
    shown = (await real.call("GET", path)).json()

    same = await real.call(
        "PUT", path, {"name": shown["name"], "graphData": shown["graphData"], "description": "d"}
    )
    await _kubectl(real, PATTERNS, "saved", APPLIED | {"title": "Still mine"})
    shown["graphData"]["nodes"][1]["data"]["values"]["message"] = "ho"
    changed = await real.call("PUT", path, {"name": "Still mine", "graphData": shown["graphData"]})

    assert (same.status_code, changed.status_code) == (200, 200)
    assert "Warning" not in same.headers
    assert changed.headers["Warning"] == '299 - "changed here, but managed by kubectl"'
    with pytest.raises(Conflict, match="dragops-api"):
        await _kubectl(real, PATTERNS, "saved", APPLIED | {"title": "Still mine"})
    assert (await _spec(real, PATTERNS, "saved"))["nodes"][1]["values"] == {"message": "ho"}


async def test_a_pattern_of_rest_can_be_taken_into_git(real: Real) -> None:
    """The exported manifest is applied over it without a conflict, and nothing changes."""
    words = {"name": "Exported", "graphData": LOGGER, "tags": ["a"], "isPublic": True}
    created = await real.data("POST", "/api/patterns", words)
    path, name = f"/api/patterns/{created['id']}", created["id"].replace("_", "-", 1)
    before = await real.admin.get(PATTERNS, HERE, name)
    export = await real.call("GET", f"{path}/export?format=manifest")

    manifest = json_of(export.content, levels=64)
    after = await real.admin.apply(PATTERNS, HERE, manifest, manager="kubectl", force=False)

    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert (await real.call("GET", path)).json()["graphData"] == created["graphData"]


async def _warned(answer: httpx.Response) -> str:
    assert answer.is_success, answer.text
    return str(answer.headers.get("Warning", ""))


async def test_each_write_names_the_manager_that_will_put_it_back(
    real: Real, argo: Cluster
) -> None:
    """Argo CD's updates, Flux' applies; a field that nobody else has is changed without a word."""
    await argo.create(PATTERNS, HERE, _manifest(PATTERNS, "gitops", APPLIED))
    spec = {"patternRef": {"name": "gitops"}, "state": "Active", "updatePolicy": "OnRelease"}
    body = _manifest(DEPLOYMENTS, "dep-gitops", spec)
    await real.admin.apply(DEPLOYMENTS, HERE, body, manager="kustomize-controller")
    pattern, deployment = "/api/patterns/gitops", "/api/deployments/dep_gitops"
    flux, deploy = "kustomize-controller", {"nodeDefinitions": {}}

    assert "argocd-controller" in await _warned(await real.call("PATCH", pattern, {"name": "N"}))
    assert not await _warned(await real.call("PATCH", pattern, {"tags": ["t"]}))
    assert not await _warned(await real.call("POST", f"{pattern}/deploy", deploy))
    assert flux in await _warned(await real.call("POST", f"{deployment}/pause"))
    assert not await _warned(await real.call("POST", f"{deployment}/redeploy"))
    assert flux in await _warned(await real.call("DELETE", deployment))
    assert "argocd-controller" in await _warned(await real.call("DELETE", pattern))


async def test_a_pin_from_git_is_let_go_by_a_deploy_with_a_warning(real: Real) -> None:
    """The rollback of one manager is not the deploy of the other: both are told."""
    created = await real.data("POST", "/api/patterns", {"name": "Pin", "graphData": LOGGER})
    name, deploy = created["id"].replace("_", "-", 1), {"nodeDefinitions": {}}
    path = f"/api/patterns/{created['id']}/deploy"
    await real.data("POST", path, deploy)
    second = await real.data("POST", path, deploy)
    assert second["versionNumber"] == 2

    spec = {"patternRef": {"name": name}, "version": 1}
    await _kubectl(real, DEPLOYMENTS, f"dep-{name}", spec)
    url = f"/api/deployments/{second['deploymentId']}"
    await until(lambda: bool(_seen(real, f"dep-{name}").get("versionNumber") == 1))
    rows = await real.data("GET", f"{url}/versions")
    assert [(row["number"], row["live"], row["pinned"]) for row in rows] == [
        (2, False, False),
        (1, True, True),
    ]
    again = await real.call("POST", path, deploy)

    assert "kubectl" in again.headers["Warning"]
    assert again.json()["data"]["versionNumber"] == 3
    back = await real.data("POST", f"{url}/rollback", {"version": 2})
    assert back["versionNumber"] == 2
    assert (await _spec(real, DEPLOYMENTS, f"dep-{name}"))["version"] == 2


def _seen(real: Real, name: str) -> dict[str, Any]:
    found = real.parts.deployment_view.get(HERE, name) or {}
    return dict(found.get("status", {}))


async def test_deploys_at_once_tell_the_release_that_survives(real: Real) -> None:
    """All have written before the operator looks: one release is tried, the last."""
    created = await real.data("POST", "/api/patterns", {"name": "Rush", "graphData": LOGGER})
    path = f"/api/patterns/{created['id']}/deploy"
    name = f"dep-{created['id'].replace('_', '-', 1)}"
    await real.data("POST", path, {"nodeDefinitions": {}})
    real.operator.is_deaf = True
    before = (await real.admin.get(DEPLOYMENTS, HERE, name))["metadata"]["generation"]

    calls = [
        asyncio.create_task(real.data("POST", path, {"nodeDefinitions": {}})) for _ in range(5)
    ]

    async def all_wrote() -> bool:
        now = (await real.admin.get(DEPLOYMENTS, HERE, name))["metadata"]["generation"]
        return bool(now == before + 5)

    await eventually(all_wrote, seconds=20)
    real.operator.is_deaf = False
    label = {"metadata": {"labels": {"look": "here"}}}
    await real.admin.merge_patch(DEPLOYMENTS, HERE, name, label)
    answers = await asyncio.gather(*calls)

    assert [answer["versionNumber"] for answer in answers] == [2] * 5
    assert {answer["status"] for answer in answers} == {"active"}


async def test_a_stale_if_match_meets_a_kubectl_edit(real: Real) -> None:
    """What kubectl changed moves the ETag; what the operator reports does not."""
    created = await real.data("POST", "/api/patterns", {"name": "E", "graphData": LOGGER})
    path, name = f"/api/patterns/{created['id']}", created["id"].replace("_", "-", 1)
    etag = (await real.call("GET", path)).headers["ETag"]
    await real.admin.patch_status(PATTERNS, HERE, name, {"observedGeneration": 1})
    kept = await real.call("PATCH", path, {"tags": ["a"]}, headers={"If-Match": etag})
    await _kubectl(real, PATTERNS, name, {"title": "E", "description": "by kubectl"})

    etag = kept.headers["ETag"]
    stale = await real.call("DELETE", path, headers={"If-Match": etag})

    assert (kept.status_code, stale.status_code) == (200, 409)
    assert (await real.call("GET", path)).json()["description"] == "by kubectl"
