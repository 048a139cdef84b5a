"""A web server on the loopback device that answers what a test tells it, byte for byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebPeer:
    """Answers each request with the next of ``answers``, the last one again and again."""

    answers: list[bytes | Answer]
    port: int = 0
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def lines(self) -> list[str]:
        return [each.line for each in self.received]

    def url(self, path: str = "/", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.talks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            while True:
                first = await reader.readexactly(1)
                if not first.isalpha():
                    writer.write(answer(400, Connection="close"))
                    break
                self.received.append(await _request(first, reader))
                given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if isinstance(given, bytes):
                    writer.write(given)
                else:
                    await given(writer)
                await writer.drain()
                if writer.is_closing():
                    break
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            writer.close()


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Write a whole answer; ``_`` in a header's name stands for ``-``."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """Write an answer that leads elsewhere."""
    return answer(status, Location=location)


@asynccontextmanager
async def web_peer(
    *answers: bytes | Answer,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[WebPeer]:
    """Serve these answers for as long as the block lasts."""
    peer = WebPeer(list(answers) or [answer()])
    served = await asyncio.start_server(peer.talk, host, port, ssl=tls)
    peer.port = served.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        served.close()
        for talk in peer.talks:
            talk.cancel()
        await asyncio.gather(*peer.talks)


async def _request(first: bytes, reader: asyncio.StreamReader) -> Received:
    line, *rest = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {n.lower(): v.strip() for n, _, v in (each.partition(":") for each in rest if each)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(line, headers, body)
