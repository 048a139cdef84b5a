"""Sends HTTP requests by aiohttp, each over a connection of its own.

The host is judged and looked up here, and aiohttp gets the addresses: at a redirect again. Nothing
is kept between requests (no cookies, no connection that may have gone stale), so none is repeated.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from typing_extensions import override
from yarl import URL

from dragops.engine.outside.hosts import Hosts
from dragops.engine.outside.redirects import Hop, first_hop, next_hop
from dragops.errors import RunFailure
from dragops.nodes.limits import BYTES_MAX, limit_error
from dragops.nodes.outside import Request, Response

REDIRECTS_MAX = 5
_LINE_MAX = 64 * 1024
_UNLESS_SAID = {"User-Agent": "DragOps", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


async def send(request: Request, hosts: Hosts, trust: ssl.SSLContext) -> Response:
    """Send a request and follow redirects; failures as ``Outside.send`` says."""
    checks = trust if request.verify_tls else False
    hop = first_hop(request)
    try:
        async with asyncio.timeout(request.timeout_seconds):
            for _ in range(REDIRECTS_MAX + 1):
                answer = await _exchange(hop, hosts, checks, follow=request.follow_redirects)
                if isinstance(answer, Response):
                    return answer
                hop = answer
    except TimeoutError as exc:
        seconds = f"{request.timeout_seconds:g} s"
        raise RunFailure("TimeoutError", f"{hop.host} did not answer within {seconds}") from exc
    raise RunFailure("HttpError", f"more than {REDIRECTS_MAX} redirects, the last to {hop.origin}")


async def _exchange(
    hop: Hop, hosts: Hosts, checks: ssl.SSLContext | bool, *, follow: bool
) -> Response | Hop:
    addresses = await hosts.addresses(hop.host)
    try:
        async with _answer(hop, addresses, checks) as answer:
            headers = _headers(answer)
            if follow:
                following = next_hop(hop, answer.status, headers.get("location"))
                if following:
                    return following
            return Response(answer.status, headers, await _body(answer))
    except (aiohttp.ClientError, OSError, ValueError) as exc:
        raise RunFailure("HttpError", _told(exc, hop)) from exc


@asynccontextmanager
async def _answer(
    hop: Hop, addresses: list[str], checks: ssl.SSLContext | bool
) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = CIMultiDict(_UNLESS_SAID)
    headers.update(hop.headers)
    connector = aiohttp.TCPConnector(
        resolver=_Judged(addresses), use_dns_cache=False, force_close=True
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            middlewares=(_once,),
            trust_env=False,  # a proxy would connect to addresses that nobody judged
            max_line_size=_LINE_MAX,
            max_field_size=_LINE_MAX,
        ) as session,
        session.request(
            hop.method,
            URL(hop.url, encoded=True),
            headers=headers,
            data=hop.body,
            skip_auto_headers=("Content-Type",),
            allow_redirects=False,
            ssl=checks,
        ) as answer,
    ):
        yield answer


class _BrokeOff(aiohttp.ClientError):
    """A connection ended before its answer."""


async def _once(
    request: aiohttp.ClientRequest, exchange: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Exchange once: aiohttp would repeat a GET, PUT or DELETE when a server hangs up."""
    try:
        return await exchange(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        raise _BrokeOff from exc


class _Judged(AbstractResolver):
    """Gives the addresses that were judged, whatever a name server would say by now."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._addresses = addresses

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in self._addresses
        ]

    @override
    async def close(self) -> None:
        """Close nothing: it asks nobody."""


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    joined: dict[str, str] = {}
    for written, value in answer.headers.items():
        name, text = written.lower(), _readable(value)
        joined[name] = f"{joined[name]}, {text}" if name in joined else text
    return joined


def _readable(value: str) -> str:
    """Give a header's value as UTF-8, or as Latin-1 where aiohttp could not read it as such."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    received = bytearray()
    # unpacked piece by piece: a small answer can stand for gigabytes
    async for piece in answer.content.iter_any():
        received += piece
        if len(received) > BYTES_MAX:
            raise limit_error("an answer's body holds 10 MiB")
    return bytes(received)


def _told(exc: Exception, hop: Hop) -> str:
    """Say what went wrong with a server, without the address that it has."""
    match exc:
        case aiohttp.ClientConnectorCertificateError():
            said = getattr(exc.certificate_error, "verify_message", "") or "it is not trusted"
            return f"the certificate of {hop.origin} is refused: {said}"
        case aiohttp.ClientConnectorSSLError() | aiohttp.ClientSSLError():
            return f"no TLS with {hop.origin}"
        case aiohttp.ClientConnectorError():
            code = exc.os_error.errno
            return f"{hop.origin} cannot be reached: {os.strerror(code) if code else 'no answer'}"
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return f"the answer of {hop.origin} is no proper HTTP"
        case _:
            return f"the connection to {hop.origin} broke off"
