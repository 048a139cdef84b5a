"""The one writer of the run store. The recorder's writer thread is the only one that calls it.

What has gathered is written in one transaction and fsynced before anybody is told. When one
record spoils the transaction, each batch is written alone, so that it spoils only its own.
"""

import time
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from dragops.errors import BadInput, DragopsError, Unreachable
from dragops.history import statements as sql
from dragops.history.batch import Accepted, Batch
from dragops.history.ledger import KeyOf, Ledger, OpenRun

Source = tuple[str, Batch]
"""A workspace and what one of its engines reports."""

_OPEN_MAX = 200_000
_MINUTES_KEPT = 31 * 24 * 60


class RunStore:
    """Writes batches; not safe for threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: dict[str, OpenRun] = {}

    def write(self, sources: Sequence[Source]) -> list[list[Accepted] | DragopsError]:
        """Write all batches durably; give each its results, or why it was not written."""
        try:
            return list(self._write(sources))
        except IntegrityError:
            return [self._alone(source) for source in sources]
        except DBAPIError as exc:
            if len(sources) > 1 and not _is_outage(exc):
                return [self._alone(source) for source in sources]
            return [_as_domain(exc)] * len(sources)

    def purge(self, workspace: str, deployment_uid: str, *, at_most: int = 5_000) -> bool:
        """Delete a slice of a deployment's runs; say whether nothing is left."""
        place = (workspace, deployment_uid)
        try:
            with self._engine.begin() as connection:
                for statement in sql.PURGE_PAYLOADS:
                    connection.exec_driver_sql(statement, (*place, at_most))
                deleted = connection.exec_driver_sql(sql.PURGE_RUNS, (*place, at_most)).rowcount
                if deleted < at_most:
                    for statement in sql.PURGE_BOOKS:
                        connection.exec_driver_sql(statement, (deployment_uid,))
        except DBAPIError as exc:
            raise _as_domain(exc) from exc
        self._forget(deployment_uid)
        return deleted < at_most

    def tidy(self) -> None:
        """Delete keys that have expired and minutes that nothing asks for any more."""
        now = int(time.time() * 1000)
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(sql.EXPIRE_KEYS, (now,))
                connection.exec_driver_sql(sql.EXPIRE_MINUTES, (now // 60_000 - _MINUTES_KEPT,))
        except DBAPIError as exc:
            raise _as_domain(exc) from exc

    def _write(self, sources: Sequence[Source], *, again: bool = False) -> list[list[Accepted]]:
        with self._engine.begin() as connection:
            stored = _stored(connection, sources) if again else ()
            ledger = Ledger(
                self._open_runs(connection, sources), _keys(connection, sources), stored
            )
            results = [_enter(ledger, workspace, batch) for workspace, batch in sources]
            _carry_out(connection, ledger)
        self._remember(ledger)
        return results

    def _alone(self, source: Source) -> list[Accepted] | DragopsError:
        try:
            return self._write([source], again=True)[0]
        except DBAPIError as exc:
            return _as_domain(exc)

    def _open_runs(self, connection: Connection, sources: Iterable[Source]) -> dict[str, OpenRun]:
        """Look up runs that end now and were begun before this process."""
        named = {start.run_id for _, batch in sources for start in batch.starts}
        named |= {end.run_id for _, batch in sources for end in batch.finishes}
        missing = sorted(named - self._open.keys())
        if missing:
            rows = connection.exec_driver_sql(sql.open_runs(len(missing)), tuple(missing))
            self._open.update((row[0], OpenRun(*row[1:])) for row in rows)
        return self._open

    def _remember(self, ledger: Ledger) -> None:
        if len(self._open) > _OPEN_MAX:
            # engines that died leave runs open; they are looked up when they end after all
            self._open.clear()
        self._open.update(ledger.opened)
        for run_id in ledger.ended:
            self._open.pop(run_id, None)

    def _forget(self, deployment_uid: str) -> None:
        kept = {k: run for k, run in self._open.items() if run.deployment_uid != deployment_uid}
        self._open = kept


def _enter(ledger: Ledger, workspace: str, batch: Batch) -> list[Accepted]:
    results = [ledger.accept(workspace, run) for run in batch.accepts]
    for start in batch.starts:
        ledger.start(workspace, start)
    for end in batch.finishes:
        ledger.finish(workspace, end)
    return results


def _stored(connection: Connection, sources: Iterable[Source]) -> set[str]:
    ids = tuple(run.run_id for _, batch in sources for run in batch.accepts)
    if not ids:
        return set()
    return {row[0] for row in connection.exec_driver_sql(sql.stored_runs(len(ids)), ids)}


def _keys(connection: Connection, sources: Iterable[Source]) -> dict[KeyOf, str]:
    """Find who holds the keys of this batch; expired ones are free again."""
    wanted = {
        (run.deployment_uid, run.node_id, run.key): run.at
        for _, batch in sources
        for run in batch.accepts
        if run.key is not None
    }
    if not wanted:
        return {}
    flat = tuple(part for place in wanted for part in place)
    rows = connection.exec_driver_sql(sql.keys(len(wanted)), flat)
    return {
        (uid, node, key): run_id
        for uid, node, key, run_id, expires_at in rows
        if expires_at is None or expires_at > wanted[uid, node, key]
    }


def _carry_out(connection: Connection, ledger: Ledger) -> None:
    counts = [(*place, moved) for place, moved in ledger.counts.items() if moved]
    minutes = [(*place, *moved) for place, moved in ledger.minutes.items()]
    for statement, rows in (
        (sql.INSERT_RUN, ledger.runs),
        (sql.INSERT_EVENT, ledger.events),
        (sql.CLAIM_KEY, ledger.new_keys),
        (sql.START_RUN, ledger.starts),
        (sql.END_RUN, ledger.ends),
        (sql.INSERT_OUTPUT, ledger.outputs),
        (sql.COUNT, counts),
        (sql.COUNT_MINUTE, minutes),
    ):
        if rows:
            connection.exec_driver_sql(statement, rows)


def _is_outage(exc: DBAPIError) -> bool:
    return type(exc.orig).__name__ == "OperationalError"


def _as_domain(exc: DBAPIError) -> DragopsError:
    if _is_outage(exc):
        return Unreachable("the run store", str(exc.orig))
    return BadInput("body", f"the run store refused a record: {exc.orig}")
