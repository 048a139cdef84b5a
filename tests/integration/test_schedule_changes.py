"""Schedules that change, before a real API server and its CronJob controller."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dragops.cluster.client import CONFIG_MAPS, CRON_JOBS, DEPLOYMENTS, JOBS, ROLE_BINDINGS, Cluster
from dragops.engine.due import job_of, owed_by, reason_to_skip
from dragops.engine.standing_in_cluster import InCluster
from dragops.model.bundle import LIVE_FILE, SIGNATURE_FILE, Live, public_key, verified
from dragops.schedule import next_times, parse_schedule
from support.operator_stage import Stage, condition, eventually, is_ready, staged

pytestmark = pytest.mark.timeout(180)

Object = dict[str, Any]


def _ticking(rule: str) -> Object:
    return {
        "nodes": [
            {"id": "tick", "type": "OnSchedule", "values": {"schedule": rule}},
            {"id": "log", "type": "Log", "values": {"message": "tick"}},
        ],
        "wires": [{"from": "tick.exec", "to": "log.exec"}],
    }


@pytest.fixture
async def stage(cluster_kubeconfig: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(cluster_kubeconfig, tmp_path) as stage, stage.running():
        yield stage


async def _cron_job(stage: Stage) -> Object:
    (name,) = await stage.names(CRON_JOBS)
    return await stage.admin.get(CRON_JOBS, stage.workspace, name)


async def _live(stage: Stage) -> Live:
    found = await stage.admin.get(CONFIG_MAPS, stage.workspace, "dep-a-live")
    data, key = found["data"], public_key(_env(await _cron_job(stage))["DRAGOPS_PUBLIC_KEY"])
    text, signature = data[LIVE_FILE].encode(), data[SIGNATURE_FILE]
    return verified(text, signature, key=key, namespace=stage.workspace)


def _env(cron_job: Object) -> dict[str, str]:
    pod = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return {e["name"]: e.get("value", "") for e in pod["containers"][0]["env"]}


def _has_followed(obj: Object) -> bool:
    return is_ready(obj) and condition(obj, "Scheduled")["reason"] == "CronJobsApplied"


async def test_a_rule_that_changes_as_a_tick_falls_due_loses_no_tick(stage: Stage) -> None:
    """The controller makes the Job a moment after the minute: the CronJob is held that long."""
    await stage.pattern("p", _ticking("* * * * *"))
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    minute = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    if minute - datetime.now(UTC) < timedelta(seconds=5):
        minute += timedelta(minutes=1)  # the controller needs a moment to learn of the CronJob
    # an hourly rule that names neither this minute nor the next ones
    other = f"{(minute + timedelta(minutes=30)).minute} * * * *"
    settings = [{"nodeId": "tick", "cronExpression": other}]

    await asyncio.sleep((minute - datetime.now(UTC)).total_seconds())
    await stage.deployment("dep-a", schedules=settings)
    await stage.until(DEPLOYMENTS, "dep-a", _has_followed, seconds=40)

    cron_job = await _cron_job(stage)
    assert cron_job["spec"]["schedule"] == other
    jobs = await stage.names(JOBS)
    tick = f"{cron_job['metadata']['name']}-{int(minute.timestamp()) // 60}"
    assert tick in jobs, "the tick that was due before the change has no Job"
    live = await _live(stage)
    job = job_of(tick, uid="uid", now=datetime.now(UTC))
    (due,) = owed_by(live, "tick", job)
    assert reason_to_skip(live, "tick", due) is None


async def test_a_pod_of_seconds_sees_what_has_changed_with_its_own_account(stage: Stage) -> None:
    """A pause at once, the end of the deployment too; without an answer the last word holds."""
    await stage.pattern("p", _ticking("*/10 * * * * *"))
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    key, live = public_key(_env(await _cron_job(stage))["DRAGOPS_PUBLIC_KEY"]), await _live(stage)
    await stage.until(ROLE_BINDINGS, "dragops-engine", bool)
    config = await stage.kubeconfig_of(stage.workspace, "dragops-engine")
    async with await Cluster.connect(str(config)) as cluster:
        standing = InCluster(cluster, key, live)
        assert await standing.now() == live

        await stage.deployment("dep-a", state="Paused")
        await stage.ready("dep-a")

        async def is_seen() -> bool:
            now = await standing.now()
            return now is not None and now.state == "paused"

        await eventually(is_seen, seconds=15)  # the account's rights may be a moment old

        stranger = live.model_copy(update={"uid": "another"})
        assert await InCluster(cluster, key, stranger).now() is None

        await stage.admin.delete(CONFIG_MAPS, stage.workspace, "dep-a-live")
        await stage.admin.delete(DEPLOYMENTS, stage.workspace, "dep-a")
        assert await standing.now() is None
    config.write_text(re.sub(r"server: .*", "server: https://127.0.0.1:9", config.read_text()))
    async with await Cluster.connect(str(config)) as nowhere:
        assert await InCluster(nowhere, key, live).now() == live


async def test_a_setting_is_followed_and_a_wrong_one_leaves_the_last(stage: Stage) -> None:
    """By kubectl alone: status says what holds, or what is wrong with what was asked for."""
    await stage.pattern("p", _ticking("0 9 * * *"))
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    five = {"nodeId": "tick", "cronExpression": "*/5 * * * 7", "overlap": "Forbid"}

    await stage.deployment("dep-a", schedules=[five])
    await stage.until(DEPLOYMENTS, "dep-a", _has_followed, seconds=40)
    spec = (await _cron_job(stage))["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("*/5 * * * 0", "Forbid")

    await stage.deployment("dep-a", schedules=[five | {"cronExpression": "0 9 31 2 *"}])
    wrong = await stage.until(
        DEPLOYMENTS, "dep-a", lambda o: condition(o, "Stalled").get("status") == "True"
    )
    assert "day: never fires" in condition(wrong, "Ready")["message"]
    assert (await _cron_job(stage))["spec"] == spec
    (told,) = wrong["status"]["schedules"]
    assert told["cronExpression"] == "*/5 * * * 7"

    await stage.deployment("dep-a", schedules=[five | {"overlap": "Allow"}])
    await stage.until(DEPLOYMENTS, "dep-a", _has_followed, seconds=40)


async def test_a_rule_with_seconds_is_a_cron_job_of_its_minutes(stage: Stage) -> None:
    """Its first tick is that of a full minute."""
    await stage.pattern("p", _ticking("0 0 0 1 1 *"))
    await stage.deployment("dep-a")
    await stage.ready("dep-a")
    rule = "5,35 30 9 ? * 5-7"

    await stage.deployment("dep-a", schedules=[{"nodeId": "tick", "cronExpression": rule}])
    found = await stage.until(DEPLOYMENTS, "dep-a", _has_followed, seconds=40)

    assert (await _cron_job(stage))["spec"]["schedule"] == "30 9 ? * 5,6,0"
    (told,) = found["status"]["schedules"]
    assert (told["cronExpression"], told["since"][16:]) == (rule, ":00.000Z")
    since = datetime.fromisoformat(told["since"])
    assert next_times(parse_schedule(rule), since, 1)[0].second == 5
