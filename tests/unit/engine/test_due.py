"""Which tick a Job stands for, and whether it still counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dragops.engine.due import (
    Due,
    Job,
    is_of_same_job,
    job_of,
    missed_before,
    owed_by,
    own_run_id,
    reason_to_skip,
    window_of,
)
from dragops.model.bundle import Live, PastRule, ProgramPointer, Schedule
from dragops.model.ids import RunId
from dragops.model.run import TriggeredBy

NOW = datetime(2026, 3, 5, 12, 0, 20, tzinfo=UTC)
TICK = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
MINUTE = int(TICK.timestamp()) // 60

FREE_NAMES = [
    "dep-a-tick-1a2b3c4d-manual-x7k",
    "by-hand",
    "by-hand-1",
    "by-hand-20260305",
    f"by-hand-{MINUTE + 3 * 1440}",
    f"by-hand-{MINUTE - 3 * 1440}",
    str(MINUTE),
]


def _schedule(rule: str = "* * * * *", **changes: Any) -> Schedule:
    fields = {"node_id": "tick", "cron_expression": rule, "not_before": "2026-03-05T11:59:30Z"}
    return Schedule(**(fields | changes))


def _live(**changes: Any) -> Live:
    schedule = _schedule()
    fields: dict[str, Any] = {
        "namespace": "team-a",
        "deployment": "dep-a",
        "uid": "uid-1",
        "serial": 1,
        "state": "active",
        "pattern": "p",
        "program": ProgramPointer(version=1, config_map="c", digest="d"),
        "schedules": (schedule,),
    }
    return Live(**(fields | changes))


def test_the_scheduled_minute_is_in_the_jobs_name() -> None:
    """The CronJob controller puts it there; the pod cannot see the Job's annotation."""
    job = job_of(f"dep-a-tick-1a2b3c4d-{MINUTE}", uid="u1", now=NOW)
    (due,) = owed_by(_live(), "tick", job)

    assert (due.scheduled_at, due.triggered_by) == (TICK, TriggeredBy.SCHEDULE)
    assert due.key == "2026-03-05T12:00:00.000Z"
    assert due.event(NOW) == {"timestamp": NOW, "scheduledAt": TICK}


@pytest.mark.parametrize("name", FREE_NAMES)
def test_a_job_made_by_hand_is_a_manual_run(name: str) -> None:
    """A free name, or one that ends with a number that is no minute of these days."""
    (due,) = owed_by(_live(), "tick", job_of(name, uid="u1", now=NOW))

    assert (due.scheduled_at, due.triggered_by) == (None, TriggeredBy.MANUAL)
    assert due.key == "job:u1"
    assert due.event(NOW) == {"timestamp": NOW}


def test_without_a_uid_the_jobs_name_stands_for_it() -> None:
    """Names of Jobs that are there are unique."""
    assert job_of("by-hand", uid="", now=NOW) == Job("by-hand", None)


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({}, TICK, None),
        ({}, TICK - timedelta(minutes=1), "fell due before 2026-03-05T11:59:30.000Z"),
        ({}, None, None),
        ({"state": "paused"}, TICK, "is paused"),
        ({"state": "paused"}, None, "is paused"),
        ({"state": "undeployed", "program": None}, TICK, "is undeployed"),
        ({"schedules": ()}, TICK, "no schedule at node tick"),
        ({}, TICK + timedelta(seconds=10), "The rule * * * * * does not name this time"),
    ],
)
def test_a_tick_counts_only_while_it_should(
    changes: dict[str, Any], at: datetime | None, said: str | None
) -> None:
    """Paused, from before a resume, or of a node that is gone: skipped, and it says why."""
    reason = reason_to_skip(_live(**changes), "tick", Due("u1", at))

    assert reason is None if said is None else said in str(reason)


def _times(job_minute: datetime, **changes: Any) -> list[tuple[str, bool]]:
    """Give the seconds that a Job owes, and whether they count."""
    live = _live(schedules=(_schedule(**changes),))
    dues = owed_by(live, "tick", Job("u1", job_minute))
    return [
        (f"{due.scheduled_at:%M:%S}", reason_to_skip(live, "tick", due) is None) for due in dues
    ]


def test_a_rule_with_seconds_owes_each_of_its_minute() -> None:
    """In order, each under its own time."""
    assert _times(TICK, rule="5,*/20 * * * * *") == [
        ("00:00", True),
        ("00:05", True),
        ("00:20", True),
        ("00:40", True),
    ]


def test_seconds_from_before_the_rule_began_do_not_count() -> None:
    """A Job for a minute long past is what an unsuspended CronJob makes."""
    since = "2026-03-05T12:01:00.000Z"

    owed = _times(TICK, rule="*/30 * * * * *", not_before=since)

    assert owed == [("00:00", False), ("00:30", False)]


TEN_TO_MINUTE: dict[str, Any] = {
    "rule": "* * * * *",
    "not_before": "2026-03-05T12:00:25.000Z",
    "past": (
        PastRule(
            cron_expression="*/10 * * * * *",
            not_before="2026-03-05T11:00:00.000Z",
            until="2026-03-05T12:00:25.000Z",
        ),
    ),
}


def test_a_job_of_the_minute_of_a_change_owes_the_old_rules_ticks_up_to_it() -> None:
    """They were due before the change, and count once; later seconds are nobody's."""
    assert _times(TICK, **TEN_TO_MINUTE) == [("00:00", True), ("00:10", True), ("00:20", True)]


def test_a_late_job_of_an_old_rule_still_counts() -> None:
    """Its tick was due under the rule of its time, whatever the rule is now."""
    minute = TICK - timedelta(minutes=1)

    assert [claim for _, claim in _times(minute, **TEN_TO_MINUTE)] == [True] * 6


def test_a_job_that_no_rule_asks_for_is_owed_as_one_tick_that_does_not_count() -> None:
    """Somebody must say what became of it."""
    assert _times(TICK + timedelta(minutes=1), rule="0 0 * * *") == [("01:00", False)]


@pytest.mark.parametrize(
    ("missed_runs", "minutes"), [("Latest", []), ("None", []), ("All", ["56", "58"])]
)
def test_what_was_missed_is_made_up_for_where_all_is_asked(
    missed_runs: str, minutes: list[str]
) -> None:
    """Oldest first, no older than the window, the Job's own minute not among it."""
    schedule = _schedule(
        "*/2 * * * *",
        not_before="2026-03-05T11:00:00.000Z",
        missed_runs=missed_runs,
        missed_window_seconds=300,
    )

    missed = missed_before(_live(schedules=(schedule,)), "tick", Job("u1", TICK), NOW)

    assert [f"{due.scheduled_at:%M}" for due in missed] == minutes


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 3_600),
        ({"missed_window_seconds": 7_200}, 7_200),
        ({"missed_runs": "None", "missed_window_seconds": 7_200}, 60),
        ({"missed_runs": "All", "missed_window_seconds": 90}, 90),
    ],
)
def test_a_tick_has_its_window(changes: dict[str, Any], seconds: int) -> None:
    """As long as the CronJob's own deadline."""
    live = _live(schedules=(_schedule(**changes),))

    assert window_of(live, "tick").total_seconds() == seconds


def test_pods_of_one_job_make_ids_that_tell() -> None:
    """The second pod of a Job knows the first one's run; another Job's pod does not."""
    first = own_run_id(_live(), "tick", Due("u1", TICK))
    again = own_run_id(_live(), "tick", Due("u1", TICK))
    others = [
        own_run_id(_live(), "tick", Due("u2", TICK)),
        own_run_id(_live(), "tick", Due("u1", TICK + timedelta(minutes=1))),
        own_run_id(_live(), "tock", Due("u1", TICK)),
        own_run_id(_live(uid="uid-2"), "tick", Due("u1", TICK)),
    ]

    assert is_of_same_job(first, again)
    assert [other for other in others if is_of_same_job(first, RunId(other))] == []
    assert len(first) == len("run_") + 32
