"""A Lease around a whole process: one works, the others wait.

It is renewed in a thread and loop of its own, so that a busy event loop does not lose it. Whoever
loses it ends the process at once: two writers would be safe, but only for a moment. A holder is
given up by how long *we* saw no change, never by comparing its clock with ours.
"""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from dragops.cluster.client import LEASES, Cluster
from dragops.errors import Conflict, DragopsError, NotFound

HELD_SECONDS, RENEW_SECONDS, RETRY_SECONDS = 15.0, 10.0, 2.0
"""client-go's: a lease is good for 15 s, and lost when it could not be renewed for 10 s."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Rival:
    """What we know of the holder: the version last seen, and since when it has not changed."""

    version: str = ""
    since: float = 0.0

    def is_gone(self, version: str, now: float) -> bool:
        """Take note of the lease as it is now; say whether its holder has stopped renewing."""
        if version != self.version:
            self.version, self.since = version, now
        return now - self.since >= HELD_SECONDS


@dataclass(slots=True)
class Lease:
    """The lease ``name``; ``on_loss`` must not return to work."""

    connect: Callable[[], Awaitable[Cluster]]
    namespace: str
    name: str
    identity: str
    on_loss: Callable[[], None] = field(default=lambda: os._exit(1))
    renew_seconds: float = RENEW_SECONDS
    retry_seconds: float = RETRY_SECONDS
    _held: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Wait until the lease is ours, keep it while the block runs, then let it go."""
        thread = threading.Thread(target=self._run, name="lease", daemon=True)
        thread.start()
        self._held.wait()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(self.retry_seconds + 1)

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except Exception:
            _log.exception("lease_thread_failed")
            self.on_loss()

    async def _live(self) -> None:
        async with await self.connect() as cluster:
            await self._acquire(cluster)
            _log.info("lease_held", name=self.name, identity=self.identity)
            self._held.set()
            await self._keep(cluster)

    async def _acquire(self, cluster: Cluster) -> None:
        rival = Rival()
        while not await self._try(cluster, rival):  # noqa: ASYNC110  # the server is asked
            await asyncio.sleep(self.retry_seconds)

    async def _keep(self, cluster: Cluster) -> None:
        renewed = time.monotonic()
        while not self._stop.is_set():
            # waiting in a thread: this loop has nothing else to do, and stopping must be quick
            await asyncio.to_thread(self._stop.wait, self.retry_seconds)
            if not self._stop.is_set() and await self._try(cluster, Rival()):
                renewed = time.monotonic()
            if time.monotonic() - renewed > self.renew_seconds:
                _log.error("lease_lost", name=self.name)
                self.on_loss()
        await self._release(cluster)

    async def _try(self, cluster: Cluster, rival: Rival) -> bool:
        try:
            async with asyncio.timeout(self.renew_seconds / 2):
                return await self._claim(cluster, rival)
        except (DragopsError, TimeoutError) as exc:
            _log.warning("lease_not_renewed", error=str(exc))
            return False

    async def _claim(self, cluster: Cluster, rival: Rival) -> bool:
        try:
            lease = await cluster.get(LEASES, self.namespace, self.name)
        except NotFound:
            await cluster.create(LEASES, self.namespace, self._body({}, {}))
            return True
        holder = lease["spec"].get("holderIdentity") or ""
        taken = holder not in ("", self.identity)
        if taken and not rival.is_gone(lease["metadata"]["resourceVersion"], time.monotonic()):
            return False
        try:
            body = self._body(lease["metadata"], lease["spec"])
            await cluster.replace(LEASES, self.namespace, body)
        except Conflict:
            return False
        return True

    def _body(self, metadata: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        ours = spec.get("holderIdentity") == self.identity
        return {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": metadata | {"name": self.name},
            "spec": {
                "holderIdentity": self.identity,
                "leaseDurationSeconds": int(HELD_SECONDS),
                "acquireTime": spec.get("acquireTime", now) if ours else now,
                "renewTime": now,
                "leaseTransitions": spec.get("leaseTransitions", -1) + (0 if ours else 1),
            },
        }

    async def _release(self, cluster: Cluster) -> None:
        try:
            lease = await cluster.get(LEASES, self.namespace, self.name)
            if lease["spec"].get("holderIdentity") == self.identity:
                lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
                await cluster.replace(LEASES, self.namespace, lease)
        except DragopsError as exc:
            _log.warning("lease_not_released", error=str(exc))
