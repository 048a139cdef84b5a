"""A response that goes on: what a listener hears, sent as it comes, until somebody has enough.

Rights are asked again each minute, so a stream does not outlive them.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from dragops.errors import AuthorMustAct, TryAgain
from dragops_api.errors import failure_of
from dragops_api.event_text import ALIVE, end_text, hello_text
from dragops_api.listeners import Listener
from dragops_api.run_news import Heard

ALIVE_SECONDS, CHECK_SECONDS = 15.0, 60.0
_STALLED_SECONDS = 60.0
"""A client that takes nothing for this long is gone, whatever its connection says."""

Check = Callable[[Listener], Awaitable[None]]
"""Asks whether a listener still may; raises what forbids it."""


async def told(listener: Listener, heard: Heard, check: Check) -> AsyncGenerator[bytes, None]:
    """Give what a listener is sent, from the greeting to the reason of its end."""
    yield hello_text(heard.start)
    async for text in heard.missed:
        yield text
    checked_at = time.monotonic()
    while listener.end is None:
        yield b"".join(await listener.take(ALIVE_SECONDS)) or ALIVE
        if time.monotonic() - checked_at > CHECK_SECONDS:
            await _look_again(listener, check)
            checked_at = time.monotonic()
    yield end_text(*listener.end)


async def _look_again(listener: Listener, check: Check) -> None:
    try:
        await check(listener)
    except AuthorMustAct as exc:
        failure = failure_of(exc)
        listener.let_go(failure.code, failure.message)
    except TryAgain:
        pass  # nobody can say: what was true a minute ago stays true


class EventStream(StreamingResponse):
    """Server-sent events; ``closed`` is called once, however it ends."""

    media_type = "text/event-stream"

    def __init__(self, texts: AsyncGenerator[bytes, None], closed: Callable[[], None]) -> None:
        super().__init__(texts, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._texts, self._closed = texts, closed

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._closed()
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait({sending, leaving})
            await self._texts.aclose()
        if not sending.cancelled():
            sending.result()

    async def _send(self, send: Send) -> None:
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(head)
        with suppress(TimeoutError):
            async for text in self._texts:
                async with asyncio.timeout(_STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": text, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
