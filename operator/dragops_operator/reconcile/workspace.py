"""The decision about what a workspace has: its engine pool, and who may read which Secret. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dragops_operator.facts import Facts
from dragops_operator.reconcile.drift import covers
from dragops_operator.resources.api_access import API_SECRETS, api_access
from dragops_operator.resources.names import secret_name
from dragops_operator.resources.owned import Object
from dragops_operator.resources.pool import pool_objects

IDLE_SECONDS = 300
"""How long a pool outlives the last deployment of its namespace."""


@dataclass(frozen=True, slots=True)
class SecretNames:
    """The Secrets of a workspace that are ours, by what they are for."""

    endpoints: tuple[str, ...] = ()
    """One for each deployment."""
    in_use: tuple[str, ...] = ()
    """Of Environments that deployments name, or go on with."""
    environments: tuple[str, ...] = ()
    """Of all Environments; each has the label that says so."""


@dataclass(frozen=True, slots=True)
class WorkspacePlan:
    """What to write of a workspace, and what to take away."""

    applies: tuple[Object, ...] = ()
    deletes: tuple[Object, ...] = ()
    again_in_seconds: float | None = None
    """When to look again although nothing happens."""


def secret_names(deployments: Iterable[Object], environments: Iterable[Object]) -> SecretNames:
    """Gather the names from the resources as the API server gives them: there may be thousands."""
    labelled = {e["metadata"]["name"]: name for e in environments if (name := _labelled(e))}
    deployments = list(deployments)
    return SecretNames(
        endpoints=tuple(sorted(secret_name(d["metadata"]["name"]) for d in deployments)),
        in_use=tuple(sorted({name for d in deployments for name in _used(d, labelled)})),
        environments=tuple(sorted({*labelled.values()})),
    )


def plan_workspace(
    namespace: str,
    secrets: SecretNames,
    existing: tuple[Object, ...],
    facts: Facts,
    *,
    idle_seconds: float | None,
) -> WorkspacePlan:
    """Decide about a workspace; ``idle_seconds`` counts since its last deployment went."""
    if namespace not in facts.workspaces:
        return WorkspacePlan()
    wanted: list[Object] = []
    if secrets.endpoints:
        wanted += pool_objects(namespace, [*secrets.endpoints, *secrets.in_use], facts)
    if secrets.endpoints or secrets.environments:
        wanted += api_access(namespace, [*secrets.endpoints], [*secrets.environments], facts)
    again = _seconds_left(existing, secrets, idle_seconds)
    needed = secrets.endpoints or again
    kept = {_id(o) for o in (*wanted, *(o for o in existing if needed and _is_pool(o)))}
    stale = tuple(o for o in reversed(existing) if _id(o) not in kept)
    missing = tuple(o for o in wanted if not _is_there(existing, o))
    return WorkspacePlan(missing, stale, again)


def _seconds_left(
    existing: tuple[Object, ...], secrets: SecretNames, idle_seconds: float | None
) -> float | None:
    """Give how long a pool without deployments stays; None when it is needed, or may go."""
    if secrets.endpoints or not any(_is_pool(o) for o in existing):
        return None
    left = IDLE_SECONDS - (idle_seconds or 0.0)
    return left if left > 0 else None


def _is_pool(obj: Object) -> bool:
    return bool(obj["metadata"]["name"] != API_SECRETS)


def _id(obj: Object) -> tuple[str, str]:
    return obj["kind"], obj["metadata"]["name"]


def _labelled(environment: Object) -> str | None:
    """Give the name of an Environment's Secret, if the operator has seen it with its label."""
    ref, status = environment["spec"].get("secretRef") or {}, environment.get("status", {})
    # of a newer generation the Secret may be another one
    is_judged = status.get("observedGeneration", 0) >= environment["metadata"]["generation"]
    return ref.get("name") if is_judged and status.get("secretVersion") else None


def _used(deployment: Object, labelled: dict[str, str]) -> Iterator[str]:
    wanted = deployment["spec"].get("environmentRef") or {}
    in_force = deployment.get("status", {}).get("environment") or {}
    yield from filter(None, (labelled.get(wanted.get("name", "")), in_force.get("secretName")))


def _is_there(existing: tuple[Object, ...], wanted: Object) -> bool:
    return any(covers(there, wanted) for there in existing if _id(there) == _id(wanted))
