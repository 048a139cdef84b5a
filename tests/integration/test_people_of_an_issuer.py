"""People of an OIDC issuer, with rights that the real API server gives to their mapped names."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragops.cluster.client import ROLE_BINDINGS, Cluster
from dragops.history.database import writing
from dragops_api.app import create_api, create_app
from dragops_api.parts import parts_of
from dragops_api.settings import Settings
from support.api_door import NOWHERE, until
from support.chart import named, render
from support.installed import CLUSTER_ROLES, ELSEWHERE, HERE, install
from support.oidc_issuer import AUDIENCE, OidcIssuer

pytestmark = pytest.mark.timeout(120)
RBAC = "rbac.authorization.k8s.io"


@dataclass
class People:
    """The API, and the issuer that its callers log in at."""

    http: httpx.AsyncClient
    issuer: OidcIssuer

    async def status(self, method: str, path: str, *, workspace: str = HERE, **claims: Any) -> int:
        """Call as whom the claims name; give the status."""
        headers = {
            "Authorization": f"Bearer {self.issuer.token(**claims)}",
            "X-Dragops-Workspace": workspace,
        }
        body = {"name": "Made by somebody"} if method == "POST" and path.endswith("s") else None
        return (await self.http.request(method, path, json=body, headers=headers)).status_code


@pytest.fixture
async def people(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[People]:
    """Group ops may operate in the first workspace, and the user ada may edit there."""
    with writing(tmp_path / "runs.sqlite"):
        pass
    async with OidcIssuer().serving() as issuer, await Cluster.connect(cluster_kubeconfig) as admin:
        await install(admin)
        await _bind(admin, "dragops-operate", {"kind": "Group", "name": "oidc:ops"})
        await _bind(admin, "dragops-edit", {"kind": "User", "name": "oidc:ada"})
        settings = Settings(
            workspaces=(HERE, ELSEWHERE),
            default_workspace=HERE,
            store=tmp_path / "runs.sqlite",
            recorder_url=NOWHERE,
            oidc=({"issuer": issuer.url, "audiences": [AUDIENCE]},),  # type: ignore[arg-type]  # parsed
        )
        async with parts_of(settings, admin) as parts:
            transport = httpx.ASGITransport(create_app(create_api(), parts))
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
                await until(lambda: parts.is_ready)
                yield People(http, issuer)
    # TLS connections end a turn of the loop after they were closed
    await asyncio.sleep(0.1)


async def _bind(admin: Cluster, role: str, subject: dict[str, str]) -> None:
    await admin.apply(CLUSTER_ROLES, None, named(render(), "ClusterRole", role), manager="test")
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": f"people-{role}"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": RBAC} | subject],
    }
    await admin.apply(ROLE_BINDINGS, HERE, binding, manager="test")


async def test_a_role_that_is_bound_to_a_mapped_name_holds_for_its_owner(people: People) -> None:
    """By group or by user, in that workspace, and for nobody whose name only looks alike."""
    ada, ops = {"sub": "ada"}, {"sub": "olga", "groups": ["ops"]}
    pause = "/api/deployments/dep_none/pause"

    assert await people.status("POST", "/api/patterns", **ada) == 201
    assert await people.status("GET", "/api/patterns", **ops) == 200
    assert await people.status("POST", pause, **ops) == 404  # allowed, and not there
    assert await people.status("POST", "/api/patterns", **ops) == 403
    assert await people.status("POST", "/api/patterns", workspace=ELSEWHERE, **ada) == 403
    for stranger in ({"sub": "oidc:ada"}, {"sub": "eve"}, {"sub": "eve", "groups": ["oidc:ops"]}):
        assert await people.status("GET", "/api/patterns", **stranger) == 403
