"""A deployment that fails again and again, from the resource that says when to its resume."""

import asyncio
from typing import Any

import pytest

from dragops.cluster.client import CRON_JOBS, DEPLOYMENTS, Cluster
from support.installation import patched
from support.product import Product, eventually, graph

pytestmark = pytest.mark.timeout(180)

START = ("OnStart", {})
TICK = ("OnSchedule", {"schedule": "0 0 1 1 *", "timezone": "UTC"})
FAILS = graph(
    {"start": START, "tick": TICK, "bad": ("ThrowError", {"message": "no"})},
    "start.exec -> bad.exec",
    "tick.exec -> bad.exec",
)
MENDED = graph({"start": START, "log": ("Log", {"message": "done"})}, "start.exec -> log.exec")


async def _seen(product: Product, name: str) -> tuple[dict[str, Any], list[bool]]:
    """Give the deployment, and which of its CronJobs are suspended."""
    async with await Cluster.connect(product.kubeconfig) as cluster:
        deployment = await cluster.get(DEPLOYMENTS, product.workspace, name)
        jobs = await cluster.list(CRON_JOBS, product.workspace)
    return deployment, [job["spec"]["suspend"] for job in jobs]


def test_repeated_failures_pause_the_deployment_and_resume_works(product: Product) -> None:
    """Triggers stop, the spec stays as it was; kubectl resumes, a mended release does so too."""
    pattern, deployment = product.deploy(FAILS, "Broken")
    path, name = f"/api/deployments/{deployment}", deployment.replace("_", "-", 1)
    asyncio.run(patched(product, name, {"circuitBreaker": {"failures": 3}}))
    product.data("POST", f"{path}/redeploy")

    def fail_until_tripped() -> dict[str, Any]:
        for _ in range(3):
            assert product.data("POST", f"{path}/execute", {})["status"] == "failed"
        eventually(lambda: product.data("GET", path)["status"] == "paused")
        deployment, suspended = asyncio.run(_seen(product, name))
        assert all(suspended)
        assert deployment["spec"]["state"] == "Active"
        return deployment

    first = fail_until_tripped()
    asyncio.run(patched(product, name, {"resume": "mended"}))
    eventually(lambda: product.data("GET", path)["status"] == "active")
    resumed, suspended = asyncio.run(_seen(product, name))
    fail_until_tripped()
    product.data("PATCH", f"/api/patterns/{pattern}", {"graphData": MENDED})
    product.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})
    last = product.data("POST", f"{path}/execute", {})

    ready = next(c for c in first["status"]["conditions"] if c["type"] == "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "Tripped")
    assert suspended == [False]
    assert resumed["status"]["resumed"]["value"] == "mended"
    assert last["status"] == "completed"
