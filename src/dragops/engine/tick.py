"""A schedule's pod: what a CronJob's Job does, ``python -m dragops.engine.tick``.

It reads the mounted live and program ConfigMaps, checks both against the operator's signature,
and the Environment's Secret if there is one; decides with ``dragops.engine.due`` what the Job owes
(one tick, or each second of its minute), and has ``dragops.engine.ticker`` carry it out. No other
process of ours but the recorder is needed.

A tick counts once: the pod asks first which of its ticks have had their run, and whoever finds a
key taken leaves it. Only a run that an earlier pod of this very Job began and did not end begins
again, under its first id.

SIGTERM (a drained node) gives runs a moment to end; else they are left unfinished for the Job's
next pod. Who deletes the Job itself leaves its run as running.

Exit codes, for the Job's podFailurePolicy:
0  recorded: each run (however it ended), skipped tick, or another Job's run of the same tick
1  the recorder could not be reached in time, or SIGTERM: the same Job may try again
2  the settings are wrong: trying again changes nothing
3  refused: live file or program is not the operator's: trying again changes nothing
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import IntEnum

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from dragops.engine.connection import Wires, recorder_connection
from dragops.engine.due import job_of
from dragops.engine.serving import stop_signal
from dragops.engine.standing import Mounted, Standing
from dragops.engine.tick_record import Stopped
from dragops.engine.tick_settings import TickSettings
from dragops.engine.ticker import Ticker
from dragops.errors import DragopsError, TryAgain
from dragops.log_lines import log_lines
from dragops.model.bundle import Live, public_key


class Exit(IntEnum):
    """How the process ends; the table is at the head of the module."""

    RECORDED = 0
    TRY_AGAIN = 1
    WRONG_SETTINGS = 2
    REFUSED = 3


async def run_tick(settings: TickSettings, wires: Wires, stopped: asyncio.Event) -> Exit:
    """Do what is due; raises Refused for what is not the operator's, Unreachable when too late."""
    key = public_key(settings.public_key)
    mounted = Mounted(settings.live, key, settings.namespace)
    live = await mounted.now()
    job = job_of(settings.job_name, uid=settings.job_uid, now=datetime.now(UTC))
    try:
        async with _standing(settings, mounted, key, live) as standing:
            is_done = await Ticker(settings, live, standing, wires, stopped).run(job)
    except Stopped:
        is_done = False
    return Exit.RECORDED if is_done else Exit.TRY_AGAIN


@asynccontextmanager
async def _standing(
    settings: TickSettings, mounted: Mounted, key: Ed25519PublicKey, live: Live
) -> AsyncIterator[Standing]:
    if settings.source == "mounted":
        yield mounted
        return
    from dragops.cluster.client import Cluster  # noqa: PLC0415  # costs pods that need it only
    from dragops.engine.standing_in_cluster import InCluster  # noqa: PLC0415  # as above

    async with await Cluster.connect() as cluster:
        yield InCluster(cluster, key, live)


async def serve(settings: TickSettings) -> Exit:
    """Do what is due, over a real connection, until done or SIGTERM."""
    stopped = stop_signal()
    async with recorder_connection(settings.recorder_url, settings.recorder_token_file) as wires:
        return await run_tick(settings, wires, stopped)


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
