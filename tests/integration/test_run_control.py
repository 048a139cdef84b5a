"""Runs cancelled and tried again by REST: engine and recorder as processes, or at the wire."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops.model.ids import new_run_id
from support.api_door import NOWHERE, Door, open_door
from support.api_over_rig import ApiOverRig, api_over
from support.batches import accept, finish, of
from support.folder import SignedFolder
from support.processes import make_rig
from support.product import LOGGER
from support.programs import program
from support.stub_engine import StubEngine, stub_engine

pytestmark = pytest.mark.timeout(150)

STORED = {"headers": {}, "body": {"a": 1}, "query": {}, "method": "POST", "url": ""}


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[ApiOverRig]:
    """The API over an engine and a recorder."""
    rig = make_rig(tmp_path, SignedFolder(tmp_path / "live"))
    with rig.recorder, rig.engine:
        async with api_over(rig, tmp_path) as api:
            yield api


async def test_a_run_that_goes_on_is_stopped_and_can_be_tried_again(whole: ApiOverRig) -> None:
    """Cancelled where it runs, recorded as such, run anew with the same event."""
    door = whole.door
    body = "ctx.log('info', str(event))\nctx.step('wait')\nawait asyncio.sleep(event['data']['s'])"
    deployment = await whole.deployed(program(body, type_="OnStart"))
    run_id = await whole.begun(deployment, s=60)

    refused = await door.call("POST", f"/api/runs/{run_id}/retry")
    cancelled = await door.data("POST", f"/api/runs/{run_id}/cancel")
    again = await door.call("POST", f"/api/runs/{run_id}/cancel")
    retried = await door.data("POST", f"/api/runs/{run_id}/retry?wait=0")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    assert cancelled == {"runId": run_id, "status": "cancelled", "stopped": True}
    assert (again.status_code, again.json()["error"]["code"]) == (409, "CONFLICT")
    first = await whole.ended(run_id)
    assert (first["status"], first["error"]["type"]) == ("cancelled", "Cancelled")
    assert "system:serviceaccount:team-a:ada" in first["errorMessage"]
    assert [step["nodeId"] for step in first["timeline"]] == ["wait"]
    assert retried == {"runId": retried["runId"], "status": "running", "retryOf": run_id}
    await door.data("POST", f"/api/runs/{retried['runId']}/cancel")
    second = await whole.ended(retried["runId"])
    assert (second["retryOf"], second["triggeredBy"]) == (run_id, "manual")
    assert second["eventData"] == first["eventData"] == {"data": {"s": 60}}
    assert second["logOutput"][0]["message"] == first["logOutput"][0]["message"]


async def test_a_retry_runs_on_the_version_that_is_live(whole: ApiOverRig) -> None:
    """The first failed in version 1; the mended version 2 takes its event."""
    door = whole.door
    deployment = await whole.deployed(program("raise ValueError  # bad", type_="OnStart"))
    path = f"/api/deployments/{deployment}"
    failed = await door.data("POST", f"{path}/execute", {"eventData": {"a": 1}})
    whole.rig.folder.deploy_program(
        program("ctx.log('info', str(event['data']))", type_="OnStart"),
        deployment.replace("_", "-", 1),
        uid=_uid(door),
        serial=2,
        version=2,
    )
    retry = f"/api/runs/{failed['runId']}/retry"
    while (told := await door.data("POST", retry))["status"] == "failed":  # noqa: ASYNC110 over the wire
        await asyncio.sleep(0.05)

    run = await whole.ended(told["runId"])

    assert (told["status"], told["retryOf"]) == ("completed", failed["runId"])
    assert (run["versionNumber"], run["logOutput"][0]["message"]) == (2, "{'a': 1}")


def _uid(door: Door) -> str:
    [uid] = {
        obj["metadata"]["uid"]
        for (plural, *_), obj in door.cluster.objects.items()
        if plural == "patterndeployments"
    }
    return str(uid)


async def test_the_run_of_an_engine_that_died_is_recorded_as_cancelled(whole: ApiOverRig) -> None:
    """Nobody can stop it any more, and the answer says so."""
    deployment = await whole.deployed(program("await asyncio.sleep(60)", type_="OnStart"))
    run_id = await whole.begun(deployment)
    whole.rig.engine.kill()

    dead = await whole.door.data("POST", f"/api/runs/{run_id}/cancel")

    assert dead == {"runId": run_id, "status": "cancelled", "stopped": False}
    run = await whole.ended(run_id)
    assert "no engine had it any more" in run["errorMessage"]


@pytest.fixture
async def engine() -> AsyncIterator[StubEngine]:
    """One engine at the wire, which is the recorder too."""
    async with stub_engine() as serving:
        yield serving


@pytest.fixture
async def door(tmp_path: Path, engine: StubEngine) -> AsyncIterator[Door]:
    """The API with two engines: one is away, the other one is the stub."""
    engines = (f"team-a={NOWHERE}|{NOWHERE}", f"team-a={engine.url}|{engine.url}")
    async with open_door(tmp_path, engines=engines, recorder_url=engine.url) as opened:
        yield opened


async def _stored(door: Door, status: str) -> str:
    """Store a run of a new deployment, with this status."""
    _, deployment = await door.deployed(LOGGER)
    event = '{"headers":{},"body":{"a":1},"query":{},"method":"POST","url":""}'
    name = deployment.replace("_", "-", 1)
    run = accept(new_run_id(), deployment_uid=_uid(door), deployment=name, event=event)
    ends = [] if status == "running" else [finish(run.run_id, status)]
    with writing(door.store) as opened:
        RunStore(opened).write([("team-a", of(run, *ends))])
    return str(run.run_id)


async def _answer(door: Door, path: str) -> tuple[int, Any]:
    answer = await door.call("POST", path)
    body = answer.json()
    return answer.status_code, body.get("data") or body["error"]["code"]


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (202, {"status": "running"}, (202, "running")),
        (500, {}, (503, "ENGINE_UNAVAILABLE")),
        (401, {}, (503, "ENGINE_UNAVAILABLE")),
        (503, {"code": "ENGINE_UNAVAILABLE"}, (503, "ENGINE_UNAVAILABLE")),
    ],
)
async def test_an_engine_that_does_not_say_so_still_has_the_run(
    door: Door, engine: StubEngine, status: int, answer: Any, wanted: tuple[int, str]
) -> None:
    """Nothing is recorded that nobody knows."""
    engine.cancel_status, engine.cancel_answer = status, answer
    run_id = await _stored(door, "running")

    code, told = await _answer(door, f"/api/runs/{run_id}/cancel?wait=3")

    assert (code, told["status"] if code == 202 else told) == wanted
    assert engine.cancels[0] == {
        "runId": run_id,
        "by": "system:serviceaccount:team-a:ada",
        "waitSeconds": 3,
    }
    assert engine.recorded == []


async def test_engines_are_asked_twice_before_a_run_is_given_up(
    door: Door, engine: StubEngine
) -> None:
    """A run is in the store a moment before its engine begins it."""
    run_id = await _stored(door, "running")

    code, told = await _answer(door, f"/api/runs/{run_id}/cancel")

    assert len(engine.cancels) == 2
    assert engine.recorded == [
        {"workspace": "team-a", "runId": run_id, "by": "system:serviceaccount:team-a:ada"}
    ]
    # this recorder writes nothing
    assert (code, told["status"], told["stopped"]) == (202, "running", False)


async def test_a_retry_hands_the_stored_event_to_its_trigger(
    door: Door, engine: StubEngine
) -> None:
    """Whole, and with the run that it comes from."""
    run_id = await _stored(door, "failed")

    told = await _answer(door, f"/api/runs/{run_id}/retry?wait=7")

    assert told == (200, {"runId": "run_abc123", "status": "completed", "retryOf": run_id})
    [order] = engine.orders
    assert order.pop("deployment").startswith("dep-")
    assert order == {"nodeId": "hook", "event": STORED, "retryOf": run_id, "waitSeconds": 7}


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (409, {"code": "NO_SUCH_TRIGGER"}, (409, "CONFLICT")),
        (409, {"code": "PAUSED"}, (400, "PAUSED")),
        (503, {"code": "STORE_UNAVAILABLE"}, (503, "STORE_UNAVAILABLE")),
    ],
)
async def test_a_retry_is_refused_in_the_apis_words(
    door: Door, engine: StubEngine, status: int, answer: Any, wanted: tuple[int, str]
) -> None:
    """As execute is; a version without that trigger is a conflict."""
    engine.execute_status, engine.execute_answer = status, answer

    assert await _answer(door, f"/api/runs/{await _stored(door, 'failed')}/retry") == wanted
