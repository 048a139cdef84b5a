"""The engine pool of a workspace: one Deployment that runs every program of its namespace.

No owner reference fits, as it belongs to all deployments of the namespace; labels find it again.
``spec.replicas`` is left out: its size is the autoscaler's, or whoever scales it.
"""

from typing import Any

from dragops_operator.facts import Facts
from dragops_operator.resources.names import (
    PART_OF,
    POOL,
    POOL_INTERNAL,
    POOL_INTERNAL_PORT,
    TICK_POD,
)
from dragops_operator.resources.owned import Object
from dragops_operator.resources.pod import (
    api_token_mount,
    api_token_volume,
    engine_container,
    restricted_pod,
)

SELECTOR = {"app.kubernetes.io/name": POOL}
LABELS = PART_OF | SELECTOR
_GRACE_SECONDS = 40


def pool_objects(namespace: str, secret_names: list[str], facts: Facts) -> list[Object]:
    """Build everything of a workspace's pool, in the order in which it is needed."""
    return [
        frame("v1", "ServiceAccount", namespace, automountServiceAccountToken=False),
        _role(namespace, secret_names),
        _role_binding(namespace),
        _service(namespace, POOL, port=8080, target="public"),
        _service(namespace, POOL_INTERNAL, port=POOL_INTERNAL_PORT, target="internal"),
        frame(
            "policy/v1",
            "PodDisruptionBudget",
            namespace,
            spec={"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}},
        ),
        _network_policy(namespace, facts),
        _deployment(namespace, facts),
    ]


def frame(api_version: str, kind: str, namespace: str, *, name: str = POOL, **rest: Any) -> Object:
    """Start an object that belongs to a workspace as a whole."""
    metadata = {"name": name, "namespace": namespace, "labels": LABELS}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata} | rest


def _role(namespace: str, secret_names: list[str]) -> Object:
    rules: list[Object] = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]},
        *named_secrets(secret_names, "get"),
    ]
    return frame("rbac.authorization.k8s.io/v1", "Role", namespace, rules=rules)


def named_secrets(names: list[str], verb: str) -> list[Object]:
    """Build the rule for these Secrets; for none there is no rule, as one without names is all."""
    # by name only: who can list Secrets has them all
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": [verb]}
    return [rule | {"resourceNames": sorted(names)}] if names else []


def _role_binding(namespace: str) -> Object:
    return frame(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        namespace,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": POOL},
        subjects=[{"kind": "ServiceAccount", "name": POOL, "namespace": namespace}],
    )


def _service(namespace: str, name: str, *, port: int, target: str) -> Object:
    ports = [{"name": target, "port": port, "targetPort": target, "protocol": "TCP"}]
    spec = {"type": "ClusterIP", "selector": SELECTOR, "ports": ports}
    return frame("v1", "Service", namespace, name=name, spec=spec)


def _network_policy(namespace: str, facts: Facts) -> Object:
    ours = {"kubernetes.io/metadata.name": facts.release_namespace}
    # ticks call other patterns
    from_us = [
        {"namespaceSelector": {"matchLabels": ours}},
        {"podSelector": {"matchLabels": TICK_POD}},
    ]
    return frame(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        namespace,
        spec={
            "podSelector": {"matchLabels": SELECTOR},
            "policyTypes": ["Ingress"],
            "ingress": [
                {"ports": [{"port": "public", "protocol": "TCP"}]},
                {"ports": [{"port": "internal", "protocol": "TCP"}], "from": from_us},
            ],
        },
    )


def _deployment(namespace: str, facts: Facts) -> Object:
    callers = ",".join(f"{facts.release_namespace}:dragops-{who}" for who in ("api", "operator"))
    env = {
        "DRAGOPS_SOURCE": "cluster",
        "DRAGOPS_JWKS": "https://kubernetes.default.svc/openid/v1/jwks",
        "DRAGOPS_CALLERS": callers,
    }
    container = engine_container(facts, "engine", ["python3", "-m", "dragops.engine"], env)
    container["ports"] = [
        {"name": "public", "containerPort": 8080, "protocol": "TCP"},
        {"name": "internal", "containerPort": POOL_INTERNAL_PORT, "protocol": "TCP"},
    ]
    token = api_token_volume()
    container["volumeMounts"].append(api_token_mount(token))
    container["resources"] = {"requests": {"cpu": "100m", "memory": "128Mi"}}
    container |= {
        "startupProbe": _probe("/healthz", periodSeconds=1, failureThreshold=120),
        "livenessProbe": _probe("/healthz", periodSeconds=10, failureThreshold=6),
        "readinessProbe": _probe("/readyz", periodSeconds=1, failureThreshold=3),
    }
    pod = restricted_pod([container], [token])
    pod["terminationGracePeriodSeconds"] = _GRACE_SECONDS
    rolling = {"maxUnavailable": 0, "maxSurge": 1}
    return frame(
        "apps/v1",
        "Deployment",
        namespace,
        spec={
            "selector": {"matchLabels": SELECTOR},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
            "template": {"metadata": {"labels": LABELS}, "spec": pod},
        },
    )


def _probe(path: str, **settings: int) -> Object:
    return {"httpGet": {"path": path, "port": "internal"}, "timeoutSeconds": 5} | settings
