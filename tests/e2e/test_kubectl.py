"""The same product by kubectl: apply, wait, look, break on purpose."""

import json
from pathlib import Path

import pytest
import yaml

from support.product import Product, eventually, signed

ROOT = Path(__file__).parents[2]
LOGGER = ROOT / "examples/01-webhook-logger"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
def logger(product: Product) -> Product:
    """The first example, applied and Ready."""
    product.kubectl("apply", "--server-side", "-f", str(LOGGER))
    product.kubectl("wait", "--for=condition=Ready", "pdep/dep-webhook-logger", "--timeout=60s")
    return product


def test_the_example_is_applied_becomes_ready_and_takes_a_webhook(logger: Product) -> None:
    """Everything that the example's README says."""
    status = json.loads(logger.kubectl("get", "pdep", "dep-webhook-logger", "-o", "json"))["status"]
    webhook = status["webhooks"][0]
    secret = logger.kubectl(
        "get",
        "secret",
        webhook["secretName"],
        "-o",
        r"go-template={{index .data `hook.secret` | base64decode}}",
    )
    body = b'{"pusher": {"name": "Ada"}, "repository": {"full_name": "ada/engine"}}'

    answer = logger.http.post(
        f"{logger.url}/webhooks/{webhook['webhookId']}",
        content=body,
        headers={"X-Webhook-Signature": signed(secret, body), "Content-Type": "application/json"},
    )

    assert answer.status_code == 202
    run = eventually(
        lambda: next(
            (
                run
                for run in logger.runs("dep_webhook-logger", "&status=completed")
                if run["id"] == answer.json()["runId"]
            ),
            None,
        )
    )
    assert run["logOutput"][0]["message"] == "Ada pushed to ada/engine"


def test_get_shows_what_a_person_wants_to_know(logger: Product) -> None:
    """Title and validity of a pattern; state, version, readiness of a deployment."""
    patterns, deployments = logger.kubectl("get", "pat"), logger.kubectl("get", "pdep")

    assert {"NAME", "TITLE", "VALID", "READY", "AGE"} <= set(patterns.splitlines()[0].split())
    assert {"NAME", "STATE", "VERSION", "PATTERN", "READY", "AGE"} <= set(
        deployments.splitlines()[0].split()
    )
    row = next(line for line in deployments.splitlines() if line.startswith("dep-webhook-logger "))
    assert {"webhook-logger", "True"} <= set(row.split())


def test_a_child_deleted_by_hand_comes_back(logger: Product) -> None:
    """Level-based: whatever is missing is made again."""
    before = logger.kubectl(
        "get", "configmap", "dep-webhook-logger-live", "-o", "jsonpath={.metadata.uid}"
    )

    logger.kubectl("delete", "configmap", "dep-webhook-logger-live")
    logger.kubectl("delete", "service", "dep-webhook-logger-webhooks")

    again = eventually(
        lambda: logger.kubectl(
            "get",
            "configmap",
            "dep-webhook-logger-live",
            "--ignore-not-found",
            "-o",
            "jsonpath={.metadata.uid}",
        )
    )
    assert again != before
    eventually(lambda: "dep-webhook-logger-webhooks" in logger.kubectl("get", "services"))


def test_a_broken_edit_shows_in_conditions_and_the_old_version_serves(product: Product) -> None:
    """Compiled=False with every fault; the live version stays what it was."""
    pattern = yaml.safe_load((LOGGER / "pattern.yaml").read_text())
    deployment = yaml.safe_load((LOGGER / "deployment.yaml").read_text())
    pattern["metadata"]["name"] = "breaks"
    deployment["metadata"]["name"] = "dep-breaks"
    deployment["spec"]["patternRef"]["name"] = "breaks"
    product.apply(pattern, deployment)
    product.kubectl("wait", "--for=condition=Ready", "pdep/dep-breaks", "--timeout=60s")

    pattern["spec"]["nodes"][4]["type"] = "Lgo"
    pattern["spec"]["wires"][0]["from"] = "nobody.exec"
    product.apply(pattern)
    product.kubectl("wait", "--for=condition=Compiled=False", "pdep/dep-breaks", "--timeout=60s")

    status = json.loads(product.kubectl("get", "pdep", "dep-breaks", "-o", "json"))["status"]
    compiled = next(c for c in status["conditions"] if c["type"] == "Compiled")
    assert "Lgo" in compiled["message"]
    assert "nobody" in compiled["message"]
    assert (status["state"], status["versionNumber"]) == ("active", 1)
    problems = json.loads(product.kubectl("get", "pat", "breaks", "-o", "json"))["status"][
        "problems"
    ]
    assert {"UNKNOWN_NODE", "UNKNOWN_WIRE_END"} <= {problem["code"] for problem in problems}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"metadata": {"name": "x" * 41}}, "40"),
        ({"spec": {"patternRef": {"name": "p"}, "state": "Sleeping"}}, "Paused"),
        (
            {"spec": {"patternRef": {"name": "p"}, "limits": {"timeoutSeconds": 0}}},
            "timeoutSeconds",
        ),
        ({"spec": {"patternRef": {"name": "p"}, "sate": "Active"}}, "sate"),
        ({"spec": {}}, "patternRef"),
    ],
    ids=["a name too long", "an unknown state", "a limit of zero", "a typing error", "no pattern"],
)
def test_a_resource_that_breaks_a_rule_is_refused_by_the_api_server(
    product: Product, change: dict[str, object], word: str
) -> None:
    """The answer says what is wrong, and nothing is stored."""
    manifest = {
        "apiVersion": "dragops.dev/v1",
        "kind": "PatternDeployment",
        "metadata": {"name": "dep-refused"},
        "spec": {"patternRef": {"name": "p"}},
    } | change

    told = product.apply(manifest, check=False)

    assert word in told
    assert "dep-refused" not in product.kubectl("get", "pdep", "-o", "name")


def test_the_pattern_of_a_deployment_cannot_be_changed(logger: Product) -> None:
    """CEL: another pattern is another deployment."""
    told = logger.kubectl(
        "patch",
        "pdep",
        "dep-webhook-logger",
        "--type=merge",
        "-p",
        '{"spec": {"patternRef": {"name": "other"}}}',
        check=False,
    )

    assert "a deployment keeps its pattern" in told
