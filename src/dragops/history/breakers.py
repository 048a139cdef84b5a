"""Circuit breakers: the recorder counts the failures of a deployment's runs, and trips.

What counts is read from the runs themselves, by an index, so a restart forgets nothing. A trip
holds for the ``since`` with which it was counted: once a deployment is resumed its engines come
with a later one. Next: the API shows a trip in the cluster, and the operator obeys it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Engine, select
from sqlalchemy.engine.interfaces import DBAPICursor

from dragops.history.batch import Batch, Tripped, Watch
from dragops.history.database import asking
from dragops.history.tables import BREAKERS
from dragops.model.run import FAILURES

_FAILURES = tuple(map(str, FAILURES))
_NEWEST = (
    "SELECT * FROM (SELECT workspace, completed_at FROM runs WHERE deployment_uid = ?"
    " AND status = ? AND status <> 'completed' AND id >= ? ORDER BY id DESC LIMIT ?) AS {name}"
)
"""``<> 'completed'`` chooses the index."""
LATELY = (
    "SELECT count(*) FROM ("  # noqa: S608 constants of this file
    + " UNION ALL ".join(_NEWEST.format(name=name) for name in _FAILURES)
    + ") AS newest WHERE workspace = ? AND completed_at > ?"
)
"""Counts those of the newest failures that ended lately; it looks at no others."""
_MISSING_MAX = 10_000
_COLUMNS = "workspace, deployment_uid, deployment, since, tripped_at, failures, window_ms"
_EVERY = f"SELECT {_COLUMNS} FROM circuit_breakers"  # noqa: S608 constants of this file
_TRIP = (
    f"INSERT INTO circuit_breakers ({_COLUMNS}) VALUES (?,?,?,?,?,?,?)"  # noqa: S608 constants of this file
    " ON CONFLICT (workspace, deployment_uid) DO UPDATE SET deployment = excluded.deployment,"
    " since = excluded.since, tripped_at = excluded.tripped_at,"
    " failures = excluded.failures, window_ms = excluded.window_ms"
)
_FORGET = "DELETE FROM circuit_breakers WHERE workspace = ? AND deployment_uid = ?"


class BreakerTrip(NamedTuple):
    """A trip as it is stored; times are milliseconds since 1970."""

    workspace: str
    deployment_uid: str
    deployment: str
    since: int
    at: int
    failures: int
    window_ms: int


class Breakers:
    """The breakers that have tripped. One thread writes; others may ask ``open_in`` meanwhile."""

    def __init__(self, cursor: DBAPICursor) -> None:
        cursor.execute(_EVERY)
        trips = (BreakerTrip(*row) for row in cursor.fetchall())
        self._since = {(trip.workspace, trip.deployment_uid): trip.since for trip in trips}
        self._missing: dict[tuple[str, Watch], int] = {}
        """How many more failures it takes at least: until then nobody needs to count."""

    def judge(self, cursor: DBAPICursor, sources: Iterable[tuple[str, Batch]]) -> list[BreakerTrip]:
        """Trip what has failed too often, in the transaction that stores the failures."""
        trips = [
            trip
            for workspace, batch in sources
            for watch in dict.fromkeys(batch.watches)
            if (trip := self._judged(cursor, workspace, batch, watch))
        ]
        if trips:
            cursor.executemany(_TRIP, trips)
        return trips

    def learn(self, trips: Iterable[BreakerTrip]) -> None:
        """Take over what was judged, once it is stored."""
        self._since |= {(trip.workspace, trip.deployment_uid): trip.since for trip in trips}

    def forget(self, cursor: DBAPICursor, workspace: str, deployment_uid: str) -> None:
        """Forget a deployment that is gone."""
        cursor.execute(_FORGET, (workspace, deployment_uid))
        self._since.pop((workspace, deployment_uid), None)

    def open_in(self, workspace: str, batch: Batch) -> Iterator[Tripped]:
        """Name those deployments of a batch's runs whose breaker has tripped."""
        if not self._since:
            return
        named = {run.deployment_uid for run in batch.accepts}
        named |= {watch.deployment_uid for watch in batch.watches}
        for uid in sorted(named):
            since = self._since.get((workspace, uid))
            if since is not None:
                yield Tripped(uid, since)

    def _judged(
        self, cursor: DBAPICursor, workspace: str, batch: Batch, watch: Watch
    ) -> BreakerTrip | None:
        known = self._since.get((workspace, watch.deployment_uid), -1)
        if known >= watch.since or not batch.finishes:
            return None
        failed = sum(end.status in _FAILURES for end in batch.finishes)
        missing = self._missing.get((workspace, watch), 0) - failed
        if missing <= 0:
            count, at = self._count(cursor, workspace, batch, watch)
            if count >= watch.failures:
                uid, name, _, window_ms, since = watch
                return BreakerTrip(workspace, uid, name, since, at, count, window_ms)
            missing = watch.failures - count
        self._missing[workspace, watch] = missing
        return None

    def _count(
        self, cursor: DBAPICursor, workspace: str, batch: Batch, watch: Watch
    ) -> tuple[int, int]:
        """Count the failures of the window that ends with this batch; give its end too."""
        if len(self._missing) > _MISSING_MAX:
            self._missing.clear()
        at = max(end.at for end in batch.finishes)
        places: list[object] = []
        for status in _FAILURES:
            places += [watch.deployment_uid, status, f"run_{watch.since:012x}", watch.failures]
        cursor.execute(LATELY, (*places, workspace, at - watch.window_ms))
        (count,) = cursor.fetchone() or (0,)
        return int(count), at


def stored_trips(engine: Engine) -> Sequence[BreakerTrip]:
    """Give the last trip of each deployment, over a read-only engine."""
    with asking(engine) as connection:
        return [BreakerTrip(*row) for row in connection.execute(select(BREAKERS))]
