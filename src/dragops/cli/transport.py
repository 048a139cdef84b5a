"""HTTP for the command: one pool, what the machine trusts, no redirects; failures in sentences."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from dragops.cli.failures import Call, NoAnswer
from dragops.errors import BadInput

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
ANSWER_BYTES_MAX = 256 * 1024 * 1024
_SENTENCES: dict[type[HTTPError], str] = {
    ProxyError: "the proxy of the environment does not let us through to {host}: {why}",
    NameResolutionError: "nobody knows the name {host}",
    NewConnectionError: "{host} takes no connections: {why}",
    ConnectTimeoutError: f"{{host}} takes no connection within {CONNECT_SECONDS:g} seconds",
    ReadTimeoutError: "{host} took the request and did not answer in time",
    SSLError: "{host} is not who it says, or speaks no TLS: {why}",
}
"""The first that fits is told: who comes later is more general."""
_BROKEN = "the connection to {host} broke: {why}"
_DOCTOR = "to see what is wrong: dragops doctor"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    """Found in either case."""
    body: bytes


class Transport:
    """Connections to one server."""

    def __init__(self, url: str, authority: str | None = None) -> None:
        self._pool = _pool(url, _trust(url, authority))

    def send(
        self,
        call: Call,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str],
        seconds: float = ANSWER_SECONDS,
    ) -> Reply:
        """Send one request and read the whole answer, within these seconds of silence."""
        with self.open(call, body=body, headers=headers, seconds=seconds) as response:
            data = response.read(ANSWER_BYTES_MAX + 1)
            if len(data) > ANSWER_BYTES_MAX:
                raise NoAnswer(call, "the answer has no end", "check the address: dragops doctor")
            return Reply(response.status, response.headers, data)

    @contextmanager
    def open(
        self,
        call: Call,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str],
        seconds: float = ANSWER_SECONDS,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """Send one request; the answer is read by the caller, and dropped at the end."""
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds)
        try:
            response = self._pool.request(
                call.method,
                call.url,
                body=body,
                headers=dict(headers),
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                yield response
            finally:
                response.close()
        except HTTPError as exc:
            raise NoAnswer(call, _sentence(call, exc), _DOCTOR) from exc


def _trust(url: str, authority: str | None) -> ssl.SSLContext | None:
    if not url.startswith("https:"):
        return None
    context = ssl.create_default_context()
    if authority:
        try:
            context.load_verify_locations(cafile=authority)
        except (OSError, ssl.SSLError) as exc:
            raise BadInput("--certificate-authority", f"{authority}: {exc}") from exc
    return context


def _pool(url: str, trust: ssl.SSLContext | None) -> urllib3.PoolManager:
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    if proxy:
        return urllib3.ProxyManager(proxy, ssl_context=trust)
    return urllib3.PoolManager(ssl_context=trust)


def _sentence(call: Call, exc: HTTPError) -> str:
    told = next((told for kind, told in _SENTENCES.items() if isinstance(exc, kind)), _BROKEN)
    return told.format(host=urlsplit(call.url).netloc, why=_reason(exc))


def _reason(exc: BaseException) -> str:
    """Give the innermost cause, without addresses of objects."""
    while (deeper := exc.__cause__ or exc.__context__) is not None:
        exc = deeper
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror
    return str(exc) or type(exc).__name__
