"""uvicorn as the engine and the recorder use it: bare, quiet, and without signals of its own."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from typing_extensions import override


class Server(uvicorn.Server):
    """A server that ends when its process says so, as two of them share one process."""

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield


def server(app: Any, *, port: int) -> Server:
    """Make a server of a bare ASGI app on all addresses."""
    config = uvicorn.Config(
        app,
        host="0.0.0.0",  # noqa: S104 a pod's port; network policies say who may come
        port=port,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=4096,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    return Server(config)


def stop_signal() -> asyncio.Event:
    """Give an event that SIGTERM and SIGINT set."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def run_forever(main: Any) -> None:
    """Run a coroutine on uvloop until it ends."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
