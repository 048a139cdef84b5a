"""Where the engines of a workspace are: asked of EndpointSlices, or named in the settings."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from dragops.cluster.client import ENDPOINT_SLICES, Cluster
from dragops.cluster.informer import Informer
from dragops.errors import Unreachable

SERVICE = "dragops-engine-internal"
PUBLIC_PORT, INTERNAL_PORT = 8080, 8081
_SERVICE_LABEL = "kubernetes.io/service-name"


class Address(NamedTuple):
    """The two doors of one engine."""

    public: str
    internal: str


class Locator(Protocol):
    """Knows the engines that are ready."""

    @property
    def is_synced(self) -> bool:
        """Say whether it has heard of all engines that there are."""

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the ready engines of a workspace."""


class FixedLocator:
    """Engines named in the settings, ``namespace=publicurl|internalurl``, one URL for both."""

    def __init__(self, items: Iterable[str]) -> None:
        self._engines: dict[str, tuple[Address, ...]] = {}
        for item in items:
            namespace, _, urls = item.partition("=")
            public, _, internal = urls.partition("|")
            address = Address(public.rstrip("/"), (internal or public).rstrip("/"))
            self._engines[namespace] = (*self.at(namespace), address)

    @property
    def is_synced(self) -> bool:
        """Say that there are no others."""
        return True

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the engines named for a workspace; nobody says whether they are ready."""
        return self._engines.get(namespace, ())


class SliceLocator:
    """Engines as the cluster's EndpointSlices name them."""

    def __init__(self, cluster: Cluster, namespaces: Iterable[str] | None = None) -> None:
        selector = f"{_SERVICE_LABEL}={SERVICE}"
        self._informers = [
            Informer(cluster, ENDPOINT_SLICES, namespace, label_selector=selector)
            for namespace in (namespaces if namespaces is not None else [None])
        ]

    async def run(self) -> None:
        """Follow the cluster, everywhere or in the namespaces named, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for informer in self._informers:
                tasks.create_task(informer.run())

    @property
    def is_synced(self) -> bool:
        """Say whether the first list has been read."""
        return all(informer.synced.is_set() for informer in self._informers)

    def at(self, namespace: str) -> tuple[Address, ...]:
        """Give the ready engines of a workspace."""
        known = (slice_ for informer in self._informers for slice_ in informer.values())
        slices = (slice_ for slice_ in known if slice_["metadata"]["namespace"] == namespace)
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
