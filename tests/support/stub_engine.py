"""An engine and a recorder at the wire: what the API asks of them, and answers to order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class StubEngine:
    """Both ports in one; every request is kept."""

    url: str = ""
    execute_status: int = 200
    execute_answer: Any = field(
        default_factory=lambda: {"runId": "run_abc123", "status": "completed"}
    )
    serials: dict[str, Any] = field(default_factory=dict)
    orders: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    """(method, path with query, headers, body) of webhooks."""
    purges: list[dict[str, Any]] = field(default_factory=list)
    cancel_status: int = 404
    cancel_answer: Any = field(default_factory=lambda: {"code": "RUN_NOT_FOUND"})
    cancels: list[dict[str, Any]] = field(default_factory=list)
    """What the engine was asked to stop."""
    recorded: list[dict[str, Any]] = field(default_factory=list)
    """What the recorder was asked to record as cancelled."""

    captured: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By deployment's uid."""

    async def _execute(self, request: web.Request) -> web.Response:
        self.orders.append(await request.json())
        return web.json_response(self.execute_answer, status=self.execute_status)

    async def _serials(self, _: web.Request) -> web.Response:
        return web.json_response({"serials": self.serials})

    async def _captured(self, request: web.Request) -> web.Response:
        return web.json_response({"captured": self.captured.get(request.query["uid"], [])})

    async def _ready(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _purge(self, request: web.Request) -> web.Response:
        self.purges.append(await request.json())
        return web.json_response({})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.cancels.append(await request.json())
        return web.json_response(self.cancel_answer, status=self.cancel_status)

    async def _record(self, request: web.Request) -> web.Response:
        self.recorded.append(await request.json())
        return web.json_response({})

    async def _webhook(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.events.append((request.method, request.path_qs, headers, await request.read()))
        return web.json_response(
            {"status": "accepted", "runId": "run_1"},
            status=202,
            headers={"X-Dragops-Duplicate": "true"},
        )


@asynccontextmanager
async def stub_engine() -> AsyncIterator[StubEngine]:
    """Serve on a free loopback port."""
    engine = StubEngine()
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/internal/execute", engine._execute)
    app.router.add_post("/internal/cancel", engine._cancel)
    app.router.add_post("/v1/cancel", engine._record)
    app.router.add_get("/internal/serials", engine._serials)
    app.router.add_get("/internal/captured", engine._captured)
    app.router.add_get("/readyz", engine._ready)
    app.router.add_post("/v1/purge", engine._purge)
    app.router.add_route("*", "/webhooks/{id}", engine._webhook)
    app.router.add_route("*", "/api/webhooks/{id}", engine._webhook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    engine.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield engine
    finally:
        await runner.cleanup()
