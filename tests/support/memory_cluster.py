"""An API server in a dict, at the interface of ``dragops.cluster.client.Cluster``.

It keeps what decisions rest on: resource versions, generations, uids, conflicts, finalizer-free
deletes with garbage collection by owner, watches. It checks no schema and keeps no managed fields.
"""

import asyncio
import copy
import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from dragops.cluster.client import SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS, Kind
from dragops.errors import Conflict, NotFound

Object = dict[str, Any]
Objects = list[Object]
Key = tuple[str, str, str]
Watcher = tuple[str, str | None, dict[str, str], "asyncio.Queue[Object]"]


class MemoryCluster:
    """Objects by plural, namespace and name; ``requests`` lists what was asked."""

    def __init__(self) -> None:
        self.objects: dict[Key, Object] = {}
        self.requests: list[tuple[str, str, str]] = []
        """(verb, plural, name), reviews left out."""
        self.callers: dict[str, Object] = {}
        """Token -> user, as a TokenReview tells it."""
        self.reviewed: list[str] = []
        """Every token that a TokenReview was about."""
        self.allowed: Callable[[Object], bool] = lambda _: True
        """Says of the spec of a SubjectAccessReview whether it is allowed."""
        self.fail: Callable[[str, str], None] = lambda verb, plural: None
        """Called before each request; raises to let it fail."""
        self.delay: Callable[[str, str], Awaitable[None]] = _at_once
        """Awaited before an object is read: (plural, name)."""
        self._versions = itertools.count(1)
        self._watchers: list[Watcher] = []
        self._history: list[tuple[str, Object]] = []

    @property
    def writes(self) -> list[tuple[str, str, str]]:
        """Give the requests that may change something."""
        return [r for r in self.requests if r[0] not in {"get", "list", "watch"}]

    async def get(self, kind: Kind, namespace: str | None, name: str) -> Object:
        await self.delay(kind.plural, name)
        self._enter("get", kind, name)
        return copy.deepcopy(self._find(kind, namespace, name))

    async def list(
        self, kind: Kind, namespace: str | None = None, *, label_selector: str = ""
    ) -> Objects:
        pages = self.pages(kind, namespace, label_selector=label_selector)
        return [obj async for page, _ in pages for obj in page]

    async def pages(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        metadata_only: bool = False,
    ) -> AsyncIterator[tuple[Objects, str]]:
        self._enter("list", kind, "")
        wanted = _labels(label_selector)
        found = [
            copy.deepcopy(obj)
            for (plural, where, _), obj in sorted(self.objects.items())
            if plural == kind.plural and namespace in {None, where} and _fits(obj, wanted)
        ]
        yield found, str(next(self._versions))

    async def create(
        self, kind: Kind, namespace: str | None, body: Object, *, subresource: str = ""
    ) -> Object:
        if kind in {TOKEN_REVIEWS, SUBJECT_ACCESS_REVIEWS}:
            return self._review(kind, body)
        name = body["metadata"]["name"]
        self._enter("create", kind, name)
        if (kind.plural, namespace or "", name) in self.objects:
            raise Conflict(f"{kind.plural} {name!r} already exists")
        obj = copy.deepcopy(body)
        obj.pop("status", None)
        obj["metadata"] |= {
            "namespace": namespace or "",
            "uid": str(uuid.uuid4()),
            "generation": 1,
            "creationTimestamp": datetime.now(UTC).isoformat(timespec="seconds")[:19] + "Z",
        }
        return self._store(kind, obj, "ADDED")

    async def replace(self, kind: Kind, namespace: str | None, body: Object) -> Object:
        name = body["metadata"]["name"]
        self._enter("replace", kind, name)
        old = self._find(kind, namespace, name)
        if body["metadata"].get("resourceVersion") != old["metadata"]["resourceVersion"]:
            raise Conflict(f"{kind.plural} {name!r} has been modified")
        return self._change(kind, old, copy.deepcopy(body) | _status_of(old))

    async def merge_patch(
        self,
        kind: Kind,
        namespace: str | None,
        name: str,
        patch: Object,
        *,
        subresource: str | None = None,
    ) -> Object:
        self._enter("patch", kind, name)
        old = self._find(kind, namespace, name)
        version = old["metadata"]["resourceVersion"]
        if patch.get("metadata", {}).get("resourceVersion", version) != version:
            raise Conflict(f"{kind.plural} {name!r} has been modified")
        return self._change(kind, old, _merged(copy.deepcopy(old), patch))

    async def patch_status(
        self, kind: Kind, namespace: str | None, name: str, status: Object
    ) -> Object:
        return await self.merge_patch(
            kind, namespace, name, {"status": status}, subresource="status"
        )

    async def apply(
        self, kind: Kind, namespace: str | None, body: Object, *, manager: str, force: bool = True
    ) -> Object:
        """Create or merge; fields that an apply gives up are not taken away here."""
        name = body["metadata"]["name"]
        if (kind.plural, namespace or "", name) not in self.objects:
            return await self.create(kind, namespace, body)
        return await self.merge_patch(kind, namespace, name, body)

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
        self._enter("delete", kind, name)
        old = self._find(kind, namespace, name)
        if uid not in {None, old["metadata"]["uid"]}:
            raise Conflict(f"{kind.plural} {name!r} is another object now")
        if version not in {None, old["metadata"]["resourceVersion"]}:
            raise Conflict(f"{kind.plural} {name!r} has been modified")
        self._remove((kind.plural, namespace or "", name))

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
        self._enter("watch", kind, "")
        queue: asyncio.Queue[Object] = asyncio.Queue()
        watcher = (kind.plural, namespace, _labels(label_selector), queue)
        self._watchers.append(watcher)
        for plural, event in self._history:
            if int(event["object"]["metadata"]["resourceVersion"]) > int(version):
                _offer(watcher, plural, event)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.remove(watcher)

    async def close(self) -> None:
        """Nothing is open."""

    def _enter(self, verb: str, kind: Kind, name: str) -> None:
        self.requests.append((verb, kind.plural, name))
        self.fail(verb, kind.plural)

    def _find(self, kind: Kind, namespace: str | None, name: str) -> Object:
        try:
            return self.objects[kind.plural, namespace or "", name]
        except KeyError:
            raise NotFound(kind.kind, name) from None

    def _change(self, kind: Kind, old: Object, new: Object) -> Object:
        if _text(new) == _text(old):
            return copy.deepcopy(old)
        if _text(new.get("spec")) != _text(old.get("spec")):
            new["metadata"]["generation"] = old["metadata"]["generation"] + 1
        return self._store(kind, new, "MODIFIED")

    def _store(self, kind: Kind, obj: Object, event: str) -> Object:
        metadata = obj["metadata"]
        metadata["resourceVersion"] = str(next(self._versions))
        self.objects[kind.plural, metadata["namespace"], metadata["name"]] = obj
        self._tell(kind.plural, event, obj)
        return copy.deepcopy(obj)

    def _remove(self, key: Key) -> None:
        gone = self.objects.pop(key)
        gone["metadata"]["resourceVersion"] = str(next(self._versions))
        self._tell(key[0], "DELETED", gone)
        uid = gone["metadata"]["uid"]
        for child, obj in list(self.objects.items()):
            owners = obj["metadata"].get("ownerReferences", ())
            if child in self.objects and uid in {owner["uid"] for owner in owners}:
                self._remove(child)

    def _tell(self, plural: str, event: str, obj: Object) -> None:
        told = {"type": event, "object": copy.deepcopy(obj)}
        self._history.append((plural, told))
        for watcher in self._watchers:
            _offer(watcher, plural, told)

    def _review(self, kind: Kind, body: Object) -> Object:
        spec = body["spec"]
        if kind == SUBJECT_ACCESS_REVIEWS:
            return body | {"status": {"allowed": self.allowed(spec)}}
        self.reviewed.append(spec["token"])
        user = self.callers.get(spec["token"])
        status = {"user": user, "audiences": spec["audiences"]} if user else {}
        return body | {"status": {"authenticated": user is not None} | status}


async def _at_once(plural: str, name: str) -> None:
    """Let a request pass."""


def _offer(watcher: Watcher, plural: str, event: Object) -> None:
    watched, namespace, labels, queue = watcher
    here = namespace in {None, event["object"]["metadata"]["namespace"]}
    if watched == plural and here and _fits(event["object"], labels):
        queue.put_nowait(copy.deepcopy(event))


def _text(value: Any) -> bytes:
    # in Python 1 equals true
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _status_of(obj: Object) -> Object:
    return {"status": copy.deepcopy(obj["status"])} if "status" in obj else {}


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(old, dict) or not isinstance(patch, dict):
        return patch
    merged = old | {key: _merged(old.get(key), value) for key, value in patch.items()}
    return {key: value for key, value in merged.items() if value is not None}


def _labels(selector: str) -> dict[str, str]:
    parts = (part.partition("=") for part in selector.split(",") if part)
    return {name: value for name, _, value in parts}


def _fits(obj: Object, labels: dict[str, str]) -> bool:
    """A label without a value is one that must be there."""
    there = obj["metadata"].get("labels", {})
    return all(name in there and value in {"", there[name]} for name, value in labels.items())
