"""The only door to the API server: dicts in, dicts out, the domain's errors when it fails.

404 NotFound, 409 Conflict, 400/422 Rejected, 401/403 Refused, 410 Expired; no answer, 429 and 5xx
Unreachable. Every call has a time limit, and none is repeated here: who asks knows if it may be.
"""

from collections.abc import AsyncIterator
from typing import Any, Self

import aiohttp

from dragops.cluster.kinds import (
    APP_DEPLOYMENTS,
    CONFIG_MAPS,
    CRON_JOBS,
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    ENVIRONMENTS,
    EVENTS,
    JOBS,
    LEASES,
    NAMESPACES,
    NETWORK_POLICIES,
    PATTERNS,
    POD_DISRUPTION_BUDGETS,
    PODS,
    ROLE_BINDINGS,
    ROLES,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    SUBJECT_ACCESS_REVIEWS,
    TOKEN_REVIEWS,
    Kind,
)
from dragops.cluster.lines import json_lines
from dragops.cluster.transport import CONNECT_SECONDS, Transport, log_in, status_failure
from dragops.errors import Expired

__all__ = [
    "APP_DEPLOYMENTS",
    "CONFIG_MAPS",
    "CRON_JOBS",
    "CUSTOM_RESOURCE_DEFINITIONS",
    "DEPLOYMENTS",
    "ENDPOINT_SLICES",
    "ENVIRONMENTS",
    "EVENTS",
    "JOBS",
    "LEASES",
    "NAMESPACES",
    "NETWORK_POLICIES",
    "PATTERNS",
    "PODS",
    "POD_DISRUPTION_BUDGETS",
    "ROLES",
    "ROLE_BINDINGS",
    "SECRETS",
    "SERVICES",
    "SERVICE_ACCOUNTS",
    "SUBJECT_ACCESS_REVIEWS",
    "TOKEN_REVIEWS",
    "Cluster",
    "Kind",
]

PAGE = 500
_SILENCE_SECONDS = 75.0
"""Bookmarks come about each minute; a watch that is silent for longer is dead."""
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

Object = dict[str, Any]
Objects = list[Object]


class Cluster:
    """One API server; ``manager`` is the field manager of writes that do not name their own."""

    def __init__(self, transport: Transport, *, manager: str = "dragops") -> None:
        self._transport, self._manager = transport, manager

    @classmethod
    async def connect(
        cls, kubeconfig: str | None = None, context: str | None = None, *, manager: str = "dragops"
    ) -> Self:
        """Log in; ``KUBECONFIG``, then the pod's account, when no file is named."""
        return cls(Transport(await log_in(kubeconfig, context)), manager=manager)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Object:
        """Read one object, from etcd, not from a cache."""
        return await self._transport.call("GET", kind.path(namespace, name), about=(kind, name))

    async def list(
        self, kind: Kind, namespace: str | None = None, *, label_selector: str = ""
    ) -> Objects:
        """Read a whole collection."""
        while True:
            try:
                pages = self.pages(kind, namespace, label_selector=label_selector)
                return [obj async for page, _ in pages for obj in page]
            except Expired:
                continue  # a slow reader outlived the history; the next list starts afresh

    async def pages(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        metadata_only: bool = False,
    ) -> AsyncIterator[tuple[Objects, str]]:
        """Yield a collection in pages, each with the version from which a watch goes on."""
        params = {"limit": str(PAGE)} | _selected(label_selector)
        headers = {"Accept": _METADATA_LIST} if metadata_only else {}
        # lists of built-in kinds leave both out of their items
        named = {"apiVersion": kind.api_version, "kind": kind.kind}
        while True:
            page = await self._transport.call(
                "GET", kind.path(namespace), about=(kind, ""), params=params, headers=headers
            )
            objects = [item | named for item in page.get("items") or ()]
            yield objects, page["metadata"]["resourceVersion"]
            if not (following := page["metadata"].get("continue")):
                return
            params = params | {"continue": following}

    async def create(
        self, kind: Kind, namespace: str | None, body: Object, *, subresource: str = ""
    ) -> Object:
        """Create an object, or call a part of the one that ``body`` names; Conflict if there."""
        name = str(body.get("metadata", {}).get("name", ""))
        path = kind.path(namespace, name if subresource else "", subresource)
        return await self._transport.call(
            "POST", path, about=(kind, name), body=body, params={"fieldManager": self._manager}
        )

    async def replace(self, kind: Kind, namespace: str | None, body: Object) -> Object:
        """Write a whole object; Conflict unless its ``resourceVersion`` is still the newest."""
        name = body["metadata"]["name"]
        return await self._transport.call(
            "PUT",
            kind.path(namespace, name),
            about=(kind, name),
            body=body,
            params={"fieldManager": self._manager},
        )

    async def apply(
        self, kind: Kind, namespace: str | None, body: Object, *, manager: str, force: bool = True
    ) -> Object:
        """Create or change an object by server-side apply: fields left out are given up."""
        name = body["metadata"]["name"]
        return await self._transport.call(
            "PATCH",
            kind.path(namespace, name),
            about=(kind, name),
            body=body,
            params={"fieldManager": manager, "force": "true" if force else "false"},
            headers={"Content-Type": "application/apply-patch+yaml"},
        )

    async def merge_patch(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        patch: Object,
        *,
        subresource: str | None = None,
    ) -> Object:
        """Change some fields; with ``metadata.resourceVersion`` only if nobody wrote since."""
        return await self._transport.call(
            "PATCH",
            kind.path(namespace, name, subresource or ""),
            about=(kind, name),
            body=patch,
            params={"fieldManager": self._manager},
            headers={"Content-Type": "application/merge-patch+json"},
        )

    async def patch_status(
        self, kind: Kind, namespace: str | None, name: str, status: Object
    ) -> Object:
        """Merge ``status`` into the object's."""
        return await self.merge_patch(
            kind, namespace, name, {"status": status}, subresource="status"
        )

    async def delete(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        version: str | None = None,
        propagation: str = "Background",
    ) -> None:
        """Delete an object; with ``uid`` or ``version`` only if it still is that, else Conflict."""
        options: Object = {"propagationPolicy": propagation}
        told = {"uid": uid, "resourceVersion": version}
        if conditions := {key: value for key, value in told.items() if value}:
            options["preconditions"] = conditions
        await self._transport.call(
            "DELETE", kind.path(namespace, name), about=(kind, name), body=options
        )

    async def watch(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        version: str,
        seconds: int = 240,
        label_selector: str = "",
        metadata_only: bool = False,
    ) -> AsyncIterator[Object]:
        """Yield events and bookmarks after ``version``; Expired when the history is gone."""
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(seconds),
        } | _selected(label_selector)
        async with self._transport.request(
            "GET",
            kind.path(namespace),
            about=(kind, ""),
            limits=aiohttp.ClientTimeout(
                connect=CONNECT_SECONDS, sock_read=_SILENCE_SECONDS, total=seconds + 60
            ),
            params=params,
            headers={"Accept": _METADATA} if metadata_only else {},
        ) as response:
            async for event in json_lines(response.content.iter_any()):
                if event["type"] == "ERROR":
                    raise status_failure(event["object"], (kind, ""))
                yield event


def _selected(label_selector: str) -> dict[str, str]:
    return {"labelSelector": label_selector} if label_selector else {}
