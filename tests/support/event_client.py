"""Server-sent events over ASGI, as a client sees them; httpx would wait for the answer's end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from dragops_api.app import create_app
from support.api_door import API, TOKEN, Door


@dataclass
class Event:
    """One event; ``data`` is parsed."""

    name: str
    id: str | None
    data: Any


@dataclass
class EventClient:
    """A client that takes what it is sent, unless it is told not to."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    comments: int = 0
    last_id: str | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared to be a client that does not read."""
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    _rest: bytes = b""
    body: bytes = b""

    async def next(self) -> Event:
        """Wait for an event."""
        return await self._events.get()

    def take_waiting(self) -> list[Event]:
        """Give what has come and was not looked at."""
        return [self._events.get_nowait() for _ in range(self._events.qsize())]

    async def begun(self) -> None:
        """Wait for the greeting, or for an answer that is no stream."""
        await self._begun.wait()

    async def send(self, message: Any) -> None:
        """Take a message of the server."""
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            return
        self.body += message["body"]
        *blocks, self._rest = (self._rest + message["body"]).split(b"\n\n")
        for block in blocks:
            self._read(block.decode())
        if blocks or not message.get("more_body"):
            self._begun.set()

    def _read(self, block: str) -> None:
        fields = _fields(block)
        self.comments += "" in fields
        self.last_id = fields.get("id", self.last_id)
        if "data" in fields:
            self._events.put_nowait(_event(fields))


def events_of(text: bytes) -> list[Event]:
    """Read the events in a piece of a stream."""
    blocks = [_fields(block) for block in text.decode().split("\n\n")]
    return [_event(fields) for fields in blocks if "data" in fields]


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in block.splitlines())
    return {name: value.removeprefix(" ") for name, _, value in pairs}


def _event(fields: dict[str, str]) -> Event:
    return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))


@asynccontextmanager
async def listening(door: Door, target: str, **headers: str) -> AsyncIterator[EventClient]:
    """Listen as Ada; leaving the block closes the connection."""
    client, gone = EventClient(), asyncio.Event()
    client.takes.set()
    requests = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        if (first := next(requests, None)) is not None:
            return first
        await gone.wait()
        return {"type": "http.disconnect"}

    app = create_app(API, door.parts)
    serving = asyncio.create_task(app(_scope(target, headers), receive, client.send))
    serving.add_done_callback(lambda _: client.ended.set())
    try:
        await client.begun()
        yield client
    finally:
        gone.set()
        client.takes.set()
        await serving


def _scope(target: str, headers: dict[str, str]) -> dict[str, Any]:
    url = urlsplit(target)
    sent = {"authorization": f"Bearer {TOKEN}"} | {
        name.replace("_", "-").lower(): value for name, value in headers.items()
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
        "client": ("127.0.0.1", 5),
        "server": ("api", 80),
    }
