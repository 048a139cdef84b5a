"""A tripped circuit breaker at the API's door: the store says it, the resource shows it."""

import asyncio
from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS
from dragops.history.batch import Batch, Watch
from dragops.history.breakers import BreakerTrip
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops.model.breaker import LAST_MS, TRIPPED, Trip, trip_in
from dragops_api.errors import NotPossible
from dragops_api.transitions import pause, refuse_to_execute, resume
from dragops_api.tripped import shown
from support.api_door import Door
from support.batches import accept, finish
from support.product import LOGGER

STORED = BreakerTrip("team-a", "u", "dep-a", since=0, at=9_000, failures=3, window_ms=60_000)
NOTE = Trip(since=0, at=9_000, failures=3, window_seconds=60).as_text()
RESUMED = {"value": "1", "at": "1970-01-01T00:00:05.000Z"}


async def _fail(door: Door, deployment: str) -> None:
    """Have the recorder store three failures of a deployment, and trip."""
    name = deployment.replace("_", "-", 1)
    made = await door.cluster.get(DEPLOYMENTS, "team-a", name)
    uid = made["metadata"]["uid"]
    watch = Watch(uid, name, failures=3, window_ms=60_000, since=0)
    runs = [accept(deployment_uid=uid, deployment=name) for _ in range(3)]
    ends = [finish(run.run_id, "failed") for run in runs]
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", Batch(runs, (), ends, [watch]))])


async def _until(door: Door, deployment: str, status: str) -> dict[str, Any]:
    """Read as a client does, until it says so; then give the resource."""
    while (await door.data("GET", f"/api/deployments/{deployment}"))["status"] != status:  # noqa: ASYNC110 as a client
        await asyncio.sleep(0.02)
    return await door.cluster.get(DEPLOYMENTS, "team-a", deployment.replace("_", "-", 1))


async def _code(door: Door, path: str) -> tuple[int, str]:
    answer = await door.call("POST", path)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


async def test_repeated_failures_pause_a_deployment_and_resume_works(door: Door) -> None:
    """The spec stays Active; each call answers as for one that is paused, resume lets it go on."""
    _, deployment = await door.deployed(LOGGER)
    path = f"/api/deployments/{deployment}"
    await _fail(door, deployment)
    shown = await _until(door, deployment, "paused")

    assert shown["spec"].get("state", "Active") == "Active"
    assert shown["metadata"]["annotations"]["dragops.dev/changed-by"] == (
        "system:dragops:circuit-breaker"
    )
    told = (await door.call("POST", f"{path}/execute")).json()["error"]
    assert (told["code"], "3 runs had failed within 60 s" in told["message"]) == ("PAUSED", True)
    assert await _code(door, f"{path}/pause") == (400, "ALREADY_PAUSED")
    assert await door.data("POST", f"{path}/resume") == {"status": "active"}
    assert await _code(door, f"{path}/resume") == (400, "NOT_PAUSED")
    resumed = await _until(door, deployment, "active")
    assert TRIPPED not in resumed["metadata"]["annotations"]
    assert resumed["status"]["resumed"]["value"] == resumed["spec"]["resume"]


async def test_a_deploy_lets_a_tripped_deployment_go_on(door: Door) -> None:
    """As it does with a paused one: somebody has mended the pattern."""
    pattern, deployment = await door.deployed(LOGGER)
    await _fail(door, deployment)
    await _until(door, deployment, "paused")

    done = await door.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    assert done["status"] == "active"


def _deployment(**status: Any) -> dict[str, Any]:
    return {
        "metadata": {"uid": "u", "generation": 2},
        "spec": {"state": "Active"},
        "status": {"observedGeneration": 2, "state": "active"} | status,
    }


def _annotated(note: str = NOTE, **status: Any) -> dict[str, Any]:
    deployment = _deployment(**status)
    deployment["metadata"]["annotations"] = {TRIPPED: note, "theirs": "kept"}
    return deployment


def test_the_annotation_tells_the_whole_trip() -> None:
    """The operator needs to know since when failures were counted, people the rest."""
    deployment = _deployment()
    shown(STORED)(deployment)

    assert deployment["metadata"]["annotations"] == {TRIPPED: NOTE}
    assert deployment["spec"] == {"state": "Active"}


@pytest.mark.parametrize("at", [-(2**63), 2**63 - 1])
def test_a_time_that_no_calendar_has_stops_nobody(at: int) -> None:
    """Engines report times; the API and the operator go on whatever these are."""
    deployment = _deployment()
    shown(STORED._replace(at=at))(deployment)

    trip = trip_in(deployment["metadata"]["annotations"][TRIPPED])
    assert trip is not None
    assert trip.at in {0, LAST_MS}


def test_a_trip_of_before_the_last_resume_is_taken_away() -> None:
    """Who resumes with kubectl need not know of the annotation."""
    deployment = _annotated(resumed=RESUMED)
    shown(STORED)(deployment)

    assert deployment["metadata"]["annotations"] == {"theirs": "kept"}


@pytest.mark.parametrize(
    "changed",
    [
        {"metadata": {"uid": "another", "generation": 2}},
        {"metadata": {"uid": "u", "generation": 3}},
        {"status": {}},
    ],
    ids=["another deployment of this name", "a change that is still to be obeyed", "new"],
)
def test_nothing_is_shown_where_it_is_not_known_to_hold(changed: dict[str, Any]) -> None:
    """Nor written: the edit leaves all as it is."""
    deployment = _deployment() | changed
    shown(STORED)(deployment)

    assert deployment == _deployment() | changed


def test_a_trip_that_is_over_pauses_nothing() -> None:
    """Until its annotation has gone, too."""
    deployment = _annotated(resumed=RESUMED)

    refuse_to_execute(deployment)
    with pytest.raises(NotPossible, match="not paused"):
        resume("now")(deployment)
    pause(deployment)
    assert deployment["spec"]["state"] == "Paused"


def test_what_is_paused_and_tripped_is_resumed_from_both() -> None:
    """Else a resume would answer, and nothing would go on."""
    deployment = _annotated()
    deployment["spec"]["state"] = "Paused"
    resume("now")(deployment)

    assert deployment["spec"] == {"state": "Active", "resume": "now"}
    assert deployment["metadata"]["annotations"] == {"theirs": "kept"}
