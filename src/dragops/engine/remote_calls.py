"""Calls of a schedule's pod: the pool runs the other pattern, over its internal port.

One connection a call, as it lasts as long as the called run; closing it stops that run.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from dragops.engine.call_wire import CALL_PATH, CallAnswer, CallOrder
from dragops.engine.calls import refused, result_of
from dragops.engine.connection import TokenFile, read_answer
from dragops.engine.context import Call, RunContext
from dragops.engine.encoding import encoded
from dragops.errors import RunFailure, Unreachable

_CONNECT_SECONDS, _PAUSE_SECONDS = 2.0, 0.5
_HEAD_MAX = 64 * 1024
_NOT_NOW = 503


class RemoteCalls:
    """Has patterns called in the pool."""

    def __init__(self, url: str, token_file: Path, *, patience: float) -> None:
        """Call at this URL; ``patience``: how many seconds a pool may not answer."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._token, self._patience = TokenFile(token_file), patience

    async def call(self, caller: RunContext, call: Call) -> dict[str, Any]:
        """Run a pattern to its end and give what it returned; raises a CallError."""
        until = min(caller.deadline, time.monotonic() + self._patience)
        while (answer := await self._tried(caller, call)) is None:
            if time.monotonic() + _PAUSE_SECONDS > until:
                raise refused(call, "no engine of this workspace answers")
            await asyncio.sleep(_PAUSE_SECONDS)
        if answer.refused is not None:
            raise RunFailure("CallError", answer.refused)
        return result_of(answer.called(call.gives), caller, call)

    async def _tried(self, caller: RunContext, call: Call) -> CallAnswer | None:
        """Give the answer; None when nothing can have begun, so that it may be tried again."""
        order = CallOrder.of(call, caller.as_caller())
        try:
            async with self._connected() as (reader, writer):
                writer.write(self._request(encoded(order.as_json()).encode()))
                status, body = await read_answer(reader)
        except Unreachable:
            return None
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as exc:
            raise refused(call, "the engine went away while it ran") from exc
        if status == _NOT_NOW:
            return None
        try:
            return CallAnswer.model_validate_json(body)
        except ValidationError as exc:
            raise refused(call, f"an engine answered {status}") from exc

    def _request(self, body: bytes) -> bytes:
        head = (
            f"POST {CALL_PATH} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Authorization: Bearer {self._token.read()}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                opened = await asyncio.open_connection(self._host, self._port, limit=_HEAD_MAX)
        except OSError as exc:
            raise Unreachable("the pool", str(exc) or type(exc).__name__) from exc
        try:
            yield opened
        finally:
            opened[1].close()
