"""Carries out what a schedule's pod owes: each tick at its time, under its own key, once.

Ticks are begun one after another; their runs may go on beside each other. One that fails does not
hold up the others. Next: ``dragops.engine.runner`` runs the program.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from dragops.engine.connection import Wires
from dragops.engine.deployed import Deployed
from dragops.engine.due import (
    Due,
    Job,
    is_of_same_job,
    missed_before,
    owed_by,
    own_run_id,
    reason_to_skip,
    replaced_by,
    window_of,
)
from dragops.engine.encoding import encoded
from dragops.engine.meters import Meters
from dragops.engine.mounted import read_environment, read_program
from dragops.engine.program import LoadedProgram
from dragops.engine.record import Recorder
from dragops.engine.run import Outcome, Run
from dragops.engine.runner import Runner
from dragops.engine.standing import Standing
from dragops.engine.tick_record import Stopped, TickRecord, unless
from dragops.engine.tick_settings import TickSettings
from dragops.errors import DragopsError, Refused, TryAgain
from dragops.history.batch import Accept, Finish
from dragops.history.ticks import Known
from dragops.model.bundle import Live
from dragops.model.ids import RunId
from dragops.model.run import RunStatus

_LOG = structlog.get_logger()
_FLUSH_SECONDS = 600.0
_FRESH_SECONDS = 0.5
"""Seconds that are past when the pod begins are begun as things stood a moment ago."""
_QUEUE = 100_000
"""Ticks of one pod never push each other out: a day has fewer seconds."""


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
        self._recorder = Recorder(wires.post)
        self._runner = Runner(self._recorder, Meters(), queue=_QUEUE)
        self._looked_at = time.monotonic()
        self._program: LoadedProgram | None = None
        self._begun: dict[str, RunId] = {}
        """Runs that an earlier pod of this Job began and did not end, by key."""
        self._runs: list[Run] = []
        self._errors: list[DragopsError] = []

    async def run(self, job: Job) -> bool:
        """Do all that is owed; False when stopped before. Raises what went wrong, at the end."""
        node = self._settings.node_id
        window = window_of(self._live, node)
        missed = missed_before(self._live, node, job, datetime.now(UTC))
        owed = owed_by(self._live, node, job)
        await self._replace(replaced_by(self._live, node, job), owed[-1], window)
        open_ = await self._still_open([*missed, *owed], window)
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(self._recorder.run()),
                tasks.create_task(self._runner.watch()),
            ]
            is_done = await self._begin_all(open_, frozenset(missed), window)
            is_done = await self._all_ended() and is_done
            is_stored = await self._recorder.flush(_FLUSH_SECONDS)
            for task in beside:
                task.cancel()
        _LOG.info("done" if is_done else "stopped", runs=len(self._runs), stored=is_stored)
        for error in sorted(self._errors, key=lambda each: not isinstance(each, TryAgain)):
            raise error
        return is_done and is_stored

    async def _replace(self, older: Sequence[Due], due: Due, window: timedelta) -> None:
        """End what older pods were about: the controller has stopped them without a word."""
        if not older or not (going := await self._going(older, window)):
            return
        message = f"The tick of {due.key} took its place (overlap: Replace)"
        error = encoded({"type": "Replaced", "message": message})
        ends = [
            Finish(each.run_id, RunStatus.CANCELLED, _now_ms(), error, None, 0, None)
            for each in going
        ]
        await self._record.end(ends, seconds=_seconds_left(due, window))
        _LOG.info("replaced", runs=[each.run_id for each in going], by=due.key)

    async def _going(self, dues: Sequence[Due], window: timedelta) -> list[Known]:
        known = await self._known(dues, window)
        return [each for each in known if not each.has_ended]

    async def _known(self, dues: Sequence[Due], window: timedelta) -> list[Known]:
        keys, uid = [due.key for due in dues], self._live.uid
        seconds = _seconds_left(dues[-1], window)
        return await self._record.known(uid, self._settings.node_id, keys, seconds=seconds)

    async def _still_open(self, dues: Sequence[Due], window: timedelta) -> list[Due]:
        """Leave out what has had its run, and what another Job's pod is about."""
        taken = {each.key: each for each in await self._known(dues, window)}
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
        self, dues: Iterable[Due], missed: frozenset[Due], window: timedelta
    ) -> bool:
        """Begin each tick at its time; what was missed runs first, one after another."""
        for due in dues:
            try:
                if not await self._is_its_time(due):
                    return True  # the deployment is gone, and its runs with it
                if due in missed and _seconds_left(due, window) < 0:
                    continue
                run = await self._begin(due, window)
                if run and due in missed:
                    await self._ended([run])
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

    async def _begin(self, due: Due, window: timedelta) -> Run | None:
        """Begin a tick's run, or record why it has none; None too when it is another's."""
        if reason := reason_to_skip(self._live, self._settings.node_id, due):
            await self._skip(due, reason, window)
            return None
        run = self._run_of(due)
        at_once = self._runner.reserve(run.deployed)
        is_ours = False
        try:
            is_ours = await self._is_accepted(run, due, window, at_once=at_once)
        finally:
            if not is_ours:
                self._runner.give_back(run.deployed, at_once=at_once)
        if not is_ours:
            return None
        run.ended = asyncio.get_running_loop().create_future()
        self._runs.append(run)
        self._runner.begin(run, at_once=at_once)
        _LOG.info("begun", run=run.id, key=due.key, late_ms=_late_ms(due))
        return run

    def _run_of(self, due: Due) -> Run:
        node = self._settings.node_id
        if self._program is None:
            self._program = read_program(self._settings.program, self._live)
        trigger = self._program.trigger(node)
        if trigger is None:
            raise Refused(f"the program has no trigger {node!r}")
        run_id = self._begun.get(due.key) or own_run_id(self._live, node, due)
        event = due.event(datetime.now(UTC))
        environment = read_environment(self._settings.environment, self._live)
        deployed = Deployed(self._live, self._program, {}, environment)
        return Run(run_id, deployed, self._program, trigger, due.triggered_by, event)

    async def _is_accepted(self, run: Run, due: Due, window: timedelta, *, at_once: bool) -> bool:
        if due.key in self._begun:
            return True
        version = run.program.version
        accept = self._accept(run.id, due, version=version, running=at_once)
        accepted = await self._record.accept(accept, seconds=_seconds_left(due, window))
        if accepted.duplicate:
            _LOG.info("another pod has this tick", run=accepted.run_id, key=due.key)
        return not accepted.duplicate

    async def _skip(self, due: Due, reason: str, window: timedelta) -> None:
        pointer = self._live.program
        run_id = self._begun.get(due.key) or own_run_id(self._live, self._settings.node_id, due)
        accept = self._accept(run_id, due, version=pointer.version if pointer else 0, running=False)
        error = encoded({"type": "Skipped", "message": reason})
        end = Finish(run_id, RunStatus.SKIPPED, _now_ms(), error, None, 0, None)
        await self._record.skip(accept, end, seconds=_seconds_left(due, window))
        _LOG.info("skipped", key=due.key, reason=reason)

    def _accept(self, run_id: RunId, due: Due, *, version: int, running: bool) -> Accept:
        return Accept(
            run_id,
            self._live.uid,
            self._live.deployment,
            self._settings.node_id,
            due.triggered_by,
            version,
            running,
            _now_ms(),
            due.key,
            due.scheduled_at is not None,
            encoded(due.event(datetime.now(UTC))),
        )

    async def _all_ended(self) -> bool:
        """Wait for every run; after SIGTERM a moment only."""
        try:
            await self._ended(self._runs)
        except Stopped:
            going = [run.ended for run in self._runs if run.ended]
            await asyncio.wait(going, timeout=self._settings.drain_seconds)
        return all(run.ended is None or run.ended.done() for run in self._runs)

    async def _ended(self, runs: Iterable[Run]) -> None:
        going = [run.ended for run in runs if run.ended]
        if going:
            await unless(self._stopped, _all(going))


async def _all(going: "Iterable[asyncio.Future[Outcome]]") -> None:
    await asyncio.wait(going)


def _until(at: datetime) -> float:
    return (at - datetime.now(UTC)).total_seconds()


def _seconds_left(due: Due, window: timedelta) -> float:
    late = -_until(due.scheduled_at) if due.scheduled_at else 0.0
    return window.total_seconds() - late


def _late_ms(due: Due) -> int | None:
    return round(-1000 * _until(due.scheduled_at)) if due.scheduled_at else None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
