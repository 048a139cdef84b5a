"""Lists of runs: narrowed, cut, counted, and never by way of the whole history."""

from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from dragops.history import queries
from dragops.history.batch import Accept, Start
from dragops.history.queries import RunFilter, Total, first_id
from support.batches import accept, finish, of
from support.run_store import OpenedStore


def made_at(milliseconds: int, **changes: Any) -> Accept:
    """Give a run that was made at this time, as its id tells."""
    return accept(f"run_{milliseconds:012x}{'0' * 20}", at=milliseconds, **changes)


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        ({}, [40, 30, 20, 10]),
        ({"since": 20}, [40, 30, 20]),
        ({"until": 30}, [20, 10]),
        ({"since": 20, "until": 30}, [20]),
        ({"since": 11, "until": 20}, []),
        ({"since": -5, "until": 2**60}, [40, 30, 20, 10]),
        ({"since": 20, "status": "completed"}, [40, 20]),
        ({"since": 20, "status": "failed"}, [30]),
        ({"until": 40, "triggered_by": "manual"}, [30, 10]),
        ({"until": 40, "triggered_by": "manual", "status": "completed"}, [10]),
    ],
)
def test_a_stretch_of_time_begins_at_since_and_ends_before_until(
    opened: OpenedStore, wanted: dict[str, Any], made: list[int]
) -> None:
    """By the time at which a run was made; the other filters hold as well."""
    runs = [
        made_at(at, triggered_by=("webhook", "manual")[at // 10 % 2]) for at in (10, 20, 30, 40)
    ]
    ends = [finish(run.run_id, "failed" if run.at == 30 else "completed") for run in runs]
    opened.write(of(*runs, *ends))

    assert opened.ids(**wanted) == [made_at(at).run_id for at in made]
    assert opened.total(**wanted) == len(made)


def test_a_stretch_of_time_is_counted_up_to_a_bound(
    opened: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past it the total is a lower bound, and says so; pages go on."""
    monkeypatch.setattr(queries, "COUNTED_MAX", 3)
    opened.write(of(*(made_at(at) for at in range(1, 6))))

    runs, total = opened.queries.list_runs("uid-a", RunFilter(since=2), limit=2, offset=2)
    _, whole = opened.queries.list_runs("uid-a")
    _, exact = opened.queries.list_runs("uid-a", RunFilter(since=3))

    assert [run.id for run in runs] == [made_at(3).run_id, made_at(2).run_id]
    assert (total, whole, exact) == (Total(3, is_exact=False), Total(5), Total(3))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "runs_of_deployment"),
        ({"status": "failed"}, "runs_not_completed"),
        ({"status": "running"}, "runs_not_completed"),
        ({"triggered_by": "manual"}, "runs_not_of_webhooks"),
        ({"since": 5}, "runs_of_deployment"),
        ({"since": 5, "until": 9, "status": "dead_letter"}, "runs_not_completed"),
        ({"since": 5, "triggered_by": "schedule"}, "runs_not_of_webhooks"),
    ],
)
def test_what_few_runs_are_is_found_by_an_index_of_few_runs(
    opened: OpenedStore, wanted: dict[str, Any], index: str
) -> None:
    """The newest failure among a million runs is one step away, without sorting."""
    question = queries._ids("uid-a", RunFilter(**wanted)).order_by(queries.RUNS.c.id.desc())
    text = question.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    cursor = opened.store._connection.cursor()
    cursor.execute(f"EXPLAIN QUERY PLAN {text}")
    plan = " ".join(row[3] for row in cursor.fetchall())

    assert f"USING COVERING INDEX {index}" in plan
    assert "TEMP B-TREE" not in plan


def test_a_called_run_names_the_run_that_called_it(opened: OpenedStore) -> None:
    """Others name nobody."""
    caller = accept()
    called = accept(parent=caller.run_id, triggered_by="pattern")
    opened.write(of(caller, called))

    told = [opened.queries.get_run("team-a", run.run_id) for run in (caller, called)]

    assert [run.parent_run_id for run in told] == [None, caller.run_id]
    assert [run.retry_of for run in told] == [None, None]


def test_a_retry_names_the_run_whose_event_it_took(opened: OpenedStore) -> None:
    """The first run names nobody."""
    first = accept()
    again = accept(retry_of=first.run_id)
    opened.write(of(first, again))

    told = [opened.queries.get_run("team-a", run.run_id).retry_of for run in (first, again)]

    assert told == [None, first.run_id]


def test_the_first_id_of_a_time_is_not_after_any_id_of_it() -> None:
    """Times before 1970 and after the year 10889 are the ends of the scale."""
    assert first_id(255) == "run_0000000000ff"
    assert first_id(255) < made_at(255).run_id < first_id(256)
    assert first_id(-1) == first_id(0)
    assert first_id(2**60) == "run_ffffffffffff"


def test_a_run_tells_how_often_it_was_tried(opened: OpenedStore) -> None:
    """Once unless told otherwise; it goes on meanwhile, and begins only once."""
    once, thrice = accept(at=1_000), accept(at=1_000)
    opened.write(of(once, thrice, Start(thrice.run_id, 1_100, 2)))
    between = opened.queries.get_run("team-a", thrice.run_id)
    opened.write(of(Start(thrice.run_id, 1_200, 3), finish(thrice.run_id, "dead_letter")))

    told = [opened.queries.get_run("team-a", run.run_id) for run in (once, thrice)]

    assert (between.attempt, between.status) == (2, "running")
    assert [(run.attempt, run.status) for run in told] == [(1, "running"), (3, "dead_letter")]
    assert told[1].started_at == "1970-01-01T00:00:01.000Z"
    assert opened.ids(status="dead_letter") == [thrice.run_id]


def test_an_attempt_may_be_told_late_and_by_its_own_workspace_only(opened: OpenedStore) -> None:
    """Batches pass each other; the highest number counts."""
    run = accept()
    opened.write(of(run, Start(run.run_id, 1_100, 3), finish(run.run_id)))
    opened.write(of(Start(run.run_id, 1_050, 2)))
    opened.write(of(Start(run.run_id, 1_200, 4)), workspace="team-b")
    first = opened.queries.get_run("team-a", run.run_id)
    opened.write(of(Start(run.run_id, 1_200, 4)))

    last = opened.queries.get_run("team-a", run.run_id)

    assert (first.attempt, last.attempt, last.status) == (3, 4, "completed")
