"""Carries out what a schedule's pod owes: each tick at its time, under its own key, once.

Ticks are begun one after another; their runs may go on beside each other. One that fails does not
hold up the others. Next: ``dragops.engine.tick_runs`` begins each run.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from dragops.engine.connection import Wires
from dragops.engine.due import (
    Due,
    Job,
    is_exclusive,
    is_of_same_job,
    missed_before,
    owed_by,
    own_run_id,
    reason_to_skip,
    schedule_of,
    seconds_left,
)
from dragops.engine.run import Outcome, Run
from dragops.engine.standing import Standing
from dragops.engine.tick_record import Stopped, TickRecord, unless
from dragops.engine.tick_runs import TickRuns
from dragops.engine.tick_settings import TickSettings
from dragops.errors import DragopsError, TryAgain
from dragops.history.ticks import Known
from dragops.model.bundle import Live
from dragops.model.ids import RunId

_LOG = structlog.get_logger()
_FLUSH_SECONDS = 600.0
_FRESH_SECONDS = 0.5
"""Seconds that are past when the pod begins are begun as things stood a moment ago."""
_MINUTE = timedelta(minutes=1)


class Ticker:
    """One pod's work for one schedule; ``live`` is how things stand when it begins."""

    def __init__(
        self,
        settings: TickSettings,
        live: Live,
        standing: Standing,
        wires: Wires,
        stopped: asyncio.Event,
    ) -> None:
        self._settings, self._live, self._standing = settings, live, standing
        self._stopped, self._record = stopped, TickRecord(wires, stopped)
        self._runs = TickRuns(settings, wires, self._record)
        self._looked_at = time.monotonic()
        self._begun: dict[str, RunId] = {}
        """Runs that an earlier pod of this Job began and did not end, by key."""
        self._errors: list[DragopsError] = []

    async def run(self, job: Job) -> bool:
        """Do all that is owed; False when stopped before. Raises what went wrong, at the end."""
        node, now = self._settings.node_id, datetime.now(UTC)
        missed = missed_before(self._live, node, job, now)
        open_ = await self._still_open([*missed, *owed_by(self._live, node, job)], now)
        async with self._runs.going_on():
            is_done = await self._begin_all(open_, frozenset(missed), now)
            is_done = await self._all_ended() and is_done
            is_stored = await self._runs.flush(_FLUSH_SECONDS)
        told = "done" if is_done else "stopped"
        _LOG.info(told, runs=len(self._runs.runs), stored=is_stored)
        for error in sorted(self._errors, key=lambda each: not isinstance(each, TryAgain)):
            raise error
        return is_done and is_stored

    async def _still_open(self, dues: Sequence[Due], now: datetime) -> list[Due]:
        """Leave out what has had its run, and what another Job's pod is about."""
        node, keys = self._settings.node_id, [due.key for due in dues]
        seconds = seconds_left(self._live, node, dues[-1], now)
        known = await self._record.known(self._live.uid, node, keys, seconds=seconds)
        taken = {each.key: each for each in known}
        self._begun = dict(self._resumed(dues, taken))
        return [due for due in dues if due.key not in taken or due.key in self._begun]

    def _resumed(self, dues: Iterable[Due], taken: dict[str, Known]) -> Iterable[tuple[str, RunId]]:
        for due in dues:
            there = taken.get(due.key)
            if there is None or there.has_ended:
                continue
            own = own_run_id(self._live, self._settings.node_id, due)
            if is_of_same_job(there.run_id, own):
                yield due.key, there.run_id

    async def _begin_all(
        self, dues: Sequence[Due], missed: frozenset[Due], begun_at: datetime
    ) -> bool:
        """Begin each tick at its time; what was missed runs first, one after another."""
        on_time = next((at for due in dues if (at := due.scheduled_at) and at > begun_at), None)
        patience_ends = on_time or begun_at + _MINUTE
        for due in dues:
            try:
                if not await self._is_its_time(due):
                    return True  # the deployment is gone, and its runs with it
                run = await self._begin(due, is_missed=due in missed)
                if run and due in missed:
                    await self._ended([run])
                elif run and self._is_exclusive():
                    # what is late because of this pod's start is not pushed out by the next second
                    await self._ended([run], until=patience_ends)
            except Stopped:
                return False
            except DragopsError as exc:
                _LOG.error("a tick could not be begun", key=due.key, error=str(exc))
                self._errors.append(exc)
        return True

    async def _is_its_time(self, due: Due) -> bool:
        """Wait for a tick's second, and look how things stand then; False when all is over."""
        has_waited = False
        while due.scheduled_at and (seconds := _until(due.scheduled_at)) > 0:
            await unless(self._stopped, asyncio.sleep(seconds))
            has_waited = True
        if has_waited or time.monotonic() - self._looked_at > _FRESH_SECONDS:
            live = await self._standing.now()
            if live is None:
                return False
            self._live, self._looked_at = live, time.monotonic()
        return True

    async def _begin(self, due: Due, *, is_missed: bool) -> Run | None:
        """Begin a tick's run, or record why it has none."""
        node, begun = self._settings.node_id, self._begun.get(due.key)
        if is_missed and seconds_left(self._live, node, due, datetime.now(UTC)) < 0:
            return None
        if reason := reason_to_skip(self._live, node, due):
            await self._runs.skip(self._live, due, reason, begun)
            _LOG.info("skipped", key=due.key, reason=reason)
            return None
        run = await self._runs.begin(self._live, due, begun)
        told = {"key": due.key, "late_ms": _late_ms(due)}
        if run is None:
            _LOG.info("not begun: the tick has its run, or gives way", **told)
        else:
            _LOG.info("begun", run=run.id, **told)
        return run

    def _is_exclusive(self) -> bool:
        schedule = schedule_of(self._live, self._settings.node_id)
        return schedule is not None and is_exclusive(schedule)

    async def _all_ended(self) -> bool:
        """Wait for every run; after SIGTERM a moment only."""
        runs = self._runs.runs
        try:
            await self._ended(runs)
        except Stopped:
            going = [run.ended for run in runs if run.ended]
            await asyncio.wait(going, timeout=self._settings.drain_seconds)
        return all(run.ended is None or run.ended.done() for run in runs)

    async def _ended(self, runs: Iterable[Run], *, until: datetime | None = None) -> None:
        going = [run.ended for run in runs if run.ended]
        seconds = max(0.0, _until(until)) if until else None
        if going:
            await unless(self._stopped, _all(going, seconds))


async def _all(going: "Iterable[asyncio.Future[Outcome]]", seconds: float | None) -> None:
    await asyncio.wait(going, timeout=seconds)


def _until(at: datetime) -> float:
    return (at - datetime.now(UTC)).total_seconds()


def _late_ms(due: Due) -> int | None:
    return round(-1000 * _until(due.scheduled_at)) if due.scheduled_at else None
