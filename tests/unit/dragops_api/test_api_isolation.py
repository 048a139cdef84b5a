"""Two workspaces never see each other: every route, asked for what belongs to the other one."""

import copy
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dragops.history.batch import Accept, Batch, Finish
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops.model.ids import new_run_id
from dragops_api.auth import PUBLIC
from support.api_door import ADA, Door, open_door
from support.calls import ENDLESS, Call, every_call
from support.product import LOGGER

GUARDED = [call for call in every_call() if call.route not in PUBLIC]
NAMING = [call for call in GUARDED if call.names_an_object]
OTHERS = [c for c in GUARDED if not c.names_an_object and c.route not in ENDLESS]
BOB, RUN = "Bearer of-bob", new_run_id()


@dataclass
class Neighbours:
    """Ada's workspace with one of everything, and Bob, who may do everything in his own."""

    door: Door
    ids: dict[str, str]

    def everything(self) -> dict[Any, Any]:
        """Give all that Ada has, to compare."""
        objects = self.door.cluster.objects
        return copy.deepcopy({key: obj for key, obj in objects.items() if key[1] == "team-a"})


@pytest.fixture
async def neighbours(tmp_path: Path) -> AsyncIterator[Neighbours]:
    """Team-a and team-b."""
    async with open_door(tmp_path) as door:
        pattern, deployment = await door.deployed(LOGGER, "Of Ada alone")
        body = {"name": "Ada's own", "secrets": {"ADAS_TOKEN": "s3cret"}}
        environment = (await door.data("POST", "/api/environments", body))["id"]
        _run_of(door, deployment)
        door.cluster.callers["of-bob"] = ADA | {"username": "system:serviceaccount:team-b:bob"}
        door.cluster.requests.clear()
        ids = {"pattern_id": pattern, "deployment_id": deployment, "run_id": RUN}
        ids["environment_id"] = environment
        yield Neighbours(door, ids)


def _run_of(door: Door, deployment: str) -> None:
    name = deployment.replace("_", "-", 1)
    uid = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
    run = Accept(RUN, uid, name, "hook", "webhook", 1, True, 1000, None, False, "{}")
    batch = Batch([run], [], [Finish(RUN, "completed", 1320, None, "[]", 0, None)])
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", batch)])


@pytest.mark.parametrize("call", NAMING, ids=str)
async def test_what_is_in_the_other_workspace_is_not_there(
    neighbours: Neighbours, call: Call
) -> None:
    """404, as for an id that nobody has; the same call by its owner finds it."""
    before = neighbours.everything()
    path, door = call.path(**neighbours.ids), neighbours.door

    by_bob = await door.call(call.method, path, call.body, headers={"Authorization": BOB})
    by_name = await door.call(
        call.method, path, call.body, headers={"X-Dragops-Workspace": "team-b"}
    )
    nobodys = await door.call(call.method, call.path(), call.body)

    for answer in (by_bob, by_name):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == nobodys.json()["error"]["code"]
        assert "Ada" not in answer.text
    assert neighbours.everything() == before
    assert door.cluster.writes == []
    assert (await door.call(call.method, path, call.body)).status_code != 404


@pytest.mark.parametrize("call", OTHERS, ids=str)
async def test_what_names_nothing_shows_and_changes_only_ones_own(
    neighbours: Neighbours, call: Call
) -> None:
    """Lists are without the others' things, and what is made is made at home."""
    before, door = neighbours.everything(), neighbours.door
    door.cluster.allowed = lambda spec: spec["resourceAttributes"]["namespace"] == "team-b"

    answer = await door.call(call.method, call.path(), call.body, headers={"Authorization": BOB})

    assert answer.is_success, answer.text
    assert not any(id_ in answer.text for id_ in neighbours.ids.values())
    assert "Of Ada" not in answer.text
    assert neighbours.everything() == before
    assert {key[1] for key in door.cluster.objects} <= {"team-a", "team-b"}


async def test_numbers_count_only_ones_own(neighbours: Neighbours) -> None:
    """Ada's deployment and run are in no number of Bob's."""
    door, path = neighbours.door, "/api/deployments/health/summary"
    door.cluster.allowed = lambda spec: spec["resourceAttributes"]["namespace"] == "team-b"

    bobs = await door.data("GET", path, headers={"Authorization": BOB})
    door.cluster.allowed = lambda spec: spec["resourceAttributes"]["namespace"] == "team-a"
    adas = await door.data("GET", path)

    assert bobs["deployments"] == {"active": 0, "paused": 0, "failed": 0}
    assert adas["deployments"] == {"active": 1, "paused": 0, "failed": 0}
