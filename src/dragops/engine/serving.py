"""uvicorn as the engine and the recorder use it: bare, quiet, and without signals of its own."""

import asyncio
import gc
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
import uvloop
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dragops.engine.asgi import error_answer

ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 a pod's port; network policies say who may come
HEAD_BYTES_MAX = 65_536
HALT_SECONDS = 30.0
"""How long a sender may take for one request's head and body."""
_HEAD_BEGINS = tuple(b"HTTP/1.1 %d" % hundred for hundred in (2, 3, 4, 5))
"""Of final answers; 100 Continue must go at once."""
_LINGER_SECONDS = 1.0
_LOOK_TICKS = 20
"""Ticks of uvicorn's main loop, ten a second."""


class _OneWrite:
    """A transport that sends a response's head together with its body.

    uvicorn writes them one by one, and each is a system call that wakes the sender.
    """

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._head = transport, b""

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_HEAD_BEGINS) and data.endswith(b"\r\n\r\n"):
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Send a head that no body followed: of an answer to HEAD, or one without content."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Protocol(HttpToolsProtocol):
    """Bounds a request's head, and refuses what is no HTTP with the envelope of all refusals."""

    _head_bytes = 0
    _is_refused = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(cast("asyncio.Transport", _OneWrite(transport)))

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        before: Any = self.cycle
        in_body = before is not None and before.more_body
        super().data_received(data)
        if self.cycle is before and not in_body:
            # the head is not complete yet, and its sender is a stranger
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self._is_refused:
                self.send_400_response(f"A request's head has at most {HEAD_BYTES_MAX} bytes")
        else:
            self._head_bytes = 0

    @override
    def on_response_complete(self) -> None:
        cast("_OneWrite", self.transport).flush()
        super().on_response_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        body = error_answer(400, "VALIDATION", msg).body
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.write_eof()
        # closed at once, with data unread, it would be a reset, and the answer could get lost
        self._is_refused = True
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)


class Server(uvicorn.Server):
    """A server that ends when its process says so, as two of them share one process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._halted: dict[Any, tuple[object, float]] = {}

    @override
    async def on_tick(self, counter: int) -> bool:
        if counter % _LOOK_TICKS == 0:
            self._drop_halted(time.monotonic())
        return await super().on_tick(counter)

    def _drop_halted(self, now: float) -> None:
        """Close connections whose sender has stopped in the middle of a request.

        uvicorn has a limit between requests only; a timer for each request would cost more.
        """
        halted: dict[Any, tuple[object, float]] = {}
        connections: set[Any] = set(self.server_state.connections)
        for connection in connections:
            cycle = connection.cycle
            if cycle is not None and not cycle.more_body:
                continue
            before, since = self._halted.get(connection, (None, now))
            halted[connection] = (cycle, since if before is cycle else now)
            if now - halted[connection][1] > HALT_SECONDS:
                connection.transport.close()
        self._halted = halted

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield


def server(app: Any, *, port: int, host: str = ALL_ADDRESSES) -> Server:
    """Make a server of a bare ASGI app."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=_Protocol,
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
    # what was imported lives for ever, and requests leave few cycles behind: collecting after
    # every 700 objects, as is the default, would walk all of them again and again
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
