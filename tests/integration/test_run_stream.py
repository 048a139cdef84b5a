"""Runs heard of as they happen: engine and recorder as processes, the API at its door."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dragops_api import event_stream
from support.api_door import ADA, Door
from support.api_over_rig import ApiOverRig, api_over
from support.event_client import EventClient, listening
from support.folder import SignedFolder
from support.processes import make_rig
from support.programs import program

pytestmark = pytest.mark.timeout(150)

HELLO = program("ctx.log('info', 'hi')", type_="OnStart")
STREAM = "/api/runs/stream"


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[ApiOverRig]:
    """The API over an engine and a recorder."""
    rig = make_rig(tmp_path, SignedFolder(tmp_path / "live"))
    with rig.recorder, rig.engine:
        async with api_over(rig, tmp_path) as api:
            yield api


async def _ran(whole: ApiOverRig, deployment: str) -> str:
    run = await whole.door.data("POST", f"/api/deployments/{deployment}/execute")
    return str(run["runId"])


async def _heard(client: EventClient, count: int) -> list[tuple[str, str]]:
    events = [await client.next() for _ in range(count)]
    return [(event.name, event.data["runId"]) for event in events]


def _listeners(door: Door) -> int:
    return len(door.parts.run_news._listeners)


async def test_a_client_hears_of_a_run_twice_and_not_of_others(whole: ApiOverRig) -> None:
    """Of its workspaces, of one deployment; a caller of elsewhere hears nothing."""
    here, other = await whole.deployed(HELLO), await whole.deployed(HELLO)
    door = whole.door
    door.cluster.callers["of-bob"] = ADA | {"username": "system:serviceaccount:team-b:bob"}
    bob = {"authorization": "Bearer of-bob", "x_dragops_workspace": "team-b"}
    async with (
        listening(door, STREAM) as ada,
        listening(door, f"{STREAM}?deploymentId={here}") as one,
        listening(door, STREAM, **bob) as stranger,
    ):
        elsewhere, run = await _ran(whole, other), await _ran(whole, here)
        told = await _heard(ada, 4)
        alone = await _heard(one, 2)
        both = ["run.started", "run.finished"]

        assert (ada.status, ada.headers["content-type"]) == (
            200,
            "text/event-stream; charset=utf-8",
        )
        # ends ride with whatever the engine reports next: only of one run the order is certain
        assert [name for name, id_ in told if id_ == elsewhere] == both
        assert [name for name, id_ in told if id_ == run] == both
        assert alone == [(name, run) for name in both]
        assert stranger.take_waiting() == one.take_waiting() == []
    assert _listeners(door) == 0


async def test_a_client_that_comes_back_misses_nothing(whole: ApiOverRig) -> None:
    """With the last id that it has seen, the greeting's if nothing came."""
    deployment = await whole.deployed(HELLO)
    async with listening(whole.door, STREAM) as client:
        before = client.last_id or ""
    run = await _ran(whole, deployment)
    await whole.ended(run)

    async with listening(whole.door, STREAM, last_event_id=before) as again:
        told = await _heard(again, 2)

    assert told == [("run.started", run), ("run.finished", run)]


async def test_a_restarted_recorder_is_a_gap(whole: ApiOverRig) -> None:
    """For who listens and for who comes back; then all goes on."""
    deployment = await whole.deployed(HELLO)
    async with listening(whole.door, STREAM) as client:
        before = client.last_id or ""
        whole.rig.recorder.kill()
        await asyncio.to_thread(whole.rig.recorder.start)

        assert (await client.next()).name == "gap"
        run = await _ran(whole, deployment)
        assert await _heard(client, 2) == [("run.started", run), ("run.finished", run)]
    async with listening(whole.door, STREAM, last_event_id=before) as again:
        assert (await again.next()).name == "gap"


async def test_a_client_that_stops_reading_is_let_go(
    whole: ApiOverRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place is free again, though its connection is still open."""
    monkeypatch.setattr(event_stream, "_STALLED_SECONDS", 0.2)
    deployment = await whole.deployed(HELLO)
    async with listening(whole.door, STREAM) as client:
        client.takes.clear()
        await _ran(whole, deployment)

        await client.ended.wait()

        assert _listeners(whole.door) == 0


async def test_a_right_that_is_taken_away_ends_the_stream(
    whole: ApiOverRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says why."""
    monkeypatch.setattr(event_stream, "ALIVE_SECONDS", 0.05)
    monkeypatch.setattr(event_stream, "CHECK_SECONDS", 0)
    async with listening(whole.door, STREAM, x_dragops_workspace="team-a") as client:
        whole.door.cluster.callers.clear()

        end = await client.next()

        assert (end.name, end.data["code"]) == ("end", "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        (f"{STREAM}?deploymentId=dep_none", 404, "DEPLOYMENT_NOT_FOUND"),
        (f"{STREAM}?deploymentId=NONE", 404, "DEPLOYMENT_NOT_FOUND"),
    ],
)
async def test_a_deployment_that_is_not_there_cannot_be_listened_to(
    whole: ApiOverRig, target: str, status: int, code: str
) -> None:
    """An answer as any other."""
    answer = await whole.door.call("GET", target)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_without_a_recorder_nobody_listens(whole: ApiOverRig) -> None:
    """503 with Retry-After, as for a list of runs."""
    whole.rig.recorder.kill()

    answer = await whole.door.call("GET", STREAM)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
