"""The health summary: deployments by state, the last hour, what is stuck, whether engines answer.

Nothing is guessed: where the store or the cluster cannot be asked, the call says so instead.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from dragops.errors import Unreachable
from dragops.history.soundness import Soundness
from dragops.model.ids import made_at
from dragops_api.auth import Ask
from dragops_api.deployments import Deployments
from dragops_api.engines import Engines
from dragops_api.runs import Runs
from dragops_api.schemas.health import DeploymentCounts, HealthOut
from dragops_api.silence import expected_ticks, held_back
from dragops_api.transitions import status_word

Object = dict[str, Any]


class Health:
    """Looks at everything that a caller may see; ``is_fresh`` says whether reads are to be had."""

    def __init__(
        self,
        deployments: Deployments,
        runs: Runs,
        engines: Engines,
        soundness: Soundness,
        is_fresh: Callable[[], bool],
    ) -> None:
        self._deployments, self._runs, self._engines = deployments, runs, engines
        self._soundness, self._is_fresh = soundness, is_fresh

    async def summary(self, ask: Ask) -> HealthOut:
        """Sum up the workspaces of the call."""
        if not self._is_fresh():
            raise Unreachable("the API server", "lists are not complete, or too old")
        listed = self._deployments.listed(ask, None)
        counts = Counter(map(status_word, listed))
        runs, failures = await self._runs.last_hour(ask.workspaces)
        return HealthOut(
            deployments=DeploymentCounts(
                active=counts["active"], paused=counts["paused"], failed=counts["failed"]
            ),
            runs_last_hour=runs,
            failures_last_hour=failures,
            error_rate=round(100 * failures / runs, 2) if runs else 0,
            engine_status=await self._engine_status(listed),
            silent_schedules=await asyncio.to_thread(self._silent, listed),
            dead_letters=await asyncio.to_thread(self._dead_letters, listed),
            oldest_unfinished_seconds=await asyncio.to_thread(self._oldest, listed),
        )

    async def _engine_status(
        self, listed: Sequence[Object]
    ) -> Literal["connected", "degraded", "disconnected"]:
        pools = {d["metadata"]["namespace"] for d in listed if status_word(d) == "active"}
        ready = await asyncio.gather(*(self._engines.is_ready(pool) for pool in pools))
        if all(ready):
            return "connected"
        return "degraded" if any(ready) else "disconnected"

    def _silent(self, listed: Sequence[Object]) -> int:
        ticks = expected_ticks(listed, datetime.now(UTC))
        missing = set(ticks) - self._soundness.recorded(ticks)
        held = held_back(listed)
        doubtful = {tick for tick in missing if (tick.deployment_uid, tick.node_id) in held}
        busy = self._soundness.busy() if doubtful else set()
        return len(missing) - len({tick for tick in doubtful if tick.deployment_uid in busy})

    def _dead_letters(self, listed: Sequence[Object]) -> int:
        # runs of a deployment that is gone are on their way out
        found = self._soundness.dead_letters()
        return sum(found.get(deployment["metadata"]["uid"], 0) for deployment in listed)

    def _oldest(self, listed: Sequence[Object]) -> int | None:
        uids = {deployment["metadata"]["uid"] for deployment in listed}
        oldest = self._soundness.oldest_unfinished(uids)
        return None if oldest is None else max(0, int(time.time()) - made_at(oldest) // 1000)
