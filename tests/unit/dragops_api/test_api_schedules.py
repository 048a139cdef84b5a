"""A schedule changed by REST: what is answered, and what is written."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dragops.cluster.client import DEPLOYMENTS
from dragops.model.run import iso
from support.api_door import Door
from support.product import LOGGER, graph

TICK = ("OnSchedule", {"schedule": "* * * * *"})
TICKING = graph({"tick": TICK, "log": ("Log", {})}, "tick.exec -> log.exec")
TWICE = graph(
    {"tick": TICK, "tock": TICK, "log": ("Log", {})},
    "tick.exec -> log.exec",
    "tock.exec -> log.exec",
)
NINE = {"cronExpression": "0 9 * * 1-5", "timezone": "America/New_York"}

WRONG: list[tuple[Any, str, str]] = [
    ({"cronExpression": "0 24 * * *"}, "body.cronExpression", "hour: 24 is not between 0 and 23"),
    ({"cronExpression": "60 0 9 * * *"}, "body.cronExpression", "second: 60 is not between"),
    ({"cronExpression": "* * *"}, "body.cronExpression", "has 3 fields instead of 5"),
    ({"cronExpression": ""}, "body.cronExpression", "has 0 fields"),
    ({"cronExpression": "@every 5m"}, "body.cronExpression", "is not supported"),
    ({"cronExpression": "0 0 31 2 *"}, "body.cronExpression", "day: never fires"),
    ({"cronExpression": "* " * 200}, "body.cronExpression", "at most 256"),
    ({"cronExpression": 5}, "body.cronExpression", "valid string"),
    ({"timezone": "UTC"}, "body.cronExpression", "is required"),
    (NINE | {"timezone": "Mars/Olympus"}, "body.timezone", "is not a zone"),
    (NINE | {"timezone": ""}, "body.timezone", "is not a zone"),
    (NINE | {"timezone": None}, "body.timezone", "valid string"),
    (NINE | {"nodeId": "no spaces"}, "body.nodeId", "pattern"),
    (NINE | {"nodeId": "log"}, "body.nodeId", "'log' is no On Schedule node here: name tick"),
    (NINE | {"overlap": "Forbid"}, "body.overlap", "not a field"),
]


async def _spec(door: Door, deployment: str) -> Any:
    name = deployment.replace("_", "-", 1)
    return (await door.cluster.get(DEPLOYMENTS, "team-a", name))["spec"]


async def _merge(door: Door, deployment: str, spec: dict[str, Any]) -> None:
    name = deployment.replace("_", "-", 1)
    await door.cluster.merge_patch(DEPLOYMENTS, "team-a", name, {"spec": spec})


async def test_a_schedule_is_changed_and_its_next_runs_are_told(door: Door) -> None:
    """The pattern stays as it is: what differs stands in spec.schedules."""
    _, deployment = await door.deployed(TICKING)

    data = await door.data("PUT", f"/api/deployments/{deployment}/schedule", NINE)

    assert data.keys() == {"cronExpression", "timezone", "nextRuns"}
    assert {key: data[key] for key in NINE} == NINE
    assert len(data["nextRuns"]) == 5
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT1[34]:00:00\.000Z", at) for at in data["nextRuns"])
    assert data["nextRuns"] == sorted(data["nextRuns"])
    assert (await _spec(door, deployment))["schedules"] == [{"nodeId": "tick"} | NINE]


async def test_without_a_zone_it_is_utc_whatever_it_was(door: Door) -> None:
    """A PUT says all of a rule: the reference's default holds each time."""
    _, deployment = await door.deployed(TICKING)
    path = f"/api/deployments/{deployment}/schedule"
    await door.data("PUT", path, NINE)

    data = await door.data("PUT", path, {"cronExpression": "0 9 * * 7"})

    assert data["timezone"] == "UTC"
    (settings,) = (await _spec(door, deployment))["schedules"]
    assert settings == {"nodeId": "tick", "cronExpression": "0 9 * * 7", "timezone": "UTC"}


async def test_other_settings_of_the_schedule_and_other_schedules_stay(door: Door) -> None:
    """Who set the overlap by kubectl does not lose it."""
    _, deployment = await door.deployed(TICKING)
    other = {"nodeId": "gone", "cronExpression": "0 0 * * *"}
    await _merge(door, deployment, {"schedules": [{"nodeId": "tick", "overlap": "Forbid"}, other]})

    await door.data("PUT", f"/api/deployments/{deployment}/schedule", NINE)

    settings = (await _spec(door, deployment))["schedules"]
    assert settings == [{"nodeId": "tick", "overlap": "Forbid"} | NINE, other]


async def test_of_several_schedules_one_is_named(door: Door) -> None:
    """Without nodeId nobody guesses; the message lists them."""
    _, deployment = await door.deployed(TWICE)
    path = f"/api/deployments/{deployment}/schedule"

    answer = await door.call("PUT", path, NINE)
    await door.data("PUT", path, NINE | {"nodeId": "tock"})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert error["details"] == [
        {
            "path": "body.nodeId",
            "message": "there are several On Schedule nodes: name one of tick, tock",
        }
    ]
    assert [s["nodeId"] for s in (await _spec(door, deployment))["schedules"]] == ["tock"]


async def test_a_deployment_without_a_schedule_is_400(door: Door) -> None:
    """NO_SCHEDULE, as the reference has it."""
    _, deployment = await door.deployed(LOGGER)

    answer = await door.call("PUT", f"/api/deployments/{deployment}/schedule", NINE)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "NO_SCHEDULE")
    assert error["message"] == "The deployment does not have a schedule trigger"


@pytest.mark.parametrize(("body", "place", "message"), WRONG)
async def test_a_wrong_schedule_says_which_field_and_why(
    door: Door, body: Any, place: str, message: str
) -> None:
    """Of the body, and in it of the rule; nothing is written."""
    _, deployment = await door.deployed(TICKING)

    answer = await door.call("PUT", f"/api/deployments/{deployment}/schedule", body)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION")
    assert any(d["path"] == place and message in d["message"] for d in error["details"]), error
    assert "schedules" not in await _spec(door, deployment)


async def test_a_deployment_that_is_not_there_is_404(door: Door) -> None:
    """Whatever the schedule."""
    answer = await door.call("PUT", "/api/deployments/dep_none/schedule", NINE)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "DEPLOYMENT_NOT_FOUND")


async def test_a_schedule_that_is_not_followed_in_time_is_202(door: Door) -> None:
    """The body is the same; the operator goes on by itself."""
    _, deployment = await door.deployed(TICKING)
    door.operator.is_deaf = True

    answer = await door.call("PUT", f"/api/deployments/{deployment}/schedule?wait=0", NINE)

    assert answer.status_code == 202
    assert answer.json()["data"]["cronExpression"] == NINE["cronExpression"]


async def test_the_same_schedule_again_writes_nothing(door: Door) -> None:
    """What holds already is followed already."""
    _, deployment = await door.deployed(TICKING)
    path = f"/api/deployments/{deployment}/schedule"
    await door.data("PUT", path, NINE)
    before = [write for write in door.cluster.writes if write[0] == "replace"]

    await door.data("PUT", path, NINE)

    assert [write for write in door.cluster.writes if write[0] == "replace"] == before


async def test_next_runs_begin_when_the_rule_does(door: Door) -> None:
    """A rule with seconds begins with a full minute, so no earlier second is promised."""
    _, deployment = await door.deployed(TICKING)
    begins = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    door.operator.since = iso(begins)

    data = await door.data(
        "PUT", f"/api/deployments/{deployment}/schedule", {"cronExpression": "*/30 * * * * *"}
    )

    assert data["nextRuns"][:2] == [iso(begins), iso(begins + timedelta(seconds=30))]


async def test_a_manager_that_owns_the_schedules_is_named(door: Door) -> None:
    """Flux will change it back: the caller should know."""
    _, deployment = await door.deployed(TICKING)
    stored = door.cluster.objects["patterndeployments", "team-a", deployment.replace("_", "-", 1)]
    stored["metadata"]["managedFields"] = [
        {"manager": "flux", "fieldsV1": {"f:spec": {"f:schedules": {}}}}
    ]

    answer = await door.call("PUT", f"/api/deployments/{deployment}/schedule", NINE)

    assert answer.headers["Warning"] == '299 - "changed here, but managed by flux"'
