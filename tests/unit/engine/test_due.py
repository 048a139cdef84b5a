"""Which tick a Job stands for, and whether it still counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dragops.engine.due import Due, due_of, is_of_same_job, own_run_id, reason_to_skip
from dragops.model.bundle import Live, ProgramPointer, Schedule
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


def _live(**changes: Any) -> Live:
    schedule = Schedule(
        node_id="tick", cron_expression="* * * * *", not_before="2026-03-05T11:59:30Z"
    )
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
    due = due_of(f"dep-a-tick-1a2b3c4d-{MINUTE}", job_uid="u1", now=NOW)

    assert (due.scheduled_at, due.triggered_by) == (TICK, TriggeredBy.SCHEDULE)
    assert due.key == "2026-03-05T12:00:00.000Z"
    assert due.event(NOW) == {"timestamp": NOW, "scheduledAt": TICK}


@pytest.mark.parametrize("name", FREE_NAMES)
def test_a_job_made_by_hand_is_a_manual_run(name: str) -> None:
    """A free name, or one that ends with a number that is no minute of these days."""
    due = due_of(name, job_uid="u1", now=NOW)

    assert (due.scheduled_at, due.triggered_by) == (None, TriggeredBy.MANUAL)
    assert due.key == "job:u1"
    assert due.event(NOW) == {"timestamp": NOW}


def test_without_a_uid_the_jobs_name_stands_for_it() -> None:
    """Names of Jobs that are there are unique."""
    assert due_of("by-hand", job_uid="", now=NOW).key == "job:by-hand"


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
    ],
)
def test_a_tick_counts_only_while_it_should(
    changes: dict[str, Any], at: datetime | None, said: str | None
) -> None:
    """Paused, from before a resume, or of a node that is gone: skipped, and it says why."""
    reason = reason_to_skip(_live(**changes), "tick", Due("u1", at))

    assert reason is None if said is None else said in str(reason)


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
