"""What the command asks a cluster for by a kubeconfig: tokens, and where the API is.

Loaded only by login and doctor: the Kubernetes client takes longer to load than they take to work.
"""

from dataclasses import dataclass
from typing import Any

from dragops.cli.failures import Missing
from dragops.cluster.client import SERVICE_ACCOUNTS, SERVICES, Cluster, Kind
from dragops.errors import BadInput, NotFound

AUDIENCE = "dragops-api"
API_LABEL = "app.kubernetes.io/name=dragops-api"
NODES = Kind("", "v1", "nodes", "Node")
USER_HINT = "install the chart with --set user.create=true, or name one: --service-account NS/NAME"
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """A kubeconfig and one of its contexts; None is its current one."""

    path: str
    context: str | None = None

    async def connect(self) -> Cluster:
        """Log in to its API server."""
        return await Cluster.connect(self.path, self.context, manager="dragops-cli")


async def request_token(cluster: Cluster, account: str, *, seconds: int) -> str:
    """Make a token of a ServiceAccount (``namespace/name``) for the API."""
    namespace, _, name = account.partition("/")
    body = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {"name": name},
        "spec": {"audiences": [AUDIENCE], "expirationSeconds": seconds},
    }
    try:
        answer = await cluster.create(SERVICE_ACCOUNTS, namespace, body, subresource="token")
    except NotFound as exc:
        raise Missing("ServiceAccount", account, USER_HINT) from exc
    return str(answer["status"]["token"])


async def find_url(cluster: Cluster) -> str:
    """Give the API's address, as its Service tells it."""
    services = await cluster.list(SERVICES, label_selector=API_LABEL)
    if not services:
        hint = "is DragOps installed there? where it is, say the address: --url"
        raise Missing("Service", f"with label {API_LABEL}", hint)
    for service in services:
        if address := _balanced(service) or await _on_nodes(cluster, service):
            return address
    metadata = services[0]["metadata"]
    told = f"kubectl -n {metadata['namespace']} port-forward svc/{metadata['name']} 8000"
    raise BadInput(
        "--url",
        f"is needed: the API is reached inside the cluster only. Forward a port with `{told}` "
        "and log in with --url http://127.0.0.1:8000",
    )


def _balanced(service: Object) -> str | None:
    port = service["spec"]["ports"][0]["port"]
    for ingress in service.get("status", {}).get("loadBalancer", {}).get("ingress", ()):
        if host := ingress.get("hostname") or ingress.get("ip"):
            return f"http://{host}:{port}"
    return None


async def _on_nodes(cluster: Cluster, service: Object) -> str | None:
    node_port = service["spec"]["ports"][0].get("nodePort")
    if not node_port:
        return None
    for node in await cluster.list(NODES):
        addresses = {a["type"]: a["address"] for a in node["status"].get("addresses", ())}
        if host := addresses.get("ExternalIP") or addresses.get("InternalIP"):
            return f"http://{host}:{node_port}"
    return None
