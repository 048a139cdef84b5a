"""Statistics: counted as runs end, summed up when somebody asks."""

from typing import Any, get_args

import pytest

from dragops.history.batch import Accept, Start
from dragops.history.spans import DAY_MS, HOUR_MS, MINUTE_MS, PERIODS, PeriodName
from dragops.history.stats import RunStats
from support.batches import accept, finish, of
from support.run_store import OpenedStore

NOW = 1_772_712_000_000 + 20 * MINUTE_MS
"""2026-03-05T12:20:00Z."""
NUMBERS = iter(range(10**6))


def made(minutes_ago: float, **changes: Any) -> Accept:
    """Give a run that was made and begun so long ago."""
    at = NOW - int(minutes_ago * MINUTE_MS)
    return accept(f"run_{at:012x}{next(NUMBERS):020x}", at=at, **changes)


def ran(opened: OpenedStore, run: Accept, took: int, status: str = "completed") -> None:
    """Store a run and its end."""
    opened.write(of(run, finish(run.run_id, status, at=run.at + took)))


def told(opened: OpenedStore, period: PeriodName = "1h") -> RunStats:
    """Sum up a period of the deployment."""
    return opened.queries.stats("uid-a", period, now=NOW)


def test_runs_are_told_by_status_trigger_and_duration(opened: OpenedStore) -> None:
    """Failures are what failed, ran out of time or out of tries."""
    for took in (4, 5, 9):
        ran(opened, made(3), took)
    ran(opened, made(2), 14, "failed")
    ran(opened, made(2, triggered_by="manual"), 8, "timeout")

    stats = told(opened)

    whole = stats.whole
    assert whole.by_status == {"completed": 3, "failed": 1, "timeout": 1}
    assert (whole.runs, whole.completed, whole.failures, whole.success_rate) == (5, 3, 2, 60.0)
    assert (whole.average_ms, whole.p50_ms, whole.p95_ms) == (8.0, 8, 14)
    assert {word: part.runs for word, part in stats.by_trigger.items()} == {
        "manual": 1,
        "webhook": 4,
    }
    assert stats.by_trigger["webhook"].success_rate == 75.0


def test_what_never_began_has_no_duration_and_what_was_cancelled_no_say(
    opened: OpenedStore,
) -> None:
    """A skipped tick took no time, and was neither a success nor a failure."""
    skipped = made(1, running=False, triggered_by="schedule")
    ran(opened, skipped, 5, "skipped")
    cancelled = made(1)
    opened.write(of(cancelled))
    opened.write(of(finish(cancelled.run_id, "cancelled", at=cancelled.at + 7)))

    whole = told(opened).whole

    assert (whole.runs, whole.success_rate) == (2, None)
    assert (whole.average_ms, whole.p95_ms) == (7.0, 7)


def test_a_run_that_waited_is_timed_from_its_beginning(opened: OpenedStore) -> None:
    """As its own durationMs is."""
    run = made(1, running=False)
    opened.write(of(run))
    opened.write(of(Start(run.run_id, run.at + 1_000), finish(run.run_id, at=run.at + 1_003)))

    assert told(opened).whole.average_ms == 3.0


def test_a_run_counts_once_however_often_its_end_is_told(opened: OpenedStore) -> None:
    """And what goes on is told apart."""
    run = made(1)
    ran(opened, run, 5)
    opened.write(of(finish(run.run_id, "failed"), made(5)))

    stats = told(opened)

    assert (stats.whole.runs, stats.whole.failures, stats.unfinished) == (1, 0, 1)


def test_of_nothing_nothing_is_told(opened: OpenedStore) -> None:
    """Null, not zero: no run is neither good nor bad, and took no time."""
    whole = told(opened).whole

    assert (whole.runs, whole.by_status) == (0, {})
    assert (whole.success_rate, whole.average_ms, whole.p50_ms, whole.p95_ms) == (None,) * 4


@pytest.mark.parametrize(
    ("period", "buckets", "bucket_seconds"),
    [("1h", 60, 60), ("24h", 25, 3_600), ("7d", 29, 21_600), ("30d", 31, 86_400)],
)
def test_the_history_reaches_from_the_beginning_of_the_period_to_now(
    opened: OpenedStore, period: PeriodName, buckets: int, bucket_seconds: int
) -> None:
    """Buckets begin at round times; quiet ones are there, too."""
    ran(opened, made(0), 5)

    stats = told(opened, period)

    ends = list(stats.history)
    assert (len(ends), stats.bucket // 1_000) == (buckets, bucket_seconds)
    assert all(at % stats.bucket == 0 for at in ends)
    assert ends[0] <= stats.since < ends[1]
    assert ends[-1] <= NOW < ends[-1] + stats.bucket
    assert [part.runs for part in stats.history.values()] == [0] * (buckets - 1) + [1]


@pytest.mark.parametrize("period", get_args(PeriodName))
def test_a_period_covers_its_length_and_nothing_before(
    opened: OpenedStore, period: PeriodName
) -> None:
    """To the minute for 1h and 24h, to the hour for 7d and 30d."""
    over = PERIODS[period]
    since = over.since(NOW)
    for at in (since - 1, since, NOW):
        ran(opened, made((NOW - at) / MINUTE_MS), 5)

    assert over.length - over.span <= NOW - since <= over.length
    assert told(opened, period).whole.runs == 2


def test_other_deployments_and_their_purge_change_nothing(opened: OpenedStore) -> None:
    """Counters go with the runs that they count."""
    ran(opened, made(1), 5)
    ran(opened, made(1, deployment_uid="uid-b"), 5)

    opened.store.purge("team-a", "uid-b")

    assert told(opened).whole.runs == 1
    assert opened.queries.stats("uid-b", "1h", now=NOW).whole.runs == 0


def test_old_counters_are_deleted_in_slices(opened: OpenedStore) -> None:
    """Minutes after a day, hours after a month; those of now stay."""
    fresh = accept()
    ran(opened, accept(fresh.run_id, at=fresh.at), 5)
    for days in (2, 3, 40):
        old = int(fresh.run_id[4:16], 16) - days * DAY_MS
        ran(opened, accept(f"run_{old:012x}{'0' * 20}", at=old), 5)
    cursor = opened.store._connection.cursor()

    slices = [opened.store.tidy(at_most=2) for _ in range(3)]

    cursor.execute("SELECT span, count(*) FROM run_ends GROUP BY span")
    assert slices == [False, False, True]
    assert dict(cursor.fetchall()) == {MINUTE_MS: 1, HOUR_MS: 3}
