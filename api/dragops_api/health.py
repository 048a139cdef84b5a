"""The health summary: deployments by state, the last hour, whether engines answer."""

import asyncio
from collections import Counter
from typing import Literal

from dragops_api.auth import Ask
from dragops_api.deployments import Deployments
from dragops_api.engines import Engines
from dragops_api.runs import Runs
from dragops_api.schemas.health import DeploymentCounts, HealthOut
from dragops_api.transitions import status_word


class Health:
    """Looks at everything that a caller may see."""

    def __init__(self, deployments: Deployments, runs: Runs, engines: Engines) -> None:
        self._deployments, self._runs, self._engines = deployments, runs, engines

    async def summary(self, ask: Ask) -> HealthOut:
        """Sum up the workspaces of the call."""
        listed = self._deployments.listed(ask, None)
        counts = Counter(status_word(deployment) for deployment in listed)
        active = {
            deployment["metadata"]["namespace"]
            for deployment in listed
            if status_word(deployment) == "active"
        }
        runs, failures = await self._runs.last_hour(ask.workspaces)
        return HealthOut(
            deployments=DeploymentCounts(
                active=counts["active"], paused=counts["paused"], failed=counts["failed"]
            ),
            runs_last_hour=runs,
            failures_last_hour=failures,
            error_rate=round(100 * failures / runs, 2) if runs else 0,
            engine_status=await self._engine_status(active),
        )

    async def _engine_status(
        self, pools: set[str]
    ) -> Literal["connected", "degraded", "disconnected"]:
        ready = await asyncio.gather(*(self._engines.is_ready(pool) for pool in pools))
        if all(ready):
            return "connected"
        return "degraded" if any(ready) else "disconnected"
