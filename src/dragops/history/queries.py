"""Reads of the run store, as the API shows them. Totals come from counter rows.

The calls block: the API makes them in a thread.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, RowMapping, Select, func, select
from sqlalchemy.exc import DBAPIError

from dragops.errors import NotFound, Unreachable
from dragops.history.tables import COUNTS, EVENTS, MINUTES, OUTPUTS, RUNS
from dragops.model.run import iso


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the API shows it; ``started_at`` is None while it waits for a free slot."""

    id: str
    workspace: str
    deployment: str
    deployment_uid: str
    node_id: str
    triggered_by: str
    status: str
    version_number: int
    accepted_at: str
    started_at: str | None
    completed_at: str | None
    duration_ms: int | None
    event_data: Any
    log_output: list[dict[str, Any]]
    """Entries {level, message, nodeId, at}."""
    log_dropped: int
    error_message: str | None
    error: dict[str, Any] | None
    """{type, message, nodeId, line, data}; keys that are not known are left out."""
    answer: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a deployment, without its payloads."""

    id: str
    status: str
    started_at: str | None
    duration_ms: int | None


class RunQueries:
    """Questions about runs, over a read-only engine (``dragops.history.database.reading``)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_runs(
        self,
        deployment_uid: str,
        *,
        status: str | None = None,
        triggered_by: str | None = None,
        page: int = 1,
        limit: int = 20,
    ) -> tuple[list[RunRecord], int]:
        """Give a page of a deployment's runs, newest first, and how many there are in all."""
        wanted = {"deployment_uid": deployment_uid}
        wanted |= {"status": status} if status else {}
        wanted |= {"triggered_by": triggered_by} if triggered_by else {}
        total = select(func.coalesce(func.sum(COUNTS.c.runs), 0)).filter_by(**wanted)
        newest = select(RUNS.c.id).filter_by(**wanted).order_by(RUNS.c.id.desc())
        here = newest.limit(limit).offset((page - 1) * limit)
        with self._connect() as connection:
            rows = connection.execute(_with_payloads(here.subquery())).mappings()
            return [_record(row) for row in rows], int(connection.scalar(total) or 0)

    def get_run(self, workspace: str, run_id: str) -> RunRecord:
        """Give one run; raise NotFound when this workspace has no such run."""
        one = select(RUNS.c.id).where(RUNS.c.id == run_id, RUNS.c.workspace == workspace)
        with self._connect() as connection:
            row = connection.execute(_with_payloads(one.subquery())).mappings().first()
        if row is None:
            raise NotFound("run", run_id)
        return _record(row)

    def last_runs(self, deployment_uids: Sequence[str]) -> dict[str, tuple[int, LastRun | None]]:
        """Give of each deployment how many runs it has, and the newest one."""
        totals = (
            select(COUNTS.c.deployment_uid, func.sum(COUNTS.c.runs).label("total"))
            .where(COUNTS.c.deployment_uid.in_(deployment_uids))
            .group_by(COUNTS.c.deployment_uid)
            .subquery()
        )
        older = RUNS.alias()
        newest = (
            select(func.max(older.c.id))
            .where(older.c.deployment_uid == totals.c.deployment_uid)
            .correlate(totals)
            .scalar_subquery()
        )
        question = select(totals.c.total, RUNS).join_from(totals, RUNS, RUNS.c.id == newest)
        with self._connect() as connection:
            rows = connection.execute(question).mappings().all()
        found = {row["deployment_uid"]: (int(row["total"]), _last(row)) for row in rows}
        return {uid: found.get(uid, (0, None)) for uid in deployment_uids}

    def last_hour(self, workspaces: Sequence[str]) -> tuple[int, int]:
        """Give how many runs these workspaces began in the last 60 minutes, and the failures."""
        since = int(time.time()) // 60 - 60
        question = select(
            func.coalesce(func.sum(MINUTES.c.runs), 0),
            func.coalesce(func.sum(MINUTES.c.failures), 0),
        ).where(MINUTES.c.workspace.in_(workspaces), MINUTES.c.minute > since)
        with self._connect() as connection:
            runs, failures = connection.execute(question).one()
        return int(runs), int(failures)

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as exc:
            raise Unreachable("the run store", str(exc.orig)) from exc


def _with_payloads(ids: Any) -> Select[Any]:
    return (
        select(RUNS, EVENTS.c.event, OUTPUTS.c.log, OUTPUTS.c.log_dropped, OUTPUTS.c.answer)
        .join(ids, ids.c.id == RUNS.c.id)
        .outerjoin(EVENTS, EVENTS.c.run_id == RUNS.c.id)
        .outerjoin(OUTPUTS, OUTPUTS.c.run_id == RUNS.c.id)
        .order_by(RUNS.c.id.desc())
    )


def _record(row: RowMapping) -> RunRecord:
    error = _json(row["error"])
    return RunRecord(
        id=row["id"],
        workspace=row["workspace"],
        deployment=row["deployment"],
        deployment_uid=row["deployment_uid"],
        node_id=row["node_id"],
        triggered_by=row["triggered_by"],
        status=row["status"],
        version_number=row["version"],
        accepted_at=_moment(row["accepted_at"]) or "",
        started_at=_moment(row["started_at"]),
        completed_at=_moment(row["completed_at"]),
        duration_ms=_duration(row),
        event_data=_json(row["event"]),
        log_output=[_entry(entry) for entry in _json(row["log"]) or ()],
        log_dropped=row["log_dropped"] or 0,
        error_message=error["message"] if error else None,
        error=error,
        answer=_json(row["answer"]),
    )


def _last(row: RowMapping) -> LastRun:
    return LastRun(row["id"], row["status"], _moment(row["started_at"]), _duration(row))


def _entry(entry: Sequence[Any]) -> dict[str, Any]:
    at, level, node_id, message = entry
    return {"level": level, "message": message, "nodeId": node_id, "at": _moment(at)}


def _duration(row: Mapping[Any, Any]) -> int | None:
    if row["started_at"] is None or row["completed_at"] is None:
        return None
    return max(0, int(row["completed_at"]) - int(row["started_at"]))


def _moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return iso(datetime.fromtimestamp(milliseconds / 1000, UTC))


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)
