"""Asks the recorder to forget the runs of deleted deployments, until it has."""

import asyncio

import structlog

from dragops.errors import Unreachable
from dragops_api.recorder_calls import RecorderCalls

_PAUSE_SECONDS = 2.0
_OWED_MAX = 1_000
_log = structlog.get_logger(__name__)


class Purges:
    """Purges runs at once where the recorder answers, else as soon as it does.

    What is owed is in memory only: after a restart the runs are out of reach (their deployment is
    gone) but still stored.
    """

    def __init__(self, recorder: RecorderCalls) -> None:
        self._recorder = recorder
        self._owed: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_OWED_MAX)

    async def purge(self, workspace: str, uid: str) -> None:
        """Forget the runs of a deployment, now or later."""
        wish = {"deploymentUid": uid, "workspace": workspace}
        try:
            await self._recorder.post("/v1/purge", wish)
        except Unreachable as exc:
            _log.warning("purge_owed", workspace=workspace, uid=uid, error=str(exc))
            if self._owed.full():
                _log.error("purge_forgotten", oldest=self._owed.get_nowait())
            self._owed.put_nowait((workspace, uid))

    async def run(self) -> None:
        """Pay what is owed, for ever."""
        while True:
            workspace, uid = await self._owed.get()
            await asyncio.sleep(_PAUSE_SECONDS)
            await self.purge(workspace, uid)
