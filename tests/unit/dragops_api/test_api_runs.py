"""Runs at the API's door, read from a real store."""

from typing import Any

import orjson
import pytest

from dragops.history.batch import Accept, Batch, Finish
from dragops.history.database import writing
from dragops.history.store import RunStore
from support.api_door import Door
from support.product import LOGGER

FAILURE = {"type": "ParseError", "message": "not JSON", "nodeId": "parse", "line": 7}
LOG = [[2_000, "info", "log", "Ada pushed"]]


@pytest.fixture
async def deployment(door: Door) -> str:
    """A deployment with five runs: four completed, the newest failed."""
    _, deployment = await door.deployed(LOGGER)
    name = deployment.replace("_", "-", 1)
    uid = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
    event = orjson.dumps({"body": {"a": 1}}).decode()
    accepts, finishes = [], []
    for number in range(1, 6):
        by, run = ("webhook", "manual")[number % 2], f"run_{number:032x}"
        at = number * 1000
        accepts.append(Accept(run, uid, name, "hook", by, 1, True, at, None, False, event))
        failed = number == 5
        error = orjson.dumps(FAILURE).decode() if failed else None
        status, log = "failed" if failed else "completed", orjson.dumps(LOG).decode()
        finishes.append(Finish(run, status, at + 320, error, log, 0, None))
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", Batch(accepts, [], finishes))])
    return deployment


async def _numbers(door: Door, deployment: str, query: str) -> list[int]:
    runs = await door.data("GET", f"/api/deployments/{deployment}/runs{query}")
    return [int(run["id"].removeprefix("run_"), 16) for run in runs]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("?status=failed", [5]),
        ("?status=failure", [5]),
        ("?status=success", [4, 3, 2, 1]),
        ("?status=dead_letter", []),
        ("?triggeredBy=manual", [5, 3, 1]),
        ("?triggeredBy=webhook&status=completed", [4, 2]),
        ("?limit=2&page=2", [3, 2]),
        ("?limit=2&offset=1", [4, 3]),
        ("?limit=2&offset=4", [1]),
        ("?limit=2&page=9", []),
    ],
)
async def test_runs_are_newest_first_narrowed_and_cut(
    door: Door, deployment: str, query: str, numbers: list[int]
) -> None:
    """The product's filters, its two words for statuses, both styles of paging."""
    assert await _numbers(door, deployment, query) == numbers


async def test_a_run_tells_its_event_log_and_failure(door: Door, deployment: str) -> None:
    """Each key of a run, and no others."""
    run = await door.data("GET", f"/api/runs/run_{5:032x}")

    assert run == {
        "id": f"run_{5:032x}",
        "deploymentId": deployment,
        "triggeredBy": "manual",
        "status": "failed",
        "startedAt": "1970-01-01T00:00:05.000Z",
        "completedAt": "1970-01-01T00:00:05.320Z",
        "durationMs": 320,
        "eventData": {"body": {"a": 1}},
        "logOutput": [
            {
                "level": "info",
                "message": "Ada pushed",
                "nodeId": "log",
                "at": "1970-01-01T00:00:02.000Z",
            }
        ],
        "errorMessage": "not JSON",
        "error": FAILURE,
        "versionNumber": 1,
    }


async def test_a_run_of_another_workspace_or_of_a_deleted_deployment_is_not_there(
    door: Door, deployment: str
) -> None:
    """A deleted history is out of reach at once, also while the recorder is away."""
    path, elsewhere = f"/api/runs/run_{5:032x}", {"X-Dragops-Workspace": "team-b"}
    assert (await door.call("GET", path, headers=elsewhere)).status_code == 404
    assert (await door.call("GET", path)).status_code == 200

    await door.data("DELETE", f"/api/deployments/{deployment}")

    assert (await door.call("GET", path)).json()["error"]["code"] == "RUN_NOT_FOUND"


async def test_a_store_that_is_away_is_503(door: Door, deployment: str) -> None:
    """Lists of runs and of deployments need it; a deployment by itself does not."""
    door.parts.runs._queries._engine.dispose()
    for leftover in door.store.parent.glob("runs.sqlite*"):
        leftover.unlink()

    def code(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    away = (503, "STORE_UNAVAILABLE")
    assert code(await door.call("GET", f"/api/deployments/{deployment}/runs")) == away
    assert code(await door.call("GET", "/api/deployments")) == away
    assert code(await door.call("GET", f"/api/deployments/{deployment}")) == (200, "")
