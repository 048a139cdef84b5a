"""The owner's reference against the API: each example's keys, and no others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dragops.history.batch import Accept, Batch, Finish
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops_api.documented import example
from support.api_door import Door
from support.product import LOGGER

REFERENCE = (Path(__file__).parents[2] / "data/deployments-api.txt").read_text()
HEADING = re.compile(r"^(GET|POST|PUT|DELETE) (/api/\S+)$", re.MULTILINE)


def _examples() -> dict[str, dict[str, Any]]:
    """Read of each endpoint its ``request`` and ``response``."""
    found: dict[str, dict[str, Any]] = {}
    heads = list(HEADING.finditer(REFERENCE))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        text = REFERENCE[head.end() : following.start() if following else None]
        text = text.replace("{ ... }", "{}")
        answer = text.index('{\n"success"')
        parts = {"response": json.JSONDecoder().raw_decode(text[answer:])[0]}
        if (asked := text.find("{\n")) != answer:
            parts["request"] = json.JSONDecoder().raw_decode(text[asked:])[0]
        found[f"{head[1]} {head[2]}"] = parts
    return found


EXAMPLES = _examples()
BUILT = {
    "POST /api/patterns/:id/deploy": "deploy_pattern",
    "DELETE /api/patterns/:id/deploy": "undeploy_pattern",
    "GET /api/patterns/:id/deployment": "get_pattern_deployment",
    "GET /api/deployments": "list_deployments",
    "GET /api/deployments/:id": "get_deployment",
    "DELETE /api/deployments/:id": "delete_deployment",
    "POST /api/deployments/:id/execute": "execute_deployment",
    "POST /api/deployments/:id/pause": "pause_deployment",
    "POST /api/deployments/:id/resume": "resume_deployment",
    "POST /api/deployments/:id/redeploy": "redeploy_deployment",
    "GET /api/deployments/:id/webhook": "list_webhook_endpoints",
    "POST /api/deployments/:id/webhook/regenerate": "regenerate_webhook_secret",
    "GET /api/deployments/:id/webhook/snippets": "write_webhook_snippets",
    "PUT /api/deployments/:id/schedule": "update_schedule",
    "GET /api/deployments/health/summary": "summarise_health",
}
"""Endpoints of the reference -> our routes."""


ADDED = {"POST /api/patterns/:id/deploy": {"versionNumber": 3}}
"""What rest-api.md adds to ``data``: of several deploys at once each gets the survivor's number."""


def _with_added(endpoint: str, response: dict[str, Any]) -> dict[str, Any]:
    added = ADDED.get(endpoint)
    return response | {"data": response["data"] | added} if added else response


def _keys(value: Any) -> Any:
    """Reduce an example to its keys; of a list, to those of its first item."""
    if isinstance(value, dict):
        return {key: _keys(inner) for key, inner in value.items()}
    return [_keys(value[0])] if isinstance(value, list) and value else type(value).__name__


def test_the_reference_has_fifteen_endpoints_and_all_are_built() -> None:
    """None is missing, and none is ours alone."""
    assert len(EXAMPLES) == 15
    assert EXAMPLES.keys() == BUILT.keys()


@pytest.mark.parametrize(("endpoint", "route"), BUILT.items())
def test_the_documented_examples_are_the_references(endpoint: str, route: str) -> None:
    """Word for word, the request too."""
    for part, wanted in EXAMPLES[endpoint].items():
        assert example(route, part) == wanted


def _with_a_run(door: Door, name: str) -> None:
    deployment = door.cluster.objects["patterndeployments", "team-a", name]
    uid = deployment["metadata"]["uid"]
    run = Accept("run_1", uid, name, "hook", "webhook", 1, True, 1000, None, False, "{}")
    batch = Batch([run], [], [Finish("run_1", "completed", 1320, None, "[]", 0, None)])
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", batch)])


async def test_answers_have_the_references_keys_and_no_others(door: Door) -> None:
    """timestamp is on each, as rest-api.md says."""
    pattern, deployment = await door.deployed(LOGGER)
    _with_a_run(door, deployment.replace("_", "-", 1))
    path = f"/api/deployments/{deployment}"
    calls: list[tuple[str, str, str, Any]] = [
        ("GET /api/deployments", "GET", "/api/deployments", None),
        ("GET /api/deployments/:id", "GET", path, None),
        ("GET /api/deployments/:id/webhook", "GET", f"{path}/webhook", None),
        (
            "POST /api/deployments/:id/webhook/regenerate",
            "POST",
            f"{path}/webhook/regenerate",
            {"endpointId": "wep_hook"},
        ),
        (
            "GET /api/deployments/:id/webhook/snippets",
            "GET",
            f"{path}/webhook/snippets?endpointId=wep_hook",
            None,
        ),
        ("GET /api/patterns/:id/deployment", "GET", f"/api/patterns/{pattern}/deployment", None),
        (
            "POST /api/patterns/:id/deploy",
            "POST",
            f"/api/patterns/{pattern}/deploy",
            {"nodeDefinitions": {}},
        ),
        ("POST /api/deployments/:id/pause", "POST", f"{path}/pause", None),
        ("POST /api/deployments/:id/resume", "POST", f"{path}/resume", None),
        ("POST /api/deployments/:id/redeploy", "POST", f"{path}/redeploy", None),
        ("DELETE /api/patterns/:id/deploy", "DELETE", f"/api/patterns/{pattern}/deploy", None),
        ("DELETE /api/deployments/:id", "DELETE", path, None),
    ]
    for endpoint, method, url, body in calls:
        answer = await door.call(method, url, body)

        wanted = _with_added(endpoint, EXAMPLES[endpoint]["response"]) | {"timestamp": "now"}
        if endpoint == "GET /api/deployments/:id":
            wanted["data"]["emailEndpoints"] = []
        assert answer.status_code == 200, f"{endpoint}: {answer.text}"
        assert _keys(answer.json()) == _keys(wanted), endpoint


async def test_times_are_utc_with_milliseconds(door: Door) -> None:
    """Also those that Kubernetes keeps without."""
    _, deployment = await door.deployed(LOGGER)

    answer = (await door.call("GET", f"/api/deployments/{deployment}")).json()

    times = [
        answer["timestamp"],
        *(answer["data"][k] for k in ("confirmedAt", "createdAt", "updatedAt")),
    ]
    for time in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)


async def test_the_list_shows_the_last_run(door: Door) -> None:
    """And null where there is none."""
    _, ran = await door.deployed(LOGGER, "Ran")
    await door.deployed(LOGGER, "Never ran")
    _with_a_run(door, ran.replace("_", "-", 1))

    never, once = await door.data("GET", "/api/deployments")

    assert (never["totalRuns"], never["lastRun"]) == (0, None)
    assert (once["totalRuns"], once["lastRun"]) == (
        1,
        {"status": "completed", "startedAt": "1970-01-01T00:00:01.000Z", "durationMs": 320},
    )


async def test_health_counts_states_and_says_that_no_engine_answers(door: Door) -> None:
    """With the reference's keys, and three that rest-api.md adds."""
    _, paused = await door.deployed(LOGGER, "Paused")
    await door.deployed(LOGGER, "Active")
    await door.data("POST", f"/api/deployments/{paused}/pause")

    summary = await door.data("GET", "/api/deployments/health/summary")

    wanted = EXAMPLES["GET /api/deployments/health/summary"]["response"]["data"]
    assert summary["deployments"] == {"active": 1, "paused": 1, "failed": 0}
    assert summary["engineStatus"] == "disconnected"
    assert summary.keys() - wanted.keys() == {
        "silentSchedules",
        "deadLetters",
        "oldestUnfinishedSeconds",
    }
    assert wanted.keys() - summary.keys() == set()
