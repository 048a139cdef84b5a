"""The API over a real control plane, with RBAC on and the chart's own roles; engines obey."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dragops.cluster.client import Cluster
from dragops.history.database import writing
from dragops_api.app import create_api, create_app
from dragops_api.changes import MANAGER
from dragops_api.parts import Parts, parts_of
from dragops_api.settings import Settings
from support.api_door import NOWHERE, ended, until
from support.installed import ELSEWHERE, HERE, install, kubeconfig_of, token_of
from support.obedient_operator import ObedientOperator


@dataclass
class Real:
    """The API as its ServiceAccount sees the cluster, and the administrator beside it."""

    http: httpx.AsyncClient
    admin: Cluster
    parts: Parts
    operator: ObedientOperator

    async def token(self, account: str, *, audience: str = "dragops-api") -> str:
        """Ask for a token of a ServiceAccount in the first workspace."""
        return await token_of(self.admin, HERE, account, audience)

    async def call(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> httpx.Response:
        """Call as the ServiceAccount ``editor``, who may do everything in its own workspace."""
        token = options.pop("token", None) or await self.token("editor")
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        return await self.http.request(method, path, json=body, headers=headers)

    async def data(self, method: str, path: str, body: Any = None) -> Any:
        """Call, want success, give the enveloped data."""
        answer = await self.call(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]


@asynccontextmanager
async def open_real_door(kubeconfig: str, folder: Path) -> AsyncIterator[Real]:
    """Install CRDs and rights, and open the API as its own ServiceAccount."""
    store = folder / "runs.sqlite"
    with writing(store):
        pass
    settings = Settings(
        workspaces=(HERE, ELSEWHERE),
        default_workspace=HERE,
        store=store,
        recorder_url=NOWHERE,
        engines=(),
    )
    async with await Cluster.connect(kubeconfig) as admin:
        await install(admin)
        token = await token_of(admin, "dragops", "dragops-api", "")
        own = kubeconfig_of(kubeconfig, token, folder)
        operator = ObedientOperator(admin)
        obeying = asyncio.create_task(operator.run())
        try:
            async with (
                await Cluster.connect(own, manager=MANAGER) as cluster,
                parts_of(settings, cluster) as parts,
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(create_app(create_api(), parts)),
                    base_url="http://api",
                    timeout=60,
                ) as http,
            ):
                await until(lambda: parts.is_ready)
                yield Real(http, admin, parts, operator)
        finally:
            await ended(obeying)
    # TLS connections end a turn of the loop after they were closed
    await asyncio.sleep(0.1)
