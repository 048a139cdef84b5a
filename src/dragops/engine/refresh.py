"""Reads the Secrets of Environments again and again: a changed value is in force within a minute.

An engine may get a Secret by its name and nothing else, so there is no watch that would tell.
"""

import asyncio
import random
from dataclasses import replace

import structlog

from dragops.engine.deployed import Deployed, Registry
from dragops.engine.environment import Fetch, environment_of
from dragops.errors import DragopsError

_LOG = structlog.get_logger()


class Refresher:
    """Keeps the secrets of what is deployed here in step; ``seconds`` is the longest pause."""

    def __init__(self, fetch: Fetch, registry: Registry, *, seconds: float) -> None:
        self._fetch, self._registry, self._seconds = fetch, registry, seconds

    async def run(self) -> None:
        """Read everything again, for ever."""
        while True:
            # jitter spreads the engines of one pool; it guards nothing
            await asyncio.sleep(self._seconds * random.uniform(0.8, 1.0))  # noqa: S311  no secret
            await self.refresh()

    async def refresh(self) -> None:
        """Read each Secret once; what cannot be read now stays as it is known."""
        by_secret: dict[str, list[Deployed]] = {}
        for deployed in self._registry.all():
            named = deployed.live.environment
            if named and named.secret_name:
                by_secret.setdefault(named.secret_name, []).append(deployed)
        for name, users in by_secret.items():
            try:
                await self._refresh(users)
            except DragopsError as exc:
                _LOG.warning("a Secret cannot be read again", secret=name, error=str(exc))

    async def _refresh(self, users: list[Deployed]) -> None:
        named = users[0].live.environment
        found = await environment_of(named, self._fetch)
        for deployed in users:
            is_newest = self._registry.get(deployed.live.deployment) is deployed
            if is_newest and deployed.environment.secrets != found.secrets:
                fresh = replace(found, variables=deployed.environment.variables)
                self._registry.put(replace(deployed, environment=fresh))
                _LOG.info("secrets have changed", deployment=deployed.live.deployment)
