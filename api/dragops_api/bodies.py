"""Reads the JSON body of a request: not too large, not too deep, and saying one thing only."""

import asyncio
import json
import re
from collections import Counter
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from dragops.errors import BadInput
from dragops.model.yaml_text import json_of
from dragops_api.errors import TooLarge, UnsupportedMediaType

DEPTH_MAX = 64
"""Levels of arrays and objects in a body; encoders further down give up at 255."""
_AT_ONCE_BYTES = 65_536
"""A larger body is parsed in a thread, so that other calls go on."""
_YAML = {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"}
_MAYBE_TOO_LARGE = re.compile(rb"[0-9]{19}")
_TOLD = 64
_INTEGERS = range(-(2**63), 2**64)


async def with_body(
    request: Request, shape: TypeAdapter[Any], limit: int, *, takes_yaml: bool = False
) -> Request:
    """Give the request with its body read and parsed; raise for one that is not good."""
    body = await _read(request, limit)
    if not body:
        return _Parsed(request, body, None)
    if takes_yaml and _kind(request) in _YAML:
        content = await asyncio.to_thread(json_of, body, levels=DEPTH_MAX)
    else:
        _check_kind(request)
        is_small = len(body) <= _AT_ONCE_BYTES
        content = parsed_json(body) if is_small else await asyncio.to_thread(parsed_json, body)
    _check_names(shape, content)
    return _Parsed(request, body, content)


def _check_names(shape: TypeAdapter[Any], content: Any) -> None:
    """Raise what is wrong with a body whose fields have their outside names, and no others.

    FastAPI would take the inside names too (``graph_data``), as our own code does.
    """
    try:
        shape.validate_python(content, by_alias=True, by_name=False)
    except ValidationError as exc:
        errors = exc.errors(include_url=False)
        placed = [error | {"loc": ("body", *error["loc"])} for error in errors]
        raise RequestValidationError(placed) from exc


class _Parsed(Request):
    """A request whose body was read and parsed already."""

    def __init__(self, request: Request, body: bytes, content: Any) -> None:
        others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
        kind = (b"content-type", b"application/json")  # FastAPI asks for what was read here
        super().__init__({**request.scope, "headers": [*others, kind]})
        self._read, self._content = body, content

    @override
    async def body(self) -> bytes:
        return self._read

    @override
    async def json(self) -> Any:
        return self._content


async def _read(request: Request, limit: int) -> bytes:
    declared, chunks, size = request.headers.get("content-length", ""), [], 0
    # the server checks its form; here it only saves reading what is too large
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise TooLarge(f"A body has at most {limit} bytes")
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"A body has at most {limit} bytes")
    return b"".join(chunks)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_kind(request: Request) -> None:
    kind = _kind(request)
    if kind != "application/json" and not (kind.startswith("application/") and "+json" in kind):
        raise UnsupportedMediaType("Send JSON: Content-Type: application/json")


def parsed_json(body: bytes) -> Any:
    """Read JSON; BadInput for what other readers would read otherwise, and for what is too deep."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise BadInput("body", f"is not JSON: {exc}") from exc
    if _is_deeper(content, DEPTH_MAX):
        raise BadInput("body", f"is nested deeper than {DEPTH_MAX} levels")
    # the fast parser takes the last of two fields, and a float for an integer that is too large
    is_suspect = _MAYBE_TOO_LARGE.search(body)
    json.loads(body, object_pairs_hook=_unique, parse_int=_exact if is_suspect else None)
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise BadInput("body", f"has the field {twice[:_TOLD]!r} twice in one object")
    return held


def _exact(digits: str) -> int:
    if len(digits) > 20 or int(digits) not in _INTEGERS:
        shown = digits if len(digits) <= _TOLD else digits[:_TOLD] + "..."
        raise BadInput("body", f"has an integer of more than 64 bits, {shown}: send it as a text")
    return int(digits)


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
