"""An informer's copy stays equal to the collection, whatever the watch goes through."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from dragops.cluster.informer import Informer
from dragops.cluster.kinds import PATTERNS
from dragops.errors import DragopsError, Expired, Unreachable

Object = dict[str, Any]


def thing(name: str, version: int, uid: str = "") -> Object:
    metadata = {"namespace": "ns", "name": name, "uid": uid or name, "managedFields": [{}]}
    return {"metadata": metadata | {"resourceVersion": str(version)}}


class Script:
    """A server that plays lists and watches; the last watch stays silent."""

    def __init__(self, lists: list[list[Object]], watches: list[list[Object | Exception]]) -> None:
        self.lists, self.watches, self.versions = lists, watches, list[str]()
        self.done = asyncio.Event()

    async def pages(self, *_: Any, **__: Any) -> AsyncIterator[tuple[list[Object], str]]:
        objects = self.lists.pop(0)
        for at in range(0, max(1, len(objects)), 2):
            yield objects[at : at + 2], "10"

    async def watch(self, *_: Any, version: str, **__: Any) -> AsyncIterator[Object]:
        self.versions.append(version)
        if not self.watches:
            self.done.set()
            await asyncio.Event().wait()
        for step in self.watches.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


def event(type_: str, obj: Object) -> Object:
    return {"type": type_, "object": obj}


@asynccontextmanager
async def followed(script: Script) -> AsyncIterator[tuple[Informer, list[tuple[str, str]]]]:
    seen: list[tuple[str, str]] = []

    def note(change: str, old: Object | None, new: Object | None) -> None:
        seen.append((change, ((new or old) or {})["metadata"]["name"]))

    informer = Informer(script, PATTERNS, on_change=note)
    task = asyncio.create_task(informer.run())
    await script.done.wait()
    yield informer, seen
    task.cancel()


async def test_events_change_the_copy_and_are_told() -> None:
    script = Script(
        [[thing("a", 1)]],
        [[event("ADDED", thing("b", 11)), event("MODIFIED", thing("a", 12))], []],
    )

    async with followed(script) as (informer, seen):
        assert seen == [("added", "a"), ("added", "b"), ("modified", "a")]
        assert {obj["metadata"]["resourceVersion"] for obj in informer.values()} == {"11", "12"}


async def test_a_deletion_is_told_with_the_last_known_object() -> None:
    script = Script([[thing("a", 1)]], [[event("DELETED", thing("a", 12))]])

    async with followed(script) as (informer, seen):
        assert seen == [("added", "a"), ("deleted", "a")]
        assert informer.get("ns", "a") is None


async def test_a_watch_goes_on_from_the_last_bookmark() -> None:
    script = Script([[]], [[event("BOOKMARK", thing("", 55))], []])

    async with followed(script):
        assert script.versions == ["10", "55", "55"]


async def test_after_410_deletions_that_nobody_saw_are_told() -> None:
    script = Script(
        [[thing("gone", 1), thing("same", 2)], [thing("same", 2), thing("new", 3)]],
        [[Expired("too old")]],
    )

    async with followed(script) as (_, seen):
        assert seen == [("added", "gone"), ("added", "same"), ("deleted", "gone"), ("added", "new")]


async def test_an_object_made_again_under_its_name_was_deleted_first() -> None:
    script = Script([[thing("a", 1, "u1")], [thing("a", 9, "u2")]], [[Expired("too old")]])

    async with followed(script) as (_, seen):
        assert seen == [("added", "a"), ("deleted", "a"), ("added", "a")]


async def test_managed_fields_are_not_kept() -> None:
    async with followed(Script([[thing("a", 1)]], [])) as (informer, _):
        assert "managedFields" not in informer.values()[0]["metadata"]


@pytest.mark.parametrize("failure", [Unreachable("the API server"), Expired("gone")])
async def test_no_failure_ends_the_watching(failure: DragopsError) -> None:
    script = Script([[], []], [[failure], [event("ADDED", thing("a", 11))]])

    async with followed(script) as (informer, _):
        assert informer.get("ns", "a")


async def test_objects_share_their_words() -> None:
    """Thousands of objects name the same node types and pins; each is in memory once."""
    words = orjson.dumps({"spec": {"nodes": [{"type": "On" + "Webhook"}], "title": "t" * 100}})
    made = [thing(name, 1) | orjson.loads(words) for name in ("a", "b")]

    async with followed(Script([made], [])) as (informer, _):
        one, other = informer.get("ns", "a"), informer.get("ns", "b")

    assert one
    assert other
    assert one["spec"] == other["spec"] == orjson.loads(words)["spec"]
    assert one["spec"]["nodes"][0]["type"] is other["spec"]["nodes"][0]["type"]


async def test_an_object_may_be_nested_as_deeply_as_json_can_be() -> None:
    """Values of nodes are free: what is in them must not end the watch."""
    deep = orjson.loads("[" * 1000 + '"end"' + "]" * 1000)

    async with followed(Script([[thing("a", 1) | {"spec": deep}]], [])) as (informer, _):
        found = informer.get("ns", "a")

    assert found
    assert orjson.dumps(found["metadata"]["name"]) == b'"a"'
