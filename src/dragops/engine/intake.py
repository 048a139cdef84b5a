"""The one way into the engine: a run is stored durably, then it begins."""

import asyncio
import time
from functools import partial

from dragops.engine.context import Caller, RunContext
from dragops.engine.record import Recorder
from dragops.engine.run import Outcome, Run
from dragops.engine.runner import Runner
from dragops.history.batch import Accept, Accepted, Finish, stopped
from dragops.model.run import RunStatus


class Intake:
    """Takes runs from the public and the internal port, until the engine is draining."""

    def __init__(self, recorder: Recorder, runner: Runner) -> None:
        self._recorder, self._runner = recorder, runner
        self.is_closed = False

    async def take(self, run: Run, *, event: str, key: str | None) -> Accepted:
        """Store and begin a run; a duplicate key begins nothing. Raises Overloaded, Unreachable."""
        at_once = self._runner.reserve(run.deployed)
        try:
            accepted = await self._recorder.accept(_accept(run, event, key, at_once=at_once))
        except BaseException:
            self._runner.give_back(run.deployed, at_once=at_once)
            raise
        if accepted.duplicate:
            self._runner.give_back(run.deployed, at_once=at_once)
        else:
            self._runner.begin(run, at_once=at_once)
        return accepted

    async def call(self, run: Run, caller: Caller, *, event: str) -> tuple[Outcome, RunContext]:
        """Store a called run and run it to its end, also while draining. Raises as ``take``."""
        stored = self._recorder.accept(_accept(run, event, None, at_once=True))
        try:
            await asyncio.shield(stored)
        except asyncio.CancelledError:
            stored.add_done_callback(partial(self._never_began, run))
            raise
        return await self._runner.call(run, caller)

    def _never_began(self, run: Run, stored: asyncio.Future[Accepted]) -> None:
        if stored.exception() is None:
            error = stopped("The run that called this one ended before it began")
            now = time.time_ns() // 1_000_000
            self._recorder.finish(Finish(run.id, RunStatus.CANCELLED, now, error, None, 0, None))

    def cancel(self, run_id: str, reason: Outcome) -> Run | None:
        """Stop a run that goes on or waits here, and give it; its end can be awaited."""
        return self._runner.cancel(run_id, reason)


def _accept(run: Run, event: str, key: str | None, *, at_once: bool) -> Accept:
    live = run.deployed.live
    return Accept(
        run.id,
        live.uid,
        live.deployment,
        run.trigger.node_id,
        run.triggered_by,
        run.program.version,
        at_once,
        time.time_ns() // 1_000_000,
        key,
        False,
        event,
        run.retry_of,
        run.parent,
    )
