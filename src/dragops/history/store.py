"""The one writer of the run store. The recorder's writer thread is the only one that calls it.

What has gathered is written in one transaction and fsynced before anybody is told. When one
record spoils the transaction, each batch is written alone, so that it spoils only its own.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from dragops.errors import BadInput, DragopsError, Unreachable
from dragops.history import statements as sql
from dragops.history.batch import Accept, Accepted, Batch
from dragops.history.breakers import Breakers
from dragops.history.claims import Claim, Claimed, Going, decide, gives_way
from dragops.history.ledger import EndsOf, KeyOf, Ledger, OpenRun, gives_back_key
from dragops.history.spans import KEPT_MS, MINUTE_MS
from dragops.history.ticks import Known, Question
from dragops.model.ids import RunId
from dragops.model.run import UNFINISHED, RunStatus

Source = tuple[str, Batch]
"""A workspace and what one of its engines reports."""

_OPEN_MAX = 200_000
_MINUTES_KEPT = 31 * 24 * 60


class RunStore:
    """Writes batches over one connection of its own; not safe for threads.

    It speaks to the driver itself: a layer between would cost more than the rows.
    """

    def __init__(self, engine: Engine, heard: Callable[[Ledger], None] | None = None) -> None:
        """Write through this engine; ``heard`` is told what each transaction has made true."""
        self._heard = heard
        self._connection = engine.raw_connection()
        self._driver: Any = engine.dialect.loaded_dbapi
        self._open: dict[str, OpenRun] = {}
        with self._transaction() as cursor:
            self.breakers = Breakers(cursor)

    def write(self, sources: Sequence[Source]) -> list[list[Accepted] | DragopsError]:
        """Write all batches durably; give each its results, or why it was not written."""
        try:
            return list(self._write(sources))
        except BadInput:
            return [self._alone(source) for source in sources]
        except DragopsError as exc:
            return [exc] * len(sources)

    def purge(self, workspace: str, deployment_uid: str, *, at_most: int = 5_000) -> bool:
        """Delete a slice of a deployment's runs; say whether nothing is left."""
        place = (workspace, deployment_uid, at_most)
        with self._transaction() as cursor:
            for statement in sql.PURGE_PAYLOADS:
                cursor.execute(statement, place)
            cursor.execute(sql.PURGE_RUNS, place)
            is_last = cursor.rowcount < at_most
            # the books name no workspace: what is left belongs to another one
            cursor.execute(sql.ANY_RUN, (deployment_uid,))
            for statement in () if cursor.fetchone() else sql.PURGE_BOOKS:
                cursor.execute(statement, (deployment_uid,))
            self.breakers.forget(cursor, workspace, deployment_uid)
        gone = (workspace, deployment_uid)
        self._open = {k: run for k, run in self._open.items() if run[:2] != gone}
        return is_last

    def ticks(self, workspace: str, question: Question) -> list[Known]:
        """Say which ticks have a run; one whose run is no longer kept has ended."""
        if not question.keys:
            return []
        place = (*question.keys, question.deployment_uid, question.node_id)
        with self._transaction() as cursor:
            cursor.execute(sql.ticks(len(question.keys)), place)
            rows = cursor.fetchall()
        return [
            Known(key, run_id, status not in UNFINISHED)
            for key, run_id, status, owner in rows
            if owner in {workspace, None}
        ]

    def claim(self, workspace: str, claim: Claim) -> Claimed:
        """Let a tick run, give way, or take the place of others, as its schedule says."""
        with self._transaction() as cursor:
            if before := _claimed_before(cursor, workspace, claim.accept):
                return before
            batch = decide(claim, _going(cursor, workspace, claim))
            source = [(workspace, batch)]
            ledger = Ledger(self._open_runs(cursor, source), _keys(cursor, source))
            _enter(ledger, workspace, batch)
            _carry_out(cursor, ledger)
        self._written(ledger)
        return Claimed(RunId(claim.accept.run_id), duplicate=False, gave_way=gives_way(batch))

    def tidy(self, *, at_most: int = 5_000) -> bool:
        """Delete a slice of what nothing asks for any more; say whether nothing of it is left."""
        now, left = int(time.time() * 1000), at_most
        with self._transaction() as cursor:
            cursor.execute(sql.EXPIRE_KEYS, (now,))
            cursor.execute(sql.EXPIRE_MINUTES, (now // 60_000 - _MINUTES_KEPT,))
            for span, kept in KEPT_MS.items():
                cursor.execute(sql.EXPIRE_ENDS, (span, now - kept, left))
                left -= cursor.rowcount
        return left > 0

    @contextmanager
    def _transaction(self) -> Iterator[DBAPICursor]:
        """Commit what is done inside; raises BadInput for a record, Unreachable for the store."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE")
            yield cursor
            cursor.execute("COMMIT")
        except self._driver.OperationalError as exc:
            self._connection.rollback()
            raise Unreachable("the run store", str(exc)) from exc
        except BaseException as exc:
            self._connection.rollback()
            if isinstance(exc, self._driver.Error | OverflowError):
                raise BadInput("body", f"the run store refused a record: {exc}") from exc
            raise
        finally:
            cursor.close()

    def _write(self, sources: Sequence[Source], *, again: bool = False) -> list[list[Accepted]]:
        with self._transaction() as cursor:
            stored = _stored(cursor, sources) if again else ()
            ledger = Ledger(self._open_runs(cursor, sources), _keys(cursor, sources), stored)
            results = [_enter(ledger, workspace, batch) for workspace, batch in sources]
            _carry_out(cursor, ledger)
            trips = self.breakers.judge(cursor, sources)
        self.breakers.learn(trips)
        self._written(ledger)
        return results

    def _written(self, ledger: Ledger) -> None:
        self._remember(ledger)
        if self._heard is not None:
            self._heard(ledger)

    def _alone(self, source: Source) -> list[Accepted] | DragopsError:
        try:
            return self._write([source], again=True)[0]
        except DragopsError as exc:
            return exc

    def _open_runs(self, cursor: DBAPICursor, sources: Iterable[Source]) -> dict[str, OpenRun]:
        """Look up runs that end now and were begun before this process."""
        named = {start.run_id for _, batch in sources for start in batch.starts}
        named |= {end.run_id for _, batch in sources for end in batch.finishes}
        missing = sorted(named - self._open.keys())
        if missing:
            cursor.execute(sql.open_runs(len(missing)), tuple(missing))
            self._open.update((row[0], OpenRun(*row[1:])) for row in cursor.fetchall())
        return self._open

    def _remember(self, ledger: Ledger) -> None:
        if len(self._open) > _OPEN_MAX:
            # engines that died leave runs open; they are looked up when they end after all
            self._open.clear()
        self._open.update(ledger.opened)
        for run_id in ledger.ended:
            self._open.pop(run_id, None)


def _enter(ledger: Ledger, workspace: str, batch: Batch) -> list[Accepted]:
    # a run gives back its key before its sender's next try is looked at
    for end in batch.finishes:
        if gives_back_key(end):
            ledger.finish(workspace, end)
    results = [ledger.accept(workspace, run) for run in batch.accepts]
    for start in batch.starts:
        ledger.start(workspace, start)
    for end in batch.finishes:
        if not gives_back_key(end):
            ledger.finish(workspace, end)
    return results


def _stored(cursor: DBAPICursor, sources: Iterable[Source]) -> set[str]:
    ids = tuple(run.run_id for _, batch in sources for run in batch.accepts)
    if not ids:
        return set()
    cursor.execute(sql.stored_runs(len(ids)), ids)
    return {row[0] for row in cursor.fetchall()}


def _keys(cursor: DBAPICursor, sources: Iterable[Source]) -> dict[KeyOf, str]:
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
    cursor.execute(sql.keys(len(wanted)), flat)
    return {
        (uid, node, key): run_id
        for uid, node, key, run_id, expires_at in cursor.fetchall()
        if expires_at is None or expires_at > wanted[uid, node, key]
    }


def _claimed_before(cursor: DBAPICursor, workspace: str, run: Accept) -> Claimed | None:
    """Say what was answered before: to another pod, or to this one, whom it did not reach."""
    owner = next(iter(_keys(cursor, [(workspace, Batch([run]))]).values()), None)
    if owner is None:
        return None
    cursor.execute(sql.STATUS, (owner,))
    row = cursor.fetchone()
    is_own = owner == run.run_id
    gave_way = is_own and row is not None and row[0] == RunStatus.SKIPPED
    return Claimed(RunId(owner), duplicate=not is_own, gave_way=gave_way)


def _going(cursor: DBAPICursor, workspace: str, claim: Claim) -> list[Going]:
    run, oldest = claim.accept, f"run_{claim.since:012x}"
    cursor.execute(sql.GOING, (run.deployment_uid, oldest, workspace, run.node_id))
    return [
        Going(RunId(run_id), str(orjson.loads(event or "{}").get("scheduledAt", "")))
        for run_id, event in cursor.fetchall()
    ]


def _carry_out(cursor: DBAPICursor, ledger: Ledger) -> None:
    counts = [(*place, moved) for place, moved in ledger.counts.items() if moved]
    minutes = [(*place, *moved) for place, moved in ledger.minutes.items()]
    ends = list(_by_span(ledger.finished))
    for statement, rows in (
        (sql.INSERT_RUN, ledger.runs),
        (sql.INSERT_EVENT, ledger.events),
        (sql.CLAIM_KEY, ledger.new_keys),
        (sql.START_RUN, ledger.starts),
        (sql.TRY_RUN, ledger.attempts),
        (sql.END_RUN, ledger.ends),
        (sql.INSERT_OUTPUT, ledger.outputs),
        (sql.COUNT, counts),
        (sql.COUNT_MINUTE, minutes),
        (sql.COUNT_ENDS, ends),
    ):
        if rows:
            cursor.executemany(statement, rows)


def _by_span(finished: Mapping[EndsOf, Sequence[int]]) -> Iterator[tuple[object, ...]]:
    """Give the rows of each minute, and of each hour."""
    for span in KEPT_MS:
        counts: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0])
        for (uid, minute, *alike), (runs, milliseconds) in finished.items():
            place = (uid, span, minute * MINUTE_MS // span * span, *alike)
            counts[place][0] += runs
            counts[place][1] += milliseconds
        for place, counted in counts.items():
            yield (*place, *counted)
