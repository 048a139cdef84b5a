"""Copies of everything that reconciles look at, and which key each change wakes.

kopf wakes the same keys; a copy's own change matters, because kopf may be quicker than the copy.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dragops.cluster.client import (
    APP_DEPLOYMENTS,
    CONFIG_MAPS,
    CRON_JOBS,
    DEPLOYMENTS,
    ENVIRONMENTS,
    NETWORK_POLICIES,
    PATTERNS,
    POD_DISRUPTION_BUDGETS,
    ROLE_BINDINGS,
    ROLES,
    SERVICE_ACCOUNTS,
    SERVICES,
    Cluster,
    Kind,
)
from dragops.cluster.informer import Change, Informer
from dragops.model.bundle import LIVE_LABEL
from dragops_operator.resources.names import DEPLOYMENT_LABEL, PART_OF, POOL, VERSION_LABEL
from dragops_operator.resources.owned import Object
from dragops_operator.workqueue import Key

_OURS = ",".join(f"{name}={value}" for name, value in PART_OF.items())
_POOL = f"app.kubernetes.io/name={POOL}"
_WATCHED = (
    (CONFIG_MAPS, f"{LIVE_LABEL}=true"),
    (CONFIG_MAPS, VERSION_LABEL),
    (SERVICES, _OURS),
    (CRON_JOBS, _OURS),
    *(
        (kind, _POOL)
        for kind in (
            *(APP_DEPLOYMENTS, SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS),
            *(POD_DISRUPTION_BUDGETS, NETWORK_POLICIES),
        )
    ),
)


class Caches:
    """One informer a kind and workspace; Secrets are read by name only, so none holds them."""

    def __init__(
        self, cluster: Cluster, workspaces: Iterable[str], wake: Callable[[Key], None]
    ) -> None:
        self._wake = wake
        self._by_pattern: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_environment: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_owner: defaultdict[tuple[str, str], dict[tuple[str, str], Object]] = defaultdict(
            dict
        )
        self.patterns = Informer(cluster, PATTERNS, on_change=self._pattern_changed)
        self.deployments = Informer(cluster, DEPLOYMENTS, on_change=self._deployment_changed)
        self.environments = Informer(cluster, ENVIRONMENTS, on_change=self._environment_changed)
        self._children = [
            self._child_informer(cluster, kind, namespace, selector)
            for namespace in sorted(workspaces)
            for kind, selector in _WATCHED
        ]

    @property
    def informers(self) -> list[Informer]:
        """Give every informer."""
        return [self.patterns, self.deployments, self.environments, *self._children]

    @property
    def is_synced(self) -> bool:
        """Say whether every first list has been read."""
        return all(informer.synced.is_set() for informer in self.informers)

    async def run(self) -> None:
        """Keep the copies in step until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for informer in self.informers:
                tasks.create_task(informer.run())

    async def synced(self) -> None:
        """Wait for every first list."""
        await asyncio.gather(*(informer.synced.wait() for informer in self.informers))

    def deployments_of(self, namespace: str, pattern: str) -> list[Object]:
        """Give the deployments that refer to a pattern."""
        names = self._by_pattern.get((namespace, pattern), ())
        found = (self.deployments.get(namespace, name) for name in sorted(names))
        return [raw for raw in found if raw]

    def deployments_in(self, namespace: str) -> list[Object]:
        """Give a namespace's deployments that are not being deleted."""
        return _staying(self.deployments, namespace)

    def environments_in(self, namespace: str) -> list[Object]:
        """Give a namespace's Environments that are not being deleted."""
        return _staying(self.environments, namespace)

    def children_of(self, namespace: str, deployment: str) -> list[Object]:
        """Give a deployment's children; programs come without their data."""
        return list(self._by_owner.get((namespace, deployment), {}).values())

    def pool_of(self, namespace: str) -> list[Object]:
        """Give the objects of a workspace's engine pool."""
        return list(self._by_owner.get((namespace, ""), {}).values())

    def _child_informer(
        self, cluster: Cluster, kind: Kind, namespace: str, selector: str
    ) -> Informer:
        return Informer(
            cluster,
            kind,
            namespace,
            label_selector=selector,
            on_change=lambda change, old, new: self._child_changed(kind, change, old, new),
            metadata_only=selector == VERSION_LABEL,
        )

    def _pattern_changed(self, _change: Change, old: Object | None, new: Object | None) -> None:
        namespace, name = _place(new or old)
        self._wake(Key("Pattern", namespace, name))
        for raw in self.deployments_of(namespace, name):
            self._wake(Key("PatternDeployment", namespace, raw["metadata"]["name"]))

    def _environment_changed(self, _change: Change, old: Object | None, new: Object | None) -> None:
        namespace, name = _place(new or old)
        self._wake(Key("Environment", namespace, name))
        if new is not None and not _is_judged(new):
            return  # its own reconcile comes first, and its status wakes the others
        self._wake(Key("Workspace", namespace, namespace))
        for deployment in sorted(self._by_environment.get((namespace, name), ())):
            self._wake(Key("PatternDeployment", namespace, deployment))

    def _deployment_changed(self, change: Change, old: Object | None, new: Object | None) -> None:
        known = new or old or {}
        namespace, name = _place(known)
        pattern = known["spec"]["patternRef"]["name"]
        users = self._by_pattern[namespace, pattern]
        (users.discard if change == "deleted" else users.add)(name)
        for each in filter(None, (_environment_of(old), _environment_of(new))):
            self._by_environment[namespace, each].discard(name)
        if environment := _environment_of(new):
            self._by_environment[namespace, environment].add(name)
        if change != "modified" or _secrets_of(old) != _secrets_of(new):
            self._wake(Key("Workspace", namespace, namespace))
        self._wake(Key("PatternDeployment", namespace, name))
        self._wake(Key("Pattern", namespace, pattern))

    def _child_changed(
        self, kind: Kind, _change: Change, old: Object | None, new: Object | None
    ) -> None:
        known = new or old or {}
        # a metadata-only watch names its objects PartialObjectMetadata
        known |= {"apiVersion": kind.api_version, "kind": kind.kind}
        namespace, name = _place(known)
        for key in _owners(known):
            kept = self._by_owner[namespace, key.name if key.kind == "PatternDeployment" else ""]
            if new is None:
                kept.pop((kind.kind, name), None)
            else:
                kept[kind.kind, name] = known
            self._wake(key)


def _staying(copy: Informer, namespace: str) -> list[Object]:
    return [
        raw
        for raw in copy.values()
        if raw["metadata"]["namespace"] == namespace and "deletionTimestamp" not in raw["metadata"]
    ]


def _is_judged(environment: Object) -> bool:
    observed = environment.get("status", {}).get("observedGeneration", 0)
    return bool(observed >= environment["metadata"]["generation"])


def _environment_of(deployment: Object | None) -> str | None:
    ref = (deployment or {}).get("spec", {}).get("environmentRef") or {}
    return ref.get("name")


def _secrets_of(deployment: Object | None) -> tuple[Any, Any]:
    """Give what decides which Secret of an Environment engines may read for a deployment."""
    in_force = (deployment or {}).get("status", {}).get("environment") or {}
    return _environment_of(deployment), in_force.get("secretName")


def _owners(obj: Object) -> Iterator[Key]:
    labels = obj["metadata"].get("labels") or {}
    namespace = obj["metadata"]["namespace"]
    if deployment := labels.get(DEPLOYMENT_LABEL):
        yield Key("PatternDeployment", namespace, deployment)
    elif labels.get("app.kubernetes.io/name") == POOL:
        yield Key("Workspace", namespace, namespace)


def _place(obj: Object | None) -> tuple[str, str]:
    metadata = (obj or {})["metadata"]
    return metadata["namespace"], metadata["name"]
