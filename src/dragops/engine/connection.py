"""The connection to the recorder: kept alive, with a token that is read again when it changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from dragops.engine.record import NotSent, Post
from dragops.errors import BadInput, Overloaded, Refused, Unreachable

_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=2)


class TokenFile:
    """A projected token; the kubelet replaces the file long before the token ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._token = ""

    def read(self) -> str:
        """Give the token as it is now; raises Unreachable when there is none."""
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) != self._stamp:
                self._token = self._path.read_text().strip()
                self._stamp = (stat.st_mtime_ns, stat.st_ino)
        except OSError as exc:
            raise NotSent("the recorder", f"its token cannot be read: {exc}") from exc
        return self._token


@asynccontextmanager
async def recorder_connection(url: str, token_file: Path) -> AsyncIterator[Post]:
    """Open the way to a recorder."""
    token = TokenFile(token_file)
    connector = aiohttp.TCPConnector(limit=4, keepalive_timeout=60)
    async with aiohttp.ClientSession(url, connector=connector, timeout=_TIMEOUT) as session:

        async def post(body: bytes) -> bytes:
            headers = {"Authorization": f"Bearer {token.read()}"}
            try:
                async with session.post("/v1/batch", data=body, headers=headers) as response:
                    answer = await response.read()
            except aiohttp.ClientConnectorError as exc:
                raise NotSent("the recorder", str(exc)) from exc
            except (aiohttp.ClientError, TimeoutError, OSError) as exc:
                raise Unreachable("the recorder", str(exc) or type(exc).__name__) from exc
            return _judged(response.status, answer)

        yield post


def _judged(status: int, answer: bytes) -> bytes:
    if status == 200:
        return answer
    said = answer[:200].decode("utf-8", "replace")
    if status in (401, 403):
        raise Refused(f"the recorder refused the engine's token: {said}")
    if status == 429:
        raise Overloaded(said)
    if status < 500:
        raise BadInput("batch", said)
    raise Unreachable("the recorder", said)
