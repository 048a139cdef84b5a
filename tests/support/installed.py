"""A control plane with our CRDs, the chart's own rights, and people to call the API."""

import asyncio
from pathlib import Path

import yaml

from dragops.cluster.client import (
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    ENVIRONMENTS,
    NAMESPACES,
    PATTERNS,
    ROLE_BINDINGS,
    ROLES,
    SERVICE_ACCOUNTS,
    Cluster,
    Kind,
)
from dragops.errors import NotFound
from support.chart import render

_RBAC = "rbac.authorization.k8s.io"
CLUSTER_ROLES = Kind(_RBAC, "v1", "clusterroles", "ClusterRole")
_KINDS = {
    "ServiceAccount": SERVICE_ACCOUNTS,
    "Role": ROLES,
    "RoleBinding": ROLE_BINDINGS,
    "ClusterRole": CLUSTER_ROLES,
    "ClusterRoleBinding": Kind(_RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding"),
}
CRDS = Path(__file__).parents[2] / "crds"
HERE, ELSEWHERE = "team-a", "team-b"


async def token_of(admin: Cluster, namespace: str, account: str, audience: str) -> str:
    """Ask the API server for a token of a ServiceAccount; "" is the server's own audience."""
    answer = await admin.create(
        SERVICE_ACCOUNTS,
        namespace,
        {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "metadata": {"name": account},
            "spec": {"audiences": [audience] if audience else []},
        },
        subresource="token",
    )
    return str(answer["status"]["token"])


async def install(admin: Cluster) -> None:
    """Install CRDs and the chart's rights; Ada edits in the first workspace, others may nothing."""
    for path in sorted(CRDS.glob("*.yaml")):
        crd = yaml.safe_load(path.read_text())
        await admin.apply(CUSTOM_RESOURCE_DEFINITIONS, None, crd, manager="test")
    for name in ("dragops", HERE, ELSEWHERE):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await admin.apply(NAMESPACES, None, body, manager="test")
    for obj in render(workspaces=[HERE, ELSEWHERE], defaultWorkspace=HERE):
        name = obj["metadata"]["name"]
        if obj["kind"] in _KINDS and name.startswith(("dragops-api", "dragops-admin")):
            namespace = obj["metadata"].get("namespace")
            await admin.apply(_KINDS[obj["kind"]], namespace, obj, manager="test")
    for account in ("editor", "nobody"):
        body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}}
        await admin.apply(SERVICE_ACCOUNTS, HERE, body, manager="test")
    binding = {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "editor"},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "dragops-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "editor", "namespace": HERE}],
    }
    await admin.apply(ROLE_BINDINGS, HERE, binding, manager="test")
    await _served(admin)


async def _served(admin: Cluster) -> None:
    """Wait until the new kinds are served."""
    for kind in (PATTERNS, DEPLOYMENTS, ENVIRONMENTS):
        while True:
            try:
                await admin.list(kind, HERE)
                break
            except NotFound:
                await asyncio.sleep(0.1)


def kubeconfig_of(admin: str, token: str, folder: Path) -> str:
    """Write a kubeconfig that differs from the administrator's in who it is."""
    config = yaml.safe_load(Path(admin).read_text())
    config["users"] = [{"name": user["name"], "user": {"token": token}} for user in config["users"]]
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return str(path)
