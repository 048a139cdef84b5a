"""Passes webhooks on to the workspace's engines, for installations without an ingress.

Bare ASGI before FastAPI: a webhook meets no router, no model and no access review here. Its
sender is checked by the engine, which has the secret.
"""

from collections.abc import Iterable
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from dragops.engine.asgi import (
    Answer,
    Header,
    Receive,
    Scope,
    Send,
    error_answer,
    read_body,
    send_answer,
)
from dragops_api.errors import RETRY_SECONDS
from dragops_api.parts import Parts
from dragops_api.request_id import App

PREFIXES = ("/webhooks/", "/api/webhooks/")
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding "
    # our own server writes a date
    b"upgrade content-length expect date".split()
)
_TIMEOUT = aiohttp.ClientTimeout(total=86_400, connect=2)
"""A synchronous webhook may take as long as its pattern's own limit; the engine keeps that."""
_RETRY: tuple[Header, ...] = ((b"retry-after", str(RETRY_SECONDS).encode()),)


class WebhookProxy:
    """Takes the webhook paths and leaves all others to ``app``."""

    def __init__(self, app: App, parts: Parts) -> None:
        self._app, self._parts = app, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, to an engine or to the app."""
        id_ = webhook_id_of(scope["path"]) if scope["type"] == "http" else None
        if id_ is None:
            await self._app(scope, receive, send)
            return
        await send_answer(send, await self._answer(id_, scope, receive))

    async def _answer(self, id_: str, scope: Scope, receive: Receive) -> Answer:
        limit = self._parts.settings.event_bytes
        body = await read_body(scope, receive, at_most=limit)
        if body is None:
            return error_answer(413, "TOO_LARGE", f"An event has at most {limit} bytes")
        workspace = self._parts.webhook_ids.workspace_of(id_)
        if workspace is None:
            return self._unknown()
        scope["state"]["workspace"] = workspace
        path = _path(scope)
        for engine in self._parts.engines.at(workspace):
            try:
                return await self._forward(engine.public + path, scope, body)
            except aiohttp.ClientConnectorError:
                continue  # it cannot have heard the event, so another one may
            except (aiohttp.ClientError, TimeoutError, OSError):
                break
        return error_answer(
            503, "ENGINE_UNAVAILABLE", "No engine could take the event", headers=_RETRY
        )

    def _unknown(self) -> Answer:
        if not self._parts.deployment_view.is_synced:
            return error_answer(
                503, "CLUSTER_UNAVAILABLE", "Webhooks are not known yet", headers=_RETRY
            )
        return error_answer(404, "NOT_FOUND", "There is no such webhook")

    async def _forward(self, url: str, scope: Scope, body: bytes) -> Answer:
        async with self._parts.session.request(
            scope["method"],
            URL(url, encoded=True),
            headers=_headers(scope),
            data=body,
            timeout=_TIMEOUT,
            allow_redirects=False,
            # else aiohttp would say that raw bytes are an octet stream
            skip_auto_headers=("Content-Type", "User-Agent", "Accept", "Accept-Encoding"),
        ) as response:
            return Answer(response.status, await response.read(), _kept(response.raw_headers))


def webhook_id_of(path: str) -> str | None:
    """Give the id in a webhook's path; None for any other path."""
    for prefix in PREFIXES:
        if path.startswith(prefix):
            return path.removeprefix(prefix).removesuffix("/")
    return None


def _path(scope: Scope) -> str:
    """Give path and query exactly as they were sent."""
    path: bytes = scope["raw_path"].partition(b"?")[0]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def _headers(scope: Scope) -> CIMultiDict[str]:
    """Give the sender's headers, Host too: a pattern may read the URL that was called."""
    return CIMultiDict(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in _kept(scope["headers"])
    )


def _kept(headers: Iterable[tuple[Any, Any]]) -> tuple[Header, ...]:
    lowered = ((name.lower(), value) for name, value in headers)
    return tuple(header for header in lowered if header[0] not in _HOP_BY_HOP)
