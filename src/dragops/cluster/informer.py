"""Keeps a copy of a collection in step with the API server: a paged list, then a watch.

A watch that ends goes on from its last version. When the API server has forgotten that version
(410) the collection is listed again and compared by uid, so that deletions nobody saw are told too.
"""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal, Protocol

import structlog

from dragops.cluster.kinds import Kind
from dragops.errors import DragopsError, Expired

Object = dict[str, Any]
Change = Literal["added", "modified", "deleted"]
OnChange = Callable[[Change, Object | None, Object | None], None]

UPDATED_AT = "updatedTimestamp"
"""A copy's own key in ``metadata``: the newest time of any manager of the spec."""

_WATCH_SECONDS = (240, 300)
_BACKOFF_SECONDS = (0.2, 30.0)
_WORD_MAX, _LEVELS = 64, 16
"""Longer texts are seldom the same; deeper down there is only what people put into values."""
_log = structlog.get_logger(__name__)


class Source(Protocol):
    """What an informer needs of a cluster."""

    def pages(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        metadata_only: bool = False,
    ) -> AsyncIterator[tuple[list[Object], str]]:
        """Yield the collection in pages, each with the version from which a watch goes on."""

    def watch(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        version: str,
        seconds: int = 240,
        label_selector: str = "",
        metadata_only: bool = False,
    ) -> AsyncIterator[Object]:
        """Yield what happened after ``version``."""


class Informer:
    """A collection's copy; whoever reads an object must not change it."""

    def __init__(
        self,
        cluster: Source,
        kind: Kind,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        on_change: OnChange | None = None,
        metadata_only: bool = False,
    ) -> None:
        self.kind, self.namespace = kind, namespace
        self.synced = asyncio.Event()
        self.relists = 0
        self.is_failing = False
        """Whether the last try failed; the next one comes soon."""
        self._cluster, self._on_change = cluster, on_change
        self._how: dict[str, Any] = {
            "label_selector": label_selector,
            "metadata_only": metadata_only,
        }
        self._objects: dict[tuple[str, str], Object] = {}
        self._seen_at = time.monotonic()

    def get(self, namespace: str, name: str) -> Object | None:
        """Give one object as last heard of."""
        return self._objects.get((namespace, name))

    def values(self) -> list[Object]:
        """Give every object as last heard of."""
        return list(self._objects.values())

    def age_seconds(self) -> float:
        """Give the seconds since the API server last said anything, bookmarks included."""
        return time.monotonic() - self._seen_at

    async def run(self) -> None:
        """List and watch for ever; only cancelling ends it."""
        version, failures = None, 0
        while True:
            try:
                if version is None:
                    version = await self._relist()
                version = await self._follow(version)
                failures = 0
                self.is_failing = False
            except Expired:
                version = None
            except DragopsError as exc:
                failures += 1
                self.is_failing = True
                # an ERROR in the stream may come again at the same version: list instead
                version = None if failures > 2 else version
                _log.warning("watch_failed", kind=self.kind.kind, error=str(exc))
                await asyncio.sleep(_pause(failures))

    async def _relist(self) -> str:
        listed: dict[tuple[str, str], Object] = {}
        version = ""
        pages = self._cluster.pages(self.kind, self.namespace, **self._how)
        async for objects, version in pages:  # noqa: B007 the last page's counts
            # page by page, so that what is not kept of thousands is never in memory at once
            listed |= {_key(obj): _sharing_words(slim(obj)) for obj in objects}
        self.relists += 1
        self._seen_at, self.is_failing = time.monotonic(), False
        self._replace_all(listed)
        self.synced.set()
        return version

    def _replace_all(self, listed: dict[tuple[str, str], Object]) -> None:
        for key in [key for key in self._objects if key not in listed]:
            self._forget(key)
        for obj in listed.values():
            self._keep(obj)

    async def _follow(self, version: str) -> str:
        seconds = random.randint(*_WATCH_SECONDS)  # noqa: S311  # spread over time, not a secret
        events = self._cluster.watch(
            self.kind, self.namespace, version=version, seconds=seconds, **self._how
        )
        async for event in events:
            self._seen_at, self.is_failing = time.monotonic(), False
            obj = event["object"]
            version = obj["metadata"]["resourceVersion"]
            if event["type"] == "DELETED":
                self._forget(_key(obj))
            elif event["type"] != "BOOKMARK":
                self._keep(_sharing_words(slim(obj)))
        return version

    def _keep(self, obj: Object) -> None:
        metadata, key = obj["metadata"], _key(obj)
        old = self._objects.get(key)
        if old and old["metadata"]["uid"] != metadata["uid"]:
            self._forget(key)  # deleted and made again while nobody looked
            old = None
        if old and old["metadata"]["resourceVersion"] == metadata["resourceVersion"]:
            return
        self._objects[key] = obj
        self._tell("modified" if old else "added", old, obj)

    def _forget(self, key: tuple[str, str]) -> None:
        if old := self._objects.pop(key, None):
            self._tell("deleted", old, None)

    def _tell(self, change: Change, old: Object | None, new: Object | None) -> None:
        if self._on_change:
            self._on_change(change, old, new)


def slim(obj: Object) -> Object:
    """Put in place of ``managedFields``, half of an object, the only thing that is read of them."""
    metadata = obj["metadata"]
    managers = metadata.pop("managedFields", ())
    times = [m["time"] for m in managers if m.get("time") and not m.get("subresource")]
    metadata[UPDATED_AT] = max(times, default=metadata.get("creationTimestamp", ""))
    return obj


def _sharing_words(value: Any, levels: int = _LEVELS) -> Any:
    """Keep each short text once: thousands of objects are made of the same words."""
    if type(value) is str and len(value) <= _WORD_MAX:
        return sys.intern(value)
    if levels and type(value) is dict:
        for key, item in value.items():
            value[key] = _sharing_words(item, levels - 1)
    elif levels and type(value) is list:
        value[:] = [_sharing_words(item, levels - 1) for item in value]
    return value


def _key(obj: Object) -> tuple[str, str]:
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def _pause(failures: int) -> float:
    first, longest = _BACKOFF_SECONDS
    limit = min(longest, first * 2 ** min(failures, 16))
    return random.uniform(first, limit)  # noqa: S311  # jitter, not a secret
