"""One tick of a schedule: what the pod of a CronJob's Job does, ``python -m dragops.engine.tick``.

It reads the mounted live and program ConfigMaps, checks both against the operator's signature,
and the Environment's Secret if there is one; decides with ``dragops.engine.due``, has the run
accepted under the key of its scheduled time, and runs the program with the engine's own runner.
No other process of ours but the recorder is needed.

A tick counts once: when the key is taken, the pod ends without running. Only where the recorder
names a run that another pod of this very Job accepted, it begins again under its first id: that
pod cannot have ended it, as one that has ends its Job too (but for the instant in between).

SIGTERM (a drained node) gives the run a moment to end; else it is left unfinished for the Job's
next pod. Who deletes the Job itself leaves the run as running.

Exit codes, for the Job's podFailurePolicy:
0  recorded: the run (however it ended), a skipped tick, or another Job's run of the same tick
1  the recorder could not be reached in time, or SIGTERM: the same Job may try again
2  the settings are wrong: trying again changes nothing
3  refused: live file or program is not the operator's: trying again changes nothing
"""

import asyncio
import random
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, TypeVar

import structlog
import uvloop
from pydantic import ValidationError

from dragops.engine.connection import recorder_connection
from dragops.engine.deployed import Deployed
from dragops.engine.due import Due, due_of, is_of_same_job, own_run_id, reason_to_skip
from dragops.engine.encoding import encoded
from dragops.engine.log_lines import log_lines
from dragops.engine.meters import Meters
from dragops.engine.mounted import read_environment, read_live, read_program
from dragops.engine.record import Post, Recorder
from dragops.engine.run import Outcome, Run
from dragops.engine.runner import Runner
from dragops.engine.serving import stop_signal
from dragops.engine.tick_settings import TickSettings
from dragops.errors import DragopsError, Refused, TryAgain, Unreachable
from dragops.history.batch import Accept, Accepted, Batch, Finish, decode_results, encode_batch
from dragops.model.bundle import Live, public_key
from dragops.model.ids import RunId
from dragops.model.run import RunStatus

_LOG = structlog.get_logger()
_RETRY_FIRST_SECONDS, _RETRY_MAX_SECONDS = 0.2, 30.0
_FLUSH_SECONDS = 600.0

T = TypeVar("T")


class Exit(IntEnum):
    """How the process ends; the table is at the head of the module."""

    RECORDED = 0
    TRY_AGAIN = 1
    WRONG_SETTINGS = 2
    REFUSED = 3


async def run_tick(settings: TickSettings, post: Post, stopped: asyncio.Event) -> Exit:
    """Do what is due; raises Refused for what is not the operator's, Unreachable when too late."""
    key = public_key(settings.public_key)
    live = read_live(settings.live, key=key, namespace=settings.namespace)
    due = due_of(settings.job_name, job_uid=settings.job_uid, now=datetime.now(UTC))
    reason = reason_to_skip(live, settings.node_id, due)
    run = None if reason else _run(settings, live, due)
    accept = _accept(settings.node_id, live, due, run)
    accepted = await _unless_stopped(_accepted(post, accept, _seconds_left(settings, due)), stopped)
    if accepted is None:
        return Exit.TRY_AGAIN
    if accepted.duplicate and not is_of_same_job(accepted.run_id, RunId(accept.run_id)):
        _LOG.info("another job has this tick", run=accepted.run_id, key=due.key)
        return Exit.RECORDED
    if run is None:
        return await _skip(post, accepted.run_id, str(reason))
    run.id = accepted.run_id
    return await _execute(run, post, stopped, drain_seconds=settings.drain_seconds)


def _run(settings: TickSettings, live: Live, due: Due) -> Run:
    program = read_program(settings.program, live)
    trigger = program.trigger(settings.node_id)
    if trigger is None:
        raise Refused(f"the program has no trigger {settings.node_id!r}")
    environment = read_environment(settings.environment, live)
    deployed = Deployed(live, program, {}, environment)
    run_id = own_run_id(live, settings.node_id, due)
    return Run(run_id, deployed, program, trigger, due.triggered_by, due.event(datetime.now(UTC)))


def _accept(node_id: str, live: Live, due: Due, run: Run | None) -> Accept:
    pointer = live.program
    return Accept(
        run.id if run else own_run_id(live, node_id, due),
        live.uid,
        live.deployment,
        node_id,
        due.triggered_by,
        run.program.version if run else pointer.version if pointer else 0,
        run is not None,
        _now_ms(),
        due.key,
        due.scheduled_at is not None,
        encoded(run.event if run else due.event(datetime.now(UTC))),
    )


def _seconds_left(settings: TickSettings, due: Due) -> float:
    late = datetime.now(UTC) - due.scheduled_at if due.scheduled_at else None
    return settings.window_seconds - (late.total_seconds() if late else 0)


async def _accepted(post: Post, accept: Accept, seconds: float) -> Accepted:
    """Have a run stored; sending the same one again is harmless."""
    body = encode_batch(Batch(accepts=[accept]))
    until, pause = time.monotonic() + seconds, _RETRY_FIRST_SECONDS
    while True:
        try:
            return decode_results(await post(body))[0]
        except (TryAgain, Refused) as exc:
            if time.monotonic() + pause > until:
                raise Unreachable("the recorder", str(exc)) from exc
            _LOG.warning("the recorder does not take the run yet", error=str(exc))
        # jitter spreads the pods of one minute; it guards nothing
        await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311
        pause = min(2 * pause, _RETRY_MAX_SECONDS)


async def _skip(post: Post, run_id: RunId, reason: str) -> Exit:
    _LOG.info("skipped", run=run_id, reason=reason)
    error = encoded({"type": "Skipped", "message": reason})
    end = Finish(run_id, RunStatus.SKIPPED, _now_ms(), error, None, 0, None)
    await post(encode_batch(Batch(finishes=[end])))
    return Exit.RECORDED


async def _execute(run: Run, post: Post, stopped: asyncio.Event, *, drain_seconds: float) -> Exit:
    recorder = Recorder(post)
    runner = Runner(recorder, Meters(), queue=0)
    run.ended = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(recorder.run()), tasks.create_task(runner.watch())]
        runner.begin(run, at_once=runner.reserve(run.deployed))
        if await _unless_stopped(_outcome(run.ended), stopped) is None:
            await asyncio.wait([run.ended], timeout=drain_seconds)
        is_stored = run.ended.done() and await recorder.flush(_FLUSH_SECONDS)
        for task in beside:
            task.cancel()
    _LOG.info("ended" if run.ended.done() else "stopped", run=run.id, stored=is_stored)
    return Exit.RECORDED if is_stored else Exit.TRY_AGAIN


async def _outcome(ended: asyncio.Future[Outcome]) -> Outcome:
    return await asyncio.shield(ended)


async def _unless_stopped(work: Coroutine[Any, Any, T], stopped: asyncio.Event) -> T | None:
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if doing.done():
        return doing.result()
    doing.cancel()
    await asyncio.wait({doing})
    return None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def serve(settings: TickSettings) -> Exit:
    """Do what is due, over a real connection, until done or SIGTERM."""
    stopped = stop_signal()
    async with recorder_connection(settings.recorder_url, settings.recorder_token_file) as post:
        return await run_tick(settings, post, stopped)


def main() -> int:
    """Run one tick and give the exit code."""
    log_lines()
    try:
        settings = TickSettings()
    except ValidationError as exc:
        names = ", ".join(f"DRAGOPS_{error['loc'][0]}".upper() for error in exc.errors())
        sys.stderr.write(f"dragops-tick: wrong or missing settings: {names}\n")
        return Exit.WRONG_SETTINGS
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(serve(settings))
    except DragopsError as exc:
        sys.stderr.write(f"dragops-tick: {exc}\n")
        return Exit.TRY_AGAIN if isinstance(exc, TryAgain) else Exit.REFUSED


if __name__ == "__main__":
    sys.exit(main())
