"""Which tick of a schedule should have left a run by now."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dragops.history.soundness import Tick
from dragops_api.silence import expected_ticks, held_back

NOW = datetime(2026, 3, 5, 12, 0, 30, tzinfo=UTC)  # a Thursday


def _deployment(*rules: tuple[str, str], **status: Any) -> dict[str, Any]:
    since = status.pop("since", "")
    schedules = [
        {"nodeId": f"n{number}", "cronExpression": rule, "timezone": zone, "cronJob": "x"}
        | ({"since": since} if since else {})
        for number, (rule, zone) in enumerate(rules)
    ]
    told = {"state": "active", "confirmedAt": "2020-01-01T00:00:00.000Z", "schedules": schedules}
    return {"metadata": {"uid": "u"}, "spec": {}, "status": told | status}


@pytest.mark.parametrize(
    ("rule", "zone", "due"),
    [
        ("* * * * *", "UTC", "2026-03-05T11:55:00.000Z"),
        ("*/10 * * * *", "UTC", "2026-03-05T11:50:00.000Z"),
        ("58 11 * * *", "UTC", "2026-03-04T11:58:00.000Z"),
        ("0 9 * * 1-5", "America/New_York", "2026-03-04T14:00:00.000Z"),
        ("0 9 * * 1", "UTC", "2026-03-02T09:00:00.000Z"),
        ("0 0 1 * *", "Asia/Tokyo", "2026-02-28T15:00:00.000Z"),
        ("0 0 29 2 *", "UTC", "2024-02-29T00:00:00.000Z"),
        ("30 * * * * *", "UTC", "2026-03-05T11:54:30.000Z"),
        ("* * * * * *", "UTC", "2026-03-05T11:55:00.000Z"),
    ],
)
def test_it_is_the_newest_that_fell_due_five_minutes_ago(rule: str, zone: str, due: str) -> None:
    """A pod needs time to start; what is younger may still come."""
    assert expected_ticks([_deployment((rule, zone))], NOW) == [Tick("u", "n0", due)]


def test_each_schedule_of_a_deployment_is_looked_at() -> None:
    """By its node."""
    ticks = expected_ticks([_deployment(("0 1 * * *", "UTC"), ("0 2 * * *", "UTC"))], NOW)

    assert [tick.node_id for tick in ticks] == ["n0", "n1"]


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("* * * * *", {"state": "paused"}),
        ("* * * * *", {"state": "undeployed"}),
        ("* * * * *", {"state": "pending"}),
        ("* * * * *", {"confirmedAt": None}),
        ("* * * * *", {"since": "2026-03-05T11:58:00.000Z"}),
        ("* * * * *", {"confirmedAt": "2026-03-05T11:58:00.000Z"}),
        ("0 9 * * *", {"confirmedAt": "2026-03-05T09:00:01.000Z"}),
        ("every day", {}),
    ],
)
def test_nothing_is_expected_of_what_could_not_have_ticked(
    rule: str, status: dict[str, Any]
) -> None:
    """Paused, not confirmed yet, begun after the tick; or a rule of another version."""
    assert expected_ticks([_deployment((rule, "UTC"), **status)], NOW) == []


def test_a_rule_that_began_before_is_expected_though_engines_confirmed_later() -> None:
    """A redeploy is no excuse for a tick that was due before it."""
    began = "2026-03-05T00:00:00.000Z"
    deployment = _deployment(
        ("0 9 * * *", "UTC"), since=began, confirmedAt="2026-03-05T11:00:00.000Z"
    )

    assert expected_ticks([deployment], NOW) == [Tick("u", "n0", "2026-03-05T09:00:00.000Z")]


def test_only_a_schedule_that_forbids_overlap_holds_a_tick_back() -> None:
    """By deployment and node."""
    spec = {"schedules": [{"nodeId": "a", "overlap": "Forbid"}, {"nodeId": "b"}]}

    assert held_back([_deployment() | {"spec": spec}, _deployment()]) == {("u", "a")}


def test_a_deployment_without_schedules_or_status_owes_nothing() -> None:
    """Also one that was made a moment ago."""
    assert expected_ticks([_deployment(), {"metadata": {"uid": "v"}, "spec": {}}], NOW) == []
