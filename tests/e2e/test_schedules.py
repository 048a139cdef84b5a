"""Ticks on a real cluster: they come, a pause stops them, resume starts them again."""

from pathlib import Path

import pytest

from support.product import Product, eventually

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
