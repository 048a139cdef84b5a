"""Reads of the run store, as the API shows them. Totals come from counter rows.

The calls block: the API makes them in a thread. Next: ``records`` reads the rows.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, TextClause, func, select

from dragops.errors import NotFound
from dragops.history.database import asking
from dragops.history.records import LastRun, RunRecord, last_run_of, record_of
from dragops.history.spans import PERIODS, Period, PeriodName
from dragops.history.stats import EndCount, RunStats, run_stats
from dragops.history.tables import (
    COUNTS,
    ENDS,
    EVENTS,
    MINUTES,
    NOT_COMPLETED,
    NOT_OF_WEBHOOK,
    OUTPUTS,
    RUNS,
)
from dragops.model.run import UNFINISHED, RunStatus, TriggeredBy

COUNTED_MAX = 10_000
"""How far the runs of a stretch of time are counted, as counter rows know nothing of it."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs of a deployment are wanted; what is None narrows nothing."""

    status: str | None = None
    triggered_by: str | None = None
    since: int | None = None
    """Made at this time or later; milliseconds since 1970."""
    until: int | None = None
    """Made before this time."""

    @property
    def is_timed(self) -> bool:
        """Say whether only a stretch of time is wanted."""
        return self.since is not None or self.until is not None


class Total(NamedTuple):
    """How many runs there are; at least so many when it is not exact."""

    runs: int
    is_exact: bool = True


class RunQueries:
    """Questions about runs, over a read-only engine (``dragops.history.database.reading``)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_runs(
        self,
        deployment_uid: str,
        wanted: RunFilter | None = None,
        *,
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[RunRecord], Total]:
        """Give a part of a deployment's runs, newest first, and how many there are in all."""
        wanted = wanted or RunFilter()
        with asking(self._engine) as connection:
            total = _total(connection, deployment_uid, wanted)
            # what is known to be all is not looked for further: that could be the whole history
            few = min(limit, total.runs - offset) if total.is_exact else limit
            if few <= 0:
                return [], total
            newest = _ids(deployment_uid, wanted).order_by(RUNS.c.id.desc())
            here = newest.limit(few).offset(offset).subquery()
            rows = connection.execute(_with_payloads(here)).mappings()
            return [record_of(row) for row in rows], total

    def get_run(self, workspace: str, run_id: str) -> RunRecord:
        """Give one run; raise NotFound when this workspace has no such run."""
        one = select(RUNS.c.id).where(RUNS.c.id == run_id, RUNS.c.workspace == workspace)
        with asking(self._engine) as connection:
            row = connection.execute(_with_payloads(one.subquery())).mappings().first()
        if row is None:
            raise NotFound("run", run_id)
        return record_of(row)

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
        with asking(self._engine) as connection:
            rows = connection.execute(question).mappings().all()
        found = {row["deployment_uid"]: (int(row["total"]), last_run_of(row)) for row in rows}
        return {uid: found.get(uid, (0, None)) for uid in deployment_uids}

    def last_hour(self, workspaces: Sequence[str]) -> tuple[int, int]:
        """Give how many runs these workspaces began in the last 60 minutes, and the failures."""
        since = int(time.time()) // 60 - 60
        question = select(
            func.coalesce(func.sum(MINUTES.c.runs), 0),
            func.coalesce(func.sum(MINUTES.c.failures), 0),
        ).where(MINUTES.c.workspace.in_(workspaces), MINUTES.c.minute > since)
        with asking(self._engine) as connection:
            runs, failures = connection.execute(question).one()
        return int(runs), int(failures)

    def stats(self, deployment_uid: str, period: PeriodName, *, now: int) -> RunStats:
        """Sum up a period that ends now, in milliseconds since 1970."""
        counted = _ends(deployment_uid, PERIODS[period], now)
        going = _counted(deployment_uid).where(COUNTS.c.status.in_(UNFINISHED))
        with asking(self._engine) as connection:
            ends = [EndCount(*row) for row in connection.execute(counted)]
            return run_stats(period, now, ends, unfinished=int(connection.scalar(going) or 0))


def _total(connection: Connection, deployment_uid: str, wanted: RunFilter) -> Total:
    """Read the total of counter rows; of a stretch of time, count the index up to a bound."""
    same = {"status": wanted.status, "triggered_by": wanted.triggered_by}
    counted = _counted(deployment_uid).filter_by(**{k: v for k, v in same.items() if v is not None})
    in_all = int(connection.scalar(counted) or 0)
    if not wanted.is_timed or not in_all:
        return Total(in_all)
    some = _ids(deployment_uid, wanted).limit(COUNTED_MAX + 1).subquery()
    found = int(connection.scalar(select(func.count()).select_from(some)) or 0)
    return Total(min(found, COUNTED_MAX), is_exact=found <= COUNTED_MAX)


def _counted(deployment_uid: str) -> Select[Any]:
    total = func.coalesce(func.sum(COUNTS.c.runs), 0)
    return select(total).where(COUNTS.c.deployment_uid == deployment_uid)


def _ends(deployment_uid: str, over: Period, now: int) -> Select[Any]:
    """Ask for ``EndCount``s, added up by the buckets of the history."""
    alike = (
        (ENDS.c.at - ENDS.c.at % over.bucket).label("at"),
        ENDS.c.triggered_by,
        ENDS.c.status,
        ENDS.c.duration,
    )
    wanted = (
        ENDS.c.deployment_uid == deployment_uid,
        ENDS.c.span == over.span,
        ENDS.c.at >= over.since(now),
    )
    sums = (func.sum(ENDS.c.runs), func.sum(ENDS.c.milliseconds))
    return select(*alike, *sums).where(*wanted).group_by(*alike)


def _ids(deployment_uid: str, wanted: RunFilter) -> Select[Any]:
    return select(RUNS.c.id).where(RUNS.c.deployment_uid == deployment_uid, *_conditions(wanted))


def _conditions(wanted: RunFilter) -> Iterator[ColumnElement[bool] | TextClause]:
    if wanted.status is not None:
        yield RUNS.c.status == wanted.status
        if wanted.status != RunStatus.COMPLETED:
            yield NOT_COMPLETED
    if wanted.triggered_by is not None:
        yield RUNS.c.triggered_by == wanted.triggered_by
        if wanted.triggered_by != TriggeredBy.WEBHOOK:
            yield NOT_OF_WEBHOOK
    # ids begin with the time, so the index that orders a history cuts it too
    if wanted.since is not None:
        yield RUNS.c.id >= first_id(wanted.since)
    if wanted.until is not None:
        yield RUNS.c.id < first_id(wanted.until)


def first_id(milliseconds: int) -> str:
    """Give what sorts before every id of a run made at this time or later."""
    return f"run_{min(max(milliseconds, 0), 2**48 - 1):012x}"


def _with_payloads(ids: Any) -> Select[Any]:
    payloads = (EVENTS.c.event, *(OUTPUTS.c[name] for name in _OUTPUTS))
    return (
        select(RUNS, *payloads)
        .join(ids, ids.c.id == RUNS.c.id)
        .outerjoin(EVENTS, EVENTS.c.run_id == RUNS.c.id)
        .outerjoin(OUTPUTS, OUTPUTS.c.run_id == RUNS.c.id)
        .order_by(RUNS.c.id.desc())
    )


_OUTPUTS = ("log", "log_dropped", "answer", "timeline")
