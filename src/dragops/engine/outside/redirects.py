"""One request after another, as redirects ask for them: what goes along, and what stays behind."""

import base64
from dataclasses import dataclass, replace
from urllib.parse import unquote, urljoin

from dragops.engine.outside.hosts import known_host
from dragops.errors import RunFailure
from dragops.nodes.convert import quoted
from dragops.nodes.header_texts import header_of, without
from dragops.nodes.limits import BYTES_MAX, limit_error
from dragops.nodes.outside import Request
from dragops.nodes.urls import Url, encoded, read_http_url

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_ONE_ORIGIN = ("authorization", "cookie", "proxy-authorization", "host")
_OF_A_BODY = ("content-type", "content-encoding", "content-language", "content-location")


@dataclass(frozen=True, slots=True)
class Hop:
    """One request to one server."""

    method: str
    url: str
    """Absolute and in ASCII, without credentials and fragment."""
    origin: str
    host: str
    headers: dict[str, str]
    body: bytes | None


def first_hop(request: Request) -> Hop:
    """Give the request as it is sent first; HttpError for a URL that is none of HTTP."""
    if request.body is not None and len(request.body) > BYTES_MAX:
        raise limit_error("a request's body holds 10 MiB")
    return _hop(request.method, request.url, dict(request.headers), request.body)


def next_hop(hop: Hop, status: int, location: str | None) -> Hop | None:
    """Give the request that an answer asks for; None when it asks for none."""
    if status not in _REDIRECTS or not location:
        return None
    following = _hop(hop.method, urljoin(hop.url, location), hop.headers, hop.body)
    if following.origin != hop.origin:
        following = replace(following, headers=without(following.headers, *_FOR_ONE_ORIGIN))
    if _becomes_get(hop.method, status):
        headers = without(following.headers, *_OF_A_BODY)
        following = replace(following, method="GET", headers=headers, body=None)
    return following


def _becomes_get(method: str, status: int) -> bool:
    return (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST")


def _hop(method: str, text: str, headers: dict[str, str], body: bytes | None) -> Hop:
    try:
        url = read_http_url(text)
    except ValueError as exc:
        raise RunFailure("HttpError", f"{quoted(text)} is {exc}") from exc
    url = url._replace(host=known_host(url.host))
    if url.username and header_of(headers, "authorization") is None:
        headers = headers | {"Authorization": _basic(url)}
    asked = f"?{encoded(url.query)}" if url.query else ""
    target = f"{url.origin}{encoded(url.path) or '/'}{asked}"
    return Hop(method, target, url.origin, url.host, headers, body)


def _basic(url: Url) -> str:
    pair = f"{unquote(url.username)}:{unquote(url.password)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
