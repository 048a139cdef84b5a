"""What is no good HTTP, on a real socket: one JSON refusal, and the next caller is served."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dragops.engine.serving import HEAD_BYTES_MAX, server
from dragops_api.app import create_api, create_app
from support.api_door import TOKEN, Door, until

GET = b"GET /api/patterns HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/patterns HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
POST += f"Authorization: Bearer {TOKEN}\r\n".encode()
NO_HTTP = "Invalid HTTP request received."
HEAD_TOO_LARGE = f"A request's head has at most {HEAD_BYTES_MAX} bytes"


@asynccontextmanager
async def _listening(door: Door) -> AsyncIterator[int]:
    """Serve the door on a free port of the loopback device, as the process does."""
    serving = server(create_app(create_api(), door.parts), host="127.0.0.1", port=0)
    running = asyncio.create_task(serving.serve())
    await until(lambda: serving.started)
    try:
        yield int(serving.servers[0].sockets[0].getsockname()[1])
    finally:
        serving.should_exit = True
        await running


async def _said(port: int, *pieces: bytes) -> tuple[int, dict[str, str]]:
    """Send pieces one after another; give status and error of the first answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        status = int((await reader.readline()).split()[1])
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-type: application/json" in head.lower()
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return status, json.loads(await reader.readexactly(length)).get("error", {})
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([b"nonsense\r\n\r\n"], NO_HTTP),
        ([b"\x16\x03\x01\x02\x00\x01\x00"], NO_HTTP),
        ([b"GET /api/patterns HTTP/9.9\r\n\r\n"], NO_HTTP),
        ([b"GET api/patterns HTTP/1.1\r\n\r\n"], NO_HTTP),
        ([GET + b"No-Colon\r\n\r\n"], NO_HTTP),
        ([GET + b"A\x00: b\r\n\r\n"], NO_HTTP),
        ([POST + b"Content-Length: -1\r\n\r\n"], NO_HTTP),
        ([POST + b"Content-Length: x\r\n\r\n"], NO_HTTP),
        ([POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"], NO_HTTP),
        ([POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"], NO_HTTP),
        ([GET, b"A: " + b"x" * HEAD_BYTES_MAX, b"x" * 10_000, b"\r\n"], HEAD_TOO_LARGE),
        ([GET, *[b"A: b\r\n" * 100 for _ in range(120)]], HEAD_TOO_LARGE),
        ([b"GET /", *[b"x" * 10_000 for _ in range(12)]], HEAD_TOO_LARGE),
    ],
)
async def test_what_is_no_http_is_refused_like_all_else(
    door: Door, pieces: list[bytes], message: str
) -> None:
    """400 in the envelope; a caller after it is served."""
    async with _listening(door) as port:
        status, error = await _said(port, *pieces)
        after, none = await _said(port, GET + f"Authorization: Bearer {TOKEN}\r\n\r\n".encode())

    assert (status, error) == (400, {"code": "VALIDATION", "message": message})
    assert (after, none) == (200, {})
    assert door.cluster.writes == []


async def test_a_large_body_is_no_large_head(door: Door) -> None:
    """In one piece with its head, and in several after it."""
    body = b'{"name": "' + b"x" * 300_000 + b'"}'
    head = POST + b"Content-Length: %d\r\n\r\n" % len(body)
    async with _listening(door) as port:
        for pieces in ([head + body], [head, body[:200_000], body[200_000:]]):
            status, error = await _said(port, *pieces)

            assert (status, error["message"][:10]) == (400, "body.name:")


async def test_a_call_for_the_head_alone_is_answered_with_a_head(door: Door) -> None:
    """At once, and the connection goes on; that there is no such route is another matter."""
    call = b"HEAD /api/patterns HTTP/1.1\r\nHost: x\r\n\r\n"
    async with _listening(door) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(call)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 404")
        writer.close()


async def test_one_connection_carries_many_calls(door: Door) -> None:
    """Heads of earlier calls are not counted for later ones."""
    call = (
        GET + b"X-Filler: " + b"x" * 20_000 + f"\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    )
    async with _listening(door) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(6):
            writer.write(call[:15_000])
            await asyncio.sleep(0.01)
            writer.write(call[15_000:])
            assert (await reader.readline()).split()[1] == b"200"
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.close()
