"""A webhook request as a program sees it, and as the run store keeps it.

``signed_by`` has passed when a body is parsed here. Next: ``dragops.engine.app``.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from dragops.engine.asgi import Scope
from dragops.engine.encoding import encoded
from dragops.errors import BadInput
from dragops.nodes.urls import by_name

_KEY_MAX = 200
_CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16")
"""Others are read as UTF-8: a sender must not choose among all codecs of Python."""


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Give the headers with names in lower case, repeated ones joined by a comma."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = str(raw_name, "latin-1").lower(), str(raw_value, "latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def query_of(raw: bytes) -> dict[str, Any]:
    """Give the query's values by name; a repeated name has an array."""
    return by_name(raw.decode("latin-1")) if raw else {}


def url_of(scope: Scope, headers: Mapping[str, str]) -> str:
    """Give the address that was called, as far as the request tells it."""
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    target = raw_path + b"?" + query if query else raw_path
    scheme = headers.get("x-forwarded-proto", scope["scheme"])
    return f"{scheme}://{headers.get('host', '')}{target.decode('latin-1')}"


def parsed_body(content_type: str, body: bytes) -> Any:
    """Give the body as its content type says: JSON, an object of form fields, text, or bytes."""
    if not body:
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if is_json(kind):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as exc:
            raise BadInput("body", f"says {kind} and is not JSON: {exc}") from exc
    text = _text(body, content_type)
    if kind == "application/x-www-form-urlencoded" and text is not None:
        return by_name(text)
    return body if text is None or _is_binary(kind) else text


def is_json(kind: str) -> bool:
    """Say whether a media type without its parameters is JSON."""
    return kind == "application/json" or kind.endswith("+json")


def is_binary_type(content_type: str) -> bool:
    """Say whether bodies of this content type arrive as bytes."""
    return _is_binary(content_type.partition(";")[0].strip().lower())


def stored_event(event: Mapping[str, Any], raw_body: bytes) -> str:
    """Give the event as JSON text; a JSON body is taken over as it came, not encoded again."""
    kind = event["headers"].get("content-type", "").partition(";")[0].strip().lower()
    if raw_body and is_json(kind):
        return encoded({**event, "body": orjson.Fragment(raw_body)})
    return encoded(event)


def idempotency_key(scheme: str, headers: Mapping[str, str], body: bytes) -> str | None:
    """Give the key under which this delivery runs once, or None.

    A request id alone is no key: meshes copy one id to several calls.
    """
    if scheme == "github":
        return _key("delivery", headers.get("x-github-delivery"))
    own = _key("key", headers.get("x-idempotency-key"))
    request_id = headers.get("x-request-id")
    if own or not request_id:
        return own
    return _key("request", f"{request_id}:{hashlib.sha256(body).hexdigest()}")


def _key(kind: str, value: str | None) -> str | None:
    if not value:
        return None
    if len(value) > _KEY_MAX:
        value = hashlib.sha256(value.encode()).hexdigest()
    return f"{kind}:{value}"


def _is_binary(kind: str) -> bool:
    family = kind.partition("/")[0]
    return family in ("image", "audio", "video", "font", "multipart") or kind in (
        "application/octet-stream",
        "application/pdf",
        "application/zip",
        "application/gzip",
    )


def _text(body: bytes, content_type: str) -> str | None:
    _, _, named = content_type.lower().partition("charset=")
    charset = named.partition(";")[0].strip(' "')
    try:
        return body.decode(charset if charset in _CHARSETS else "utf-8")
    except ValueError:
        return None
