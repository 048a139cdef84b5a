"""Gathers what a plan for one deployment looks at: from the copies, or fresh from the server.

Copies are enough to see that nothing is to be done. Before anything is written, what the decision
rests on is read again: the deployment, its live ConfigMap and its Secret.
"""

from collections.abc import Iterable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS, SECRETS, Cluster, Kind
from dragops.errors import NotFound, Refused
from dragops.model.bundle import (
    ENVIRONMENT_LABEL,
    LIVE_FILE,
    SIGNATURE_FILE,
    Live,
    ProgramPointer,
    verified,
)
from dragops.model.deployment import PatternDeployment
from dragops.model.endpoints import EndpointKeys, read_endpoints, texts_in
from dragops.model.environment import Environment
from dragops.model.ids import new_endpoint_id, new_webhook_id, new_webhook_secret
from dragops.model.pattern import Pattern
from dragops.model.program import Manifest
from dragops.model.run import now_iso
from dragops.model.stored_program import checked_program, program_files
from dragops_operator.caches import Caches
from dragops_operator.confirm import Confirmations
from dragops_operator.reconcile.endpoints import given_out
from dragops_operator.reconcile.environment import SecretSeen
from dragops_operator.reconcile.observed import Observed, StoredProgram
from dragops_operator.reconcile.release import in_force, is_lost, is_switch, pinned
from dragops_operator.resources.bundle import read_manifest
from dragops_operator.resources.names import VERSION_LABEL, live_name, secret_name
from dragops_operator.resources.owned import Object
from dragops_operator.workqueue import Key

DIGEST = "dragops.dev/digest"


class Observer:
    """Sees one deployment at a time."""

    def __init__(
        self,
        cluster: Cluster,
        caches: Caches,
        confirmations: Confirmations,
        public_key: Ed25519PublicKey,
        workspaces: frozenset[str],
    ) -> None:
        self._cluster, self._caches, self._confirmations = cluster, caches, confirmations
        self._public_key, self._workspaces = public_key, workspaces

    def remembered(self, raw: Object) -> Observed:
        """Give what the copies know; they hold no Secret."""
        deployment = PatternDeployment.of(raw)
        return self._observed(deployment, self._children(deployment), None)

    async def fresh(self, key: Key) -> Observed | None:
        """Read what a write would rest on; None when the deployment is gone or going."""
        raw = await self._read(DEPLOYMENTS, key.namespace, key.name)
        if raw is None or "deletionTimestamp" in raw["metadata"]:
            return None
        deployment = PatternDeployment.of(raw)
        if key.namespace not in self._workspaces:
            return self._observed(deployment, (), {})  # there is no right to look further
        live = await self._read(CONFIG_MAPS, key.namespace, live_name(key.name))
        secret = await self._read(SECRETS, key.namespace, secret_name(key.name))
        read = {(CONFIG_MAPS.kind, live_name(key.name)): live}
        copied = (
            child
            for child in self._children(deployment)
            if (child["kind"], child["metadata"]["name"]) not in read
        )
        children = [*copied, *(child for child in (live, secret) if child)]
        keys = read_endpoints(texts_in(_own(secret, deployment) or {}))
        observed = self._observed(deployment, children, keys)
        manifest = await self._manifest(observed)
        given = set(given_out(deployment, observed.live))
        minted = _minted(_hooks(observed.pattern, manifest), given, keys)
        return replace(observed, manifest=manifest, minted=minted)

    async def secret_of(self, environment: Environment) -> SecretSeen | None:
        """Read the Secret that an Environment names; its values are forgotten here."""
        ref, namespace = environment.spec.secret_ref, environment.metadata.namespace
        if ref is None or namespace not in self._workspaces:
            return None
        found = await self._read(SECRETS, namespace, ref.name)
        if found is None:
            return None
        metadata = found["metadata"]
        return SecretSeen(
            version=metadata["resourceVersion"],
            names=tuple(sorted(found.get("data") or {})),
            is_labelled=(metadata.get("labels") or {}).get(ENVIRONMENT_LABEL) == "true",
        )

    def strays(self, observed: Observed) -> list[Object]:
        """Give children by our names that belong to an earlier deployment of this name."""
        return [
            child for child in observed.children if _owner_uid(child) not in {None, _uid(observed)}
        ]

    def _children(self, deployment: PatternDeployment) -> list[Object]:
        metadata = deployment.metadata
        return self._caches.children_of(metadata.namespace, metadata.name)

    def _observed(
        self,
        deployment: PatternDeployment,
        children: Iterable[Object],
        endpoints: dict[str, EndpointKeys] | None,
    ) -> Observed:
        metadata, children = deployment.metadata, tuple(children)
        raw = self._caches.patterns.get(metadata.namespace, deployment.spec.pattern_ref.name)
        key = Key("PatternDeployment", metadata.namespace, metadata.name)
        pattern, live = Pattern.of(raw) if raw else None, self._live(deployment, children)
        named = deployment.spec.environment_ref
        found = self._caches.environments.get(metadata.namespace, named.name) if named else None
        return Observed(
            deployment=deployment,
            pattern=pattern,
            live=live,
            manifest=None,
            programs=tuple(_programs(children)),
            endpoints=endpoints or {},
            minted=_minted(_hooks(pattern, None), set(given_out(deployment, live)), endpoints),
            is_secret_seen=endpoints is not None,
            confirmed_serial=self._confirmations.serial(key, metadata.uid),
            now=now_iso(),
            environment=Environment.of(found) if found else None,
            children=children,
        )

    def _live(self, deployment: PatternDeployment, children: Iterable[Object]) -> Live | None:
        metadata = deployment.metadata
        data = next(
            (
                c.get("data") or {}
                for c in children
                if _is(c, CONFIG_MAPS, live_name(metadata.name))
            ),
            {},
        )
        try:
            text, signature = data[LIVE_FILE].encode(), data[SIGNATURE_FILE]
            live = verified(text, signature, key=self._public_key, namespace=metadata.namespace)
        except (KeyError, Refused):
            return None
        return live if live.uid == metadata.uid else None

    async def _manifest(self, observed: Observed) -> Manifest | None:
        current, status = in_force(observed), observed.deployment.status
        if is_switch(observed) and (pin := pinned(observed)):
            return await self._checked_manifest(observed, pin)
        if current is None or is_lost(observed):
            return None
        told = status.program.config_map if status.program else None
        if observed.live is not None and current.config_map == told:
            return None  # bundle and status know all that is needed
        namespace = observed.deployment.metadata.namespace
        stored = await self._read(CONFIG_MAPS, namespace, current.config_map)
        return read_manifest(stored) if stored else None

    async def _checked_manifest(
        self, observed: Observed, pointer: ProgramPointer
    ) -> Manifest | None:
        """Read a program that shall be live again; None when it is not what was compiled."""
        namespace = observed.deployment.metadata.namespace
        stored = await self._read(CONFIG_MAPS, namespace, pointer.config_map)
        if stored is None:
            return None
        try:
            files, name = program_files(stored), pointer.config_map
            return checked_program(files, pointer.digest, name=name).manifest
        except Refused:
            return None

    async def _read(self, kind: Kind, namespace: str, name: str) -> Object | None:
        try:
            return await self._cluster.get(kind, namespace, name)
        except NotFound:
            return None


def _programs(children: Iterable[Object]) -> Iterable[StoredProgram]:
    for child in children:
        metadata = child["metadata"]
        version = (metadata.get("labels") or {}).get(VERSION_LABEL, "")
        if child["kind"] == CONFIG_MAPS.kind and version.isdecimal():
            digest = (metadata.get("annotations") or {}).get(DIGEST, "")
            created = metadata["creationTimestamp"]
            yield StoredProgram(metadata["name"], int(version), digest, created)


def _hooks(pattern: Pattern | None, manifest: Manifest | None) -> set[str]:
    """Give the nodes that take webhooks now, or in the version that shall be live."""
    nodes = pattern.spec.nodes if pattern else ()
    triggers = manifest.triggers if manifest else ()
    return {node.id for node in nodes if node.type == "OnWebhook"} | {
        trigger.node_id for trigger in triggers if trigger.type == "OnWebhook"
    }


def _minted(
    hooks: set[str], given: set[str], endpoints: dict[str, EndpointKeys] | None
) -> dict[str, EndpointKeys]:
    """Make keys for every node that may need some: an unseen Secret is not written, so few do."""
    nodes = hooks - given if endpoints is None else hooks | given | endpoints.keys()
    return {
        node: EndpointKeys(new_webhook_id(), new_endpoint_id(), new_webhook_secret())
        for node in sorted(nodes)
    }


def _is(child: Object, kind: Kind, name: str) -> bool:
    return bool(child["kind"] == kind.kind and child["metadata"]["name"] == name)


def _own(child: Object | None, deployment: PatternDeployment) -> Object | None:
    return child if child and _owner_uid(child) == deployment.metadata.uid else None


def _uid(observed: Observed) -> str:
    return observed.deployment.metadata.uid


def _owner_uid(child: Object) -> str | None:
    owners = child["metadata"].get("ownerReferences") or ()
    return next((owner["uid"] for owner in owners if owner.get("controller")), None)
