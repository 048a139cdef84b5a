"""Calls to the recorder, which alone writes the run store."""

from typing import Any

import aiohttp
import orjson

from dragops.cluster.locator import TokenFile
from dragops.errors import Unreachable

THE_RECORDER = "the recorder"
_CALL_SECONDS = 5.0


class RecorderCalls:
    """Posts to the recorder as the API; it trusts the API to name workspaces."""

    def __init__(self, url: str, session: aiohttp.ClientSession, token: TokenFile) -> None:
        self._url, self._session, self._token = url.rstrip("/"), session, token

    async def post(
        self, path: str, data: dict[str, Any], *, seconds: float = _CALL_SECONDS
    ) -> dict[str, Any]:
        """Give the answer; raise Unreachable for every other than 200."""
        body, timeout = orjson.dumps(data), aiohttp.ClientTimeout(total=seconds)
        headers = self._token.headers()
        try:
            async with self._session.post(
                self._url + path, data=body, headers=headers, timeout=timeout
            ) as response:
                answer = await response.read()
                if response.status != 200:
                    raise Unreachable(THE_RECORDER, f"{response.status} to {path}")
                told: dict[str, Any] = orjson.loads(answer)
        except (aiohttp.ClientError, TimeoutError, OSError, orjson.JSONDecodeError) as exc:
            raise Unreachable(THE_RECORDER, repr(exc)) from exc
        return told
