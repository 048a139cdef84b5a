"""Every write of the operator goes through here; writing what is there already is harmless."""

from typing import Any

from dragops.cluster.client import Cluster, Kind
from dragops.cluster.kinds import kind_of
from dragops.errors import Conflict, NotFound
from dragops.model.pattern import Metadata
from dragops_operator.resources.owned import Object

MANAGER = "dragops-operator"


class Writer:
    """Creates, applies, deletes, and patches status."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def create(self, body: Object) -> None:
        """Post an object whose name holds its digest: if it is there, it is the same."""
        try:
            await self._cluster.create(kind_of(body), body["metadata"]["namespace"], body)
        except Conflict:
            return

    async def apply(self, body: Object, *, version: str | None = None) -> None:
        """Apply an object; with ``version`` only if nobody has written it since."""
        if version is not None:
            body = body | {"metadata": body["metadata"] | {"resourceVersion": version}}
        namespace = body["metadata"]["namespace"]
        await self._cluster.apply(kind_of(body), namespace, body, manager=MANAGER)

    async def delete(self, obj: Object, *, propagation: str = "Background") -> None:
        """Delete exactly this object, if it is still there."""
        metadata = obj["metadata"]
        try:
            await self._cluster.delete(
                kind_of(obj),
                metadata["namespace"],
                metadata["name"],
                uid=metadata.get("uid"),
                propagation=propagation,
            )
        except NotFound:
            return

    async def patch_status(
        self, kind: Kind, owner: Metadata, old: dict[str, Any], new: dict[str, Any]
    ) -> None:
        """Make a status exactly ``new``; Conflict when the object was written since it was read."""
        version = {"resourceVersion": owner.resource_version}
        patch = {"metadata": version, "status": _merging(old, new)}
        await self._cluster.merge_patch(
            kind, owner.namespace, owner.name, patch, subresource="status"
        )


def _merging(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Give the merge patch that makes ``new`` of ``old``: what is gone is said, at every depth."""
    gone = dict.fromkeys(old.keys() - new.keys())
    return gone | {
        key: _merging(old[key], value)
        if isinstance(value, dict) and isinstance(old.get(key), dict)
        else value
        for key, value in new.items()
    }
