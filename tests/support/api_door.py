"""The API at its door: httpx over ASGI, with a dict behind it instead of a cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dragops.errors import Unreachable
from dragops.history.database import writing
from dragops_api.app import create_api, create_app
from dragops_api.parts import Parts, parts_of
from dragops_api.settings import Settings
from support.memory_cluster import MemoryCluster
from support.obedient_operator import ObedientOperator

TOKEN = "token-of-ada"
ADA = {
    "username": "system:serviceaccount:team-a:ada",
    "uid": "u-1",
    "groups": ["system:serviceaccounts", "system:authenticated"],
}
API = create_api()
"""Made once: FastAPI builds each route at its first call, which takes longer than most tests."""
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens on the discard port."""


@dataclass
class Door:
    """The API and what stands behind it."""

    http: httpx.AsyncClient
    cluster: MemoryCluster
    operator: ObedientOperator
    parts: Parts
    store: Path

    async def call(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> httpx.Response:
        """Call as Ada."""
        headers = {"Authorization": f"Bearer {TOKEN}"} | options.pop("headers", {})
        if body is not None:
            options["json"] = body
        return await self.http.request(method, path, headers=headers, **options)

    async def data(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Call as Ada, want success, give the enveloped data."""
        answer = await self.call(method, path, body, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]

    async def deployed(
        self, graph: dict[str, Any], name: str = "Webhook Logger"
    ) -> tuple[str, str]:
        """Create and deploy a pattern; give the pattern's and the deployment's id."""
        words = {"name": name, "description": "Logs incoming webhook payloads"}
        created = await self.data("POST", "/api/patterns", {**words, "graphData": graph})
        path = f"/api/patterns/{created['id']}/deploy"
        deployed = await self.data("POST", path, {"nodeDefinitions": {}})
        return created["id"], deployed["deploymentId"]


def _no_lists(verb: str, plural: str) -> None:
    if verb == "list":
        raise Unreachable("the API server", f"{plural}: refused")


async def until(is_true: Callable[[], bool]) -> None:
    """Wait until a watch has told; the test's time limit is the end of it."""
    while not is_true():  # noqa: ASYNC110  # the views wake nobody else
        await asyncio.sleep(0.005)


async def ended(task: asyncio.Task[None]) -> None:
    """End a task that runs for ever; raise what has ended it before."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def open_door(
    folder: Path, *, is_listed: bool = True, **settings: Any
) -> AsyncIterator[Door]:
    """Open the API for workspaces team-a and default, with Ada of team-a as its caller.

    Unless ``is_listed``, the cluster gives no lists.
    """
    cluster = MemoryCluster()
    if not is_listed:
        cluster.fail = _no_lists
    cluster.callers[TOKEN] = ADA
    store = folder / "runs.sqlite"
    with writing(store):
        pass
    given = {
        "workspaces": ("default", "team-a", "team-b"),
        "store": store,
        "engines": (f"team-a={NOWHERE}|{NOWHERE}",),
        "recorder_url": NOWHERE,
    } | settings
    operator = ObedientOperator(cluster)
    obeying = asyncio.create_task(operator.run())
    try:
        async with parts_of(Settings(**given), cluster) as parts:  # type: ignore[arg-type]  # a dict
            # a 500 is an answer to look at, not an error of the test
            transport = httpx.ASGITransport(create_app(API, parts), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
                if is_listed:
                    await until(lambda: parts.is_ready)
                yield Door(http, cluster, operator, parts, store)
    finally:
        await ended(obeying)
