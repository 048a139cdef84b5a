"""Keeps what each workspace has: its engine pool while anything is deployed, who may read what."""

import time
from collections.abc import Callable

from dragops.cluster.client import NAMESPACES, Cluster
from dragops_operator.caches import Caches
from dragops_operator.facts import Facts
from dragops_operator.reconcile.workspace import plan_workspace, secret_names
from dragops_operator.writer import Writer


class PoolKeeper:
    """Carries the plans for pools out; ``clock`` counts seconds."""

    def __init__(
        self,
        cluster: Cluster,
        caches: Caches,
        writer: Writer,
        facts: Facts,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster, self._caches, self._writer = cluster, caches, writer
        self._facts, self._clock = facts, clock
        # in memory, so that nothing is written only to count: a restart begins the wait anew
        self._idle_since: dict[str, float] = {}

    async def reconcile(self, namespace: str) -> float | None:
        """Make one workspace right; give the seconds after which its pool may go."""
        deployments = self._caches.deployments_in(namespace)
        plan = plan_workspace(
            namespace,
            secret_names(deployments, self._caches.environments_in(namespace)),
            tuple(self._caches.pool_of(namespace)),
            self._facts,
            idle_seconds=self._idle_seconds(namespace, is_idle=not deployments),
        )
        if plan.applies and await self._is_going(namespace):
            return None
        for body in plan.applies:
            await self._writer.apply(body)
        for obj in plan.deletes:
            await self._writer.delete(obj)
        return plan.again_in_seconds

    def _idle_seconds(self, namespace: str, *, is_idle: bool) -> float | None:
        if not is_idle:
            self._idle_since.pop(namespace, None)
            return None
        return self._clock() - self._idle_since.setdefault(namespace, self._clock())

    async def _is_going(self, namespace: str) -> bool:
        """Say whether the namespace is being deleted: then nothing is written into it."""
        found = await self._cluster.get(NAMESPACES, None, namespace)
        return "deletionTimestamp" in found["metadata"]
