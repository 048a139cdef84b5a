"""Runs programs as asyncio tasks: slots, deadlines, outcomes, and draining at the end.

Each run keeps the program it began with, so a version switch needs nothing here. One that fails
may be tried again: until then it rests, without a slot. Next: the end of a run goes to
``dragops.engine.record``.
"""

import asyncio
import random
import time
from dataclasses import dataclass, field

from dragops.engine.context import ENDING_SECONDS, Caller, Calls, RunContext
from dragops.engine.deployed import Deployed
from dragops.engine.encoding import encoded
from dragops.engine.failure import describe_failure
from dragops.engine.masking import Mask
from dragops.engine.meters import Meters
from dragops.engine.record import Recorder
from dragops.engine.resting import Resting
from dragops.engine.run import Outcome, Run
from dragops.engine.slots import Slots
from dragops.errors import RunStopped
from dragops.history.batch import Finish, Start, Watch
from dragops.model.bundle import Live
from dragops.model.run import FAILURES, RunStatus
from dragops.nodes.outside import Outside

_LOOK_SECONDS = 0.25


@dataclass(slots=True, eq=False)
class _Active:
    """A run that goes on."""

    run: Run
    context: RunContext
    deadline: float
    task: asyncio.Task[None] | None = field(default=None)
    stopping: Outcome | None = None
    """How it will have ended, once it has been told to."""


class Runner:
    """All runs of this process."""

    def __init__(self, recorder: Recorder, meters: Meters, *, queue: int, outside: Outside) -> None:
        self._recorder, self._meters, self._queue = recorder, meters, queue
        self._outside = outside
        self._slots: dict[str, Slots] = {}
        self._active: dict[str, _Active] = {}
        self._resting = Resting(self._begin_again)
        self._is_draining = False
        self.calls: Calls | None = None
        """What runs the patterns that runs call."""

    @property
    def running(self) -> int:
        """Count the runs that go on."""
        return len(self._active)

    @property
    def waiting(self) -> int:
        """Count the runs that wait for a slot."""
        return sum(len(slots.waiting) for slots in self._slots.values())

    @property
    def resting(self) -> int:
        """Count the runs that have failed and will be tried again."""
        return len(self._resting)

    def reserve(self, deployed: Deployed) -> bool:
        """Reserve a slot (True) or a place in the queue (False); raises Overloaded."""
        slots = self._slots.get(deployed.live.uid)
        if slots is None:
            slots = self._slots[deployed.live.uid] = Slots()
        return slots.reserve(concurrency=deployed.live.limits.concurrency, queue=self._queue)

    def give_back(self, deployed: Deployed, *, at_once: bool) -> None:
        """Give back what was reserved for a run that was not accepted."""
        self._slots[deployed.live.uid].give_back(at_once=at_once)

    def begin(self, run: Run, *, at_once: bool) -> None:
        """Start an accepted run in the place reserved for it."""
        live = run.deployed.live
        if at_once:
            self._start(run)
        elif self._slots[live.uid].queue_or_take(run, concurrency=live.limits.concurrency):
            self._start_later(run)

    async def call(self, run: Run, caller: Caller) -> tuple[Outcome, RunContext]:
        """Run a called pattern to its end; who is cancelled here takes it along."""
        ended = run.ended = asyncio.get_running_loop().create_future()
        active = self._start(run, caller)
        try:
            await asyncio.wait([ended])
        except asyncio.CancelledError:
            is_late = time.monotonic() >= caller.deadline
            self._stop(active, active.context.late() if is_late else _LEFT)
            await asyncio.wait([ended])
            raise
        return ended.result(), active.context

    def context(self, run_id: str) -> RunContext | None:
        """Give the context of a run that goes on."""
        active = self._active.get(run_id)
        return active.context if active else None

    def cancel(self, run_id: str, reason: Outcome) -> Run | None:
        """Stop a run, running or waiting; None when it is not here. It may end otherwise."""
        active = self._active.get(run_id)
        if active is not None:
            active.run.await_end()
            self._stop(active, reason)
            return active.run
        run = self._withdrawn(run_id)
        if run is not None:
            run.await_end()
            self._record(run, reason)
        return run

    async def watch(self) -> None:
        """End runs at their deadline, for ever; one watch costs less than a timer each."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            for active in list(self._active.values()):
                if active.deadline < now:
                    self._too_late(active, now)

    async def drain(self, seconds: float) -> None:
        """Let runs finish; those that cannot are cancelled and recorded so. None is tried again."""
        self._is_draining = True
        for run in self._resting.take_all():
            self._slots[run.deployed.live.uid].give_back(at_once=False)
            self._give_up(run)
        until = time.monotonic() + seconds
        while self._active and time.monotonic() < until:
            tasks = [active.task for active in self._active.values() if active.task]
            await asyncio.wait(tasks, timeout=until - time.monotonic())
        for slots in self._slots.values():
            while slots.waiting:
                self._give_up(slots.waiting.popleft())
        tasks = [active.task for active in self._active.values() if active.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)

    def _start(self, run: Run, caller: Caller | None = None) -> _Active:
        deadline = time.monotonic() + run.deployed.live.limits.timeout_seconds
        context = RunContext(
            run, deadline=deadline, outside=self._outside, calls=self.calls, caller=caller
        )
        active = _Active(run, context, context.deadline)
        self._active[run.id] = active
        active.task = asyncio.create_task(self._execute(active))
        return active

    def _start_later(self, run: Run) -> None:
        self._recorder.start(Start(run.id, time.time_ns() // 1_000_000, run.attempt))
        self._start(run)

    def _begin_again(self, run: Run) -> None:
        self.begin(run, at_once=False)

    def _withdrawn(self, run_id: str) -> Run | None:
        """Take out a run that rests, or waits for a slot."""
        run = self._resting.take(run_id)
        if run is not None:
            self._slots[run.deployed.live.uid].give_back(at_once=False)
            return run
        found = (slots.withdraw(run_id) for slots in self._slots.values())
        return next((run for run in found if run is not None), None)

    async def _execute(self, active: _Active) -> None:
        run, context = active.run, active.context
        try:
            await run.program.functions[run.trigger.node_id](context, run.event)
            outcome = Outcome(RunStatus.COMPLETED, outputs=context.mask.value(context.last_outputs))
        except RunStopped as stop:
            # a finally flow may have said something else since
            first = context.stopped or stop
            outcome = active.stopping or _stopped(first, context.mask)
        except asyncio.CancelledError:
            outcome = active.stopping or _STOPPED
        except Exception as exc:
            # this is where a run fails, whatever it was
            outcome = Outcome(RunStatus.FAILED, describe_failure(exc, run.program, context.mask))
        self._end(active, outcome)

    def _end(self, active: _Active, outcome: Outcome) -> None:
        run = active.run
        if self._active.get(run.id) is not active:
            return  # it was abandoned before
        del self._active[run.id]
        has_failed = outcome.status in _TRIED_AGAIN and not outcome.is_meant
        if has_failed and run.is_tried_again:
            self._rest(active, outcome)
        elif has_failed and run.attempt == run.attempts_max > 1:
            self._record(run, _dead_letter(outcome), active.context)
        else:
            self._record(run, outcome, active.context)
        if run.parent is not None:
            return  # its caller has the slot
        following = self._slots[run.deployed.live.uid].leave()
        if following is not None:
            self._start_later(following)

    def _record(self, run: Run, outcome: Outcome, context: RunContext | None = None) -> None:
        self._meters.ended(outcome.status)
        self._recorder.finish(
            Finish(
                run.id,
                outcome.status,
                time.time_ns() // 1_000_000,
                encoded(outcome.error) if outcome.error else None,
                run.log.as_json(),
                run.log.dropped,
                encoded(context.reply._asdict()) if context and context.reply else None,
                context.timeline_json() if context else run.timeline,
            ),
            run.stored,
            watch=_watch(run.deployed.live) if outcome.status in FAILURES else None,
        )
        if run.ended is not None and not run.ended.done():
            run.ended.set_result(outcome)

    def _rest(self, active: _Active, failure: Outcome) -> None:
        """Let a run wait for its next attempt; its place in the queue is kept for it."""
        run = active.run
        retry = run.deployed.live.retry
        assert retry is not None  # noqa: S101  it is tried again
        # jitter: runs that failed together do not come back together
        seconds = retry.wait_seconds(run.attempt, random.random())  # noqa: S311  no secret
        run.end_attempt(failure, active.context.timeline_json(), seconds)
        if self._is_draining:
            return self._give_up(run)
        self._slots[run.deployed.live.uid].promise()
        return self._resting.add(run, seconds)

    def _give_up(self, run: Run) -> None:
        """Record a run that waits and cannot go on here: one that has failed is a dead letter."""
        if run.failure is None:
            return self._record(run, _STOPPED)
        message = f"The engine was stopped before attempt {run.attempt} of {run.attempts_max}"
        run.log.write("warn", None, message)
        return self._record(run, _dead_letter(run.failure))

    def _too_late(self, active: _Active, now: float) -> None:
        if active.stopping is None:
            self._stop(active, active.context.late())
        elif now > active.deadline + ENDING_SECONDS and active.task:
            # what goes on that long is cancelled once more, and then left to itself
            active.context.stop_now()
            active.task.cancel()
            self._end(active, active.stopping)

    def _stop(self, active: _Active, reason: Outcome) -> None:
        """Cancel a run's task; ``watch`` abandons it when it goes on for too long."""
        if active.stopping is None and active.task:
            active.stopping = reason
            active.deadline = min(active.deadline, time.monotonic())
            active.context.stop_soon()
            active.task.cancel()


def _watch(live: Live) -> Watch | None:
    breaker = live.breaker_in_force
    if not breaker.failures:
        return None
    window_ms = 1_000 * breaker.window_seconds
    return Watch(live.uid, live.deployment, breaker.failures, window_ms, breaker.since_ms)


def _stopped(stop: RunStopped, mask: Mask) -> Outcome:
    error = {"type": stop.type, "message": mask.text(str(stop))}
    has_failed = stop.status != RunStatus.COMPLETED
    is_meant = stop.type == "StopRun"
    return Outcome(RunStatus(stop.status), error if has_failed else None, is_meant=is_meant)


def _dead_letter(failure: Outcome) -> Outcome:
    return failure._replace(status=RunStatus.DEAD_LETTER)


_TRIED_AGAIN = (RunStatus.FAILED, RunStatus.TIMEOUT)
_STOPPED = Outcome(
    RunStatus.CANCELLED,
    {"type": "Stopped", "message": "The engine was stopped before the run ended"},
)
_LEFT = Outcome(
    RunStatus.CANCELLED,
    {"type": "Cancelled", "message": "The run that called this one did not wait for its end"},
)
