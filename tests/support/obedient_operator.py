"""An operator and engines that do at once what a resource asks for, over a dict."""

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

from dragops.cluster.client import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    ENVIRONMENTS,
    PATTERNS,
    SECRETS,
    Cluster,
    Kind,
)
from dragops.cluster.kinds import kind_of
from dragops.compiler.compile import compile_pattern
from dragops.errors import NotFound, PatternError
from dragops.model.breaker import TRIPPED
from dragops.model.deployment import PatternDeployment
from dragops.model.environment import Environment
from dragops.model.pattern import Metadata, PatternSpec
from dragops.model.run import now_iso
from dragops_operator.reconcile.environment import SecretSeen, plan_environment
from dragops_operator.reconcile.workspace import secret_names
from dragops_operator.resources.api_access import api_access
from dragops_operator.resources.bundle import program_config_map
from support.memory_cluster import MemoryCluster
from support.observed import FACTS

Object = dict[str, Any]


class ObedientOperator:
    """Writes the status that a real one would, children reduced to what the API reads."""

    def __init__(self, cluster: MemoryCluster | Cluster) -> None:
        self._cluster = cluster
        self.is_deaf = False
        """Leaves everything as it is."""
        self.fails = False
        """Finds that nothing compiles."""
        self.makes_children = True
        self.since: str | None = None
        """When schedules begin, where a test says so."""

    async def run(self) -> None:
        """Obey for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._deployments())
            tasks.create_task(self._environments())

    async def _deployments(self) -> None:
        async for event in self._cluster.watch(DEPLOYMENTS, version="0"):
            if event["type"] in {"ADDED", "MODIFIED"} and not self.is_deaf:
                await self._obey(event["object"])

    async def _environments(self) -> None:
        async for event in self._cluster.watch(ENVIRONMENTS, version="0"):
            if event["type"] in {"ADDED", "MODIFIED"} and not self.is_deaf:
                await self._judge(Environment.of(event["object"]))

    async def _judge(self, environment: Environment) -> None:
        metadata, ref = environment.metadata, environment.spec.secret_ref
        secret = await self._secret(metadata.namespace, ref.name) if ref else None
        status = plan_environment(environment, secret, is_workspace=True, now=now_iso())
        if status == environment.status:
            return
        try:
            await self._cluster.patch_status(
                ENVIRONMENTS, metadata.namespace, metadata.name, status.as_json()
            )
        except NotFound:
            return  # deleted in the meantime
        await self._give_rights(metadata.namespace)

    async def _secret(self, namespace: str, name: str) -> SecretSeen | None:
        try:
            found = await self._cluster.get(SECRETS, namespace, name)
        except NotFound:
            return None
        labels, data = found["metadata"].get("labels", {}), found.get("data", {})
        is_labelled = labels.get("dragops.dev/environment") == "true"
        return SecretSeen(found["metadata"]["resourceVersion"], tuple(sorted(data)), is_labelled)

    async def _give_rights(self, namespace: str) -> None:
        """Let the API at the Secrets that are its business, as the operator does."""
        names = secret_names(
            await self._cluster.list(DEPLOYMENTS, namespace),
            await self._cluster.list(ENVIRONMENTS, namespace),
        )
        endpoints, environments = [*names.endpoints], [*names.environments]
        for body in api_access(namespace, endpoints, environments, FACTS):
            await self._cluster.apply(kind_of(body), namespace, body, manager="operator")

    async def _obey(self, told: Object) -> None:
        where = told["metadata"]["namespace"], told["metadata"]["name"]
        try:
            # as it is by now: an event may be older than what was done for the one before
            deployment = await self._cluster.get(DEPLOYMENTS, *where)
            metadata, old = deployment["metadata"], deployment.get("status", {})
            is_known = old.get("observedGeneration") == metadata["generation"]
            if is_known and old.get("state") in {_state(deployment), "failed"}:
                return
            await self._give_rights(metadata["namespace"])
            ref = deployment["spec"]["patternRef"]["name"]
            pattern = await self._pattern(metadata["namespace"], ref)
            versions = await self._versions(deployment, old, pattern)
            if pattern and self.makes_children and not self.fails:
                await self._children(deployment)
            status = self._status(deployment, old, pattern) | self._live(deployment, versions)
            await self._cluster.patch_status(DEPLOYMENTS, *where, status)
        except NotFound:
            return  # deleted in the meantime

    async def _pattern(self, namespace: str, name: str) -> Object | None:
        try:
            return await self._cluster.get(PATTERNS, namespace, name)
        except NotFound:
            return None

    def _status(self, deployment: Object, old: Object, pattern: Object | None) -> Object:
        metadata, spec = deployment["metadata"], deployment["spec"]
        release = spec.get("release", {}).get("id")
        conditions = [
            {
                "type": type_,
                "status": status,
                "reason": "AsWanted",
                "lastTransitionTime": now_iso(),
                "observedGeneration": metadata["generation"],
            }
            for type_, status in (("Registered", "True"), ("Reconciling", "False"))
        ]
        return {
            "observedGeneration": metadata["generation"],
            "state": "failed" if self.fails else _state(deployment),
            **_resumed(spec, old),
            "release": release,
            "confirmedAt": now_iso(),
            **self._starts(metadata["name"], old, pattern),
            "conditions": [] if self.fails else conditions,
        }

    def _starts(self, name: str, old: Object, pattern: Object | None) -> Object:
        if pattern is None:  # the live version outlives it
            return {key: old.get(key, []) for key in ("triggers", "webhooks", "schedules")}
        schedules = [] if self.since is None else _schedules(pattern, self.since)
        webhooks = _webhooks(name, pattern)
        return {"triggers": _triggers(pattern), "webhooks": webhooks, "schedules": schedules}

    def _live(self, deployment: Object, versions: list[Object]) -> Object:
        pinned = deployment["spec"].get("version")
        live = next((v for v in versions if v["number"] == pinned), versions[0])
        return {
            "versionNumber": None if self.fails else live["number"],
            "versions": versions,
            "program": {key: live[key] for key in ("configMap", "digest")},
        }

    async def _versions(
        self, deployment: Object, old: Object, pattern: Object | None
    ) -> list[Object]:
        """Keep a version of each release, newest first; what does not compile gets one too."""
        versions: list[Object] = old.get("versions", [])
        release = deployment["spec"].get("release", {}).get("id")
        if versions and release == old.get("release"):
            return versions
        number = versions[0]["number"] + 1 if versions else 1
        return [await self._compiled(deployment, pattern, number), *versions][:3]

    async def _compiled(self, deployment: Object, pattern: Object | None, number: int) -> Object:
        owner, made = Metadata.of(deployment["metadata"]), {"number": number}
        try:
            spec = PatternSpec.model_validate(pattern["spec"] if pattern else {})
            declared = PatternDeployment.of(deployment).spec.node_definitions
            name = deployment["spec"]["patternRef"]["name"]
            program = compile_pattern(spec, name=name, declared=declared)
        except PatternError:
            return made | {"configMap": "none", "digest": "none", "createdAt": now_iso()}
        body = program_config_map(owner, number, program)
        if self.makes_children:
            await self._cluster.apply(CONFIG_MAPS, owner.namespace, body, manager="operator")
        named = {"configMap": body["metadata"]["name"], "digest": program.digest}
        return made | named | {"createdAt": now_iso()}

    async def _children(self, deployment: Object) -> None:
        """Make what the API reads."""
        texts = {key: base64.b64encode(text.encode()).decode() for key, text in _keys(deployment)}
        await self._child(SECRETS, deployment, "endpoints", texts)
        await self._child(CONFIG_MAPS, deployment, "live", {"live.json": "{}"})

    async def _child(self, kind: Kind, deployment: Object, part: str, data: Object) -> None:
        metadata = deployment["metadata"]
        owner = {
            "apiVersion": "dragops.dev/v1",
            "kind": "PatternDeployment",
            "name": metadata["name"],
            "uid": metadata["uid"],
        }
        child = {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "metadata": {"name": f"{metadata['name']}-{part}", "ownerReferences": [owner]},
            "data": data,
        }
        await self._cluster.apply(kind, metadata["namespace"], child, manager="operator")


def _state(deployment: Object) -> str:
    wanted = deployment["spec"].get("state", "Active")
    is_tripped = TRIPPED in (deployment["metadata"].get("annotations") or {})
    return "paused" if is_tripped and wanted == "Active" else str(wanted).lower()


def _resumed(spec: Object, old: Object) -> Object:
    wanted, before = spec.get("resume", ""), old.get("resumed", {})
    if wanted == before.get("value", ""):
        return {"resumed": before} if before else {}
    return {"resumed": {"value": wanted, "at": now_iso()}}


def _keys(deployment: Object) -> Iterator[tuple[str, str]]:
    """Give the texts of the Secret: a number makes another secret."""
    hooks = {hook["nodeId"]: hook for hook in deployment["spec"].get("webhooks", ())}
    number = hooks.get("hook", {}).get("secretRotation") or 0
    yield "hook.secret", f"a1b2-{number}" if number else "a1b2"
    yield "hook.rotation", str(number)


def _triggers(pattern: Object) -> list[Object]:
    nodes = pattern["spec"].get("nodes", ())
    return [{"type": n["type"], "nodeId": n["id"]} for n in nodes if n["type"].startswith("On")]


def _schedules(pattern: Object, since: str) -> list[Object]:
    return [
        {
            "nodeId": trigger["nodeId"],
            "cronExpression": "* * * * *",
            "timezone": "UTC",
            "cronJob": "tick",
            "since": since,
        }
        for trigger in _triggers(pattern)
        if trigger["type"] == "OnSchedule"
    ]


def _webhooks(deployment: str, pattern: Object) -> list[Object]:
    return [
        {
            "nodeId": trigger["nodeId"],
            "endpointId": f"wep_{trigger['nodeId']}",
            "webhookId": f"whk_{deployment.replace('-', '')}",
            "alias": "main",
            "url": f"https://your-domain/webhooks/whk_{deployment.replace('-', '')}",
            "secretName": f"{deployment}-endpoints",
        }
        for trigger in _triggers(pattern)
        if trigger["type"] == "OnWebhook"
    ]
