"""Ticks on a real cluster: they come, a pause stops them, resume starts them again."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dragops.model.run import now_iso
from support.product import Product, eventually, graph

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
EXAMPLE = Path(__file__).parents[2] / "examples/02-every-minute"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def _ticks(product: Product) -> list[dict[str, object]]:
    return [
        run
        for run in product.runs("dep_every-minute", "&triggeredBy=schedule")
        if run["status"] == "completed"
    ]


def test_ticks_come_a_pause_stops_them_resume_starts_them(product: Product) -> None:
    """A run within 90 s; none while paused; again within 90 s after the resume."""
    product.kubectl("apply", "--server-side", "-f", str(EXAMPLE))
    product.kubectl("wait", "--for=condition=Ready", "pdep/dep-every-minute", "--timeout=60s")

    first = eventually(lambda: _ticks(product), seconds=90, every=1)
    assert [entry["message"] for entry in first[0]["logOutput"]] == ["one", "two", "three", "3"]
    scheduled = str(first[0]["eventData"]["scheduledAt"])  # type: ignore[index]  # an object
    assert scheduled.endswith(":00.000Z")

    product.data("POST", "/api/deployments/dep_every-minute/pause")
    cron_job = product.kubectl(
        "get",
        "cronjobs",
        "-l",
        "dragops.dev/deployment=dep-every-minute",
        "-o",
        "jsonpath={.items[0].spec.suspend}",
    )
    assert cron_job == "true"
    paused = {run["id"] for run in _ticks(product)}

    product.data("POST", "/api/deployments/dep_every-minute/resume")
    eventually(lambda: {run["id"] for run in _ticks(product)} - paused, seconds=90, every=1)

    keys = [run["eventData"]["scheduledAt"] for run in _ticks(product)]  # type: ignore[index]  # objects
    assert len(keys) == len(set(keys)), "a tick was run twice"
    product.data("DELETE", "/api/deployments/dep_every-minute")


SECONDLY = graph(
    {
        "tick": ("OnSchedule", {"schedule": "0 0 1 1 *"}),
        "log": ("Log", {"message": "tick"}),
    },
    "tick.exec -> log.exec",
)


def _at(run: dict[str, Any]) -> str:
    at: str = run["eventData"]["scheduledAt"]
    return at


def _seconds_late(run: dict[str, Any]) -> float:
    began = datetime.fromisoformat(run["eventData"]["timestamp"])
    return (began - datetime.fromisoformat(_at(run))).total_seconds()


def _minutes_of_jobs(product: Product, cron_job: str) -> dict[str, str]:
    """Give what each Job of a schedule says of itself: its name, and its annotation."""
    text = product.kubectl("get", "jobs", "-o", "json")
    return {
        job["metadata"]["name"]: job["metadata"]["annotations"][SCHEDULED]
        for job in json.loads(text)["items"]
        if job["metadata"]["name"].startswith(cron_job)
    }


def test_a_schedule_is_changed_to_seconds_and_ticks_at_each_of_them_once(product: Product) -> None:
    """PUT schedule says when; each of these seconds has one run, none of them before its time."""
    _, deployment = product.deploy(SECONDLY, "Every fifteen seconds")
    path, runs = f"/api/deployments/{deployment}", "&triggeredBy=schedule"

    told = product.data("PUT", f"{path}/schedule", {"cronExpression": "*/15 * * * * *"})
    expected = told["nextRuns"][:4]
    assert [at[17:19] for at in expected] == ["00", "15", "30", "45"]

    def all_four() -> list[dict[str, Any]]:
        done = [r for r in product.runs(deployment, runs) if r["status"] == "completed"]
        return done if {_at(r) for r in done} >= set(expected) else []

    done = eventually(all_four, seconds=150, every=1)
    first_minute = [r for r in done if _at(r) in expected]
    assert sorted(_at(r) for r in first_minute) == expected, "a tick was run twice"
    late = {_at(r)[17:19]: _seconds_late(r) for r in first_minute}
    assert min(late.values()) >= 0, late
    assert late["45"] < 5, f"the pod was up long before: {late}"

    cron_job = product.kubectl(
        "get",
        "pdep",
        deployment.replace("_", "-", 1),
        "-o",
        "jsonpath={.status.schedules[0].cronJob}",
    )
    for name, scheduled in _minutes_of_jobs(product, cron_job).items():
        minute = datetime.fromisoformat(scheduled).timestamp() // 60
        assert name == f"{cron_job}-{minute:.0f}", "a Job's name no longer has its minute"

    product.data("POST", f"{path}/pause")
    paused = now_iso()
    time.sleep(16)
    after = [r for r in product.runs(deployment, runs) if _at(r) > paused]
    assert {r["status"] for r in after} <= {"skipped"}, after
    product.data("DELETE", path)


PRICE = graph(
    {
        "call": ("OnPatternCall", {"inputs": ["quantity"], "outputs": ["total"]}),
        "times": ("Multiply", {"b": 9.5}),
        "done": ("RespondWith", {}),
    },
    *("call.exec -> done.exec", "call.quantity -> times.a", "times.result -> done.total"),
)


def test_a_tick_calls_another_pattern_in_the_pool(product: Product) -> None:
    """Its pod asks the pool by its own token; the called run names the tick's run."""
    callee, priced = product.deploy(PRICE, "Nightly price")
    asking = {"pattern": callee, "inputs": ["quantity"], "outputs": ["total"], "quantity": 4}
    nightly = graph(
        {
            "tick": ("OnSchedule", {"schedule": "* * * * *"}),
            "ask": ("CallPattern", asking),
            "log": ("Log", {}),
        },
        *("tick.exec -> ask.exec", "ask.exec -> log.exec", "ask.total -> log.message"),
    )
    _, deployment = product.deploy(nightly, "Nightly")

    called = eventually(
        lambda: product.runs(priced, "&triggeredBy=pattern&status=completed"), seconds=150, every=1
    )
    parent = str(called[0]["parentRunId"])
    run = eventually(lambda: _ended(product, parent), seconds=15, every=1)
    product.data("DELETE", f"/api/deployments/{deployment}")

    assert (run["triggeredBy"], run["status"]) == ("schedule", "completed"), run
    assert [entry["message"] for entry in run["logOutput"]] == ["38"]


def _ended(product: Product, run_id: str) -> dict[str, Any]:
    run: dict[str, Any] = product.data("GET", f"/api/runs/{run_id}")
    return run if run["completedAt"] else {}


def test_a_schedule_that_cannot_be_meant_is_refused_and_the_old_one_goes_on(
    product: Product,
) -> None:
    """By REST with 400; by kubectl where the API server cannot know, with a condition."""
    _, deployment = product.deploy(SECONDLY, "Not on 31 February")
    path, name = f"/api/deployments/{deployment}", deployment.replace("_", "-", 1)

    answer = product.call("PUT", f"{path}/schedule", {"cronExpression": "0 0 31 2 *"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")
    assert "day: never fires" in answer.json()["error"]["message"]

    setting = {"nodeId": "tick", "cronExpression": "0 0 31 2 *"}
    patch = json.dumps({"spec": {"schedules": [setting]}})
    product.kubectl("patch", "pdep", name, "--type=merge", "-p", patch)
    product.kubectl("wait", "--for=condition=Stalled", f"pdep/{name}", "--timeout=30s")
    status = json.loads(product.kubectl("get", "pdep", name, "-o", "json"))["status"]
    assert status["schedules"][0]["cronExpression"] == "0 0 1 1 *"

    product.data("PUT", f"{path}/schedule", {"cronExpression": "0 9 * * 1-5"})
    product.kubectl("wait", "--for=condition=Ready", f"pdep/{name}", "--timeout=30s")
    product.data("DELETE", path)
