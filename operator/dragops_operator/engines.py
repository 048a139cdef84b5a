"""Asks one engine what it has loaded and obeys."""

import aiohttp
import orjson

from dragops.cluster.locator import TokenFile
from dragops.errors import Unreachable

_POLL_SECONDS = 2.0

Serials = dict[str, tuple[str, int]]
"""Deployment -> (uid, serial)."""


async def obeyed_serials(session: aiohttp.ClientSession, address: str, token: TokenFile) -> Serials:
    """Ask the engine whose internal door is at ``address``."""
    limit = aiohttp.ClientTimeout(total=_POLL_SECONDS)
    try:
        async with session.get(
            f"{address}/internal/serials", headers=token.headers(), timeout=limit
        ) as response:
            response.raise_for_status()
            told = orjson.loads(await response.read())["serials"]
            return {name: (known["uid"], int(known["serial"])) for name, known in told.items()}
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as exc:
        raise Unreachable(f"engine {address}", str(exc)) from exc
