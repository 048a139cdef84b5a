"""The health summary tells what is, and says so where it cannot know."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS
from dragops.history.batch import Batch
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops.model.ids import new_run_id
from dragops.model.run import iso
from support.api_door import NOWHERE, Door, open_door, until
from support.batches import accept, finish
from support.stub_engine import stub_engine

SUMMARY = "/api/deployments/health/summary"


async def _placed(
    door: Door,
    name: str,
    *,
    namespace: str = "team-a",
    spec: dict[str, Any] | None = None,
    **status: Any,
) -> str:
    """Put a deployment there with this status; give its uid."""
    door.operator.is_deaf = True
    body = {"metadata": {"name": name}, "spec": {"patternRef": {"name": "p"}} | (spec or {})}
    made = await door.cluster.create(DEPLOYMENTS, namespace, body)
    told = {"state": "active", "confirmedAt": "2026-01-01T00:00:00.000Z"} | status
    await door.cluster.patch_status(DEPLOYMENTS, namespace, name, told)
    view = door.parts.deployment_view
    await until(lambda: "status" in (view.get(namespace, name) or {}))
    return str(made["metadata"]["uid"])


def _store(door: Door, *batches: Batch, workspace: str = "team-a") -> None:
    with writing(door.store) as engine:
        for result in RunStore(engine).write([(workspace, batch) for batch in batches]):
            assert isinstance(result, list)


async def test_an_empty_system_is_sound(door: Door) -> None:
    """No unfinished run is null, as zero seconds would be one that has just come."""
    assert await door.data("GET", SUMMARY) == {
        "deployments": {"active": 0, "paused": 0, "failed": 0},
        "runsLastHour": 0,
        "failuresLastHour": 0,
        "errorRate": 0,
        "engineStatus": "connected",
        "silentSchedules": 0,
        "deadLetters": 0,
        "oldestUnfinishedSeconds": None,
    }


async def test_runs_of_the_last_hour_are_counted_with_their_failures(door: Door) -> None:
    """In per cent with two decimals."""
    uid = await _placed(door, "dep-a")
    runs = [accept(deployment_uid=uid, deployment="dep-a") for _ in range(7)]
    ends = [finish(run.run_id, "failed" if n < 2 else "completed") for n, run in enumerate(runs)]
    _store(door, Batch(runs, [], ends))

    told = await door.data("GET", SUMMARY)

    assert (told["runsLastHour"], told["failuresLastHour"], told["errorRate"]) == (7, 2, 28.57)


async def test_dead_letters_and_the_oldest_unfinished_run_are_told(door: Door) -> None:
    """Of deployments that are there, in the workspaces of the call."""
    uid, there = await _placed(door, "dep-a"), int(time.time()) - 90
    dead, waiting, younger, gone = (
        accept(f"run_{1000 * at:012x}{new_run_id()[16:]}", deployment_uid=owner, running=running)
        for owner, at, running in (
            (uid, there - 100, True),
            (uid, there, False),
            (uid, there + 60, True),
            ("nobody", there - 1000, True),
        )
    )
    _store(door, Batch([dead, waiting, younger, gone], [], [finish(dead.run_id, "dead_letter")]))

    told = await door.data("GET", SUMMARY)
    elsewhere = await door.data("GET", SUMMARY, headers={"X-Dragops-Workspace": "team-b"})

    assert told["deadLetters"] == 1
    assert 90 <= told["oldestUnfinishedSeconds"] < 110
    assert (elsewhere["deadLetters"], elsewhere["oldestUnfinishedSeconds"]) == (0, None)


async def test_a_schedule_whose_newest_tick_left_no_run_is_silent(door: Door) -> None:
    """Until it does; a tick that was recorded as skipped has left one."""
    schedule = {"cronExpression": "0 * * * *", "timezone": "UTC", "cronJob": "x"}
    schedules = [{"nodeId": node} | schedule for node in ("ran", "skipped", "silent")]
    uid = await _placed(door, "dep-a", schedules=schedules)
    due = (datetime.now(UTC) - timedelta(minutes=5)).replace(minute=0, second=0, microsecond=0)
    runs = [
        accept(deployment_uid=uid, node_id=node, key=iso(due), key_for_ever=True)
        for node in ("ran", "skipped")
    ]
    ends = [finish(runs[0].run_id), finish(runs[1].run_id, "skipped")]
    _store(door, Batch(runs, [], ends))

    assert (await door.data("GET", SUMMARY))["silentSchedules"] == 1
    _store(door, Batch([accept(deployment_uid=uid, node_id="silent", key=iso(due))]))
    assert (await door.data("GET", SUMMARY))["silentSchedules"] == 0


async def test_a_schedule_that_waits_for_its_own_run_is_not_silent(door: Door) -> None:
    """Overlap Forbid leaves ticks out while a run goes on, and they leave no run."""
    schedule = {"nodeId": "n", "cronExpression": "* * * * *", "timezone": "UTC", "cronJob": "x"}
    spec = {"schedules": [{"nodeId": "n", "overlap": "Forbid"}]}
    uid = await _placed(door, "dep-a", spec=spec, schedules=[schedule])
    run = accept(deployment_uid=uid, node_id="n", triggered_by="schedule", key="earlier")

    assert (await door.data("GET", SUMMARY))["silentSchedules"] == 1
    _store(door, Batch([run]))
    assert (await door.data("GET", SUMMARY))["silentSchedules"] == 0
    _store(door, Batch([], [], [finish(run.run_id)]))
    assert (await door.data("GET", SUMMARY))["silentSchedules"] == 1


@pytest.mark.parametrize(
    ("here", "there", "word"),
    [
        (True, True, "connected"),
        (True, False, "degraded"),
        (False, True, "degraded"),
        (False, False, "disconnected"),
    ],
)
async def test_engines_are_asked_in_each_workspace_with_active_deployments(
    tmp_path: Path, here: bool, there: bool, word: str
) -> None:
    """Of a workspace where nothing is active nobody misses them."""
    async with stub_engine() as engine:
        urls = [engine.url if is_up else NOWHERE for is_up in (here, there)]
        engines = [f"{w}={u}|{u}" for w, u in zip(("team-a", "team-b"), urls, strict=True)]
        async with open_door(tmp_path, engines=tuple(engines)) as door:
            await _placed(door, "dep-a")
            await _placed(door, "dep-b", namespace="team-b")
            await _placed(door, "dep-c", namespace="default", state="paused")

            told = await door.data("GET", SUMMARY)

    assert told["engineStatus"] == word
    assert told["deployments"] == {"active": 2, "paused": 1, "failed": 0}


async def test_a_store_that_is_away_is_503_and_no_zeros(door: Door) -> None:
    """Nobody should read nothing ran where nobody knows."""
    door.parts.runs._queries._engine.dispose()
    door.store.unlink()

    answer = await door.call("GET", SUMMARY)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"


async def test_a_cluster_that_has_not_been_listed_is_503_and_no_zeros(tmp_path: Path) -> None:
    """Nobody should read no deployments where nobody knows."""
    async with open_door(tmp_path, is_listed=False) as door:
        answer = await door.call("GET", SUMMARY)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "CLUSTER_UNAVAILABLE")
