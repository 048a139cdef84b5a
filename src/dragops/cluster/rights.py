"""The verbs that each of our processes uses, as data: the chart's roles are tested against it.

Nobody can grant what they do not hold, so the operator holds what it gives to engines.
"""

from typing import NamedTuple


class Right(NamedTuple):
    """One verb on one resource of one group; ``names`` narrows it to these objects."""

    group: str
    resource: str
    verb: str
    names: tuple[str, ...] = ()


def _rights(group: str, resource: str, verbs: str, names: tuple[str, ...] = ()) -> set[Right]:
    return {Right(group, resource, verb, names) for verb in verbs.split()}


_OURS = "dragops.dev"
_KEPT = "get list watch create patch delete"

OPERATOR_CLUSTER = frozenset(
    _rights(_OURS, "patterns", "get list watch")
    | _rights(_OURS, "patterndeployments", "get list watch")
    | _rights(_OURS, "environments", "get list watch")
    | _rights(_OURS, "patterns/status", "patch")
    | _rights(_OURS, "patterndeployments/status", "patch")
    | _rights(_OURS, "environments/status", "patch")
    # blockOwnerDeletion, where OwnerReferencesPermissionEnforcement is on
    | _rights(_OURS, "patterndeployments/finalizers", "update")
    | _rights("", "namespaces", "get")
)
"""Everywhere: a resource outside the workspaces is told so."""

OPERATOR_RELEASE = frozenset(
    _rights("coordination.k8s.io", "leases", "get create update")
    | _rights("", "secrets", "get", ("dragops-signing",))
    | _rights("", "secrets", "create")
)
"""In the namespace of the release."""

ENGINE = frozenset(
    _rights("", "configmaps", "get list watch")
    | _rights("", "secrets", "get", ("*-endpoints", "of environments in use"))
)
"""In its workspace; the operator writes this Role and keeps its names in step."""

OPERATOR_WORKSPACE = frozenset(
    _rights("", "configmaps", _KEPT)
    | _rights("", "services", _KEPT)
    | _rights("", "serviceaccounts", _KEPT)
    | _rights("", "secrets", "get create patch")
    | _rights("", "events", "create patch")
    | _rights("apps", "deployments", _KEPT)
    | _rights("batch", "cronjobs", _KEPT)
    | _rights("policy", "poddisruptionbudgets", _KEPT)
    | _rights("networking.k8s.io", "networkpolicies", _KEPT)
    | _rights("rbac.authorization.k8s.io", "roles", _KEPT)
    | _rights("rbac.authorization.k8s.io", "rolebindings", _KEPT)
    | _rights("discovery.k8s.io", "endpointslices", "list watch")
)
"""In each workspace."""

API_CLUSTER = frozenset(
    _rights(_OURS, "patterns", "get list watch")
    | _rights(_OURS, "patterndeployments", "get list watch")
    | _rights(_OURS, "environments", "get list watch")
    | _rights("discovery.k8s.io", "endpointslices", "list watch")
)
"""Everywhere; beside it system:auth-delegator, for reviews of tokens and of access."""

API_WORKSPACE = frozenset(
    _rights(_OURS, "patterns", "create update delete")
    | _rights(_OURS, "patterndeployments", "create update delete")
    | _rights(_OURS, "environments", "create update delete")
    # a deployment that is deleted loses its live ConfigMap first
    | _rights("", "configmaps", "get delete")
    # what it creates it cannot read: with both, a token of any account could be minted
    | _rights("", "secrets", "create")
)
"""In each workspace."""

API_SECRETS = frozenset(
    _rights("", "secrets", "get", ("*-endpoints",))
    # the answer to a patch holds the whole Secret, so this too is by name
    | _rights("", "secrets", "patch", ("of environments",))
)
"""In each workspace; the operator writes this Role and keeps its names in step."""
