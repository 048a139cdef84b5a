"""Several deploys of one pattern at the same time: one release survives, all hear of that one."""

import asyncio
from typing import Any

from dragops.cluster.client import DEPLOYMENTS
from dragops_api.deploys import InFlight
from support.api_door import Door, until
from support.product import LOGGER

DEPLOY = {"nodeDefinitions": {}}


async def _pattern(door: Door) -> tuple[str, str]:
    """Give the path of a new pattern's deploy, and the name of what that makes."""
    created = await door.data("POST", "/api/patterns", {"name": "P", "graphData": LOGGER})
    return f"/api/patterns/{created['id']}/deploy", f"dep-{created['id'].replace('_', '-', 1)}"


def _writes(door: Door, name: str) -> int:
    wanted = {("create", "patterndeployments", name), ("replace", "patterndeployments", name)}
    return sum(write in wanted for write in door.cluster.writes)


async def _obey(door: Door, name: str) -> None:
    """Let the operator look at the deployment as it is by now."""
    door.operator.is_deaf = False
    await door.cluster.merge_patch(
        DEPLOYMENTS, "team-a", name, {"metadata": {"labels": {"look": "here"}}}
    )


async def test_all_callers_get_the_number_of_the_release_that_survives(door: Door) -> None:
    """Each wrote a release before the operator looked: it sees the last one only."""
    path, name = await _pattern(door)
    await door.data("POST", path, DEPLOY)
    door.operator.is_deaf = True
    before = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["generation"]

    calls = [asyncio.create_task(door.data("POST", path, DEPLOY)) for _ in range(5)]

    def all_wrote() -> bool:
        now = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["generation"]
        return bool(now == before + 5)

    await until(all_wrote)
    await _obey(door, name)
    answers = await asyncio.gather(*calls)

    assert {answer["versionNumber"] for answer in answers} == {2}
    assert {answer["status"] for answer in answers} == {"active"}


async def test_the_first_of_all_deploys_may_be_several_at_once_too(door: Door) -> None:
    """One creates the deployment, the others release it."""
    path, name = await _pattern(door)
    door.operator.is_deaf = True
    calls = [asyncio.create_task(door.data("POST", path, DEPLOY)) for _ in range(4)]

    await until(lambda: _writes(door, name) >= 4 and not _is_writing(door))
    await _obey(door, name)
    answers = await asyncio.gather(*calls)

    assert {(a["deploymentId"], a["versionNumber"]) for a in answers} == {
        (name.replace("-", "_", 1), 1)
    }


def _is_writing(door: Door) -> bool:
    return bool(door.parts.deploys._in_flight._counts)


async def test_who_is_done_waits_for_who_is_about_to_write(door: Door) -> None:
    """The first release is live while the second is on its way: both tell the second."""
    path, name = await _pattern(door)
    await door.data("POST", path, DEPLOY)
    held, go = asyncio.Event(), asyncio.Event()

    async def hold(plural: str, _: str) -> None:
        if plural == "patterns" and not held.is_set():
            held.set()
            await go.wait()

    door.cluster.delay = hold
    slow = asyncio.create_task(door.data("POST", path, DEPLOY))
    await held.wait()
    quick = asyncio.create_task(door.data("POST", path, DEPLOY))
    await until(lambda: _version(door, name) == 2)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not quick.done()
    go.set()

    assert [(await call)["versionNumber"] for call in (slow, quick)] == [3, 3]


def _version(door: Door, name: str) -> Any:
    stored = door.cluster.objects["patterndeployments", "team-a", name]
    return stored.get("status", {}).get("versionNumber")


async def test_waiting_for_others_ends_when_the_callers_time_is_up(door: Door) -> None:
    """wait=0: what is live by then is told."""
    path, _ = await _pattern(door)
    with door.parts.deploys._in_flight.one(("team-a", path.split("/")[3].replace("_", "-", 1))):
        answer = await door.call("POST", f"{path}?wait=1", DEPLOY)

    assert answer.status_code == 200
    assert answer.json()["data"]["versionNumber"] == 1


async def test_a_deployment_is_busy_as_long_as_anybody_writes_it() -> None:
    """Others of its like are not."""
    writing, key = InFlight(), ("n", "p")
    with writing.one(key):
        with writing.one(key):
            assert writing.is_busy(key)
        assert writing.is_busy(key)
        assert not writing.is_busy(("n", "q"))
        await writing.idle(key, seconds=0)
        waiting = asyncio.create_task(writing.idle(key, seconds=60))
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
    assert not writing.is_busy(key)
