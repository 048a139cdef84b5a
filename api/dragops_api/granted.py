"""Calls that need a right which the operator gives by name, a moment after the name is there.

Secrets are never read or changed on any other right (``dragops.cluster.rights.API_SECRETS``).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dragops.errors import Refused, Unreachable

_PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0)

T = TypeVar("T")


async def granted(call: Callable[[], Awaitable[T]]) -> T:
    """Call, and again while it is not allowed yet; raise Unreachable when it never is."""
    for pause in _PAUSES_SECONDS:
        try:
            return await call()
        except Refused:
            await asyncio.sleep(pause)
    try:
        return await call()
    except Refused as exc:
        raise Unreachable("the operator", f"it has not given a right: {exc}") from exc
