"""Where the engines of a workspace are, and the calls to their internal port."""

import asyncio
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import aiohttp
import orjson
import structlog

from dragops.cluster.client import ENDPOINT_SLICES, Cluster
from dragops.cluster.informer import Informer
from dragops.errors import Unreachable

SERVICE = "dragops-engine-internal"
PUBLIC_PORT, INTERNAL_PORT = 8080, 8081
THE_ENGINE = "the engine"
_SERVICE_LABEL = "kubernetes.io/service-name"
_CALL_SECONDS, _PROBE_SECONDS, _POLL_SECONDS = 5.0, 1.0, 0.05
_log = structlog.get_logger(__name__)


class Address(NamedTuple):
    """The two doors of one engine."""

    public: str
    internal: str


class Locator(Protocol):
    """Knows the engines that are ready."""

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the ready engines of a workspace."""


class FixedLocator:
    """Engines named in the settings, ``namespace=publicurl|internalurl``."""

    def __init__(self, items: Iterable[str]) -> None:
        self._engines: dict[str, tuple[Address, ...]] = {}
        for item in items:
            namespace, _, urls = item.partition("=")
            public, _, internal = urls.partition("|")
            address = Address(public.rstrip("/"), internal.rstrip("/"))
            self._engines[namespace] = (*self.at(namespace), address)

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the engines named for a workspace; nobody says whether they are ready."""
        return self._engines.get(namespace, ())


class SliceLocator:
    """Engines as the cluster's EndpointSlices name them."""

    def __init__(self, cluster: Cluster) -> None:
        self._informer = Informer(
            cluster, ENDPOINT_SLICES, label_selector=f"{_SERVICE_LABEL}={SERVICE}"
        )

    async def run(self) -> None:
        """Follow the cluster for ever."""
        await self._informer.run()

    @property
    def is_synced(self) -> bool:
        """Say whether the first list has been read."""
        return self._informer.synced.is_set()

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the ready engines of a workspace."""
        slices = (s for s in self._informer.values() if s["metadata"]["namespace"] == namespace)
        hosts = {host for slice_ in slices for host in ready_hosts(slice_)}
        return tuple(
            Address(f"http://{host}:{PUBLIC_PORT}", f"http://{host}:{INTERNAL_PORT}")
            for host in sorted(hosts)
        )


def ready_hosts(slice_: dict[str, Any]) -> list[str]:
    """Give the hosts of an EndpointSlice that are ready, as a URL writes them."""
    brackets = "[{}]" if slice_.get("addressType") == "IPv6" else "{}"
    # ready may be null, which the API means as true
    ready = [e for e in slice_.get("endpoints") or () if _ready(e) is not False]
    return [brackets.format(address) for endpoint in ready for address in endpoint["addresses"]]


def _ready(endpoint: dict[str, Any]) -> bool | None:
    ready: bool | None = endpoint.get("conditions", {}).get("ready")
    return ready


class TokenFile:
    """A projected token; read again when the kubelet has changed it."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._changed, self._text = path, -1, ""

    def headers(self) -> dict[str, str]:
        """Give the header that carries the token."""
        if self._path is None:
            return {}
        try:
            # a projected token is a small file in memory: no thread for it
            if (changed := self._path.stat().st_mtime_ns) != self._changed:
                self._text, self._changed = self._path.read_text().strip(), changed
        except OSError as exc:
            raise Unreachable("the token file", str(exc)) from exc
        return {"Authorization": f"Bearer {self._text}"}


class Reply(NamedTuple):
    """What an engine said."""

    status: int
    data: dict[str, Any]


class Engines:
    """Calls to the internal port of a workspace's engines."""

    def __init__(self, locator: Locator, session: aiohttp.ClientSession, token: TokenFile) -> None:
        self._locator, self._session, self._token = locator, session, token
        self._turns = itertools.count()

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the ready engines, another one first each time."""
        engines = self._locator.at(namespace)
        first = next(self._turns) % len(engines) if engines else 0
        return engines[first:] + engines[:first]

    async def execute(self, namespace: str, order: dict[str, Any]) -> Reply:
        """Start a run on the first engine that takes it; Unreachable when none does."""
        limit = float(order["waitSeconds"]) + _CALL_SECONDS
        reply = None
        for engine in self.at(namespace):
            reply = await self._try(f"{engine.internal}/internal/execute", order, limit)
            # 404: this engine has not loaded it yet; another one may have
            if reply is not None and reply.status != 404:
                return reply
        raise Unreachable(THE_ENGINE, f"{namespace}: {reply or 'none is ready'}")

    async def until_dropped(self, namespace: str, uid: str, *, seconds: float) -> bool:
        """Wait until no engine has this deployment any more; say whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                while await self._holders(namespace, uid):  # noqa: ASYNC110  # engines only answer
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            return False
        return True

    async def is_ready(self, namespace: str) -> bool:
        """Say whether at least one engine of the workspace answers."""
        probes = (self._probe(engine.internal) for engine in self._locator.at(namespace))
        return any(await asyncio.gather(*probes))

    async def _holders(self, namespace: str, uid: str) -> int:
        engines = self._locator.at(namespace)
        held = await asyncio.gather(*(self._uids(engine.internal) for engine in engines))
        return sum(uid in uids for uids in held)

    async def _uids(self, internal: str) -> set[str]:
        reply = await self._get(f"{internal}/internal/serials", _CALL_SECONDS)
        serials = reply.data.get("serials", {}) if reply else {}
        return {str(entry["uid"]) for entry in serials.values()}

    async def _probe(self, internal: str) -> bool:
        reply = await self._get(f"{internal}/readyz", _PROBE_SECONDS)
        return reply is not None and reply.status == 200

    async def _try(self, url: str, order: dict[str, Any], limit: float) -> Reply | None:
        """Give an order; None when the engine cannot have heard it, so another one may."""
        try:
            return await self._call("POST", url, limit, data=orjson.dumps(order))
        except aiohttp.ClientConnectorError as exc:
            _log.warning("engine_away", url=url, error=repr(exc))
            return None
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unreachable(THE_ENGINE, repr(exc)) from exc

    async def _get(self, url: str, limit: float) -> Reply | None:
        try:
            return await self._call("GET", url, limit)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            _log.warning("engine_away", url=url, error=repr(exc))
            return None

    async def _call(self, method: str, url: str, limit: float, **options: Any) -> Reply:
        headers = self._token.headers() | {"Content-Type": "application/json"}
        timeout = aiohttp.ClientTimeout(total=limit, connect=_PROBE_SECONDS)
        async with self._session.request(
            method, url, headers=headers, timeout=timeout, **options
        ) as response:
            return Reply(response.status, _object(await response.read()))


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}
