"""The connection to the recorder: kept alive, with a token that is read again when it changes.

Plain HTTP/1.1 over asyncio streams: a general client costs more than all else that the engine
does for a batch. The recorder answers with a length, always.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from dragops.engine.record import NotSent, Post
from dragops.errors import BadInput, Overloaded, Refused, Unreachable

_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 10.0
_HEAD_MAX = 64 * 1024


class _Stream(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Wires(NamedTuple):
    """What can be sent to a recorder."""

    post: Post
    ask: Post
    claim: Post


class TokenFile:
    """A projected token; the kubelet replaces the file long before the token ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._token = ""

    def read(self) -> str:
        """Give the token as it is now; raises Unreachable when there is none."""
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) != self._stamp:
                self._token = self._path.read_text().strip()
                self._stamp = (stat.st_mtime_ns, stat.st_ino)
        except OSError as exc:
            raise NotSent("the recorder", f"its token cannot be read: {exc}") from exc
        return self._token


class _Connection:
    """Posts batches; as many connections as there are senders at a time."""

    def __init__(self, url: str, token_file: Path) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._root = parts.path.rstrip("/")
        self._token = TokenFile(token_file)
        self._idle: list[_Stream] = []

    def close(self) -> None:
        """Close what is idle; what is under way closes with its task."""
        while self._idle:
            self._idle.pop().writer.close()

    async def post(self, body: bytes) -> bytes:
        """Send a batch and give the answer; errors as ``record.Post`` says."""
        return await self._send("/v1/batch", body)

    async def ask(self, body: bytes) -> bytes:
        """Send a question about ticks and give the answer; errors as for a batch."""
        return await self._send("/v1/ticks", body)

    async def claim(self, body: bytes) -> bytes:
        """Send a claim of a tick and give the answer; errors as for a batch."""
        return await self._send("/v1/claim", body)

    async def _send(self, path: str, body: bytes) -> bytes:
        head = (
            f"POST {self._root}{path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Authorization: Bearer {self._token.read()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        stream = await self._stream()
        try:
            stream.writer.write(head.encode() + body)
            async with asyncio.timeout(_ANSWER_SECONDS):
                status, answer = await read_answer(stream.reader)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as exc:
            stream.writer.close()
            raise Unreachable("the recorder", str(exc) or type(exc).__name__) from exc
        except asyncio.CancelledError:
            stream.writer.close()
            raise
        self._idle.append(stream)
        return _judged(status, answer)

    async def _stream(self) -> _Stream:
        while self._idle:
            stream = self._idle.pop()
            if not stream.writer.is_closing() and not stream.reader.at_eof():
                return stream
            stream.writer.close()
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                made = await asyncio.open_connection(self._host, self._port, limit=_HEAD_MAX)
        except OSError as exc:
            raise NotSent("the recorder", str(exc) or type(exc).__name__) from exc
        return _Stream(*made)


@asynccontextmanager
async def recorder_connection(url: str, token_file: Path) -> AsyncIterator[Wires]:
    """Open the way to a recorder."""
    connection = _Connection(url, token_file)
    try:
        yield Wires(connection.post, connection.ask, connection.claim)
    finally:
        connection.close()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read an answer that has a length: its status and its body."""
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    headers = dict(line.lower().split(b":", 1) for line in lines if line)
    body = await reader.readexactly(int(headers.get(b"content-length", b"none")))
    return int(status_line.split(b" ", 2)[1]), body


def _judged(status: int, answer: bytes) -> bytes:
    if status == 200:
        return answer
    said = answer[:200].decode("utf-8", "replace")
    if status in (401, 403):
        raise Refused(f"the recorder refused the engine's token: {said}")
    if status == 429:
        raise Overloaded(said)
    if status == 404:
        raise Unreachable("the recorder", "it is older than what asks it")
    if status < 500:
        raise BadInput("batch", said)
    raise Unreachable("the recorder", said)
