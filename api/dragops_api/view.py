"""One kind as this process knows it: the informer's copy, and newer writes of its own.

A caller who wrote through this process reads what it wrote, although the watch has not told yet.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from dragops.cluster.client import Cluster, Kind
from dragops.cluster.informer import Change, Informer, OnChange, slim
from dragops.errors import NotFound

Object = dict[str, Any]
Key = tuple[str, str]
_BEHIND_SECONDS = 60.0


class View:
    """Reads of one kind; whoever reads an object must not change it."""

    def __init__(self, cluster: Cluster, kind: Kind, *, on_change: OnChange | None = None) -> None:
        self.kind, self._cluster, self._on_change = kind, cluster, on_change
        self._informer = Informer(cluster, kind, on_change=self._changed)
        self._written: dict[Key, tuple[float, Object]] = {}
        self._gone: set[str] = set()
        self._waiting: dict[Key, set[asyncio.Event]] = defaultdict(set)

    async def run(self) -> None:
        """Follow the cluster for ever."""
        await self._informer.run()

    @property
    def is_synced(self) -> bool:
        """Say whether the first list has been read."""
        return self._informer.synced.is_set()

    def age_seconds(self) -> float:
        """Give the seconds since the API server last said anything."""
        return self._informer.age_seconds()

    def get(self, namespace: str, name: str) -> Object | None:
        """Give one object as last heard of, or as last written here."""
        heard, written = self._informer.get(namespace, name), self._own((namespace, name))
        newest = max(filter(None, (heard, written)), key=_version, default=None)
        return None if newest is None or self._is_gone(newest) else newest

    async def find(self, namespace: str, name: str) -> Object:
        """Give one object; ask the API server before saying NotFound."""
        found = self.get(namespace, name)
        if found is None:
            found = slim(await self._cluster.get(self.kind, namespace, name))
        if self._is_gone(found):
            raise NotFound(self.kind.kind, name)
        return found

    def values(self, namespaces: Collection[str]) -> list[Object]:
        """Give every object in these namespaces."""
        wanted = set(namespaces)
        keys = {_key(obj) for obj in self._informer.values()} | self._written.keys()
        found = (self.get(*key) for key in keys if key[0] in wanted)
        return [obj for obj in found if obj is not None]

    def namespaces(self) -> set[str]:
        """Give the namespaces that hold objects of this kind."""
        return {_key(obj)[0] for obj in self._informer.values()}

    def wrote(self, obj: Object) -> Object:
        """Remember a write of this process until the watch has told of it."""
        self._written[_key(obj)] = (time.monotonic(), slim(obj))
        self._wake(_key(obj))
        return obj

    def deleted(self, obj: Object) -> None:
        """Hide an object that was deleted here."""
        self._gone.add(obj["metadata"]["uid"])
        self._written.pop(_key(obj), None)

    async def until(
        self, namespace: str, name: str, is_done: Callable[[Object], bool], *, seconds: float
    ) -> Object | None:
        """Wait until an object satisfies ``is_done``; give it as it then is, None if it is gone."""
        changed = asyncio.Event()
        self._waiting[namespace, name].add(changed)
        try:
            async with asyncio.timeout(seconds):
                while (obj := self.get(namespace, name)) and not is_done(obj):
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            pass
        finally:
            self._stop_waiting((namespace, name), changed)
        return self.get(namespace, name)

    def _stop_waiting(self, key: Key, changed: asyncio.Event) -> None:
        self._waiting[key].discard(changed)
        if not self._waiting[key]:
            del self._waiting[key]

    def _changed(self, change: Change, old: Object | None, new: Object | None) -> None:
        told = new or old or {}
        key, written = _key(told), self._own(_key(told))
        if written and (new is None or _version(new) >= _version(written)):
            del self._written[key]
        if new is None:
            self._gone.discard(told["metadata"]["uid"])
        if self._on_change:
            self._on_change(change, old, new)
        self._wake(key)

    def _own(self, key: Key) -> Object | None:
        """Give what was written here, while the watch may still be behind."""
        written_at, obj = self._written.get(key, (0.0, None))
        if obj is not None and time.monotonic() - written_at > _BEHIND_SECONDS:
            # the watch has told of its end before the write's answer came
            del self._written[key]
            return None
        return obj

    def _wake(self, key: Key) -> None:
        for changed in self._waiting.get(key, ()):
            changed.set()

    def _is_gone(self, obj: Object) -> bool:
        metadata = obj["metadata"]
        return "deletionTimestamp" in metadata or metadata["uid"] in self._gone


def _key(obj: Object) -> Key:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def _version(obj: Object) -> int:
    # comparable as numbers by the API's own promise since 1.35, and in etcd ever since
    return int(obj["metadata"]["resourceVersion"])
