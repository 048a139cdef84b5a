"""What HTTP requests are made of, and what answers are taken apart into."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from dragops.errors import RunFailure
from dragops.nodes.category import Category
from dragops.nodes.convert import quoted, to_string
from dragops.nodes.formats_xml import xml_parse
from dragops.nodes.header_texts import VALUE, fixed_headers, header_text, header_texts, without
from dragops.nodes.json_text import loads
from dragops.nodes.urls import encoded, read_http_url, with_query

category = Category("HTTP")

_FORMATS: Final[dict[str, Callable[[str], Any]]] = {
    "json": loads,
    "text": str,
    "xml": xml_parse,
}
_PLACE = re.compile(r"\{([^{}]+)\}")


def _base_url(value: str) -> str:
    read_http_url(value)
    return value


def _one_line(value: str) -> str:
    if not VALUE.fullmatch(value):
        raise ValueError("it holds a line end or the like")
    return value


def _format(value: str) -> str:
    if value not in _FORMATS:
        raise ValueError(f"use one of {', '.join(_FORMATS)}")
    return value


@category.node(
    'ParseResponse pure (response: Any!, format: String = "json") -> (data: Any)',
    checks={"format": _format},
)
def parse_response(response: Any, format_: str = "json") -> Any:
    """Read an answer's body once more: as JSON, text or XML."""
    if format_ not in _FORMATS:
        told = f"pin format: {quoted(format_)} is none of {', '.join(_FORMATS)}"
        raise RunFailure("ParseError", told)
    if response is None and format_ != "text":
        return None
    if format_ == "json" and isinstance(response, dict | list):
        return response
    is_bytes = isinstance(response, bytes)
    text = response.decode("utf-8", "replace") if is_bytes else to_string(response, "response")
    return _FORMATS[format_](text)


@category.node(
    'BuildUrl "Build URL" pure (baseUrl: String!, path: String = "", params: Object = {},'
    " query: Object = {}) -> (url: String)",
    checks={"baseUrl": _base_url},
)
def build_url(
    base_url: str,
    path: str = "",
    params: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
) -> str:
    """Put a URL together; `{name}` in the path stands for a parameter, percent-encoded."""
    try:
        read_http_url(base_url)
    except ValueError as exc:
        raise RunFailure("ParseError", f"{quoted(base_url)} is {exc}") from exc
    rest, mark, fragment = base_url.strip().partition("#")
    base, _, asked = rest.partition("?")
    if path:
        below, _, own = _filled(path, params or {}).partition("?")
        base = f"{base.rstrip('/')}/{below.lstrip('/')}"
        asked = "&".join(part for part in (asked, own) if part)
    url = f"{base}?{asked}" if asked else base
    return with_query(f"{url}{mark}{fragment}", query or {})


@category.node(
    'BuildHeaders pure (headers: Object = {}, contentType: String = "", accept: String = "",'
    ' bearerToken: String = "", username: String = "", password: String = "")'
    " -> (headers: Object)",
    checks={
        "headers": fixed_headers,
        **dict.fromkeys(("contentType", "accept", "bearerToken"), _one_line),
    },
)
def build_headers(
    headers: Mapping[str, Any] | None = None,
    content_type: str = "",
    accept: str = "",
    bearer_token: str = "",
    username: str = "",
    password: str = "",
) -> dict[str, str]:
    """Put headers together: Content-Type, Accept and Authorization take the place of the same."""
    authorization = f"Bearer {bearer_token}" if bearer_token else _basic(username, password)
    named = {"Content-Type": content_type, "Accept": accept, "Authorization": authorization}
    added = {name: header_text(name, value) for name, value in named.items() if value}
    return without(header_texts(headers or {}), *added) | added


def _basic(username: str, password: str) -> str:
    if not username:
        return ""
    pair = f"{username}:{password}".encode("utf-8", "replace")
    return f"Basic {base64.b64encode(pair).decode()}"


def _filled(path: str, params: Mapping[str, Any]) -> str:
    def value(place: re.Match[str]) -> str:
        name = place[1]
        if name not in params:
            raise RunFailure("KeyError", f"path names {quoted(name)}, and params has no such key")
        return quote(to_string(params[name], "params"), safe="", errors="replace")

    return encoded(_PLACE.sub(value, path)).replace("#", "%23")
