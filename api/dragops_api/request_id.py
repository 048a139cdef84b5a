"""Gives every answer an X-Request-Id: the caller's own where it sent a sane one."""

import os
import re
from collections.abc import Awaitable, Callable

import structlog

from dragops.engine.asgi import Message, Receive, Scope, Send, header

App = Callable[[Scope, Receive, Send], Awaitable[None]]
_SANE = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


class RequestIds:
    """Wraps an ASGI app; the id is in each log line of the request too."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = header(scope, b"x-request-id")
        id_ = sent if _SANE.fullmatch(sent) else os.urandom(16).hex()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [h for h in message["headers"] if h[0] != b"x-request-id"]
                message["headers"] = [*kept, (b"x-request-id", id_.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=id_):
            await self._app(scope, receive, send_with_id)
