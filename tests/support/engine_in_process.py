"""An engine in this process: a signed folder before it, a recorder in memory behind it."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dragops.cluster.tokens import TokenVerifier
from dragops.engine.engine import Engine
from dragops.engine.serving import server
from dragops.engine.settings import EngineSettings
from dragops.engine.sources.folder import FolderSource
from support.folder import SECRET, SignedFolder, webhook_id
from support.memory_recorder import MemoryRecorder
from support.tokens import Issuer

CALLER = "dragops:dragops-api"
JSON = {"content-type": "application/json"}


def signed_headers(body: bytes, *, secret: str = SECRET, **more: str) -> dict[str, str]:
    """Give the headers of a JSON body that the endpoint's secret has signed."""
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    others = {name.replace("_", "-"): value for name, value in more.items()}
    return JSON | {"x-webhook-signature": signature} | others


@dataclass
class Served:
    """An engine's two doors and what stands around it."""

    engine: Engine
    folder: SignedFolder
    recorder: MemoryRecorder
    public: httpx.AsyncClient
    internal: httpx.AsyncClient
    issuer: Issuer

    async def post(self, body: bytes = b"{}", name: str = "dep-a", **more: str) -> httpx.Response:
        """Send a signed webhook to the endpoint ``hook``."""
        path = f"/webhooks/{webhook_id(name, 'hook')}"
        return await self.public.post(path, content=body, headers=signed_headers(body, **more))

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask the internal door as the API does."""
        token = self.issuer.token(CALLER, audience="dragops-engine")
        headers = {"authorization": f"Bearer {token}"}
        return await self.internal.request(method, path, headers=headers, **how)

    async def obeys(self, name: str, serial: int) -> None:
        """Wait until a deployment's live file is obeyed."""
        while (await self._told())["serials"].get(name, {}).get("serial") != serial:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.02)

    async def refuses(self, name: str, reason: str) -> None:
        """Wait until a deployment's newest live file is refused for this reason."""
        while reason not in (await self._told())["errors"].get(name, ""):  # noqa: ASYNC110 the same
            await asyncio.sleep(0.02)

    async def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self.ask("GET", "/internal/serials")).json()
        return told


@asynccontextmanager
async def serving(place: Path, folder: SignedFolder, **settings: Any) -> AsyncIterator[Served]:
    """Run an engine over a folder, ready."""
    recorder, issuer = MemoryRecorder(), Issuer(place)
    made = EngineSettings(
        namespace=folder.namespace,
        public_key=folder.public_key,
        recorder_url="http://unused",
        recorder_token_file=place / "unused",
        jwks=str(issuer.jwks),
        **settings,
    )
    engine = Engine(made, FolderSource(folder.root, folder.namespace), recorder.post)
    verifier = TokenVerifier(made.jwks, audience="dragops-engine")
    callers = frozenset({f"system:serviceaccount:{CALLER}"})
    engine.internal.allow(verifier, callers, pods=made.pods)
    async with (
        engine.running(),
        _client(engine.public) as public,
        _client(engine.internal) as inside,
    ):
        await engine.internal.synced.wait()
        yield Served(engine, folder, recorder, public, inside, issuer)


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    """Serve a door on the loopback, as the engine does; give its URL."""
    door = server(app, port=0, host="127.0.0.1")
    task = asyncio.create_task(door.serve())
    while not door.started:  # noqa: ASYNC110 uvicorn wakes nobody
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{door.servers[0].sockets[0].getsockname()[1]}"
    finally:
        door.should_exit = True
        await task


def _client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://engine")


Serve = Callable[..., AbstractAsyncContextManager[Served]]
"""``serving`` over a folder that is given already."""
