"""One line a call: who, where, which route, how it went, how long it took.

Nothing that a caller sends is written down but its ids: no token, no query, no body. A webhook's
address is a secret of its sender, so only its beginning is told.
"""

import re
import time
from typing import Any

import structlog

from dragops.engine.asgi import Message, Receive, Scope, Send
from dragops_api.proxy import webhook_id_of
from dragops_api.request_id import App

_PROBES = ("/healthz", "/readyz")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WEBHOOK_SHOWN = 8
_log = structlog.get_logger("access")


class Logged:
    """Wraps an ASGI app; probes that find nothing wrong are not worth a line."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, and write its line when it has ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # the routes put there who is calling
        scope.setdefault("state", {})
        begun, status = time.perf_counter(), 0

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_look)
        finally:
            if status != 200 or scope["path"] not in _PROBES:
                milliseconds = round(1000 * (time.perf_counter() - begun), 1)
                _log.info("call", **_told(scope), status=status, duration_ms=milliseconds)


def _told(scope: Scope) -> dict[str, Any]:
    state = scope["state"]
    caller = state.get("caller")
    told = {
        "method": scope["method"],
        **_place(scope),
        "caller": caller and caller.username,
        "workspace": state.get("workspace"),
    }
    return {key: value for key, value in told.items() if value}


def _place(scope: Scope) -> dict[str, Any]:
    """Give the route, and the ids in the path where they have an id's form."""
    if (webhook := webhook_id_of(scope["path"])) is not None:
        shown = webhook[:_WEBHOOK_SHOWN] + "..." if _ID.fullmatch(webhook) else None
        return {"route": "/webhooks/{webhook_id}", "webhook_id": shown}
    route = getattr(scope.get("route"), "path", None)
    ids = scope.get("path_params", {}) if route else {}
    return {"route": route} | {key: id_ for key, id_ in ids.items() if _ID.fullmatch(str(id_))}
