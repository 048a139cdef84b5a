"""What one process knows of a kind: the watch, and its own newer writes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragops.cluster.client import PATTERNS
from dragops.cluster.informer import slim
from dragops.errors import NotFound
from dragops_api.moments import created_at, updated_at
from dragops_api.view import View
from support.api_door import ended, until
from support.memory_cluster import MemoryCluster


@pytest.fixture
async def cluster() -> MemoryCluster:
    """With one pattern in it."""
    cluster = MemoryCluster()
    await cluster.create(PATTERNS, "a", {"metadata": {"name": "p"}, "spec": {"title": "1"}})
    return cluster


@pytest.fixture
async def view(cluster: MemoryCluster) -> AsyncIterator[View]:
    """A view that follows the cluster."""
    view = View(cluster, PATTERNS)  # type: ignore[arg-type]  # a dict stands for the cluster
    task = asyncio.create_task(view.run())
    await until(lambda: view.is_synced)
    yield view
    await ended(task)


def _title(view: View) -> Any:
    return (view.get("a", "p") or {}).get("spec", {}).get("title")


async def _changed(cluster: MemoryCluster, title: str) -> dict[str, Any]:
    old = await cluster.get(PATTERNS, "a", "p")
    return await cluster.replace(PATTERNS, "a", old | {"spec": {"title": title}})


async def test_a_write_of_this_process_is_read_before_the_watch_tells(
    cluster: MemoryCluster, view: View
) -> None:
    """And a newer one of somebody else is read once it is told."""
    view.wrote(await _changed(cluster, "2"))
    assert _title(view) == "2"

    await _changed(cluster, "3")
    await until(lambda: _title(view) == "3")
    assert [obj["spec"]["title"] for obj in view.values(["a"])] == ["3"]


async def test_an_answer_that_comes_after_the_watch_hides_nothing_newer(
    cluster: MemoryCluster, view: View
) -> None:
    """The higher version wins, whichever came last."""
    older = await _changed(cluster, "2")
    await _changed(cluster, "3")
    await until(lambda: _title(view) == "3")

    view.wrote(older)

    assert _title(view) == "3"


async def test_what_was_deleted_here_is_gone_at_once_and_its_successor_is_not(
    cluster: MemoryCluster, view: View
) -> None:
    """The tombstone is the uid's, not the name's."""
    pattern = await cluster.get(PATTERNS, "a", "p")
    view.deleted(pattern)
    assert view.get("a", "p") is None
    with pytest.raises(NotFound):
        await view.find("a", "p")

    await cluster.delete(PATTERNS, "a", "p")
    await cluster.create(PATTERNS, "a", {"metadata": {"name": "p"}, "spec": {"title": "new"}})

    assert (await view.find("a", "p"))["spec"]["title"] == "new"
    await until(lambda: _title(view) == "new")


async def test_what_is_being_deleted_is_gone(cluster: MemoryCluster, view: View) -> None:
    """A finalizer may keep the object; for callers it is not there."""
    stamp = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}
    await cluster.merge_patch(PATTERNS, "a", "p", stamp)

    await until(lambda: view.get("a", "p") is None)
    with pytest.raises(NotFound):
        await view.find("a", "p")


async def test_waiting_ends_at_the_change_at_the_end_of_time_or_of_the_object(
    cluster: MemoryCluster, view: View
) -> None:
    """Who waits is woken by the watch."""

    def is_2(obj: dict[str, Any]) -> bool:
        return bool(obj["spec"]["title"] == "2")

    late = await view.until("a", "p", is_2, seconds=0.01)
    assert late
    assert late["spec"]["title"] == "1"

    waiting = asyncio.create_task(view.until("a", "p", is_2, seconds=10))
    await asyncio.sleep(0)
    await _changed(cluster, "2")
    found = await waiting
    assert found
    assert found["spec"]["title"] == "2"

    waiting = asyncio.create_task(view.until("a", "p", lambda _: False, seconds=10))
    await asyncio.sleep(0)
    await cluster.delete(PATTERNS, "a", "p")
    assert await waiting is None


def _object(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"creationTimestamp": "2026-03-01T10:00:00Z"} | metadata}


@pytest.mark.parametrize(
    ("obj", "created", "updated"),
    [
        (_object(), "2026-03-01T10:00:00.000Z", "2026-03-01T10:00:00.000Z"),
        (
            _object(annotations={"dragops.dev/created-at": "2026-03-01T10:00:00.750Z"}),
            "2026-03-01T10:00:00.750Z",
            "2026-03-01T10:00:00.750Z",
        ),
        (
            _object(annotations={"dragops.dev/created-at": "2020-01-01T00:00:00.000Z"}),
            "2026-03-01T10:00:00.000Z",
            "2026-03-01T10:00:00.000Z",
        ),
        (
            _object(annotations={"dragops.dev/changed-at": "yesterday"}),
            "2026-03-01T10:00:00.000Z",
            "2026-03-01T10:00:00.000Z",
        ),
        (
            _object(
                managedFields=[
                    {"manager": "kubectl", "time": "2026-03-02T00:00:00Z"},
                    {"manager": "op", "subresource": "status", "time": "2026-03-09T00:00:00Z"},
                ]
            ),
            "2026-03-01T10:00:00.000Z",
            "2026-03-02T00:00:00.000Z",
        ),
    ],
    ids=["bare", "made here", "copied note", "odd note", "by kubectl"],
)
def test_times_are_those_of_people(obj: dict[str, Any], created: str, updated: str) -> None:
    """Notes are believed where they fit; status writes are no change of the pattern."""
    slim(obj)

    assert (created_at(obj), updated_at(obj)) == (created, updated)
