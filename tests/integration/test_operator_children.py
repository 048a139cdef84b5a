"""The operator before a real API server, with the chart's rights: children, status, repairs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import (
    APP_DEPLOYMENTS,
    CONFIG_MAPS,
    CRON_JOBS,
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    PATTERNS,
    ROLES,
    SECRETS,
    SERVICES,
    Kind,
)
from dragops.model.endpoints import texts_in
from dragops_operator.workqueue import Key
from support.operator_stage import Stage, condition, eventually, is_ready, staged

pytestmark = pytest.mark.timeout(120)

BOTH: dict[str, Any] = {
    "title": "Both",
    "nodes": [
        {"id": "hook", "type": "OnWebhook"},
        {"id": "tick", "type": "OnSchedule", "values": {"schedule": "*/5 * * * *"}},
        {"id": "log", "type": "Log", "values": {"message": "hi"}},
        {"id": "log2", "type": "Log", "values": {"message": "tick"}},
    ],
    "wires": [{"from": "hook.exec", "to": "log.exec"}, {"from": "tick.exec", "to": "log2.exec"}],
}
OTHER = BOTH | {"nodes": [*BOTH["nodes"][:3], BOTH["nodes"][3] | {"values": {"message": "new"}}]}
HOOK_ONLY = BOTH | {"nodes": BOTH["nodes"][::2], "wires": BOTH["wires"][:1]}
BROKEN = {"nodes": [{"id": "log", "type": "Lgo"}]}


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage, stage.running():
        yield stage


async def test_an_applied_deployment_gets_its_children_and_is_ready(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")

    found = await stage.ready("dep-a")

    status, uid = found["status"], found["metadata"]["uid"]
    assert (status["state"], status["versionNumber"], status["serial"]) == ("active", 1, 1)
    assert status["confirmedAt"]
    assert await stage.names(CONFIG_MAPS) == ["dep-a-live", status["program"]["configMap"]]
    assert await stage.names(CRON_JOBS) == [status["schedules"][0]["cronJob"]]
    secret = await stage.admin.get(SECRETS, stage.workspace, "dep-a-endpoints")
    assert secret["metadata"]["ownerReferences"][0]["uid"] == uid
    await stage.idle()
    assert await stage.names(SERVICES) == [
        "dep-a-webhooks",
        "dragops-engine",
        "dragops-engine-internal",
    ]
    role = await stage.admin.get(ROLES, stage.workspace, "dragops-engine")
    assert role["rules"][1]["resourceNames"] == ["dep-a-endpoints"]
    await stage.until(PATTERNS, "p", is_ready)


async def test_what_happened_is_told_once(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    await stage.deployment("dep-a", state="Paused")
    await stage.ready("dep-a")
    await stage.deployment("dep-a", state="Active")
    await stage.ready("dep-a")
    await stage.pattern("p", BROKEN)
    await stage.until(DEPLOYMENTS, "dep-a", lambda o: condition(o, "Stalled")["status"] == "True")
    await stage.idle()

    told = await stage.admin.list(EVENTS, stage.workspace)

    ours = [event["reason"] for event in told if event["involvedObject"]["name"] == "dep-a"]
    assert sorted(ours) == ["CompileFailed", "Compiled", "Paused", "Resumed"]


async def test_a_second_pass_and_a_restart_write_nothing(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    await stage.until(PATTERNS, "p", is_ready)
    await stage.idle()

    before = len(stage.transport.writes)
    await stage.operator.resync(0.1)
    await stage.idle()
    assert stage.transport.writes[before:] == []

    async with stage.running():
        await stage.idle()
        assert stage.transport.writes == []


async def test_pausing_suspends_and_resuming_goes_on(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    url = (await stage.ready("dep-a"))["status"]["webhooks"][0]["url"]
    (job,) = await stage.names(CRON_JOBS)

    await stage.deployment("dep-a", state="Paused")
    paused = await stage.ready("dep-a")
    assert paused["status"]["state"] == "paused"
    assert (await stage.admin.get(CRON_JOBS, stage.workspace, job))["spec"]["suspend"] is True

    await stage.deployment("dep-a", state="Active")
    resumed = await stage.ready("dep-a")
    assert resumed["status"]["webhooks"][0]["url"] == url
    assert resumed["status"]["serial"] == 3
    assert (await stage.admin.get(CRON_JOBS, stage.workspace, job))["spec"]["suspend"] is False


async def test_versions_count_up_and_a_broken_edit_leaves_the_last_one(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    await stage.pattern("p", OTHER)
    await stage.until(DEPLOYMENTS, "dep-a", lambda o: o["status"]["versionNumber"] == 2)
    await stage.ready("dep-a")

    await stage.pattern("p", BROKEN)

    def has_failed(obj: dict[str, Any]) -> bool:
        return condition(obj, "Compiled").get("status") == "False"

    broken = await stage.until(DEPLOYMENTS, "dep-a", has_failed)
    assert (broken["status"]["state"], broken["status"]["versionNumber"]) == ("active", 2)
    assert "Lgo" in condition(broken, "Compiled")["message"]
    assert condition(broken, "Ready")["status"] == "False"
    await stage.until(PATTERNS, "p", lambda o: condition(o, "Valid")["status"] == "False")


async def test_a_pinned_version_is_live_again_until_the_pin_is_gone(stage: Stage) -> None:
    """Its program is read out of its ConfigMap and checked; then the pattern goes on."""
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    first = (await stage.ready("dep-a"))["status"]
    await stage.pattern("p", HOOK_ONLY)
    await stage.until(DEPLOYMENTS, "dep-a", lambda o: o["status"]["versionNumber"] == 2)
    await stage.ready("dep-a")
    await stage.idle()
    assert await stage.names(CRON_JOBS) == []

    await stage.deployment("dep-a", version=1)
    pinned = (await stage.ready("dep-a"))["status"]
    assert (pinned["versionNumber"], pinned["program"]) == (1, first["program"])
    assert await stage.names(CRON_JOBS) == [first["schedules"][0]["cronJob"]]
    assert condition({"status": pinned}, "Compiled")["reason"] == "Pinned"

    await stage.deployment("dep-a", version=9)
    gone = await stage.until(
        DEPLOYMENTS, "dep-a", lambda o: condition(o, "Compiled")["reason"] == "VersionGone"
    )
    assert gone["status"]["versionNumber"] == 1

    await stage.deployment("dep-a")
    await stage.until(DEPLOYMENTS, "dep-a", lambda o: o["status"]["versionNumber"] == 3)
    assert (await stage.ready("dep-a"))["status"]["program"]["digest"] != first["program"]["digest"]


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        (CONFIG_MAPS, "dep-a-live"),
        (CONFIG_MAPS, "dep-a-v1"),
        (CRON_JOBS, "tick-"),
        (SERVICES, "dep-a-webhooks"),
        (APP_DEPLOYMENTS, "dragops-engine"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
async def test_a_child_that_somebody_deletes_comes_back(
    stage: Stage, kind: Kind, prefix: str
) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    await stage.idle()
    (name,) = [name for name in await stage.names(kind) if name.startswith(prefix)]
    gone = await stage.admin.get(kind, stage.workspace, name)

    await stage.admin.delete(kind, stage.workspace, name)

    def is_another(obj: dict[str, Any]) -> bool:
        return bool(obj["metadata"]["uid"] != gone["metadata"]["uid"])

    await stage.until(kind, name, is_another)
    found = await stage.ready("dep-a")
    assert found["status"]["versionNumber"] == 1


async def test_a_deleted_secret_is_found_by_the_resync(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    before = await stage.ready("dep-a")
    await stage.idle()
    await stage.admin.delete(SECRETS, stage.workspace, "dep-a-endpoints")

    await stage.operator.resync(0.1)

    await stage.until(SECRETS, "dep-a-endpoints", lambda o: o["data"])
    after = await stage.until(DEPLOYMENTS, "dep-a", lambda o: o["status"]["serial"] == 2)
    assert after["status"]["webhooks"] == before["status"]["webhooks"]


def _texts(secret: dict[str, Any]) -> dict[str, str]:
    return {key.removeprefix("hook."): text for key, text in texts_in(secret).items()}


async def _rotate(stage: Stage, number: int, seconds: int = 0) -> dict[str, str]:
    """Ask for a new secret as kubectl does; give what the Secret holds then."""
    wish = {"nodeId": "hook", "secretRotation": number, "previousSecretSeconds": seconds}
    await stage.deployment("dep-a", webhooks=[wish])
    await stage.ready("dep-a")
    return _texts(await stage.admin.get(SECRETS, stage.workspace, "dep-a-endpoints"))


async def test_a_new_number_makes_a_new_secret_and_the_old_one_goes_in_time(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    before = await stage.ready("dep-a")
    old = _texts(await stage.admin.get(SECRETS, stage.workspace, "dep-a-endpoints"))

    rotated = await _rotate(stage, 1, seconds=3600)

    changed = {"secret", "rotation", "previous", "rotated-at"}
    assert {key for key in old if old[key] != rotated[key]} == changed
    assert (rotated["previous"], rotated["rotation"]) == (old["secret"], "1")
    after = await stage.ready("dep-a")
    assert after["status"]["webhooks"] == before["status"]["webhooks"]
    assert after["status"]["serial"] == 2

    await stage.idle()
    past = {"stringData": {"hook.rotated-at": "2026-01-01T00:00:00.000Z"}}
    await stage.admin.merge_patch(SECRETS, stage.workspace, "dep-a-endpoints", past)
    writes = len(stage.transport.writes)
    await stage.operator.resync(0.1)
    await stage.until(SECRETS, "dep-a-endpoints", lambda o: not _texts(o)["previous"])
    await stage.idle()
    assert [path.rpartition("/")[2] for _, path in stage.transport.writes[writes:]] == [
        "dep-a-endpoints"
    ]
    await stage.operator.resync(0.1)
    await stage.idle()
    assert len(stage.transport.writes) == writes + 1


async def test_an_edited_secret_keeps_its_ids_and_engines_hear_of_its_secret(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    before = await stage.ready("dep-a")
    old = _texts(await stage.admin.get(SECRETS, stage.workspace, "dep-a-endpoints"))
    await stage.idle()
    edit = {"stringData": {"hook.secret": "my own\n", "hook.webhook-id": "whk_mine"}}
    await stage.admin.merge_patch(SECRETS, stage.workspace, "dep-a-endpoints", edit)

    await stage.operator.resync(0.1)

    after = await stage.until(DEPLOYMENTS, "dep-a", lambda o: o["status"]["serial"] == 2)
    assert after["status"]["webhooks"] == before["status"]["webhooks"]
    healed = _texts(await stage.admin.get(SECRETS, stage.workspace, "dep-a-endpoints"))
    assert healed == old | {"secret": "my own"}


async def test_a_child_that_somebody_changes_is_put_right(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    (job,) = await stage.names(CRON_JOBS)

    patch = {"spec": {"schedule": "0 0 1 1 *"}}
    await stage.admin.merge_patch(CRON_JOBS, stage.workspace, job, patch)

    await stage.until(CRON_JOBS, job, lambda o: o["spec"]["schedule"] == "*/5 * * * *")


async def test_deleting_takes_the_children_and_a_successor_starts_afresh(stage: Stage) -> None:
    await stage.pattern("p", BOTH)
    await stage.deployment("dep-a")
    first = await stage.ready("dep-a")
    await stage.admin.delete(DEPLOYMENTS, stage.workspace, "dep-a")

    await stage.deployment("dep-a")

    second = await stage.ready("dep-a")
    assert second["metadata"]["uid"] != first["metadata"]["uid"]
    assert (
        second["status"]["webhooks"][0]["webhookId"]
        != (first["status"]["webhooks"][0]["webhookId"])
    )
    await stage.admin.delete(DEPLOYMENTS, stage.workspace, "dep-a")

    async def are_gone() -> bool:
        found = [await stage.names(kind) for kind in (CONFIG_MAPS, CRON_JOBS)]
        return found == [[], []]

    await eventually(are_gone, seconds=20)


async def test_outside_the_workspaces_it_only_says_so(stage: Stage) -> None:
    elsewhere = f"{stage.workspace}-x"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": elsewhere}}
    await stage.admin.create(NAMESPACES, None, body)
    stage.workspace = elsewhere
    await stage.pattern("p", BOTH)

    await stage.deployment("dep-a")

    found = await stage.until(DEPLOYMENTS, "dep-a", lambda o: condition(o, "Ready"))
    assert condition(found, "Ready")["reason"] == "NotAWorkspace"
    assert "Helm value" in condition(found, "Ready")["message"]
    assert await stage.names(CONFIG_MAPS) == []
    await stage.until(PATTERNS, "p", lambda o: condition(o, "Valid")["status"] == "True")


async def test_a_pattern_that_comes_late_is_waited_for(stage: Stage) -> None:
    await stage.deployment("dep-a")
    waiting = await stage.until(DEPLOYMENTS, "dep-a", lambda o: condition(o, "Ready"))
    assert waiting["status"]["state"] == "pending"
    assert condition(waiting, "Stalled")["status"] == "False"

    await stage.pattern("p", BOTH)

    await stage.ready("dep-a")


async def test_a_deployment_is_woken_by_key_as_kopf_does(stage: Stage) -> None:
    """The queue takes what kopf's door puts there, whether or not there is such an object."""
    stage.operator.keys.put(Key("PatternDeployment", stage.workspace, "nobody"))
    stage.operator.keys.put(Key("Pattern", "no-namespace", "nobody"))
    await stage.idle()

    assert stage.operator.keys.failed == 0
