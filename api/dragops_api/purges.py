"""Asks the recorder to forget the runs of deleted deployments, until it has."""

import asyncio

import aiohttp
import orjson
import structlog

from dragops.cluster.locator import TokenFile
from dragops.errors import Unreachable

THE_RECORDER = "the recorder"
_CALL_SECONDS, _PAUSE_SECONDS = 5.0, 2.0
_OWED_MAX = 1_000
_log = structlog.get_logger(__name__)


class Purges:
    """Purges runs at once where the recorder answers, else as soon as it does.

    What is owed is in memory only: after a restart the runs are out of reach (their deployment is
    gone) but still stored.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession, token: TokenFile) -> None:
        self._url, self._session, self._token = url.rstrip("/"), session, token
        self._owed: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_OWED_MAX)

    async def purge(self, workspace: str, uid: str) -> None:
        """Forget the runs of a deployment, now or later."""
        try:
            await self._purge(workspace, uid)
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

    async def _purge(self, workspace: str, uid: str) -> None:
        body = orjson.dumps({"deploymentUid": uid, "workspace": workspace})
        timeout = aiohttp.ClientTimeout(total=_CALL_SECONDS)
        try:
            async with self._session.post(
                f"{self._url}/v1/purge", data=body, headers=self._token.headers(), timeout=timeout
            ) as response:
                if response.status != 200:
                    raise Unreachable(THE_RECORDER, f"{response.status} to a purge")
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unreachable(THE_RECORDER, repr(exc)) from exc
