"""Writes a resource, and waits until the operator has dealt with what was written.

Always read, change, PUT with the version that was read; who else wrote first is met by reading
again. Each write carries who asked for it.
"""

import asyncio
import copy
import random
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from dragops.cluster.client import Cluster, Kind
from dragops.cluster.tokens import Caller
from dragops.errors import Conflict, NotFound
from dragops.model.run import now_iso
from dragops_api.annotations import CHANGED_AT, CHANGED_BY, CREATED_AT
from dragops_api.owners import changed_fields, every_field, foreign_owners, is_same
from dragops_api.transitions import Edit, Until
from dragops_api.view import View

MANAGER = "dragops-api"
_ATTEMPTS = 6
Object = dict[str, Any]


class How(NamedTuple):
    """For which state a change is meant (an ETag), and the seconds to wait for its end."""

    if_match: str | None
    wait: int


class Change(NamedTuple):
    """What a write has led to."""

    obj: Object
    foreign: tuple[str, ...] = ()
    """Other managers of the fields that were changed."""

    @property
    def generation(self) -> int:
        """Give the generation that carries the change."""
        return int(self.obj["metadata"]["generation"])


class Outcome(NamedTuple):
    """How things stand after waiting; not settled goes on by itself."""

    obj: Object
    is_settled: bool
    foreign: tuple[str, ...] = ()


class Changes:
    """The one writer of a kind in this process."""

    def __init__(self, cluster: Cluster, kind: Kind, view: View) -> None:
        self._cluster, self._kind, self._view = cluster, kind, view
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def create(
        self,
        namespace: str,
        name: str,
        spec: Object,
        *,
        by: Caller,
        notes: Mapping[str, str] = MappingProxyType({}),
    ) -> Change:
        """Create an object; Conflict when there is one of this name. ``notes`` are annotations."""
        body: Object = {
            "apiVersion": self._kind.api_version,
            "kind": self._kind.kind,
            "metadata": {"name": name, "namespace": namespace, "annotations": dict(notes)},
            "spec": spec,
        }
        _sign(body, by)
        body["metadata"]["annotations"][CREATED_AT] = now_iso()
        return Change(self._view.wrote(await self._cluster.create(self._kind, namespace, body)))

    async def edit(self, namespace: str, name: str, edit: Edit, *, by: Caller) -> Change:
        """Change an object; writes nothing when the edit changes nothing."""
        turn = self._turns.setdefault((namespace, name), asyncio.Lock())
        async with turn:  # callers of this process need not find out by conflicts
            return await self._edit(namespace, name, edit, by)

    async def _edit(self, namespace: str, name: str, edit: Edit, by: Caller) -> Change:
        for attempt in range(_ATTEMPTS):
            current = await self.read(namespace, name)
            wanted = copy.deepcopy(current)
            edit(wanted)
            if is_same(wanted, current):
                return Change(current)
            _sign(wanted, by)
            try:
                written = await self._cluster.replace(self._kind, namespace, wanted)
            except Conflict:
                await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # jitter
                continue
            told = foreign_owners(current, changed_fields(current, wanted), own=MANAGER)
            return Change(self._view.wrote(written), told)
        raise Conflict(f"{self._kind.kind} {name!r} is being written by others; try again")

    async def read(self, namespace: str, name: str) -> Object:
        """Read an object from the API server; one that is being deleted is gone."""
        current = await self._cluster.get(self._kind, namespace, name)
        if "deletionTimestamp" in current["metadata"]:
            raise NotFound(self._kind.kind, name)
        return current

    async def wait(self, change: Change, question: Until, *, seconds: float) -> Outcome:
        """Wait until the question about this change is answered yes, or the time is up."""
        metadata, is_done = change.obj["metadata"], question(change.generation)
        namespace, name = metadata["namespace"], metadata["name"]
        now = await self._view.until(namespace, name, is_done, seconds=seconds)
        if now is None:
            raise NotFound(self._kind.kind, name)
        return Outcome(now, is_done(now), change.foreign)

    async def delete(self, obj: Object, *, as_read: bool = False) -> Change:
        """Delete exactly this object, in this very state or in any; no read finds it any more."""
        metadata = obj["metadata"]
        await self._cluster.delete(
            self._kind,
            metadata["namespace"],
            metadata["name"],
            uid=metadata["uid"],
            version=metadata["resourceVersion"] if as_read else None,
        )
        self._view.deleted(obj)
        return Change(obj, foreign_owners(obj, every_field(obj), own=MANAGER))


def _sign(obj: Object, by: Caller) -> None:
    annotations = obj["metadata"].setdefault("annotations", {})
    annotations[CHANGED_BY], annotations[CHANGED_AT] = by.username, now_iso()
