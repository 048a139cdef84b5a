"""The operator's reconciler over a cluster in a dict, with engines that obey at once.

Keys that changes wake are worked off by ``settle``; a failing key goes back to the end.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dragops.cluster.client import (
    DEPLOYMENTS,
    ENVIRONMENTS,
    NAMESPACES,
    PATTERNS,
    Cluster,
    Kind,
)
from dragops.cluster.locator import FixedLocator
from dragops.errors import DragopsError
from dragops.model.bundle import LIVE_FILE, sign
from dragops_operator.caches import Caches
from dragops_operator.confirm import Confirmations
from dragops_operator.engines import Serials
from dragops_operator.facts import Facts
from dragops_operator.news import Newsroom
from dragops_operator.observe import Observer
from dragops_operator.pool import PoolKeeper
from dragops_operator.reconciler import Reconciler
from dragops_operator.signing import mark, public_text
from dragops_operator.workqueue import Key
from dragops_operator.writer import Writer
from support.memory_cluster import MemoryCluster

Object = dict[str, Any]

NAMESPACE = "team-a"
_KEY = Ed25519PrivateKey.generate()
_TURNS = 12
_KEPT = {"resourceVersion", "uid", "generation", "creationTimestamp", "annotations"}
"""What an author's write leaves as it is."""


@dataclass
class PaperOperator:
    """A reconciler, the keys that wait for it, and the cluster that both look at."""

    cluster: MemoryCluster
    caches: Caches
    reconciler: Reconciler
    keys: dict[Key, None]
    failures: int = 0

    async def heard(self) -> None:
        """Let the copies take in what has happened."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def work_once(self) -> None:
        """Work on the key that waits longest, which may fail."""
        if not self.keys:
            return
        key = next(iter(self.keys))
        del self.keys[key]
        try:
            await self.reconciler.reconcile(key)
        except DragopsError:
            self.failures += 1
            self.keys[key] = None

    async def settle(self, *, most: int = 400) -> None:
        """Work until nothing waits; fail when there is no end to it."""
        for _ in range(most):
            await self.heard()
            if not self.keys:
                return
            await self.work_once()
        raise AssertionError(f"never settles: {list(self.keys)}")

    async def look_again(self) -> None:
        """Reconcile everything afresh, as the resync does."""
        for kind in (PATTERNS, ENVIRONMENTS, DEPLOYMENTS):
            for obj in await self.cluster.list(kind):
                key = Key(kind.kind, obj["metadata"]["namespace"], obj["metadata"]["name"])
                self.reconciler.doubt(key)
                self.keys[key] = None
        await self.settle()

    async def write(self, kind: Kind, name: str, spec: Object) -> None:
        """Write a resource of ours as its author."""
        body = {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": spec,
        }
        key = (kind.plural, NAMESPACE, name)
        if key in self.cluster.objects:
            there = self.cluster.objects[key]["metadata"]
            body["metadata"] |= {part: there[part] for part in _KEPT & there.keys()}
            await self.cluster.replace(kind, NAMESPACE, body)
        else:
            await self.cluster.create(kind, NAMESPACE, body)


@asynccontextmanager
async def paper_operator(cluster: MemoryCluster) -> AsyncIterator[PaperOperator]:
    """Run copies over this cluster for as long as the block lasts."""
    cluster.objects.setdefault(
        (NAMESPACES.plural, "", NAMESPACE), {"metadata": {"name": NAMESPACE, "namespace": ""}}
    )
    real = cast("Cluster", cluster)
    keys: dict[Key, None] = {}

    def wake(key: Key) -> None:
        keys[key] = None

    async def obeyed(_address: str) -> Serials:
        lives = (
            orjson.loads(obj["data"][LIVE_FILE])
            for (plural, _, name), obj in cluster.objects.items()
            if plural == "configmaps" and name.endswith("-live")
        )
        return {live["deployment"]: (live["uid"], live["serial"]) for live in lives}

    caches = Caches(real, [NAMESPACE], wake)
    confirmations = Confirmations(FixedLocator([f"{NAMESPACE}=http://paper"]), obeyed, wake)
    facts = Facts(
        workspaces=frozenset({NAMESPACE}),
        release_namespace="dragops",
        public_url="https://hooks.example",
        engine_image="localhost/dragops-engine:1",
        recorder_url="http://recorder",
        public_key=public_text(_KEY),
        sign=lambda live: sign(live, _KEY),
        mark=lambda secret: mark(secret, _KEY),
    )
    writer = Writer(real)
    reconciler = Reconciler(
        caches=caches,
        observer=Observer(real, caches, confirmations, _KEY.public_key(), facts.workspaces),
        confirmations=confirmations,
        writer=writer,
        news=Newsroom(real),
        pool=PoolKeeper(real, caches, writer, facts),
        facts=facts,
    )
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(part) for part in (caches.run(), confirmations.run())]
        await caches.synced()
        yield PaperOperator(cluster, caches, reconciler, keys)
        for task in running:
            task.cancel()
