"""A run that is given up, from the resource that says when to its end in a later version."""

import asyncio

import pytest

from support.installation import patched
from support.product import Product, eventually, graph

pytestmark = pytest.mark.timeout(180)

START = ("OnStart", {})
FAILS = graph({"start": START, "bad": ("ThrowError", {"message": "no"})}, "start.exec -> bad.exec")
MENDED = graph({"start": START, "log": ("Log", {"message": "done"})}, "start.exec -> log.exec")


def test_a_dead_letter_is_listed_and_run_again(product: Product) -> None:
    """Its resource says how often it is tried; a mended pattern completes the event."""
    pattern, deployment = product.deploy(FAILS, "Flaky")
    retry = {"retry": {"maxAttempts": 3, "initialSeconds": 0}}
    asyncio.run(patched(product, deployment.replace("_", "-", 1), retry))
    settled = product.data("POST", f"/api/deployments/{deployment}/redeploy")

    told = product.data("POST", f"/api/deployments/{deployment}/execute", {})
    (dead,) = eventually(lambda: product.runs(deployment, "&status=dead_letter"))
    product.data("PATCH", f"/api/patterns/{pattern}", {"graphData": MENDED})
    product.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})
    again = product.data("POST", f"/api/runs/{dead['id']}/retry")

    assert settled["status"] == "active"
    assert (told["status"], told["error"]["type"]) == ("dead_letter", "ThrownError")
    assert (dead["id"], dead["attempt"]) == (told["runId"], 3)
    assert [entry["level"] for entry in dead["logOutput"]] == ["warn", "warn"]
    assert (again["status"], again["retryOf"]) == ("completed", dead["id"])
    assert product.data("GET", f"/api/runs/{again['runId']}")["attempt"] == 1
