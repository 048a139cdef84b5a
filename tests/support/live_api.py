"""The API on a real port, in a thread of its own, over a dict and with an engine that obeys.

What the engine is told to run is stored at once as a run that has completed.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragops.engine.serving import server
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops_api.app import create_api, create_app
from support.api_door import TOKEN, Door, open_door, until
from support.batches import accept, finish, of
from support.stub_engine import stub_engine


@dataclass(frozen=True)
class LiveApi:
    """Where the API is, and a token that may do everything in workspace team-a."""

    url: str
    token: str = TOKEN


@contextmanager
def live_api(folder: Path) -> Iterator[LiveApi]:
    """Serve for as long as the block lasts."""
    ready, stop = threading.Event(), threading.Event()
    found: list[str] = []

    async def serve() -> None:
        async with _listening(folder) as url:
            found.append(url)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(20), "the API does not listen"
        yield LiveApi(found[0])
    finally:
        stop.set()
        thread.join()


@asynccontextmanager
async def _listening(folder: Path) -> AsyncIterator[str]:
    async with (
        stub_engine() as engine,
        open_door(
            folder, engines=(f"team-a={engine.url}|{engine.url}",), recorder_url=engine.url
        ) as door,
    ):
        engine.on_execute = lambda order: _run(door, order)
        serving = server(create_app(create_api(), door.parts), host="127.0.0.1", port=0)
        running = asyncio.create_task(serving.serve())
        await until(lambda: serving.started)
        try:
            host, port = serving.servers[0].sockets[0].getsockname()
            yield f"http://{host}:{port}"
        finally:
            serving.should_exit = True
            await running


def _run(door: Door, order: dict[str, Any]) -> dict[str, str]:
    """Store a run of the deployment as an engine and the recorder would."""
    deployment = door.cluster.objects["patterndeployments", "team-a", order["deployment"]]
    run = accept(
        deployment_uid=deployment["metadata"]["uid"],
        deployment=order["deployment"],
        triggered_by="manual",
    )
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", of(run, finish(run.run_id, log="[]")))])
    return {"runId": run.run_id, "status": "completed"}
