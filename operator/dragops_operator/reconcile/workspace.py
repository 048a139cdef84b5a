"""The decision about a workspace's engine pool: there while anything is deployed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from dragops_operator.facts import Facts
from dragops_operator.reconcile.drift import covers
from dragops_operator.resources.names import secret_name
from dragops_operator.resources.owned import Object
from dragops_operator.resources.pool import pool_objects

IDLE_SECONDS = 300
"""How long a pool outlives the last deployment of its namespace."""


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """What to write of a pool, and what to take away."""

    applies: tuple[Object, ...] = ()
    deletes: tuple[Object, ...] = ()
    again_in_seconds: float | None = None
    """When to look again although nothing happens."""


def plan_pool(
    namespace: str,
    deployments: Iterable[str],
    existing: tuple[Object, ...],
    facts: Facts,
    *,
    idle_seconds: float | None,
) -> PoolPlan:
    """Decide about a pool; ``idle_seconds`` counts since its last deployment went, if it did."""
    names = sorted(deployments)
    if namespace not in facts.workspaces:
        return PoolPlan()
    if not names:
        return _without_deployments(existing, idle_seconds)
    wanted = pool_objects(namespace, [secret_name(name) for name in names], facts)
    return PoolPlan(applies=tuple(o for o in wanted if not _is_there(existing, o)))


def _without_deployments(existing: tuple[Object, ...], idle_seconds: float | None) -> PoolPlan:
    if not existing:
        return PoolPlan()
    left = IDLE_SECONDS - (idle_seconds or 0.0)
    if left > 0:
        return PoolPlan(again_in_seconds=left)
    return PoolPlan(deletes=tuple(reversed(existing)))


def _is_there(existing: tuple[Object, ...], wanted: Object) -> bool:
    key = (wanted["kind"], wanted["metadata"]["name"])
    return any(
        covers(there, wanted)
        for there in existing
        if (there["kind"], there["metadata"]["name"]) == key
    )
