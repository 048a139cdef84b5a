"""Timelines, retries, indexes for rare runs, and counters of ends that statistics are made of."""

import time
from collections import Counter

import sqlalchemy as sa
from alembic import op

from dragops.history.durations import NO_DURATION, rounded

revision = "0002"
down_revision = "0001"

_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_KEPT = {_MINUTE: 25 * _HOUR, _HOUR: 31 * _DAY}
_OLD_ENDS = sa.text(
    "SELECT id, deployment_uid, triggered_by, status, started_at, completed_at FROM runs"
    " WHERE id >= :oldest AND completed_at IS NOT NULL"
)


def upgrade() -> None:
    """Add them; runs that ended before are counted, as far back as statistics reach."""
    op.add_column("runs", sa.Column("retry_of", sa.String(64)))
    op.add_column("run_outputs", sa.Column("timeline", sa.Text))
    _index("runs_not_completed", "status", "status <> 'completed'")
    _index("runs_not_of_webhooks", "triggered_by", "triggered_by <> 'webhook'")
    _count_old_ends(_ends())


def _index(name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(
        name,
        "runs",
        ["deployment_uid", column, "id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _ends() -> sa.Table:
    made = op.create_table(
        "run_ends",
        sa.Column("deployment_uid", sa.String(64), primary_key=True),
        sa.Column("span", sa.BigInteger, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("triggered_by", sa.String(16), primary_key=True),
        sa.Column("status", sa.String(16), primary_key=True),
        sa.Column("duration", sa.Integer, primary_key=True),
        sa.Column("runs", sa.BigInteger, nullable=False),
        sa.Column("milliseconds", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("run_ends_age", "run_ends", ["span", "at"])
    return made


def _count_old_ends(table: sa.Table) -> None:
    now = int(time.time() * 1000)
    runs: Counter[tuple[object, ...]] = Counter()
    milliseconds: Counter[tuple[object, ...]] = Counter()
    oldest = f"run_{now - _KEPT[_HOUR]:012x}"
    for row in op.get_bind().execute(_OLD_ENDS, {"oldest": oldest}):
        made = int(row.id[4:16], 16)
        took = 0 if row.started_at is None else max(0, row.completed_at - row.started_at)
        length = NO_DURATION if row.started_at is None else rounded(took)
        for span, kept in _KEPT.items():
            if made >= now - kept:
                at = made // span * span
                key = (row.deployment_uid, span, at, row.triggered_by, row.status, length)
                runs[key] += 1
                milliseconds[key] += took
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, (*key, runs[key], milliseconds[key]), strict=True)) for key in runs]
    if rows:
        op.bulk_insert(table, rows)
