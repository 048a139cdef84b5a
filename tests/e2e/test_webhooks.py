"""Signed webhooks against the installed product: accepted, recorded, refused, never lost."""

import json
import os
import signal
import uuid
from pathlib import Path

import pytest

from support.load import post_with_ids, processes_of
from support.product import LOGGER, Product, eventually, signed

PUSH = (Path(__file__).parents[1] / "data/events/github_push.json").read_bytes()

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def _github(product: Product) -> tuple[str, str]:
    """Deploy the logger with scheme github, which only the resource can set; give id and secret."""
    pattern, deployment = product.deploy(LOGGER, f"GitHub {uuid.uuid4().hex[:8]}")
    name = deployment.replace("_", "-", 1)
    settings = {"webhooks": [{"nodeId": "hook", "signature": {"scheme": "github"}}]}
    product.kubectl("patch", "pdep", name, "--type=merge", "-p", json.dumps({"spec": settings}))
    product.kubectl("wait", f"pdep/{name}", "--for=condition=Ready", "--timeout=60s")
    return pattern, deployment


def test_a_github_push_is_accepted_runs_and_is_listed_with_its_log(product: Product) -> None:
    """X-Hub-Signature-256 over several KB: 202 and a run id, then a completed run."""
    _, deployment = _github(product)
    endpoint = product.endpoint(deployment)
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + signed(endpoint["webhookSecret"], PUSH),
    }

    answer = eventually(
        lambda: (
            (
                got := product.http.post(
                    f"{product.url}/webhooks/{endpoint['webhookId']}", content=PUSH, headers=headers
                )
            ).status_code
            == 202
            and got
        )
    )
    run_id = answer.json()["runId"]
    run = eventually(
        lambda: next((r for r in product.runs(deployment) if r["status"] == "completed"), None)
    )

    assert answer.json() == {"status": "accepted", "runId": run_id}
    assert run["id"] == run_id
    assert [entry["message"] for entry in run["logOutput"]] == ["Ada pushed"]
    assert run["triggeredBy"] == "webhook"
    assert run["eventData"]["body"]["head_commit"]["author"]["username"] == "ada"


def test_the_products_own_signature_is_accepted(product: Product) -> None:
    """X-Webhook-Signature, hex, over the raw body."""
    _, deployment = product.deploy(LOGGER, "Own scheme")
    endpoint = product.endpoint(deployment)

    answer = product.http.post(
        endpoint["webhookUrl"],
        content=PUSH,
        headers={
            "Content-Type": "application/json",
            "X-Webhook-Signature": signed(endpoint["webhookSecret"], PUSH),
        },
    )

    assert answer.status_code == 202
    run = eventually(lambda: product.runs(deployment, "&status=completed"))[0]
    assert run["id"] == answer.json()["runId"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Webhook-Signature": "0" * 64},
        {"X-Webhook-Signature": "not hex"},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
    ],
    ids=["missing", "wrong", "not hex", "another scheme's"],
)
def test_a_wrong_signature_is_401_and_makes_no_run(
    product: Product, headers: dict[str, str]
) -> None:
    """Nothing is looked at and nothing is stored before the signature holds."""
    _, deployment = product.deploy(LOGGER, "Refuses")
    endpoint = product.endpoint(deployment)

    answer = product.http.post(endpoint["webhookUrl"], content=PUSH, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "UNAUTHENTICATED"
    assert product.runs(deployment) == []


def test_an_undeployed_webhook_is_captured_a_paused_one_is_503(product: Product) -> None:
    """The URL lives on; what it answers follows the deployment's state."""
    pattern, deployment = product.deploy(LOGGER, "States")
    endpoint = product.endpoint(deployment)

    def post() -> tuple[int, dict[str, object]]:
        answer = product.http.post(
            endpoint["webhookUrl"],
            content=b"{}",
            headers={"X-Webhook-Signature": signed(endpoint["webhookSecret"], b"{}")},
        )
        return answer.status_code, answer.json()

    product.data("POST", f"/api/deployments/{deployment}/pause")
    paused = post()
    product.data("DELETE", f"/api/patterns/{pattern}/deploy")
    undeployed = post()

    assert (paused[0], paused[1]["error"]["code"]) == (503, "PAUSED")  # type: ignore[index]  # an error body
    assert undeployed == (202, {"status": "captured", "message": "Event captured for testing"})


def test_no_accepted_event_is_lost_when_the_engine_is_killed(product: Product) -> None:
    """SIGKILL under load, at least 2,000 posts: every id that got 202 is in the store."""
    _, deployment = product.deploy(LOGGER, "Survives")
    endpoint = product.endpoint(deployment)
    container = product.kubectl(
        "get",
        "pods",
        "-l",
        "app.kubernetes.io/name=dragops-engine",
        "-o",
        "jsonpath={.items[0].status.containerStatuses[0].containerID}",
    ).removeprefix("containerd://")

    def kill() -> None:
        for pid in processes_of(container):
            os.kill(pid, signal.SIGKILL)

    accepted = post_with_ids(
        endpoint["webhookUrl"], endpoint["webhookSecret"], posts=2500, kill=kill, kill_after=800
    )
    assert len(accepted) >= 2000

    stored = eventually(
        lambda: (
            (
                ids := {
                    run["id"]
                    for page in range(1, 40)
                    for run in product.data(
                        "GET", f"/api/deployments/{deployment}/runs?limit=100&page={page}"
                    )
                }
            )
            >= set(accepted.values())
            and ids
        ),
        seconds=60,
        every=2,
    )
    assert set(accepted.values()) <= stored
