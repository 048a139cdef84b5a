"""Cancels runs: in the engine that has them, else in the record.

A run that no engine has any more is one whose engine died, or that runs in a schedule's own pod,
which nobody can ask. It is recorded as cancelled, and the answer says that nothing was stopped; the
pod asks the record from time to time, and then stops it.
"""

import asyncio
import time

from dragops.history.records import RunRecord
from dragops.model.run import UNFINISHED, RunStatus
from dragops_api.auth import Ask
from dragops_api.engines import Engines
from dragops_api.recorder_calls import RecorderCalls
from dragops_api.runs import Runs, refuse_ended
from dragops_api.schemas.runs import CancelOut

_BEGIN_SECONDS = 0.5
"""A run is seen in the store a moment before its engine begins it."""
_LOOK_SECONDS, _RECORD_SECONDS = 0.02, 5.0


class Cancels:
    """Cancels runs of the workspaces."""

    def __init__(self, runs: Runs, engines: Engines, recorder: RecorderCalls) -> None:
        self._runs, self._engines, self._recorder = runs, engines, recorder

    async def cancel(self, ask: Ask, run_id: str, *, wait: int) -> tuple[CancelOut, int]:
        """Cancel a run; give it and the HTTP status: 200 when it has ended, else 202."""
        refuse_ended(await self._runs.get(ask, run_id))
        status = await self._in_engines(ask, run_id, wait)
        if status is None:
            wish = {"workspace": ask.workspace, "runId": run_id, "by": ask.caller.username}
            await self._recorder.post("/v1/cancel", wish)
        run = await self._recorded(ask, run_id, patient=status not in UNFINISHED)
        if run.status == RunStatus.CANCELLED:
            return CancelOut(run_id=run_id, status=run.status, stopped=status is not None), 200
        refuse_ended(run)
        return CancelOut(run_id=run_id, status=run.status, stopped=False), 202

    async def _in_engines(self, ask: Ask, run_id: str, wait: int) -> str | None:
        order = {"runId": run_id, "by": ask.caller.username, "waitSeconds": wait}
        status = await self._engines.cancel(ask.workspace, order)
        if status is not None:
            return status
        await asyncio.sleep(_BEGIN_SECONDS)
        return await self._engines.cancel(ask.workspace, order)

    async def _recorded(self, ask: Ask, run_id: str, *, patient: bool) -> RunRecord:
        """Give the run once its end is stored; at once, or after some time, as it is."""
        until = time.monotonic() + (_RECORD_SECONDS if patient else 0)
        while (run := await self._runs.get(ask, run_id)).status in UNFINISHED:
            if time.monotonic() >= until:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return run
