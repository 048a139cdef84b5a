"""The API on a real socket of the loopback, over an in-memory cluster, in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from dragops_api.app import create_app
from support.api_door import API, Door, open_door
from support.stub_engine import StubEngine, stub_engine

T = TypeVar("T")


@dataclass
class ServedApi:
    """Where the API is, and a way to reach what stands behind it from the test's thread."""

    url: str
    door: Door
    engine: StubEngine
    loop: asyncio.AbstractEventLoop

    def behind(self, ask: Callable[[Door], Coroutine[Any, Any, T]]) -> T:
        """Do something with the door in its own thread."""
        return asyncio.run_coroutine_threadsafe(ask(self.door), self.loop).result(15)


@contextmanager
def served_api(folder: Path) -> Iterator[ServedApi]:
    """Serve the API until the end of the ``with``."""
    started, stop = threading.Event(), threading.Event()
    found: list[ServedApi] = []

    async def serve() -> None:
        async with stub_engine() as engine, open_door(folder, **_engines(engine)) as door:
            config = uvicorn.Config(
                create_app(API, door.parts), host="127.0.0.1", port=0, log_level="warning"
            )
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110  # uvicorn wakes nobody
                await asyncio.sleep(0.005)
            port = server.servers[0].sockets[0].getsockname()[1]
            url, loop = f"http://127.0.0.1:{port}", asyncio.get_running_loop()
            found.append(ServedApi(url, door, engine, loop))
            started.set()
            while not stop.is_set():  # noqa: ASYNC110  # another thread sets it
                await asyncio.sleep(0.02)
            server.should_exit = True
            await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(15), "the API did not start"
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(15)


def _engines(engine: StubEngine) -> dict[str, Any]:
    return {"engines": (f"team-a={engine.url}|{engine.url}",), "recorder_url": engine.url}
