"""What the bare ASGI doors share: reading a body up to a limit, answers, the error envelope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

import orjson

from dragops.errors import BadInput
from dragops.model.run import now_iso

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

_JSON: Header = (b"content-type", b"application/json")
_NO_LENGTH = (204, 304)


class Answer(NamedTuple):
    """What a caller is told; the content length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = (_JSON,)


def json_answer(status: int, data: Any, *headers: Header) -> Answer:
    """Answer with JSON."""
    return Answer(status, orjson.dumps(data), (_JSON, *headers))


def error_answer(
    status: int, code: str, message: str, *, headers: tuple[Header, ...] = (), **details: Any
) -> Answer:
    """Answer with the API's error envelope."""
    error: dict[str, Any] = {"code": code, "message": message}
    if details:
        error["details"] = [details]
    envelope = {"success": False, "error": error, "timestamp": now_iso()}
    return json_answer(status, envelope, *headers)


async def read_body(scope: Scope, receive: Receive, *, at_most: int) -> bytes | None:
    """Read the body; None when it is longer than ``at_most``, found out as early as possible."""
    if _declared_length(scope) > at_most:
        return None
    message = await receive()
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        return body if len(body) <= at_most else None
    chunks, size = [message["body"]], len(message["body"])
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadInput("body", "ended too early")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > at_most:
            return None
    return b"".join(chunks)


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer whole."""
    headers = list(answer.headers)
    if answer.status not in _NO_LENGTH:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def header(scope: Scope, name: bytes) -> str:
    """Give the first header of this name, in lower case, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def bearer_token(scope: Scope) -> str:
    """Give the bearer token, or an empty text."""
    scheme, _, token = header(scope, b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _declared_length(scope: Scope) -> int:
    declared = header(scope, b"content-length")
    return int(declared) if declared.isdigit() else 0
