"""The runs of a schedule's pod: each is entered in the store under its tick's key, then begun.

Where runs must not overlap the store decides, as pods of two minutes do not know each other; and
as it may end a run of this pod for another one's, the store is asked from time to time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from dragops.engine.connection import Wires
from dragops.engine.deployed import Deployed
from dragops.engine.due import Due, is_exclusive, own_run_id, schedule_of, seconds_left
from dragops.engine.encoding import encoded
from dragops.engine.meters import Meters
from dragops.engine.mounted import read_environment, read_program
from dragops.engine.outside.doors import doors
from dragops.engine.program import LoadedProgram
from dragops.engine.record import Recorder
from dragops.engine.remote_calls import RemoteCalls
from dragops.engine.run import Outcome, Run
from dragops.engine.runner import Runner
from dragops.engine.tick_record import Stopped, TickRecord
from dragops.engine.tick_settings import TickSettings
from dragops.errors import DragopsError, Refused
from dragops.history.batch import Accept, Finish, Start
from dragops.history.claims import Claim
from dragops.model.bundle import Live
from dragops.model.deployment import Overlap
from dragops.model.ids import RunId
from dragops.model.run import RunStatus
from dragops.schedule.jobs import longest_seconds

_LOG = structlog.get_logger()
_QUEUE = 100_000
"""Ticks of one pod never push each other out: a day has fewer seconds."""
_SETTLE_SECONDS = 1.0
_ASK_SECONDS = 2.0
"""How soon a run is stopped that the store has ended."""
_ENDED = Outcome(
    RunStatus.CANCELLED, {"type": "Cancelled", "message": "The run was ended in the store"}
)


class TickRuns:
    """All runs of one pod."""

    def __init__(self, settings: TickSettings, wires: Wires, record: TickRecord) -> None:
        self._settings, self._record = settings, record
        self._recorder = Recorder(wires.post)
        outside = doors(settings.egress_allow)
        self._runner = Runner(self._recorder, Meters(), queue=_QUEUE, outside=outside)
        if settings.engine_url:
            self._runner.calls = RemoteCalls(
                settings.engine_url, settings.engine_token_file, patience=settings.pool_seconds
            )
        self._program: LoadedProgram | None = None
        self._runs: list[tuple[Due, Run]] = []

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Send, watch deadlines and ask the store, while the body lasts."""
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(each)
                for each in (self._recorder.run(), self._runner.watch(), self._obey_the_store())
            ]
            yield
            for task in beside:
                task.cancel()

    @property
    def runs(self) -> list[Run]:
        """Give every run that was begun, ended ones too."""
        return [run for _, run in self._runs]

    async def flush(self, seconds: float) -> bool:
        """Wait until every end is stored; False when that took too long."""
        return await self._recorder.flush(seconds)

    async def begin(self, live: Live, due: Due, begun: RunId | None) -> Run | None:
        """Begin a tick's run; None when it is another's, or gives way.

        ``begun`` is the run that an earlier pod of the same Job has entered and not ended.
        """
        run = self._run_of(live, due, begun)
        at_once = self._runner.reserve(run.deployed)
        is_ours = False
        try:
            is_ours = begun is not None or await self._is_entered(run, due, at_once=at_once)
        finally:
            if not is_ours:
                self._runner.give_back(run.deployed, at_once=at_once)
        if not is_ours:
            return None
        if begun is not None:
            self._recorder.start(Start(run.id, _now_ms()))  # it may have waited for its turn
        run.ended = asyncio.get_running_loop().create_future()
        self._runs.append((due, run))
        self._runner.begin(run, at_once=at_once)
        return run

    async def skip(self, live: Live, due: Due, reason: str, begun: RunId | None) -> None:
        """Record why a tick has no run."""
        run_id = begun or own_run_id(live, self._settings.node_id, due)
        version = live.program.version if live.program else 0
        accept = self._accept(run_id, live, due, version=version, running=False)
        error = encoded({"type": "Skipped", "message": reason})
        end = Finish(run_id, RunStatus.SKIPPED, _now_ms(), error, None, 0, None)
        await self._record.skip(accept, end, seconds=self._seconds_left(live, due))

    def _run_of(self, live: Live, due: Due, begun: RunId | None) -> Run:
        node = self._settings.node_id
        if self._program is None:
            self._program = read_program(self._settings.program, live)
        trigger = self._program.trigger(node)
        if trigger is None:
            raise Refused(f"the program has no trigger {node!r}")
        environment = read_environment(self._settings.environment, live)
        deployed = Deployed(live, self._program, {}, environment)
        run_id, event = begun or own_run_id(live, node, due), due.event(datetime.now(UTC))
        return Run(run_id, deployed, self._program, trigger, due.triggered_by, event)

    async def _is_entered(self, run: Run, due: Due, *, at_once: bool) -> bool:
        """Have the store enter a run; False when its tick has one, or gives way."""
        live, version = run.deployed.live, run.program.version
        accept = self._accept(run.id, live, due, version=version, running=at_once)
        schedule = schedule_of(live, self._settings.node_id)
        seconds = self._seconds_left(live, due)
        if due.scheduled_at is None or schedule is None or not is_exclusive(schedule):
            accepted = await self._record.accept(accept, seconds=seconds)
            return not accepted.duplicate
        # a run of this pod that has just ended must not seem to go on
        await self._recorder.flush(_SETTLE_SECONDS)
        replaces = schedule.overlap is Overlap.REPLACE
        since = _now_ms() - 1_000 * longest_seconds(schedule, live)
        claimed = await self._record.claim(Claim(accept, replaces, since), seconds=seconds)
        if claimed.duplicate or claimed.gave_way:
            return False
        if replaces:
            self._stop(going for _, going in self._runs)
        return True

    def _accept(
        self, run_id: RunId, live: Live, due: Due, *, version: int, running: bool
    ) -> Accept:
        return Accept(
            run_id,
            live.uid,
            live.deployment,
            self._settings.node_id,
            due.triggered_by,
            version,
            running,
            _now_ms(),
            due.key,
            due.scheduled_at is not None,
            encoded(due.event(datetime.now(UTC))),
        )

    def _seconds_left(self, live: Live, due: Due) -> float:
        return seconds_left(live, self._settings.node_id, due, datetime.now(UTC))

    async def _obey_the_store(self) -> None:
        """Stop runs that somebody else has ended: a tick in their place, or a person."""
        while True:
            await asyncio.sleep(_ASK_SECONDS)
            going = {due.key: run for due, run in self._runs if not _has_ended(run)}
            if not going:
                continue
            live = next(iter(going.values())).deployed.live
            try:
                known = await self._record.known(
                    live.uid, self._settings.node_id, list(going), seconds=0
                )
            except Stopped:
                return
            except DragopsError as exc:
                _LOG.warning("the store cannot be asked about runs", error=str(exc))
                continue
            self._stop(going[each.key] for each in known if each.has_ended)

    def _stop(self, runs: Iterable[Run]) -> None:
        for run in runs:
            if not _has_ended(run):
                _LOG.info("stopped", run=run.id)
                self._runner.cancel(run.id, _ENDED)


def _has_ended(run: Run) -> bool:
    return run.ended is None or run.ended.done()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
