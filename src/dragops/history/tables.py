"""The tables of the run store, for every database. Payloads are kept apart from the rows.

Totals are kept in counter rows, so that no question about a deployment counts its runs.
Times are milliseconds since 1970.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

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
    Index("runs_of_deployment", "deployment_uid", "id"),
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
