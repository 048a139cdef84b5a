"""Webhook endpoints: their secrets for who may see them, and which workspace an id belongs to."""

from typing import Any

from dragops.cluster.client import SECRETS, Cluster
from dragops.cluster.informer import Change
from dragops.errors import NotFound
from dragops.model.endpoints import EndpointKeys, read_endpoints, texts_in
from dragops_api.auth import SEE_SECRETS, Ask, Gate
from dragops_api.granted import granted

Object = dict[str, Any]


class Endpoints:
    """Reads the Secrets that the operator has made, and no others."""

    def __init__(self, cluster: Cluster, gate: Gate) -> None:
        self._cluster, self._gate = cluster, gate

    async def secrets(self, ask: Ask, deployment: Object) -> dict[str, str]:
        """Give the signing secrets by node id; none for a caller who may not see them."""
        metadata = deployment["metadata"]
        if not await self._gate.may(ask, SEE_SECRETS, metadata["namespace"], metadata["name"]):
            return {}
        keys = await self.keys(deployment)
        return {node: endpoint.secret for node, endpoint in keys.items() if endpoint.secret}

    async def keys(self, deployment: Object) -> dict[str, EndpointKeys]:
        """Give what the Secret holds, by node id; not to be shown without asking the gate."""
        metadata = deployment["metadata"]
        try:
            name = f"{metadata['name']}-endpoints"
            secret = await granted(lambda: self._cluster.get(SECRETS, metadata["namespace"], name))
        except NotFound:
            return {}
        return read_endpoints(texts_in(secret)) if is_child(secret, deployment) else {}


def is_child(obj: Object, deployment: Object) -> bool:
    """Say whether the operator made the object for this deployment.

    Else a deployment called ``x`` would lend its owner our rights over ``x-endpoints``.
    """
    owners = obj["metadata"].get("ownerReferences", ())
    return any(owner["uid"] == deployment["metadata"]["uid"] for owner in owners)


class WebhookIds:
    """Which workspace a webhook id belongs to; kept by the deployments' watch."""

    def __init__(self) -> None:
        self._workspaces: dict[str, str] = {}

    def workspace_of(self, webhook_id: str) -> str | None:
        """Give the workspace; None for an id that nobody has."""
        return self._workspaces.get(webhook_id)

    def deployment_changed(self, _: Change, old: Object | None, new: Object | None) -> None:
        """Take over what a deployment's status says now."""
        for id_ in _ids_of(old):
            self._workspaces.pop(id_, None)
        for id_ in _ids_of(new):
            self._workspaces[id_] = (new or {})["metadata"]["namespace"]


def _ids_of(deployment: Object | None) -> list[str]:
    webhooks = (deployment or {}).get("status", {}).get("webhooks", ())
    return [webhook["webhookId"] for webhook in webhooks]
