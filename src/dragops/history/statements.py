"""The writer's SQL, as text: a construct compiled for each run would cost more than its row.

All of it is standard enough for SQLite and PostgreSQL; only the marks are SQLite's.
"""

from dragops.history.batch import STOPPED

INSERT_RUN = (
    "INSERT INTO runs (id, workspace, deployment_uid, deployment, node_id, triggered_by, status,"
    " version, accepted_at, started_at, retry_of, parent_run_id)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)
INSERT_EVENT = "INSERT INTO run_events (run_id, event) VALUES (?,?)"
CLAIM_KEY = (
    "INSERT INTO idempotency_keys (deployment_uid, node_id, key, run_id, expires_at)"
    " VALUES (?,?,?,?,?) ON CONFLICT (deployment_uid, node_id, key)"
    " DO UPDATE SET run_id = excluded.run_id, expires_at = excluded.expires_at"
)
START_RUN = "UPDATE runs SET status = 'running', started_at = ? WHERE id = ?"
TRY_RUN = "UPDATE runs SET attempt = ? WHERE id = ? AND workspace = ? AND attempt < ?"
END_RUN = "UPDATE runs SET status = ?, completed_at = ?, error = ? WHERE id = ?"
INSERT_OUTPUT = (
    "INSERT INTO run_outputs (run_id, log, log_dropped, answer, timeline) VALUES (?,?,?,?,?)"
)
COUNT = (
    "INSERT INTO run_counts (deployment_uid, triggered_by, status, runs) VALUES (?,?,?,?)"
    " ON CONFLICT (deployment_uid, triggered_by, status)"
    " DO UPDATE SET runs = run_counts.runs + excluded.runs"
)
COUNT_MINUTE = (
    "INSERT INTO run_minutes (workspace, minute, deployment_uid, runs, failures)"
    " VALUES (?,?,?,?,?) ON CONFLICT (workspace, minute, deployment_uid) DO UPDATE"
    " SET runs = run_minutes.runs + excluded.runs,"
    " failures = run_minutes.failures + excluded.failures"
)
COUNT_ENDS = (
    "INSERT INTO run_ends"
    " (deployment_uid, span, at, triggered_by, status, duration, runs, milliseconds)"
    " VALUES (?,?,?,?,?,?,?,?)"
    " ON CONFLICT (deployment_uid, span, at, triggered_by, status, duration) DO UPDATE"
    " SET runs = run_ends.runs + excluded.runs,"
    " milliseconds = run_ends.milliseconds + excluded.milliseconds"
)
EXPIRE_KEYS = "DELETE FROM idempotency_keys WHERE expires_at < ?"
EXPIRE_MINUTES = "DELETE FROM run_minutes WHERE minute < ?"
_ENDS_KEY = "deployment_uid, span, at, triggered_by, status, duration"
EXPIRE_ENDS = (
    f"DELETE FROM run_ends WHERE ({_ENDS_KEY}) IN"  # noqa: S608 constants of this file
    f" (SELECT {_ENDS_KEY} FROM run_ends WHERE span = ? AND at < ? LIMIT ?)"
)

_SLICE = "(SELECT id FROM runs WHERE workspace = ? AND deployment_uid = ? ORDER BY id LIMIT ?)"
PURGE_PAYLOADS = (
    f"DELETE FROM run_events WHERE run_id IN {_SLICE}",  # noqa: S608 constants of this file
    f"DELETE FROM run_outputs WHERE run_id IN {_SLICE}",  # noqa: S608 constants of this file
)
PURGE_RUNS = f"DELETE FROM runs WHERE id IN {_SLICE}"  # noqa: S608 constants of this file
ANY_RUN = "SELECT 1 FROM runs WHERE deployment_uid = ? LIMIT 1"
PURGE_BOOKS = (
    "DELETE FROM run_counts WHERE deployment_uid = ?",
    "DELETE FROM run_minutes WHERE deployment_uid = ?",
    "DELETE FROM run_ends WHERE deployment_uid = ?",
    "DELETE FROM idempotency_keys WHERE deployment_uid = ?",
)


GOING = (
    "SELECT runs.id, e.event FROM runs LEFT JOIN run_events e ON e.run_id = runs.id"
    " WHERE runs.deployment_uid = ? AND runs.status IN ('accepted', 'running')"
    " AND runs.status <> 'completed' AND runs.id > ? AND runs.workspace = ?"
    " AND runs.node_id = ? AND runs.triggered_by = 'schedule'"
)
"""The runs of a schedule that have not ended; ``<> 'completed'`` chooses the index."""
STATUS = "SELECT status FROM runs WHERE id = ?"


def open_runs(count: int) -> str:
    """Give the question for those of ``count`` ids that have not ended."""
    return (
        "SELECT id, workspace, deployment_uid, deployment, triggered_by, status, started_at"  # noqa: S608 marks only
        " FROM runs"
        f" WHERE id IN ({_marks(count)}) AND status IN ('accepted', 'running')"
    )


def stored_runs(count: int) -> str:
    """Give the question for those of ``count`` ids that are stored."""
    return f"SELECT id FROM runs WHERE id IN ({_marks(count)})"  # noqa: S608 marks only


def keys(count: int) -> str:
    """Give the question for the owners of ``count`` idempotency keys.

    A run that its engine did not carry out holds none, as its sender was told to try again; but
    for a tick, whose key is for ever.
    """
    places = ",".join(["(?,?,?)"] * count)
    # joined, as SQLite would scan the table for a list of pairs
    return (
        f"WITH wanted (uid, node, name) AS (VALUES {places})"  # noqa: S608 marks only
        " SELECT k.deployment_uid, k.node_id, k.key, k.run_id, k.expires_at FROM wanted"
        " JOIN idempotency_keys k ON k.deployment_uid = uid AND k.node_id = node AND k.key = name"
        " LEFT JOIN runs ON runs.id = k.run_id AND runs.status = 'cancelled'"
        f" WHERE k.expires_at IS NULL OR coalesce(runs.error, '') NOT LIKE '{STOPPED}%'"
    )


def ticks(count: int) -> str:
    """Give the question for those of ``count`` keys of one node that have a run."""
    return (
        f"WITH wanted (name) AS (VALUES {','.join(['(?)'] * count)})"  # noqa: S608 marks only
        " SELECT k.key, k.run_id, runs.status, runs.workspace FROM wanted"
        " JOIN idempotency_keys k ON k.deployment_uid = ? AND k.node_id = ? AND k.key = name"
        " LEFT JOIN runs ON runs.id = k.run_id"
    )


def _marks(count: int) -> str:
    return ",".join("?" * count)
