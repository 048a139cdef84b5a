"""Stores of older versions: what they hold is told like what came later."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import create_engine

from dragops.history.database import migrate
from dragops.history.spans import DAY_MS, HOUR_MS
from dragops.history.timeline import Timeline
from support.run_store import opened_store

OLD_RUN = (
    "INSERT INTO runs (id, workspace, deployment_uid, deployment, node_id, triggered_by, status,"
    " version, accepted_at, started_at, completed_at)"
    " VALUES (?, 'team-a', 'uid-a', 'dep-a', 'hook', 'webhook', ?, 1, ?, ?, ?)"
)


def test_runs_from_before_statistics_are_counted(tmp_path: Path) -> None:
    """As far back as each period reaches; what goes on is not counted as ended."""
    now = int(time.time() * 1000)
    engine = create_engine(f"sqlite:///{tmp_path}/runs.db")
    migrate(engine, to="0001")
    engine.dispose()
    with sqlite3.connect(tmp_path / "runs.db") as old:
        for ago, status, took in (
            (HOUR_MS // 2, "completed", 8),
            (3 * DAY_MS, "failed", 4),
            (60 * DAY_MS, "failed", 4),
            (HOUR_MS // 4, "running", None),
        ):
            at = now - ago
            end = None if took is None else at + took
            old.execute(OLD_RUN, (f"run_{at:012x}{'0' * 20}", status, at, at, end))
    old.close()

    with opened_store(tmp_path) as opened:
        day = opened.queries.stats("uid-a", "24h", now=now)
        month = opened.queries.stats("uid-a", "30d", now=now)
        run = opened.queries.get_run("team-a", f"run_{now - 3 * DAY_MS:012x}{'0' * 20}")

    assert (day.whole.by_status, day.whole.average_ms) == ({"completed": 1}, 8.0)
    assert (month.whole.by_status, month.whole.average_ms) == ({"completed": 1, "failed": 1}, 6.0)
    assert (run.parent_run_id, run.attempt) == (None, 1)
    assert (run.status, run.retry_of, run.timeline) == ("failed", None, Timeline())
