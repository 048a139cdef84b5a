"""The peers of the example patterns as a real web server, and the way of a run to it.

A document says ``https://app.example.com/health``; the run sends to that server on the loopback
device, through the engine's own door. Only the address is another one.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from dragops.engine.outside.doors import Doors, doors
from dragops.nodes.outside import Request, Response
from support.web_peer import WebPeer, answer, web_peer

_NOBODY = "http://127.0.0.1:9"
"""Where no server listens."""


@dataclass
class RealPeers:
    """Implements ``Outside``: sends each request to the server that stands for its host."""

    script: dict[str, list[Any]]
    servers: dict[str, WebPeer]
    door: Doors = field(default_factory=lambda: doors("127.0.0.1"))
    sent: list[Request] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        self.at.append(asyncio.get_running_loop().time())
        answers = self.script[request.url]
        given = answers.pop(0)
        server = self.servers[_origin(request.url)]
        server.answers[:] = [_written(given)]
        base = _NOBODY if given == "unreachable" else server.url("")
        seconds = 0.2 if given == "timeout" else request.timeout_seconds
        url = base + request.url.removeprefix(_origin(request.url))
        return await self.door.send(request._replace(url=url, timeout_seconds=seconds))


@asynccontextmanager
async def real_peers(http: dict[str, list[Any]]) -> AsyncIterator[RealPeers]:
    """Serve what a document scripts, one server a host."""
    async with _Servers() as servers:
        for url in http:
            await servers.open(_origin(url))
        yield RealPeers({url: list(answers) for url, answers in http.items()}, servers.peers)


class _Servers:
    """Servers by origin, all closed in the end."""

    def __init__(self) -> None:
        self.peers: dict[str, WebPeer] = {}
        self._open: list[Any] = []

    async def __aenter__(self) -> "_Servers":
        return self

    async def open(self, origin: str) -> None:
        if origin not in self.peers:
            serving = web_peer()
            self.peers[origin] = await serving.__aenter__()
            self._open.append(serving)

    async def __aexit__(self, *exc: Any) -> None:
        for serving in self._open:
            await serving.__aexit__(*exc)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _written(given: Any) -> Any:
    if given == "timeout":
        return _never
    if given == "unreachable":
        return answer(500)
    if isinstance(given, int):
        return answer(given)
    status = given.get("status", 200)
    if "json" in given:
        return answer(status, json.dumps(given["json"]).encode(), Content_Type="application/json")
    return answer(status, given.get("text", "").encode(), Content_Type="text/plain")


async def _never(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)
