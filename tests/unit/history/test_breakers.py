"""Circuit breakers in the store: which failures count, and for how long a trip holds."""

from pathlib import Path
from typing import Any

import pytest

from dragops.history.batch import Batch, Tripped, Watch
from dragops.history.breakers import LATELY, Breakers, stored_trips
from support.batches import accept, finish
from support.run_store import OpenedStore, opened_store

WATCH = Watch("uid-a", "dep-a", failures=3, window_ms=60_000, since=0)


def _run(made: int, number: int = 0) -> str:
    return f"run_{made:012x}{number:020x}"


def _fail(
    opened: OpenedStore, number: int, watch: Watch = WATCH, *, status: str = "failed", at: int = 0
) -> list[Tripped]:
    """Have one run fail, and give what its engine is told."""
    made = at or 1_000 + number
    run = accept(_run(made, number), deployment_uid=watch.deployment_uid)
    end = finish(run.run_id, status, at=made + 250)
    batch = Batch([run], (), [end], [watch] if status != "completed" else [])
    opened.write(batch)
    return list(opened.store.breakers.open_in("team-a", batch))


def test_it_trips_with_the_failure_that_is_one_too_many(opened: OpenedStore) -> None:
    """Its engine is told with the answer to that very batch."""
    told = [_fail(opened, number) for number in range(3)]

    assert told == [[], [], [Tripped("uid-a", 0)]]
    (trip,) = stored_trips(opened.engine)
    assert (trip.deployment, trip.failures, trip.at) == ("dep-a", 3, 1_252)


@pytest.mark.parametrize("status", ["failed", "timeout", "dead_letter"])
def test_every_kind_of_failure_counts(opened: OpenedStore, status: str) -> None:
    """They are counted together."""
    _fail(opened, 0)
    _fail(opened, 1, status="timeout")

    assert _fail(opened, 2, status=status)


def test_good_ends_neither_count_nor_help(opened: OpenedStore) -> None:
    """It is a number of failures, not a share of the runs."""
    for number in range(3):
        _fail(opened, number, status="completed")
        told = _fail(opened, 10 + number)

    assert told == [Tripped("uid-a", 0)]


def test_failures_before_the_window_do_not_count(opened: OpenedStore) -> None:
    """The window ends with the newest failure."""
    for number, at in enumerate((1_000, 2_000, 62_000)):
        told = _fail(opened, number, at=at)

    assert told == []
    assert _fail(opened, 3, at=62_001) == []
    assert _fail(opened, 4, at=62_002) == [Tripped("uid-a", 0)]


def test_failures_of_another_deployment_do_not_count(opened: OpenedStore) -> None:
    """Each deployment has its own breaker."""
    _fail(opened, 0)
    _fail(opened, 1)

    assert _fail(opened, 2, WATCH._replace(deployment_uid="uid-b")) == []


def test_a_workspace_cannot_trip_anothers_breaker(opened: OpenedStore) -> None:
    """The recorder takes the workspace from the caller's token."""
    for number in range(3):
        run = accept(_run(1_000, number))
        opened.write(Batch([run], (), [finish(run.run_id, "failed")], [WATCH]), workspace="team-b")

    batch = Batch([accept()])
    assert list(opened.store.breakers.open_in("team-a", batch)) == []
    assert list(opened.store.breakers.open_in("team-b", batch)) == [Tripped("uid-a", 0)]


def test_after_a_resume_only_runs_made_since_count(opened: OpenedStore) -> None:
    """A run of before that fails late does not trip it again, nor does one told of late."""
    for number in range(3):
        _fail(opened, number)
    resumed = WATCH._replace(since=5_000)
    late = [_fail(opened, 10 + number, resumed, at=4_000) for number in range(3)]
    fresh = [_fail(opened, 20 + number, resumed, at=5_000 + number) for number in range(3)]
    _fail(opened, 30)

    assert late == [[Tripped("uid-a", 0)]] * 3  # of before: engines that were resumed know better
    assert fresh[1:] == [[Tripped("uid-a", 0)], [Tripped("uid-a", 5_000)]]
    (trip,) = stored_trips(opened.engine)
    assert trip.since == 5_000


def test_a_restart_forgets_neither_failures_nor_trips(tmp_path: Path) -> None:
    """Both are in the store."""
    with opened_store(tmp_path) as opened:
        _fail(opened, 0)
        _fail(opened, 1)
    with opened_store(tmp_path) as opened:
        assert _fail(opened, 2) == [Tripped("uid-a", 0)]
    with opened_store(tmp_path) as opened:
        told = list(opened.store.breakers.open_in("team-a", Batch([accept()])))

    assert told == [Tripped("uid-a", 0)]


def test_a_purge_takes_the_trip_along(opened: OpenedStore) -> None:
    """Nothing is left of a deployment that is gone."""
    for number in range(3):
        _fail(opened, number)
    while not opened.store.purge("team-a", "uid-a"):
        pass

    assert list(opened.store.breakers.open_in("team-a", Batch([accept()]))) == []
    assert stored_trips(opened.engine) == []


def test_what_is_refused_trips_nothing(opened: OpenedStore) -> None:
    """A batch that one record spoils is not stored, and nor is what it would have tripped."""
    _fail(opened, 0)
    _fail(opened, 1)
    spoilt = accept(_run(1_002, 2), at=2**70)
    opened.write(Batch([spoilt], (), [finish(spoilt.run_id, "failed")], [WATCH]))

    assert list(opened.store.breakers.open_in("team-a", Batch([accept()]))) == []


def test_counting_reads_no_more_than_it_has_to(opened: OpenedStore) -> None:
    """The question about the newest failures goes by their index, whatever else there is."""
    with opened.engine.connect() as connection:
        places = ("uid-a", "failed", "run_0", 3) * 3 + ("team-a", 0)
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {LATELY}", places).fetchall()

    steps = [row[3] for row in rows if "SEARCH" in row[3] or "SCAN runs" in row[3]]
    assert len(steps) == 3
    assert all("runs_not_completed (deployment_uid=? AND status=? AND id>?)" in s for s in steps)


class _Counting:
    """A cursor that finds two failures, whoever asks, and counts who does."""

    asked = 0

    def execute(self, _statement: str, _places: object = ()) -> None:
        self.asked += 1

    def fetchone(self) -> tuple[int]:
        return (2,)

    def fetchall(self) -> list[object]:
        return []


def test_nobody_counts_while_there_cannot_be_too_many() -> None:
    """Of ten failures two are there: eight more have to come first, whatever the window drops."""
    cursor: Any = _Counting()
    breakers = Breakers(cursor)
    watch, cursor.asked = WATCH._replace(failures=10), 0
    asked = []
    for _ in range(17):
        end = finish(_run(1), "failed")
        breakers.judge(cursor, [("team-a", Batch([], (), [end], [watch]))])
        asked.append(cursor.asked)

    assert asked == [1] * 8 + [2] * 8 + [3]


def test_a_lower_number_is_in_force_at_once(opened: OpenedStore) -> None:
    """What was counted for the higher one says nothing about it."""
    for number in range(3):
        _fail(opened, number, WATCH._replace(failures=100))

    assert _fail(opened, 3) == [Tripped("uid-a", 0)]
