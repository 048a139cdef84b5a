"""What the run store tells about whether things go well, and at which price."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from dragops.errors import Unreachable
from dragops.history.batch import Batch
from dragops.history.database import reading, writing
from dragops.history.soundness import Soundness, Tick
from dragops.history.store import RunStore
from dragops.model.ids import new_run_id
from support.batches import accept, finish


@dataclass
class Opened:
    """A store, and the questions over the same file."""

    store: RunStore
    reader: Engine
    soundness: Soundness

    def write(self, batch: Batch, workspace: str = "team-a") -> None:
        (result,) = self.store.write([(workspace, batch)])
        assert isinstance(result, list)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """An empty store."""
    path = tmp_path / "runs.db"
    with writing(path) as engine:
        reader = reading(path)
        yield Opened(RunStore(engine), reader, Soundness(reader))
        reader.dispose()


def test_an_empty_store_has_nothing_to_say(opened: Opened) -> None:
    assert opened.soundness.dead_letters() == {}
    assert opened.soundness.oldest_unfinished(["a"]) is None
    assert opened.soundness.recorded([]) == set()


def test_dead_letters_are_counted_by_deployment(opened: Opened) -> None:
    for uid, status in (("a", "dead_letter"), ("a", "dead_letter"), ("b", "failed"), ("c", "")):
        run = accept(deployment_uid=uid)
        ends = [finish(run.run_id, status=status)] if status else []
        opened.write(Batch([run], [], ends))

    assert opened.soundness.dead_letters() == {"a": 2}


def test_the_oldest_unfinished_run_is_the_first_made_of_those_that_have_not_ended(
    opened: Opened,
) -> None:
    ended, waiting, running, other = (
        accept(_made(at), deployment_uid=uid, running=running)
        for at, uid, running in ((1, "a", True), (2, "a", False), (3, "a", True), (0, "b", True))
    )
    opened.write(Batch([ended, waiting, running, other], [], [finish(ended.run_id)]))

    assert opened.soundness.oldest_unfinished(["a"]) == waiting.run_id
    assert opened.soundness.oldest_unfinished(["a", "b", "c"]) == other.run_id
    opened.write(Batch([], [], [finish(waiting.run_id), finish(running.run_id)]))
    assert opened.soundness.oldest_unfinished(["a"]) is None


def _made(at: int) -> str:
    return f"run_{at:012x}{new_run_id()[16:]}"


def test_ticks_are_found_by_their_keys_however_many_are_asked_for(opened: Opened) -> None:
    ticks = [Tick("a", f"n{number}", f"2026-01-01T00:{number:02}") for number in range(700)]
    runs = [
        accept(deployment_uid="a", node_id=tick.node_id, key=tick.key)._replace(run_id=new_run_id())
        for tick in ticks[::2]
    ]
    opened.write(Batch(runs))

    assert opened.soundness.recorded(ticks) == set(ticks[::2])
    assert opened.soundness.recorded([Tick("b", "n0", ticks[0].key)]) == set()


def test_no_question_walks_through_the_runs(opened: Opened) -> None:
    """Each is answered from an index or from counters, whatever the history's size."""
    asked: list[tuple[str, object]] = []
    event.listen(
        opened.reader,
        "before_cursor_execute",
        lambda _c, _cursor, statement, values, *_: asked.append((statement, values)),
    )
    opened.write(Batch([accept(deployment_uid="a")]))
    opened.soundness.dead_letters()
    opened.soundness.oldest_unfinished(["a"])
    opened.soundness.recorded([Tick("a", "n", "k"), Tick("b", "n", "k")])

    plans = []
    with opened.reader.connect() as connection:
        for statement, values in list(asked):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as they were
            plans.append(" | ".join(str(row[3]) for row in rows))
    dead, busy, unfinished, keys = plans
    assert "runs" not in (dead + busy).replace("run_counts", "")
    assert "INDEX runs_not_completed (deployment_uid=? AND status=?)" in unfinished
    assert "SEARCH idempotency_keys USING PRIMARY KEY" in keys


def test_a_store_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    """Not empty."""
    soundness = Soundness(reading(tmp_path / "none.db"))

    with pytest.raises(Unreachable, match="the run store"):
        soundness.dead_letters()
