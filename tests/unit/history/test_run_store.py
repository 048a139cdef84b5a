"""The run store: what engines report is what the API reads."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from dragops.errors import BadInput, NotFound, Unreachable
from dragops.history import statements as sql
from dragops.history.batch import DAY_MS, Accepted, Start, stopped
from dragops.history.database import migrate, reading, writing
from dragops.history.queries import RunFilter, RunQueries, Total
from dragops.history.store import RunStore
from dragops.history.tables import METADATA
from dragops.history.ticks import Question
from dragops.model.ids import new_run_id
from support.batches import accept, finish, of
from support.run_store import OpenedStore


def test_a_run_can_be_read_as_it_was_reported(opened: OpenedStore) -> None:
    """Event at the beginning, log and outcome at the end."""
    run = accept()
    log = '[[1100,"info","log","hello"]]'
    error = '{"type":"MathError","message":"by zero","nodeId":"d","line":7}'

    opened.write(of(run))
    opened.write(of(finish(run.run_id, "failed", log=log, error=error, log_dropped=2)))

    found = opened.queries.get_run("team-a", run.run_id)
    assert (found.status, found.triggered_by, found.version_number) == ("failed", "webhook", 3)
    assert found.started_at == "1970-01-01T00:00:01.000Z"
    assert found.completed_at == "1970-01-01T00:00:01.250Z"
    assert found.duration_ms == 250
    assert found.event_data == {"body": {"a": 1}}
    assert found.log_output == [
        {"level": "info", "message": "hello", "nodeId": "log", "at": "1970-01-01T00:00:01.100Z"}
    ]
    assert found.log_dropped == 2
    assert found.error_message == "by zero"
    assert found.error == {"type": "MathError", "message": "by zero", "nodeId": "d", "line": 7}


def test_a_run_of_another_workspace_is_not_there(opened: OpenedStore) -> None:
    """Who knows an id does not know the run."""
    run = accept()
    opened.write(of(run))

    with pytest.raises(NotFound):
        opened.queries.get_run("team-b", run.run_id)


def test_another_workspace_cannot_end_a_run(opened: OpenedStore) -> None:
    """The workspace is that of the token, whatever the batch names."""
    run = accept()
    opened.write(of(run))

    opened.write(of(finish(run.run_id)), workspace="team-b")

    assert opened.queries.get_run("team-a", run.run_id).status == "running"


def test_the_listing_is_newest_first_in_pages_with_the_whole_total(opened: OpenedStore) -> None:
    """Totals do not depend on the page."""
    runs = [accept(f"run_{number:032x}") for number in range(5)]
    opened.write(of(*runs))

    first, total = opened.queries.list_runs("uid-a", limit=2)
    last, _ = opened.queries.list_runs("uid-a", limit=2, offset=4)

    assert [run.id for run in first] == [runs[4].run_id, runs[3].run_id]
    assert [run.id for run in last] == [runs[0].run_id]
    assert total == Total(5)


def test_totals_follow_every_filter(opened: OpenedStore) -> None:
    """Counter rows are kept by status and by what started the run."""
    hook, other, tick = accept(), accept(), accept(triggered_by="schedule")
    opened.write(of(hook, other, tick))
    opened.write(of(finish(hook.run_id), finish(tick.run_id, "failed")))

    assert opened.total() == 3
    assert opened.total(status="running") == 1
    assert opened.total(status="completed") == 1
    assert opened.total(status="failed", triggered_by="schedule") == 1
    assert opened.total(status="failed", triggered_by="webhook") == 0
    failed, _ = opened.queries.list_runs("uid-a", RunFilter(status="failed"))
    assert [run.id for run in failed] == [tick.run_id]


def test_a_run_that_waits_is_accepted_until_it_begins(opened: OpenedStore) -> None:
    """The listing says running only of what an engine has begun."""
    run = accept(running=False)
    opened.write(of(run))
    waiting = opened.queries.get_run("team-a", run.run_id)

    opened.write(of(Start(run.run_id, 1_100)))

    begun = opened.queries.get_run("team-a", run.run_id)
    assert (waiting.status, waiting.started_at) == ("accepted", None)
    assert (begun.status, begun.started_at) == ("running", "1970-01-01T00:00:01.100Z")
    assert (opened.total(status="accepted"), opened.total(status="running")) == (0, 1)


def test_begin_and_end_in_one_batch_are_both_written(opened: OpenedStore) -> None:
    """A short run may begin and end while one batch is under way."""
    run = accept(running=False)
    opened.write(of(run))

    opened.write(of(Start(run.run_id, 1_100), finish(run.run_id)))

    assert opened.queries.get_run("team-a", run.run_id).duration_ms == 150
    assert opened.total(status="completed") == opened.total() == 1


def test_an_end_that_is_sent_twice_counts_once(opened: OpenedStore) -> None:
    """An engine sends again what it was not told about."""
    run = accept()
    opened.write(of(run))

    for status in ("completed", "failed"):
        opened.write(of(finish(run.run_id, status)))

    assert opened.queries.get_run("team-a", run.run_id).status == "completed"
    assert opened.total(status="completed") == opened.total() == 1


def test_an_accept_that_is_sent_twice_is_one_run_and_no_duplicate(opened: OpenedStore) -> None:
    """The first answer was lost on the way: the second must be the same."""
    run = accept(key="key:k")

    first, second = opened.write(of(run)), opened.write(of(run))

    assert first == second == [Accepted(run.run_id, False)]
    assert opened.total() == 1


def test_an_end_is_found_by_a_recorder_that_was_restarted(opened: OpenedStore) -> None:
    """What is unfinished is in the store, not only in memory."""
    run = accept()
    opened.write(of(run))

    RunStore(opened.engine).write([("team-a", of(finish(run.run_id)))])

    assert opened.total(status="completed") == 1


@pytest.mark.parametrize(
    ("changes", "is_duplicate"),
    [
        ({}, True),
        ({"at": 1_000 + DAY_MS - 1}, True),
        ({"at": 1_000 + DAY_MS}, False),
        ({"key": "key:other"}, False),
        ({"key": None}, False),
        ({"node_id": "hook2"}, False),
        ({"deployment_uid": "uid-b"}, False),
    ],
)
def test_a_key_names_one_run_of_its_endpoint_for_a_day(
    opened: OpenedStore, changes: dict[str, Any], is_duplicate: bool
) -> None:
    """The duplicate is told the first run's id."""
    first, second = accept(key="key:k"), accept(key="key:k")._replace(**changes)
    opened.write(of(first))

    [told] = opened.write(of(second))

    assert told == Accepted((first if is_duplicate else second).run_id, is_duplicate)
    assert opened.queries.last_hour(["team-a"])[0] == (1 if is_duplicate else 2)


def test_an_expired_key_belongs_to_the_run_that_took_it(opened: OpenedStore) -> None:
    """The day begins anew with the second run."""
    first, second, third = (accept(key="k", at=at) for at in (0, DAY_MS, DAY_MS + 5))

    told = [opened.write(of(run))[0] for run in (first, second, third)]

    assert [one.duplicate for one in told] == [False, False, True]
    assert told[2].run_id == second.run_id


def test_the_key_of_a_tick_is_kept_for_ever(opened: OpenedStore) -> None:
    """A tick never counts twice, however late."""
    tick = accept(key="t", key_for_ever=True, triggered_by="schedule")
    opened.write(of(tick))
    opened.store.tidy()

    [told] = opened.write(of(accept(key="t", at=400 * DAY_MS)))

    assert told == Accepted(tick.run_id, True)


@pytest.mark.parametrize("together", [True, False])
def test_a_run_that_was_not_carried_out_gives_back_its_key(
    opened: OpenedStore, together: bool
) -> None:
    """Its sender was told to try again: the next try must run, even in the batch that says so."""
    first, second = accept(key="k"), accept(key="k")
    opened.write(of(first))
    end = finish(first.run_id, "cancelled", error=stopped("Try again"))

    if together:
        [told] = opened.write(of(end, second))
    else:
        opened.write(of(end))
        [told] = opened.write(of(second))

    assert told == Accepted(second.run_id, False)
    assert opened.write(of(accept(key="k"))) == [Accepted(second.run_id, True)]


@pytest.mark.parametrize("together", [True, False])
def test_a_cancelled_tick_keeps_its_key(opened: OpenedStore, together: bool) -> None:
    """Whoever cancelled it did not want it made up for."""
    fields = {"key": "t", "key_for_ever": True, "triggered_by": "schedule"}
    first, second = accept(**fields), accept(**fields)
    opened.write(of(first))
    end = finish(first.run_id, "cancelled", error=stopped("Try again"))

    if together:
        [told] = opened.write(of(end, second))
    else:
        opened.write(of(end))
        [told] = opened.write(of(second))

    assert told == Accepted(first.run_id, True)


def test_ticks_are_known_by_their_keys(opened: OpenedStore) -> None:
    """Of one node: those that have ended, those that go on; the others are not there."""
    ended, going = (accept(key=key, key_for_ever=True) for key in ("t1", "t2"))
    other_node = accept(key="t3", key_for_ever=True, node_id="tock")
    opened.write(of(ended, going, other_node))
    opened.write(of(finish(ended.run_id, "failed")))

    known = opened.store.ticks("team-a", Question("uid-a", "hook", ["t1", "t2", "t3", "t4"]))

    assert sorted(known) == [("t1", ended.run_id, True), ("t2", going.run_id, False)]


def test_ticks_of_another_workspace_are_not_told(opened: OpenedStore) -> None:
    """Whoever knows a uid knows nothing more."""
    opened.write(of(accept(key="t", key_for_ever=True)))

    assert opened.store.ticks("team-b", Question("uid-a", "hook", ["t"])) == []
    assert opened.store.ticks("team-a", Question("uid-a", "hook", [])) == []


def test_a_run_that_somebody_cancelled_keeps_its_key(opened: OpenedStore) -> None:
    """Its sender was told that it is accepted: the same delivery is the same run."""
    run = accept(key="k")
    opened.write(of(run))
    opened.write(of(finish(run.run_id, "cancelled", error='{"type":"Cancelled","message":"m"}')))

    assert opened.write(of(accept(key="k"))) == [Accepted(run.run_id, True)]


def test_one_key_twice_in_one_transaction_is_one_run(opened: OpenedStore) -> None:
    """Two engines may take the same delivery at the same moment."""
    runs = [accept(key="k") for _ in range(3)]
    sources = [("team-a", of(runs[0], runs[1])), ("team-a", of(runs[2]))]

    [[first, second], [third]] = opened.store.write(sources)

    assert [first.duplicate, second.duplicate, third.duplicate] == [False, True, True]
    assert {first.run_id, second.run_id, third.run_id} == {runs[0].run_id}


def test_a_spoiled_batch_does_not_spoil_the_others(opened: OpenedStore) -> None:
    """They were gathered by chance."""
    good, bad = accept(), accept(version=2**70)

    first, second = opened.store.write([("team-a", of(good)), ("team-b", of(bad))])

    assert first == [Accepted(good.run_id, False)]
    assert isinstance(second, BadInput)
    assert opened.total() == 1


def test_a_full_disk_acknowledges_nothing(opened: OpenedStore) -> None:
    """Nothing of the transaction is there afterwards, and the store works on when there is room."""
    cursor = opened.store._connection.cursor()
    cursor.execute("PRAGMA max_page_count = 20")
    big = accept(event='"' + "x" * 1_000_000 + '"')

    refused = opened.write(of(big))

    assert isinstance(refused, Unreachable)
    assert opened.total() == 0
    cursor.execute("PRAGMA max_page_count = 1000000")
    assert opened.write(of(big)) == [Accepted(big.run_id, False)]


def test_last_runs_tells_total_and_newest_of_each(opened: OpenedStore) -> None:
    """A deployment without runs has none."""
    old, new = accept(f"run_{1:032x}"), accept(f"run_{2:032x}")
    opened.write(of(old, new))
    opened.write(of(finish(new.run_id)))

    told = opened.queries.last_runs(["uid-a", "uid-z"])

    total, last = told["uid-a"]
    assert (total, last and (last.id, last.status, last.duration_ms)) == (
        2,
        (new.run_id, "completed", 250),
    )
    assert told["uid-z"] == (0, None)


def test_the_last_hour_counts_runs_and_failures_of_the_workspaces_asked(
    opened: OpenedStore,
) -> None:
    """A failure counts in the minute in which its run was made."""
    fine, bad, late = accept(), accept(), accept()
    opened.write(of(fine, bad, late, accept(f"run_{1:032x}")))
    opened.write(of(accept()), workspace="team-b")
    opened.write(of(finish(fine.run_id), finish(bad.run_id, "failed")))
    opened.write(of(finish(late.run_id, "timeout")))

    assert opened.queries.last_hour(["team-a"]) == (3, 2)
    assert opened.queries.last_hour(["team-a", "team-b"]) == (4, 2)


def test_a_purge_leaves_nothing_of_its_deployment_and_all_of_the_others(
    opened: OpenedStore,
) -> None:
    """In slices, so that others are served in between."""
    kept = accept(deployment_uid="uid-b", key="k")
    opened.write(of(kept, *(accept(key=f"k{number}") for number in range(5))))

    slices = [opened.store.purge("team-a", "uid-a", at_most=2) for _ in range(3)]

    assert slices == [False, False, True]
    assert opened.queries.list_runs("uid-a") == ([], Total(0))
    assert opened.queries.get_run("team-a", kept.run_id).event_data == {"body": {"a": 1}}
    assert opened.queries.last_hour(["team-a"]) == (1, 0)
    assert not opened.write(of(accept(key="k0")))[0].duplicate
    assert opened.write(of(accept(deployment_uid="uid-b", key="k")))[0].duplicate


def test_a_purge_does_not_reach_into_another_workspace(opened: OpenedStore) -> None:
    """The uid alone is not enough."""
    opened.write(of(accept()))

    opened.store.purge("team-b", "uid-a")

    assert len(opened.queries.list_runs("uid-a")[0]) == 1


def test_a_second_writer_is_refused(tmp_path: Path, opened: OpenedStore) -> None:
    """Two processes on one volume would be two truths."""
    with pytest.raises(Unreachable, match="has a writer already"), writing(tmp_path / "runs.db"):
        pass


def test_the_tables_are_what_the_migrations_make(opened: OpenedStore) -> None:
    """Migrating again changes nothing."""
    migrate(opened.engine)

    seen = inspect(opened.engine)
    made = {
        table: {column["name"] for column in seen.get_columns(table)}
        for table in seen.get_table_names()
        if table != "alembic_version"
    }
    assert made == {
        name: {column.name for column in table.columns} for name, table in METADATA.tables.items()
    }


def test_questions_about_keys_and_deployments_use_their_indexes(opened: OpenedStore) -> None:
    """Neither may grow with the number of runs."""
    cursor = opened.store._connection.cursor()
    for question, values in (
        (sql.keys(2), ("a",) * 6),
        (sql.open_runs(2), ("a",) * 2),
        (sql.ticks(2), ("a",) * 4),
        (sql.GOING, ("a",) * 4),
        ("SELECT max(id) FROM runs WHERE deployment_uid = ?", ("a",)),
    ):
        cursor.execute(f"EXPLAIN QUERY PLAN {question}", values)
        plan = " ".join(row[3] for row in cursor.fetchall())

        assert "SCAN runs" not in plan, plan
        assert "SCAN idempotency_keys" not in plan, plan


def test_reading_a_store_that_is_not_there_yet_may_work_later(tmp_path: Path) -> None:
    """The API may start before the recorder."""
    with pytest.raises(Unreachable):
        RunQueries(reading(tmp_path / "none.db")).get_run("team-a", new_run_id())
