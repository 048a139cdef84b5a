"""Makes the cluster match one key: gather, plan, apply, patch status once; again writes nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, PATTERNS
from dragops.errors import AuthorMustAct, Conflict
from dragops.model.deployment import DeploymentStatus, PatternDeployment
from dragops.model.environment import Environment
from dragops.model.pattern import Pattern
from dragops.model.run import now_iso
from dragops_operator.caches import Caches
from dragops_operator.confirm import Confirmations
from dragops_operator.facts import Facts
from dragops_operator.news import Newsroom
from dragops_operator.observe import Observer
from dragops_operator.pool import PoolKeeper
from dragops_operator.reconcile.deployment import plan_deployment, refused
from dragops_operator.reconcile.environment import plan_environment
from dragops_operator.reconcile.observed import Observed, Plan
from dragops_operator.reconcile.pattern import plan_pattern
from dragops_operator.reconcile.release import is_due, is_switch
from dragops_operator.resources.owned import Object
from dragops_operator.workqueue import Key
from dragops_operator.writer import Writer

_CONFIRM_SECONDS = 0.5
_NODES_IN_LOOP = 100
"""A pattern of more nodes is compiled beside the loop, which must answer within 50 ms."""
_LOOK_SECONDS, _MISSING_SECONDS = 50.0, 5.0
"""When an Environment's Secret is read again; sooner while it is not there."""
_GUARDED = {"ConfigMap", "Secret"}
"""A second operator, while the Lease changes hands, must not undo the other's serial or secret."""


@dataclass(slots=True)
class Reconciler:
    """Carries plans out."""

    caches: Caches
    observer: Observer
    confirmations: Confirmations
    writer: Writer
    news: Newsroom
    pool: PoolKeeper
    facts: Facts
    is_busy: Callable[[], bool] = lambda: False
    """Says whether others wait for a worker: then no worker waits for engines."""
    _doubted: set[Key] = field(default_factory=set)

    def doubt(self, key: Key) -> None:
        """Have the key's next reconcile read everything again, whatever the copies say."""
        self._doubted.add(key)

    async def reconcile(self, key: Key) -> float | None:
        """Make one key right; give the seconds after which to look again, if time alone matters."""
        await self.caches.synced()
        match key.kind:
            case "PatternDeployment":
                return await self._deployment(key)
            case "Pattern":
                await self._pattern(key)
            case "Environment":
                return await self._environment(key)
            case _:
                return await self.pool.reconcile(key.namespace)
        return None

    async def _deployment(self, key: Key) -> float | None:
        raw = self.caches.deployments.get(key.namespace, key.name)
        if raw is None or "deletionTimestamp" in raw["metadata"]:
            self.confirmations.forget(key)
            return None
        doubted = key in self._doubted
        self._doubted.discard(key)
        plan = None if doubted else self._settled(key, self.observer.remembered(raw))
        if plan is None and (observed := await self.observer.fresh(key)):
            plan = await self._carry_out(key, observed)
        return plan.again_in_seconds if plan else None

    def _settled(self, key: Key, observed: Observed) -> Plan | None:
        """Give the plan if it leaves everything as it is."""
        deployment = observed.deployment
        if deployment.status.observed_generation != deployment.metadata.generation:
            return None
        if is_due(observed) or is_switch(observed):
            return None
        if observed.live is None and deployment.status.program:
            return None
        plan = plan_deployment(observed, self.facts)
        if plan.writes or plan.status != deployment.status:
            return None
        self._expect(key, deployment, plan)
        return plan

    async def _carry_out(self, key: Key, observed: Observed) -> Plan:
        await self._clear(observed)
        plan = await self._planned(observed)
        try:
            await self._write(observed, plan)
        except AuthorMustAct as exc:
            await self._patch(observed.deployment, refused(observed, str(exc)))
            raise
        self._expect(key, observed.deployment, plan)
        await self._patch(observed.deployment, await self._outcome(key, observed.deployment, plan))
        for child in plan.orphans:
            await self.writer.delete(child, propagation="Orphan")
        for child in (c for c in observed.children if c["metadata"]["name"] in plan.deletes):
            await self.writer.delete(child)
        return plan

    async def _clear(self, observed: Observed) -> None:
        """Take away what an earlier deployment of this name has left, before anything is made."""
        strays = self.observer.strays(observed)
        for stray in strays:
            if stray["kind"] != "Secret":  # no right to delete those: the garbage collector does
                await self.writer.delete(stray)
        if strays:
            raise Conflict("children of an earlier deployment of this name were still there")

    async def _planned(self, observed: Observed) -> Plan:
        if observed.pattern and len(observed.pattern.spec.nodes) > _NODES_IN_LOOP:
            return await asyncio.to_thread(plan_deployment, observed, self.facts)
        return plan_deployment(observed, self.facts)

    async def _write(self, observed: Observed, plan: Plan) -> None:
        for body in plan.creates:
            await self.writer.create(body)
        known = {_id(child): child["metadata"]["resourceVersion"] for child in observed.children}
        for body in plan.applies:
            version = known.get(_id(body)) if body["kind"] in _GUARDED else None
            await self.writer.apply(body, version=version)

    async def _outcome(
        self, key: Key, deployment: PatternDeployment, plan: Plan
    ) -> DeploymentStatus:
        """Give the status to write, after a moment for the engines: mostly it is the last one."""
        if plan.obeyed is None or self.is_busy():
            return plan.status
        await self.confirmations.wait(key, _CONFIRM_SECONDS)
        obeyed = self.confirmations.serial(key, deployment.metadata.uid)
        return plan.obeyed if obeyed >= plan.obeyed.serial else plan.status

    def _expect(self, key: Key, deployment: PatternDeployment, plan: Plan) -> None:
        if plan.waits:
            self.confirmations.expect(key, deployment.metadata.uid, plan.status.serial)

    async def _patch(self, deployment: PatternDeployment, status: DeploymentStatus) -> None:
        old = deployment.status
        if status == old:
            return
        owner = deployment.metadata
        await self.writer.patch_status(DEPLOYMENTS, owner, old.as_json(), status.as_json())
        if owner.namespace in self.facts.workspaces:
            await self.news.tell(deployment, status)

    async def _pattern(self, key: Key) -> None:
        raw = self.caches.patterns.get(key.namespace, key.name)
        if raw is None or "deletionTimestamp" in raw["metadata"]:
            return
        pattern = Pattern.of(raw)
        users = self.caches.deployments_of(key.namespace, key.name)
        deployments = [PatternDeployment.of(user) for user in users]
        if len(pattern.spec.nodes) > _NODES_IN_LOOP:
            status = await asyncio.to_thread(plan_pattern, pattern, deployments, now=now_iso())
        else:
            status = plan_pattern(pattern, deployments, now=now_iso())
        if status != pattern.status:
            old, new = pattern.status.as_json(), status.as_json()
            await self.writer.patch_status(PATTERNS, pattern.metadata, old, new)

    async def _environment(self, key: Key) -> float | None:
        """Judge an Environment; its Secret is not watched, but looked at again and again."""
        raw = self.caches.environments.get(key.namespace, key.name)
        if raw is None or "deletionTimestamp" in raw["metadata"]:
            return None
        environment = Environment.of(raw)
        is_workspace = key.namespace in self.facts.workspaces
        secret = await self.observer.secret_of(environment)
        status = plan_environment(environment, secret, is_workspace=is_workspace, now=now_iso())
        if status != environment.status:
            old, new = environment.status.as_json(), status.as_json()
            await self.writer.patch_status(ENVIRONMENTS, environment.metadata, old, new)
        if environment.spec.secret_ref is None or not is_workspace:
            return None
        return _LOOK_SECONDS if status.secret_version else _MISSING_SECONDS


def _id(child: Object) -> tuple[str, str]:
    return child["kind"], child["metadata"]["name"]
