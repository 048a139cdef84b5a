"""Logs in like every Kubernetes client and sends requests; its errors are the domain's.

Objects stay dicts: typed models cost seven times the processor time on a list (operator-notes 0.6).
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import orjson
from kubernetes.aio.client import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config
from yaml import YAMLError

from dragops.cluster.kinds import Kind
from dragops.cluster.parsing import parsed
from dragops.errors import (
    AuthorMustAct,
    Conflict,
    Expired,
    NotFound,
    Refused,
    Rejected,
    TryAgain,
    Unreachable,
)

CALL_SECONDS = 30.0
CONNECT_SECONDS = 10.0
_CONNECTIONS = 256
_FAREWELL_SECONDS = 0.1
_AT_ONCE_BYTES = 65_536
"""A larger body is sent in pieces, between which the loop goes on."""

# the last four: the client reads a file that is no kubeconfig as if it were one
_NO_LOG_IN = (ConfigException, OSError, YAMLError, AttributeError, KeyError, TypeError, ValueError)

# the client ships types for its generated half only
_load_file: Callable[..., Awaitable[object]] = load_kube_config
_load_pod: Callable[[Configuration], None] = load_incluster_config


async def log_in(kubeconfig: str | None = None, context: str | None = None) -> Configuration:
    """Find the API server: this file, else ``KUBECONFIG``, else the pod's own account."""
    configuration = Configuration()
    path = kubeconfig or os.environ.get("KUBECONFIG")
    try:
        if path:
            await _load_file(path, context=context, client_configuration=configuration)
        else:
            _load_pod(configuration)
    except _NO_LOG_IN as exc:
        raise Unreachable("the API server", f"no log-in with {path or 'the pod'}: {exc}") from exc
    return configuration


class Transport:
    """One connection pool to one API server."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        # the official client builds the TLS context; requests are ours, for orjson and streams
        rest = RESTClientObject(configuration)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=rest.ssl_context, limit=_CONNECTIONS),
            headers={"User-Agent": "dragops"},
            trust_env=True,
        )
        self._extra: dict[str, Any] = {}
        if configuration.tls_server_name:
            self._extra["server_hostname"] = configuration.tls_server_name
        if configuration.proxy:
            self._extra["proxy"] = configuration.proxy

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()
        # cut watches say their TLS good-bye now, and aiohttp does not wait for them
        await asyncio.sleep(_FAREWELL_SECONDS)

    @asynccontextmanager
    async def request(
        self,
        method: str,
        path: str,
        *,
        about: tuple[Kind, str],
        limits: aiohttp.ClientTimeout | None = None,
        **options: Any,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request; raise what its failure means for the object ``about`` names."""
        limits = limits or aiohttp.ClientTimeout(total=CALL_SECONDS, connect=CONNECT_SECONDS)
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        token = await self._configuration.get_api_key_with_prefix("BearerToken", "authorization")
        if token:
            headers["Authorization"] = token
        url = self._configuration.host + path
        try:
            async with self._session.request(
                method, url, timeout=limits, headers=headers, **options, **self._extra
            ) as response:
                if response.status >= 400:
                    raise _failure(response.status, await response.read(), about)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unreachable("the API server", str(exc) or type(exc).__name__) from exc

    async def call(
        self, method: str, path: str, *, about: tuple[Kind, str], body: Any = None, **options: Any
    ) -> dict[str, Any]:
        """Send one request with a JSON body and read the JSON answer."""
        if body is not None:
            data = orjson.dumps(body)
            options["data"] = data if len(data) <= _AT_ONCE_BYTES else BytesIO(data)
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        async with self.request(method, path, about=about, **options) as response:
            answer: dict[str, Any] = parsed(await response.read())
        return answer


def status_failure(status: dict[str, Any], about: tuple[Kind, str]) -> AuthorMustAct | TryAgain:
    """Give the domain's error for a ``Status`` object of the API server."""
    kind, name = about
    code, message = int(status.get("code", 500)), str(status.get("message", ""))
    match code:
        case 404:
            return NotFound(kind.kind, name)
        case 409:
            return Conflict(message)
        case 410:
            return Expired(message)
        case 401 | 403:
            return Refused(message)
        case 400 | 405 | 406 | 413 | 415 | 422:
            return Rejected(message)
        case _:
            return Unreachable("the API server", f"{code} {message}")


def _failure(code: int, data: bytes, about: tuple[Kind, str]) -> AuthorMustAct | TryAgain:
    try:
        message = str(orjson.loads(data).get("message", ""))
    except (orjson.JSONDecodeError, AttributeError):
        message = data[:300].decode(errors="replace")
    return status_failure({"code": code, "message": message}, about)
