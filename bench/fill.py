"""Fills a cluster with deployments and a run store with runs, as much as a measurement needs."""

import asyncio
from collections.abc import Mapping
from itertools import cycle, islice
from typing import Any

from sqlalchemy import Engine

from bench.webhooks import PATTERN
from dragops.cluster.client import DEPLOYMENTS, PATTERNS, Cluster
from dragops.history.store import RunStore
from support.batches import accept, finish, of

_AT_ONCE = 20
_BATCH = 1_000
_TIME = "2026-03-05T12:00:00.000Z"


async def make_deployments(admin: Cluster, namespace: str, count: int) -> dict[str, str]:
    """Make patterns and their deployments with the status of live ones; give uids by name."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def make(number: int) -> tuple[str, str]:
        async with gate:
            return await _make(admin, namespace, f"pat-{number}")

    return dict(await asyncio.gather(*(make(number) for number in range(count))))


def fill_runs(engine: Engine, workspace: str, uids: Mapping[str, str], count: int) -> None:
    """Store completed runs, ``count`` in thousands: half of the first deployment's."""
    store, (first, *others) = RunStore(engine), uids.items()
    owners = (owner for other in cycle(others or [first]) for owner in (first, other))
    for _ in range(count // _BATCH):
        some = islice(owners, _BATCH)
        made = [accept(deployment=name, deployment_uid=uid) for name, uid in some]
        ends = [finish(run.run_id) for run in made]
        (outcome,) = store.write([(workspace, of(*made, *ends))])
        if isinstance(outcome, Exception):
            raise outcome


async def _make(admin: Cluster, namespace: str, name: str) -> tuple[str, str]:
    head = {"apiVersion": "dragops.dev/v1", "metadata": {"name": name, "namespace": namespace}}
    pattern = {**head, "kind": "Pattern", "spec": {"title": "Webhook Logger", **PATTERN}}
    await admin.create(PATTERNS, namespace, pattern)
    spec = {"patternRef": {"name": name}, "updatePolicy": "OnRelease", "release": {"id": "1"}}
    meta = {"name": f"dep-{name}", "namespace": namespace}
    deployment = {**head, "metadata": meta, "kind": "PatternDeployment", "spec": spec}
    made = await admin.create(DEPLOYMENTS, namespace, deployment)
    status = {"status": _status(f"dep-{name}")}
    await admin.merge_patch(DEPLOYMENTS, namespace, f"dep-{name}", status, subresource="status")
    return f"dep-{name}", made["metadata"]["uid"]


def _status(name: str) -> dict[str, Any]:
    webhook = {
        "nodeId": "hook",
        "endpointId": "wep_0123456789",
        "webhookId": f"whk_{name.replace('-', '')}",
        "alias": "main",
        "url": f"https://hooks.example.com/webhooks/whk_{name}",
        "secretName": f"{name}-endpoints",
    }
    condition = {"status": "True", "message": "", "lastTransitionTime": "2026-03-05T12:00:00Z"}
    conditions = {"Compiled": "Compiled", "Registered": "Confirmed", "Ready": "AsWanted"}
    return {
        "observedGeneration": 1,
        "state": "active",
        "versionNumber": 1,
        "release": "1",
        "source": "a" * 64,
        "triggers": [{"type": "OnWebhook", "nodeId": "hook"}],
        "webhooks": [webhook],
        "confirmedAt": _TIME,
        "serial": 1,
        "versions": [
            {
                "number": 1,
                "configMap": f"{name}-v1-0123456789",
                "digest": "b" * 64,
                "createdAt": _TIME,
            }
        ],
        "conditions": [
            {"type": type_, "reason": reason, **condition} for type_, reason in conditions.items()
        ],
    }
