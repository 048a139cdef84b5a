"""Builders of what the operator sees, and a hand that carries a plan out on paper."""

from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dragops.model.bundle import LIVE_FILE, Live, sign
from dragops.model.deployment import DeploymentStatus, PatternDeployment
from dragops.model.endpoints import EndpointKeys, read_endpoints, texts_in
from dragops.model.pattern import Pattern
from dragops_operator.facts import Facts
from dragops_operator.reconcile.observed import Observed, Plan, StoredProgram

KEY = Ed25519PrivateKey.generate()
FACTS = Facts(
    workspaces=frozenset({"team-a"}),
    release_namespace="dragops",
    public_url="https://hooks.example",
    engine_image="localhost/dragops-engine:1",
    recorder_url="http://dragops-recorder.dragops.svc:8082",
    public_key="a2V5",
    sign=lambda live: sign(live, KEY),
    mark=lambda secret: f"mark of {secret}",
)
NOW, LATER = "2026-03-05T12:00:00.000Z", "2026-03-05T12:30:00.000Z"
HOOKED: dict[str, Any] = {
    "title": "Logger",
    "nodes": [{"id": "hook", "type": "OnWebhook"}, {"id": "log", "type": "Log"}],
    "wires": [{"from": "hook.exec", "to": "log.exec"}],
}
TICKING: dict[str, Any] = {
    "nodes": [
        {"id": "tick", "type": "OnSchedule", "values": {"schedule": "0 9 * * 7"}},
        {"id": "log", "type": "Log"},
    ],
    "wires": [{"from": "tick.exec", "to": "log.exec"}],
}
BROKEN: dict[str, Any] = {"nodes": [{"id": "log", "type": "Lgo"}]}


def _metadata(name: str, generation: int, namespace: str) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-of-{name}",
        "generation": generation,
        "resourceVersion": str(generation),
        "creationTimestamp": NOW,
    }


def seen_pattern(spec: dict[str, Any], generation: int = 1) -> Pattern:
    """Build the pattern ``p`` of namespace team-a."""
    return Pattern.of({"metadata": _metadata("p", generation, "team-a"), "spec": spec})


def seen(spec: dict[str, Any] | None, *, namespace: str = "team-a", **deployment: Any) -> Observed:
    """Build what is seen of a new deployment ``dep-p`` of a pattern with this spec."""
    raw = {
        "metadata": _metadata("dep-p", 1, namespace),
        "spec": {"patternRef": {"name": "p"}} | deployment,
    }
    return Observed(
        deployment=PatternDeployment.of(raw),
        pattern=seen_pattern(spec) if spec else None,
        live=None,
        manifest=None,
        programs=(),
        endpoints={},
        minted=minted("1"),
        confirmed_serial=0,
        now=NOW,
    )


def minted(number: str) -> dict[str, EndpointKeys]:
    """Give what chance would give the node ``hook``: other ids and secrets for other numbers."""
    ids = (f"whk_{number * 26}", f"wep_{number * 10}")
    return {"hook": EndpointKeys(*ids, f"secret-{number}")}


def carried_out(observed: Observed, plan: Plan, **changed: Any) -> Observed:
    """Give what would be seen next, had everything in the plan been written."""
    children = {(c["kind"], c["metadata"]["name"]): c for c in observed.children}
    for child in plan.applies:
        place = (child["kind"], child["metadata"]["name"])
        children[place] = _applied(children.get(place), child, observed.now)
    for orphan in plan.orphans:
        del children[(orphan["kind"], orphan["metadata"]["name"])]
    created = (
        StoredProgram(
            name=c["metadata"]["name"],
            version=int(c["metadata"]["labels"]["dragops.dev/version"]),
            digest=c["metadata"]["annotations"]["dragops.dev/digest"],
            created_at=observed.now,
        )
        for c in plan.creates
    )
    live = next((c for c in children.values() if LIVE_FILE in (c.get("data") or {})), None)
    secret = next((c for c in children.values() if c["kind"] == "Secret"), None)
    deployment = observed.deployment.model_copy(update={"status": _stored(plan.status)})
    after = replace(
        observed,
        deployment=deployment,
        live=Live.model_validate_json(live["data"][LIVE_FILE]) if live else None,
        programs=tuple(p for p in (*observed.programs, *created) if p.name not in plan.deletes),
        endpoints=read_endpoints(texts_in(secret or {})),
        children=tuple(children.values()),
    )
    return replace(after, **changed)


def _applied(there: dict[str, Any] | None, wanted: dict[str, Any], now: str) -> dict[str, Any]:
    """Give what is there after an apply: the API server keeps time of creation and status."""
    created = there["metadata"]["creationTimestamp"] if there else now
    kept = {"status": there["status"]} if there and "status" in there else {}
    return wanted | kept | {"metadata": wanted["metadata"] | {"creationTimestamp": created}}


def wanting(observed: Observed, **spec: Any) -> Observed:
    """Give the same deployment after its owner changed the spec."""
    old = observed.deployment
    changed = old.spec.model_validate(old.spec.as_json() | spec)
    metadata = old.metadata.model_copy(update={"generation": old.metadata.generation + 1})
    return replace(
        observed, deployment=old.model_copy(update={"spec": changed, "metadata": metadata})
    )


def _stored(status: DeploymentStatus) -> DeploymentStatus:
    """Pass a status through JSON, as the API server does."""
    return DeploymentStatus.model_validate(status.as_json())
