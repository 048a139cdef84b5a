"""Runs, their payloads, counters and idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    _runs()
    _payloads()
    _books()
    _keys()


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String(63), nullable=False),
        sa.Column("deployment_uid", sa.String(64), nullable=False),
        sa.Column("deployment", sa.String(63), nullable=False),
        sa.Column("node_id", sa.String(63), nullable=False),
        sa.Column("triggered_by", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("accepted_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("runs_of_deployment", "runs", ["deployment_uid", "id"])


def _payloads() -> None:
    op.create_table(
        "run_events",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.create_table(
        "run_outputs",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("log", sa.Text),
        sa.Column("log_dropped", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text),
    )


def _books() -> None:
    op.create_table(
        "run_counts",
        sa.Column("deployment_uid", sa.String(64), primary_key=True),
        sa.Column("triggered_by", sa.String(16), primary_key=True),
        sa.Column("status", sa.String(16), primary_key=True),
        sa.Column("runs", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_minutes",
        sa.Column("workspace", sa.String(63), primary_key=True),
        sa.Column("minute", sa.BigInteger, primary_key=True),
        sa.Column("deployment_uid", sa.String(64), primary_key=True),
        sa.Column("runs", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("deployment_uid", sa.String(64), primary_key=True),
        sa.Column("node_id", sa.String(63), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_keys_expiry", "idempotency_keys", ["expires_at"])
