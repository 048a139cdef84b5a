"""A route that lets nobody in unasked, and reads no body that it will not take."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from dragops.errors import BadInput
from dragops_api.auth import PUBLIC, RIGHTS
from dragops_api.errors import TooLarge, UnsupportedMediaType
from dragops_api.parts import Parts

DEPTH_MAX = 64
"""Levels of arrays and objects in a body; encoders further down give up at 255."""


class GuardedRoute(APIRoute):
    """Asks the gate first, then reads the body, then lets FastAPI parse the rest."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        if self.name not in RIGHTS and self.name not in PUBLIC:
            raise LookupError(f"route {self.name!r} has no entry in dragops_api.auth.RIGHTS")

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the handler of a call."""
        handle, name, has_body = super().get_route_handler(), self.name, bool(self.body_field)
        if name in PUBLIC:
            return handle

        async def guarded(request: Request) -> Response:
            parts: Parts = request.app.state.parts
            caller = await parts.callers.of(request.headers)
            # for the access log, also where the gate refuses
            request.state.caller = caller
            request.state.workspace = parts.gate.workspace_of(caller, request.headers)
            request.state.ask = await parts.gate.admit(
                name, caller, request.headers, request.path_params
            )
            if has_body:
                request = await _with_body(request, parts.settings.body_bytes)
            return await handle(request)

        return guarded


class _Parsed(Request):
    """A request whose body was read and parsed already."""

    def __init__(self, request: Request, body: bytes, content: Any) -> None:
        super().__init__(request.scope)
        self._read, self._content = body, content

    @override
    async def body(self) -> bytes:
        return self._read

    @override
    async def json(self) -> Any:
        return self._content


async def _with_body(request: Request, limit: int) -> Request:
    chunks, size = [], 0
    if int(request.headers.get("content-length") or 0) > limit:
        raise TooLarge(f"A body has at most {limit} bytes")
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"A body has at most {limit} bytes")
    body = b"".join(chunks)
    return _Parsed(request, body, _parsed(request, body) if body else None)


def _parsed(request: Request, body: bytes) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and "+json" in kind):
        raise UnsupportedMediaType("Send JSON: Content-Type: application/json")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise BadInput("body", f"is not JSON: {exc}") from exc
    if _is_deeper(content, DEPTH_MAX):
        raise BadInput("body", f"is nested deeper than {DEPTH_MAX} levels")
    return content


def _is_deeper(content: Any, levels: int) -> bool:
    level = [content]
    for _ in range(levels + 1):
        level = [item for held in level for item in _items(held)]
        if not level:
            return False
    return True


def _items(held: Any) -> list[Any]:
    if isinstance(held, dict):
        return list(held.values())
    return held if isinstance(held, list) else []
