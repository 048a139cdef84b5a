"""Runs, read from the store in a thread; runs of a deployment that is gone are not found."""

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from dragops.errors import Conflict, NotFound
from dragops.history.queries import RunFilter, RunQueries, Total
from dragops.history.records import LastRun, RunRecord
from dragops.history.spans import PeriodName
from dragops.history.stats import RunStats
from dragops.model.run import UNFINISHED
from dragops_api.auth import Ask
from dragops_api.schemas.envelope import Paging
from dragops_api.view import View

Object = dict[str, Any]
_RUN_ID = re.compile(r"run_[0-9a-z]{1,60}")


class Runs:
    """The runs of the workspaces."""

    def __init__(self, queries: RunQueries, deployments: View) -> None:
        self._queries, self._deployments = queries, deployments

    async def listed(
        self, deployment: Object, wanted: RunFilter, paging: Paging
    ) -> tuple[list[RunRecord], Total]:
        """Give a part of a deployment's runs, newest first, and how many there are."""
        uid, part = deployment["metadata"]["uid"], {"limit": paging.limit, "offset": paging.offset}
        return await asyncio.to_thread(self._queries.list_runs, uid, wanted, **part)

    async def get(self, ask: Ask, run_id: str) -> RunRecord:
        """Give one run of the caller's workspace."""
        if not _RUN_ID.fullmatch(run_id):
            raise NotFound("run", run_id)
        run = await asyncio.to_thread(self._queries.get_run, ask.workspace, run_id)
        try:
            owner = await self._deployments.find(ask.workspace, run.deployment)
        except NotFound:
            raise NotFound("run", run_id) from None
        if owner["metadata"]["uid"] != run.deployment_uid:
            raise NotFound("run", run_id)
        return run

    async def stats(self, deployment: Object, period: PeriodName) -> RunStats:
        """Sum up the runs of a deployment that were made in the period before now."""
        uid, now = deployment["metadata"]["uid"], int(time.time() * 1000)
        return await asyncio.to_thread(self._queries.stats, uid, period, now=now)

    async def last(self, uids: Sequence[str]) -> dict[str, tuple[int, LastRun | None]]:
        """Give of each deployment how many runs it has, and the newest."""
        return await asyncio.to_thread(self._queries.last_runs, uids)

    async def last_hour(self, workspaces: Sequence[str]) -> tuple[int, int]:
        """Give the runs of the last hour, and how many of them failed."""
        return await asyncio.to_thread(self._queries.last_hour, workspaces)


def refuse_ended(run: RunRecord) -> None:
    """Raise Conflict for a run that has ended."""
    if run.status not in UNFINISHED:
        raise Conflict(f"Run {run.id!r} has ended: {run.status}")


def refuse_unfinished(run: RunRecord) -> None:
    """Raise Conflict for a run that has not ended."""
    if run.status in UNFINISHED:
        raise Conflict(f"Run {run.id!r} has not ended: it is {run.status}. Cancel it first.")
