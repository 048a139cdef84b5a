"""Runs at the API's door, read from a real store."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from dragops.history import queries
from dragops.history.batch import Accept, Batch, Finish
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops.history.timeline import encode_timeline
from dragops_api.documented import example
from support.api_door import Door
from support.batches import accept, finish, of
from support.product import LOGGER

FAILURE = {"type": "ParseError", "message": "not JSON", "nodeId": "parse", "line": 7}
LOG = [
    [2_000, "info", "log", "Ada pushed"],
    [2_001, "warn", "log", "Twice"],
    [2_002, "info", None, "Done"],
]


def run_id(number: int) -> str:
    """Name the run that was made in this second of 1970."""
    return f"run_{number * 1000:012x}{'0' * 20}"


def _at(milliseconds: int) -> str:
    return f"1970-01-01T00:00:{milliseconds / 1000:06.3f}Z"


@pytest.fixture
async def deployment(door: Door) -> str:
    """A deployment with five runs: four completed, the newest failed."""
    _, deployment = await door.deployed(LOGGER)
    name = deployment.replace("_", "-", 1)
    uid = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
    event = orjson.dumps({"body": {"a": 1}}).decode()
    accepts, finishes = [], []
    for number in range(1, 6):
        at = number * 1000
        by, run = ("webhook", "manual")[number % 2], run_id(number)
        accepts.append(Accept(run, uid, name, "hook", by, 1, True, at, None, False, event))
        failed = number == 5
        error = orjson.dumps(FAILURE).decode() if failed else None
        status, log = "failed" if failed else "completed", orjson.dumps(LOG).decode()
        timeline = encode_timeline(at, ["parse", "log"], [5_000, 5_500], end=320_000, dropped=0)
        finishes.append(Finish(run, status, at + 320, error, log, 2, None, timeline))
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", Batch(accepts, [], finishes))])
    return deployment


async def _numbers(door: Door, deployment: str, query: str) -> list[int]:
    runs = await door.data("GET", f"/api/deployments/{deployment}/runs{query}")
    return [int(run["id"][4:16], 16) // 1000 for run in runs]


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
        ("?since=1970-01-01T00:00:03.000Z", [5, 4, 3]),
        ("?until=1970-01-01T00:00:03Z", [2, 1]),
        ("?since=1970-01-01T01:00:02%2B01:00&until=1970-01-01T00:00:04", [3, 2]),
        ("?since=1970-01-01&status=failure&triggeredBy=manual", [5]),
        ("?since=1970-01-02", []),
        ("?triggeredBy=pattern", []),
    ],
)
async def test_runs_are_newest_first_narrowed_and_cut(
    door: Door, deployment: str, query: str, numbers: list[int]
) -> None:
    """The product's filters, its two words for statuses, both styles of paging, times."""
    assert await _numbers(door, deployment, query) == numbers


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("status=done", "query.status"),
        ("triggeredBy=cron", "query.triggeredBy"),
        ("since=yesterday", "query.since"),
        ("since=1700000000", "query.since"),
        ("until=2026-03-05T12:00:00+01:00", "query.until"),
        ("since=2026-03-05&until=2026-03-04", "query.until"),
        ("page=0", "query.page"),
        ("limit=101", "query.limit"),
        ("page=2&offset=2", "query.offset"),
    ],
)
async def test_a_filter_that_is_none_is_refused(
    door: Door, deployment: str, query: str, path: str
) -> None:
    """400, naming the parameter."""
    answer = await door.call("GET", f"/api/deployments/{deployment}/runs?{query}")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert [detail["path"] for detail in error["details"]] == [path]


@pytest.mark.parametrize(
    ("query", "meta"),
    [
        ("?limit=2", {"page": 1, "limit": 2, "total": 5, "totalPages": 3}),
        ("?limit=2&offset=1", {"total": 5, "limit": 2, "offset": 1}),
        ("?status=failed&page=1", {"page": 1, "limit": 20, "total": 1, "totalPages": 1}),
        ("?since=1970-01-01T00:00:03Z&limit=2&offset=0", {"total": 3, "limit": 2, "offset": 0}),
    ],
)
async def test_a_list_tells_its_place_and_the_whole_total(
    door: Door, deployment: str, query: str, meta: dict[str, int]
) -> None:
    """In the style in which the part was asked for; no other keys while the total is exact."""
    answer = await door.call("GET", f"/api/deployments/{deployment}/runs{query}")

    assert answer.json()["meta"] == meta


async def test_a_total_that_is_no_total_says_so(
    door: Door, deployment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More runs in a stretch of time than are counted."""
    monkeypatch.setattr(queries, "COUNTED_MAX", 2)

    answer = await door.call("GET", f"/api/deployments/{deployment}/runs?since=1970-01-01")

    assert len(answer.json()["data"]) == 5
    assert answer.json()["meta"]["total"] == 2
    assert answer.json()["meta"]["totalIsExact"] is False


async def test_a_run_tells_its_event_log_failure_and_nodes(door: Door, deployment: str) -> None:
    """Each key of a run, and no others; a list has all but the last three."""
    run = await door.data("GET", f"/api/runs/{run_id(5)}")
    [listed, *_] = await door.data("GET", f"/api/deployments/{deployment}/runs")

    assert listed == {
        "id": run_id(5),
        "deploymentId": deployment,
        "triggeredBy": "manual",
        "status": "failed",
        "startedAt": "1970-01-01T00:00:05.000Z",
        "completedAt": "1970-01-01T00:00:05.320Z",
        "durationMs": 320,
        "eventData": {"body": {"a": 1}},
        "logOutput": [
            {"level": level, "message": message, "nodeId": node, "at": _at(2_000 + later)}
            for later, (_, level, node, message) in enumerate(LOG)
        ],
        "errorMessage": "not JSON",
        "error": FAILURE,
        "versionNumber": 1,
        "retryOf": None,
        "parentRunId": None,
        "attempt": 1,
    }
    assert run == listed | {
        "timeline": [
            {"nodeId": "parse", "startedAt": _at(5_005), "durationMs": 0.5},
            {"nodeId": "log", "startedAt": _at(5_005), "durationMs": 314.5},
        ],
        "timelineDropped": 0,
        "logDropped": 2,
    }


@pytest.mark.parametrize(
    ("query", "messages", "total"),
    [
        ("", ["Ada pushed", "Twice", "Done"], 3),
        ("?level=warn", ["Twice"], 1),
        ("?level=warn&level=info&limit=2&page=2", ["Done"], 3),
        ("?level=error", [], 0),
        ("?limit=1&offset=1", ["Twice"], 3),
    ],
)
async def test_a_log_is_read_by_level_in_parts(
    door: Door, deployment: str, query: str, messages: list[str], total: int
) -> None:
    """Oldest first, with the total of what the levels leave."""
    answer = (await door.call("GET", f"/api/runs/{run_id(5)}/logs{query}")).json()

    assert [entry["message"] for entry in answer["data"]] == messages
    assert answer["meta"]["total"] == total


async def test_a_level_that_is_none_is_refused(door: Door, deployment: str) -> None:
    """The levels are those of the Log node."""
    answer = await door.call("GET", f"/api/runs/{run_id(5)}/logs?level=fatal")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")


async def test_statistics_have_the_documented_keys(door: Door, deployment: str) -> None:
    """Runs of 1970 are in no period."""
    stats = await door.data("GET", f"/api/deployments/{deployment}/runs/stats?period=7d")

    documented = example("sum_up_runs", "response")["data"]
    assert stats.keys() == documented.keys()
    assert stats["durations"].keys() == documented["durations"].keys()
    assert stats["history"][0].keys() == documented["history"][0].keys()
    assert (stats["period"], stats["runs"], stats["byTrigger"]) == ("7d", 0, [])


async def test_the_buckets_of_the_history_cover_the_period(door: Door, deployment: str) -> None:
    """Each begins where the one before ends; the first and the last may be cut."""
    stats = await door.data("GET", f"/api/deployments/{deployment}/runs/stats?period=7d")

    length = timedelta(seconds=stats["bucketSeconds"])
    begins = [datetime.fromisoformat(bucket["at"]) for bucket in stats["history"]]
    since, until = (datetime.fromisoformat(stats[key]) for key in ("since", "until"))
    assert length == timedelta(hours=6)
    assert begins == [begins[0] + n * length for n in range(len(begins))]
    assert begins[0] <= since < begins[0] + length
    assert begins[-1] <= until < begins[-1] + length


async def test_statistics_sum_up_what_has_just_ended(door: Door, deployment: str) -> None:
    """A day unless another period is asked for."""
    name = deployment.replace("_", "-", 1)
    uid = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
    runs = [accept(deployment_uid=uid, deployment=name) for _ in range(4)]
    ends = [
        finish(run.run_id, word)
        for run, word in zip(runs, ["completed"] * 3 + ["failed"], strict=True)
    ]
    with writing(door.store) as engine:
        RunStore(engine).write([("team-a", of(*runs, *ends))])

    stats = await door.data("GET", f"/api/deployments/{deployment}/runs/stats")

    durations = {"averageMs": 250.0, "p50Ms": 247, "p95Ms": 255}
    assert (stats["period"], stats["successRate"], stats["failures"]) == ("24h", 75.0, 1)
    assert stats["durations"] == durations
    assert stats["byTrigger"] == [
        {
            "triggeredBy": "webhook",
            "runs": 4,
            "completed": 3,
            "failures": 1,
            "successRate": 75.0,
            "durations": durations,
        }
    ]
    assert stats["history"][-1]["runs"] == 4


async def test_a_period_that_is_none_is_refused(door: Door, deployment: str) -> None:
    """There are four."""
    answer = await door.call("GET", f"/api/deployments/{deployment}/runs/stats?period=2h")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")


async def test_a_run_of_another_workspace_or_of_a_deleted_deployment_is_not_there(
    door: Door, deployment: str
) -> None:
    """A deleted history is out of reach at once, also while the recorder is away."""
    path, elsewhere = f"/api/runs/{run_id(5)}", {"X-Dragops-Workspace": "team-b"}
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
