"""The life of a deployment by REST: execute, fail, edit, break, pause, undeploy, delete."""

import uuid

import pytest

from support.product import LOGGER, Product, eventually, graph

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FAILS = graph(
    {
        "start": ("OnStart", {}),
        "parse": ("JsonParse", {"json": "{broken"}),
        "log": ("Log", {}),
    },
    "start.exec -> log.exec",
    "parse.object -> log.message",
)


def test_execute_answers_completed_with_a_run_id(product: Product) -> None:
    """The call waits for the end of the run."""
    hello = graph(
        {"start": ("OnStart", {}), "log": ("Log", {})},
        "start.exec -> log.exec",
        "start.data -> log.message",
    )
    _, deployment = product.deploy(hello, "Says it")

    done = product.data(
        "POST", f"/api/deployments/{deployment}/execute", {"eventData": {"message": "hi"}}
    )

    assert done["status"] == "completed"
    run = product.data("GET", f"/api/runs/{done['runId']}")
    assert run["triggeredBy"] == "manual"
    assert run["logOutput"][0]["message"] == '{"message":"hi"}'


def test_a_failing_pattern_names_node_and_line(product: Product) -> None:
    """The line is one of the compiled program's."""
    _, deployment = product.deploy(FAILS, "Fails")

    done = product.data("POST", f"/api/deployments/{deployment}/execute", {})

    assert done["status"] == "failed"
    assert done["error"]["type"] == "ParseError"
    assert done["error"]["nodeId"] == "parse"
    assert done["error"]["line"] > 1


def test_an_edit_makes_version_2_at_the_same_url(product: Product) -> None:
    """A broken edit is 422 with every fault, and version 2 goes on."""
    pattern, deployment = product.deploy(LOGGER, f"Edited {uuid.uuid4().hex[:6]}")
    before = product.endpoint(deployment)
    edited = {**LOGGER, "nodes": [dict(node) for node in LOGGER["nodes"]]}
    edited["nodes"][2] = {**edited["nodes"][2], "data": {"values": {"template": "{who} came"}}}

    product.data("PUT", f"/api/patterns/{pattern}", {"name": "Edited", "graphData": edited})
    product.data("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    status = product.data("GET", f"/api/patterns/{pattern}/deployment")
    assert (status["status"], status["versionNumber"]) == ("active", 2)
    assert product.endpoint(deployment) == before

    edited["nodes"][1] = {**edited["nodes"][1], "type": "GetProprety"}
    edited["edges"] = [
        *edited["edges"],
        {
            "id": "x",
            "source": "ghost",
            "sourceHandle": "exec",
            "target": "log",
            "targetHandle": "exec",
        },
    ]
    product.data("PUT", f"/api/patterns/{pattern}", {"name": "Edited", "graphData": edited})
    refused = product.call("POST", f"/api/patterns/{pattern}/deploy", {"nodeDefinitions": {}})

    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "COMPILATION_FAILED"
    codes = {fault["code"] for fault in refused.json()["error"]["details"]}
    assert {"UNKNOWN_NODE", "UNKNOWN_WIRE_END"} <= codes
    after = product.data("GET", f"/api/patterns/{pattern}/deployment")
    assert (after["status"], after["versionNumber"]) == ("active", 2)


def test_pause_resume_undeploy_and_their_refusals(product: Product) -> None:
    """The codes of the contract; runs stay when a pattern is undeployed."""
    pattern, deployment = product.deploy(FAILS, "Lives")
    product.data("POST", f"/api/deployments/{deployment}/execute", {})

    def code(method: str, path: str) -> tuple[int, str]:
        answer = product.call(method, path)
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    path = f"/api/deployments/{deployment}"
    assert code("POST", f"{path}/resume") == (400, "NOT_PAUSED")
    assert product.data("POST", f"{path}/pause") == {"status": "paused"}
    assert code("POST", f"{path}/pause") == (400, "ALREADY_PAUSED")
    assert code("POST", f"{path}/execute") == (400, "PAUSED")
    assert product.data("POST", f"{path}/resume") == {"status": "active"}
    assert product.data("DELETE", f"/api/patterns/{pattern}/deploy") == {"status": "undeployed"}
    assert code("POST", f"{path}/execute") == (400, "NOT_ACTIVE")
    assert len(product.runs(deployment)) == 1


def test_redeploy_pushes_the_same_version_again(product: Product) -> None:
    """confirmedAt moves, the version does not."""
    pattern, deployment = product.deploy(LOGGER, "Pushed again")
    before = product.data("GET", f"/api/patterns/{pattern}/deployment")

    product.data("POST", f"/api/deployments/{deployment}/redeploy")

    after = product.data("GET", f"/api/patterns/{pattern}/deployment")
    assert after["versionNumber"] == before["versionNumber"]
    assert after["confirmedAt"] > before["confirmedAt"]


def test_delete_takes_children_and_runs_and_is_404_the_second_time(product: Product) -> None:
    """Nothing is left, and nothing of it can be found again."""
    _, deployment = product.deploy(FAILS, "Goes away")
    run = product.data("POST", f"/api/deployments/{deployment}/execute", {})
    name = deployment.replace("_", "-", 1)

    answer = product.call("DELETE", f"/api/deployments/{deployment}")
    again = product.call("DELETE", f"/api/deployments/{deployment}")

    assert answer.json()["data"] == {"id": deployment, "status": "deleted"}
    assert (again.status_code, again.json()["error"]["code"]) == (404, "DEPLOYMENT_NOT_FOUND")
    assert product.call("GET", f"/api/runs/{run['runId']}").status_code == 404
    eventually(
        lambda: (
            not product.kubectl(
                "get",
                "configmaps,services,secrets,cronjobs",
                "-o",
                "name",
                "-l",
                f"dragops.dev/deployment={name}",
            )
        )
    )


def test_the_health_summary_counts_what_is_there(product: Product) -> None:
    """Deployments by state, runs of the last hour, whether the engines are there."""
    product.deploy(LOGGER, "Counted")

    summary = product.data("GET", "/api/deployments/health/summary")

    assert summary["deployments"]["active"] >= 1
    assert summary["engineStatus"] == "connected"
    assert summary["errorRate"] == pytest.approx(
        100 * summary["failuresLastHour"] / max(summary["runsLastHour"], 1), abs=0.01
    )
