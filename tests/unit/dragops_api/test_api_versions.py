"""Versions at the API's door, with the real operator behind it: kept, read, restored, pinned."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import CONFIG_MAPS, DEPLOYMENTS
from support.api_door import Door
from support.product import LOGGER, graph
from support.whole_door import open_whole_door

TICKING = graph(
    {"tick": ("OnSchedule", {"schedule": "0 9 * * 1-5"}), "log": ("Log", {"message": "hi"})},
    "tick.exec -> log.exec",
)


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_whole_door(tmp_path) as door:
        yield door


def _saying(words: str) -> dict[str, Any]:
    edited = copy.deepcopy(LOGGER)
    edited["nodes"][2]["data"]["values"]["template"] = words
    return edited


def _authored(whole: Door) -> list[tuple[str, str, str]]:
    """Give the writes that are not the operator's status patches and children."""
    kinds = {"patterns", "patterndeployments"}
    return [w for w in whole.cluster.writes if w[1] in kinds and w[0] != "patch"]


async def _versions(whole: Door, count: int = 2) -> tuple[str, str]:
    """Deploy version after version, each with words of its own; give pattern's and deployment's."""
    pattern, deployment = await whole.deployed(_saying("v1 {who}"))
    for number in range(2, count + 1):
        change = {"graphData": {"nodes": _saying(f"v{number} {{who}}")["nodes"]}}
        await whole.data("PATCH", f"/api/patterns/{pattern}", change)
        deployed = await whole.data(
            "POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}}
        )
        assert deployed["versionNumber"] == number
    return pattern, deployment


async def _listed(whole: Door, path: str) -> list[tuple[int, bool, bool]]:
    rows = await whole.data("GET", f"{path}/versions")
    return [(row["number"], row["live"], row["pinned"]) for row in rows]


async def test_versions_are_listed_newest_first_and_three_are_kept(whole: Door) -> None:
    """Of a deployment and of its pattern alike."""
    pattern, deployment = await _versions(whole, 4)

    for path in (f"/api/deployments/{deployment}", f"/api/patterns/{pattern}"):
        assert await _listed(whole, path) == [
            (4, True, False),
            (3, False, False),
            (2, False, False),
        ]
    rows = (
        await whole.call("GET", f"/api/deployments/{deployment}/versions?limit=1&page=2")
    ).json()
    assert rows["meta"] == {"page": 2, "limit": 1, "total": 3, "totalPages": 3}
    assert rows["data"][0].keys() == {"number", "digest", "createdAt", "live", "pinned"}
    assert rows["data"][0]["createdAt"].endswith("Z")


async def test_a_pattern_that_was_never_deployed_has_no_versions(whole: Door) -> None:
    """An empty list, and nothing to restore."""
    created = await whole.data("POST", "/api/patterns", {"name": "New"})
    path = f"/api/patterns/{created['id']}"

    restored = await whole.call("POST", f"{path}/versions/1/restore")

    assert await whole.data("GET", f"{path}/versions") == []
    assert restored.json()["error"]["code"] == "DEPLOYMENT_NOT_FOUND"


async def test_an_undeployed_deployment_has_versions_and_none_is_live(whole: Door) -> None:
    """They can still be read and restored."""
    pattern, deployment = await _versions(whole)

    await whole.data("DELETE", f"/api/patterns/{pattern}/deploy")

    listed = await _listed(whole, f"/api/deployments/{deployment}")
    assert listed == [(2, False, False), (1, False, False)]


async def test_a_program_tells_its_text_the_node_of_each_line_and_its_graph(whole: Door) -> None:
    """What runs can be read, also that of an older version."""
    _, deployment = await _versions(whole)

    told = await whole.data("GET", f"/api/deployments/{deployment}/versions/1/program")

    assert told.keys() == {"number", "digest", "text", "lines", "triggers", "source"}
    assert "v1 {who}" in told["text"]
    line = next(n for n, text in enumerate(told["text"].splitlines()) if "v1 {who}" in text)
    assert told["lines"][line] == "text"
    assert len(told["lines"]) == len(told["text"].splitlines())
    assert told["triggers"] == [{"type": "OnWebhook", "nodeId": "hook"}]
    assert [node["id"] for node in told["source"]["nodes"]] == ["hook", "who", "text", "log"]


async def test_a_restore_writes_the_graph_and_deploys_nothing(whole: Door) -> None:
    """Name and description stay; an ETag guards it; the running version stays the newest."""
    pattern, deployment = await _versions(whole)
    path = f"/api/patterns/{pattern}"
    stale = (await whole.call("GET", path)).headers["ETag"]
    await whole.data("PATCH", path, {"name": "Renamed", "tags": ["kept"]})

    refused = await whole.call("POST", f"{path}/versions/1/restore", headers={"If-Match": stale})
    restored = await whole.data("POST", f"{path}/versions/1/restore")

    assert refused.status_code == 409
    assert (await whole.call("GET", path)).json() == restored
    assert (restored["name"], restored["tags"]) == ("Renamed", ["kept"])
    values = restored["graphData"]["nodes"][2]["data"]["values"]
    assert values == {"template": "v1 {who}"}
    assert (await _listed(whole, f"/api/deployments/{deployment}"))[0] == (2, True, False)


async def test_a_rollback_runs_the_old_version_until_the_next_deploy(whole: Door) -> None:
    """The answer comes when engines run it; a deploy lets the pin go and counts on."""
    pattern, deployment = await _versions(whole)
    path = f"/api/deployments/{deployment}"

    back = await whole.data("POST", f"{path}/rollback", {"version": 1})

    assert back == {"deploymentId": deployment, "status": "active", "versionNumber": 1}
    assert (await whole.data("GET", path))["versionNumber"] == 1
    assert await _listed(whole, path) == [(2, False, False), (1, True, True)]
    again = await whole.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})
    assert again["versionNumber"] == 3
    assert await _listed(whole, path) == [(3, True, False), (2, False, False), (1, False, False)]


async def test_a_paused_deployment_is_rolled_back_and_stays_paused(whole: Door) -> None:
    """An undeployed one is refused, and so is a stale If-Match."""
    pattern, deployment = await _versions(whole)
    path = f"/api/deployments/{deployment}"
    stale = (await whole.call("GET", path)).headers["ETag"]
    await whole.data("POST", f"{path}/pause")

    refused = await whole.call(
        "POST", f"{path}/rollback", {"version": 1}, headers={"If-Match": stale}
    )
    back = await whole.data("POST", f"{path}/rollback", {"version": 1})
    await whole.data("DELETE", f"/api/patterns/{pattern}/deploy")
    undeployed = await whole.call("POST", f"{path}/rollback", {"version": 2})

    assert refused.json()["error"]["code"] == "CONFLICT"
    assert (back["status"], back["versionNumber"]) == ("paused", 1)
    assert undeployed.json()["error"]["code"] == "NOT_ACTIVE"


@pytest.mark.parametrize("call", ["rollback", "program", "restore"])
async def test_a_version_that_is_gone_is_404_and_says_what_is_kept(whole: Door, call: str) -> None:
    """Version 1 is the fourth newest."""
    pattern, deployment = await _versions(whole, 4)
    path = f"/api/deployments/{deployment}"
    before = _authored(whole)

    answer = await {
        "rollback": lambda: whole.call("POST", f"{path}/rollback", {"version": 1}),
        "program": lambda: whole.call("GET", f"{path}/versions/1/program"),
        "restore": lambda: whole.call("POST", f"/api/patterns/{pattern}/versions/1/restore"),
    }[call]()

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert "Version 1 is not kept; kept: 4, 3, 2" in answer.json()["error"]["message"]
    assert _authored(whole) == before


async def _program_name(whole: Door, deployment: str, number: int) -> str:
    name = deployment.replace("_", "-", 1)
    found = await whole.cluster.get(DEPLOYMENTS, "team-a", name)
    versions = found["status"]["versions"]
    return str(next(v["configMap"] for v in versions if v["number"] == number))


@pytest.mark.parametrize("harm", ["text", "owner", "gone"])
async def test_a_program_that_is_not_the_operators_is_never_shown(whole: Door, harm: str) -> None:
    """A ConfigMap of that name with another text, another owner, or none at all."""
    _, deployment = await _versions(whole)
    name = await _program_name(whole, deployment, 1)
    stored = whole.cluster.objects["configmaps", "team-a", name]
    if harm == "text":
        stored["data"]["program.py"] += "\n# mine\n"
    elif harm == "owner":
        stored["metadata"]["ownerReferences"] = [{"uid": "another"}]
    else:
        await whole.cluster.delete(CONFIG_MAPS, "team-a", name)

    answer = await whole.call("GET", f"/api/deployments/{deployment}/versions/1/program")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rollback", {}),
        ("/rollback", {"version": 0}),
        ("/rollback", {"version": "1"}),
        ("/rollback", {"version": 1.5}),
        ("/rollback", {"version": True}),
        ("/rollback", {"version": 2**40}),
        ("/rollback", {"version": 1, "force": True}),
        ("/rollback", None),
    ],
)
async def test_a_version_is_a_whole_number_from_one_on(whole: Door, path: str, body: Any) -> None:
    """400 before anything is looked at."""
    answer = await whole.call("POST", f"/api/deployments/dep_a{path}", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")
    for number in ("0", "-1", "x", "9" * 30):
        asked = await whole.call("GET", f"/api/deployments/dep_a/versions/{number}/program")
        assert asked.status_code == 400, number


async def test_a_dry_run_says_what_a_deploy_would_do_and_writes_nothing(whole: Door) -> None:
    """Triggers, five fire times, the next number, and a diff against what is live."""
    created = await whole.data("POST", "/api/patterns", {"name": "T", "graphData": TICKING})
    path = f"/api/patterns/{created['id']}"
    before = _authored(whole)

    first = await whole.data("POST", f"{path}/deploy?dryRun=true", {"nodeDefinitions": {}})

    assert _authored(whole) == before
    assert first["deploymentId"] == f"dep_{created['id'].replace('_', '-', 1)}"
    assert (first["dryRun"], first["versionNumber"]) == (True, 1)
    assert first["triggers"] == [{"type": "OnSchedule", "nodeId": "tick"}]
    (schedule,) = first["schedules"]
    assert (schedule["cronExpression"], schedule["timezone"]) == ("0 9 * * 1-5", "UTC")
    assert len(schedule["nextRuns"]) == 5
    assert all(time.endswith("T09:00:00.000Z") for time in schedule["nextRuns"])
    assert first["diff"].startswith("--- /dev/null\n+++ version 1\n")
    assert first["warnings"] == []


async def test_a_dry_run_knows_the_schedules_that_the_deployment_has_set(whole: Door) -> None:
    """PUT schedule outlives a deploy, and so it does its preview."""
    created = await whole.data("POST", "/api/patterns", {"name": "T", "graphData": TICKING})
    path = f"/api/patterns/{created['id']}/deploy"
    deployed = await whole.data("POST", path, {"nodeDefinitions": {}})
    rule = {"cronExpression": "30 6 * * *", "timezone": "Europe/Berlin"}
    await whole.data("PUT", f"/api/deployments/{deployed['deploymentId']}/schedule", rule)

    told = await whole.data("POST", f"{path}?dryRun=true", {"nodeDefinitions": {}})

    (schedule,) = told["schedules"]
    assert (schedule["cronExpression"], schedule["timezone"]) == ("30 6 * * *", "Europe/Berlin")
    assert {time[13:] for time in schedule["nextRuns"]} == {":30:00.000Z"}


async def test_the_diff_of_a_dry_run_is_that_of_the_programs(whole: Door) -> None:
    """Empty when a deploy would change nothing but the number."""
    pattern, deployment = await _versions(whole)
    path = f"/api/patterns/{pattern}"
    same = await whole.data("POST", f"{path}/deploy?dryRun=true", {"nodeDefinitions": {}})
    edited = {"graphData": {"nodes": _saying("v3 {who}")["nodes"]}}
    await whole.data("PATCH", path, edited)
    before = _authored(whole)

    told = await whole.data("POST", f"{path}/deploy?dryRun=true", {"nodeDefinitions": {}})

    assert (same["diff"], same["versionNumber"]) == ("", 3)
    assert told["deploymentId"] == deployment
    assert told["diff"].startswith("--- version 2\n+++ version 3\n@@")
    changed = [line for line in told["diff"].splitlines()[2:] if line[0] in "+-"]
    assert ["v2" in line for line in changed if line[0] == "-"] == [True]
    assert ["v3" in line for line in changed if line[0] == "+"] == [True]
    assert _authored(whole) == before
    assert (await whole.data("GET", f"{path}/deployment"))["versionNumber"] == 2


async def test_a_dry_run_refuses_what_a_deploy_refuses(whole: Door) -> None:
    """422 with every fault, 404, 409 for an If-Match of another state."""
    created = await whole.call("POST", "/api/patterns", {"name": "Empty"})
    path = f"/api/patterns/{created.json()['data']['id']}/deploy?dryRun=true"
    body = {"nodeDefinitions": {}}

    faulty = await whole.call("POST", path, body)
    stale = await whole.call("POST", path, body, headers={"If-Match": '"old"'})
    lost = await whole.call("POST", "/api/patterns/pat_none/deploy?dryRun=true", body)

    assert (faulty.status_code, faulty.json()["error"]["code"]) == (422, "COMPILATION_FAILED")
    assert faulty.json()["error"]["details"][0]["code"] == "NO_TRIGGER"
    assert (stale.status_code, lost.status_code) == (409, 404)


async def test_what_a_dry_run_cannot_compare_it_says_so(whole: Door) -> None:
    """The live program is gone: null, not an empty diff."""
    pattern, deployment = await _versions(whole)
    name = await _program_name(whole, deployment, 2)
    whole.cluster.objects["configmaps", "team-a", name]["metadata"]["ownerReferences"] = []

    told = await whole.data(
        "POST", f"/api/patterns/{pattern}/deploy?dryRun=true", {"nodeDefinitions": {}}
    )

    assert told["diff"] is None
