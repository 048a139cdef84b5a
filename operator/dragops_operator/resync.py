"""Every ten minutes everything is looked at again, from an authoritative list.

That finds what no watch tells: missed events, and children that are not watched (Secrets).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, PATTERNS, Cluster
from dragops.errors import DragopsError
from dragops_operator.workqueue import Key, Workqueue

PERIOD_SECONDS = 600.0
_log = structlog.get_logger(__name__)


async def resync_for_ever(
    look_again: Callable[[float], Awaitable[None]], *, period_seconds: float = PERIOD_SECONDS
) -> None:
    """Look at everything again and again."""
    while True:
        await asyncio.sleep(period_seconds * random.uniform(0.9, 1.1))  # noqa: S311  # jitter
        try:
            await look_again(period_seconds / 10)
        except DragopsError as exc:
            _log.warning("resync_failed", error=str(exc))


async def resync(
    cluster: Cluster, keys: Workqueue, doubt: Callable[[Key], None], *, spread_seconds: float
) -> None:
    """Queue every object once, spread over a while; ``doubt`` is told the deployments."""
    for kind in (PATTERNS, ENVIRONMENTS, DEPLOYMENTS):
        for raw in await cluster.list(kind):
            metadata = raw["metadata"]
            key = Key(kind.kind, metadata["namespace"], metadata["name"])
            if kind is DEPLOYMENTS:
                doubt(key)
            keys.put_after(key, random.uniform(0, spread_seconds))  # noqa: S311  # jitter
