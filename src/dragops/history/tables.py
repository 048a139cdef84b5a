"""The tables of the run store, for every database. Payloads are kept apart from the rows.

Totals are kept in counter rows, so that no question about a deployment counts its runs.
Times are milliseconds since 1970.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TextClause,
    text,
)

METADATA = MetaData()

NOT_COMPLETED, NOT_OF_WEBHOOK = text("status <> 'completed'"), text("triggered_by <> 'webhook'")
"""The conditions of the partial indexes: a question must say them word for word to use one."""


def _partial(name: str, column: str, condition: TextClause) -> Index:
    columns = ("deployment_uid", column, "id")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# Ids sort by time: clustered by id, new runs are appended at the end of the tree.
RUNS = Table(
    "runs",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("workspace", String(63), nullable=False),
    Column("deployment_uid", String(64), nullable=False),
    Column("deployment", String(63), nullable=False),
    Column("node_id", String(63), nullable=False),
    Column("triggered_by", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("error", Text),
    Column("retry_of", String(64)),
    Column("parent_run_id", String(64)),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Index("runs_of_deployment", "deployment_uid", "id"),
    # for filters that few runs pass; the usual run is in neither, and pays for neither
    _partial("runs_not_completed", "status", NOT_COMPLETED),
    _partial("runs_not_of_webhooks", "triggered_by", NOT_OF_WEBHOOK),
    sqlite_with_rowid=False,
)

EVENTS = Table(
    "run_events",
    METADATA,
    Column("run_id", String(64), primary_key=True),
    Column("event", Text, nullable=False),
)

OUTPUTS = Table(
    "run_outputs",
    METADATA,
    Column("run_id", String(64), primary_key=True),
    Column("log", Text),
    Column("log_dropped", Integer, nullable=False),
    Column("answer", Text),
    Column("timeline", Text),
)

COUNTS = Table(
    "run_counts",
    METADATA,
    Column("deployment_uid", String(64), primary_key=True),
    Column("triggered_by", String(16), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("runs", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

MINUTES = Table(
    "run_minutes",
    METADATA,
    Column("workspace", String(63), primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("deployment_uid", String(64), primary_key=True),
    Column("runs", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Ends of runs, counted by the minute and by the hour in which the run was made.
ENDS = Table(
    "run_ends",
    METADATA,
    Column("deployment_uid", String(64), primary_key=True),
    Column("span", BigInteger, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("triggered_by", String(16), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("duration", Integer, primary_key=True),
    Column("runs", BigInteger, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Index("run_ends_age", "span", "at"),
    sqlite_with_rowid=False,
)

KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("deployment_uid", String(64), primary_key=True),
    Column("node_id", String(63), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("expires_at", BigInteger),
    Index("idempotency_keys_expiry", "expires_at"),
    sqlite_with_rowid=False,
)

# The last trip of each deployment that has ever tripped.
BREAKERS = Table(
    "circuit_breakers",
    METADATA,
    Column("workspace", String(63), primary_key=True),
    Column("deployment_uid", String(64), primary_key=True),
    Column("deployment", String(63), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("tripped_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("window_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
