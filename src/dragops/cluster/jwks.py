"""A published set of public keys (JWKS): fetched when old, and when a token names an unknown one.

Next: ``dragops.cluster.tokens`` checks signatures with them.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from dragops.errors import Unreachable

POD_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_REFRESH_SECONDS, _STALE_SECONDS = 600.0, 86_400.0
_FETCHES_MAX, _FETCHES_SECONDS, _FAILED_SECONDS = 3, 30.0, 1.0
_DOCUMENT_BYTES, _DOCUMENT_SECONDS = 1_048_576, 5.0
_PUBLIC_KINDS = ("EC", "OKP", "RSA")

Fetch = Callable[[], Awaitable[bytes]]
Key = dict[str, Any]


class KeySet:
    """The keys by their ids; ``what`` names their publisher in errors."""

    def __init__(
        self, fetch: Fetch, *, what: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch, self._what, self._clock = fetch, what, clock
        self._by_id: dict[str, Key] = {}
        self._fetched: deque[float] = deque([float("-inf")], maxlen=_FETCHES_MAX)
        self._failed_at = float("-inf")
        self._failure: Unreachable | None = None
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> Key | None:
        """Give a key; None when it is not published, Unreachable when nobody can say."""
        if not self._is_fresh(kid) and not (self._is_known(kid) and self._lock.locked()):
            async with self._lock:
                if not self._is_fresh(kid) and self._may_fetch(kid):
                    await self._try()
        # a publisher that is away for a while does not make known keys bad
        if self._failure and not self._is_known(kid):
            raise self._failure
        return self._by_id.get(kid)

    def _is_fresh(self, kid: str) -> bool:
        return kid in self._by_id and self._age() < _REFRESH_SECONDS

    def _is_known(self, kid: str) -> bool:
        return kid in self._by_id and self._age() < _STALE_SECONDS

    def _may_fetch(self, kid: str) -> bool:
        """Strangers choose the key id, so they must not choose how often we ask."""
        now = self._clock()
        if self._failure:
            pause = _REFRESH_SECONDS / 10 if self._is_known(kid) else _FAILED_SECONDS
            return now - self._failed_at >= pause
        return len(self._fetched) < _FETCHES_MAX or now - self._fetched[0] >= _FETCHES_SECONDS

    async def _try(self) -> None:
        try:
            self._by_id = _parsed(await self._fetch(), self._what)
            self._fetched.append(self._clock())
            self._failure = None
        except Unreachable as exc:
            self._failed_at, self._failure = self._clock(), exc

    def _age(self) -> float:
        return self._clock() - self._fetched[-1]


def _parsed(data: bytes, what: str) -> dict[str, Key]:
    try:
        keys = orjson.loads(data)["keys"]
        named = {key["kid"]: key for key in keys if _is_for_signatures(key)}
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError) as exc:
        raise Unreachable(what, f"not a key set: {exc}") from exc
    if not named:
        raise Unreachable(what, "its key set has no public key with an id")
    return named


def _is_for_signatures(key: Key) -> bool:
    is_named = isinstance(key.get("kid"), str)
    return is_named and key.get("kty") in _PUBLIC_KINDS and key.get("use", "sig") == "sig"


def cluster_keys(where: str) -> KeySet:
    """Give the keys of the cluster: a file, or an https URL of the API server."""
    what = "the cluster's JWKS"

    async def fetch() -> bytes:
        if where.startswith("https://"):
            context, headers = await asyncio.to_thread(_pod_account)
            return await fetch_document(where, what=what, context=context, headers=headers)
        try:
            return await asyncio.to_thread(Path(where).read_bytes)
        except OSError as exc:
            raise Unreachable(what, str(exc)) from exc

    return KeySet(fetch, what=what)


async def fetch_document(
    url: str,
    *,
    what: str,
    context: ssl.SSLContext | bool = True,
    headers: dict[str, str] | None = None,
) -> bytes:
    """Read a small document; raise Unreachable for anything but a 200 of the very URL."""
    timeout = aiohttp.ClientTimeout(total=_DOCUMENT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url, ssl=context, headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise Unreachable(what, f"{url} answers {response.status}")
            data = await response.content.read(_DOCUMENT_BYTES + 1)
            while len(data) <= _DOCUMENT_BYTES and not response.content.at_eof():
                data += await response.content.read(_DOCUMENT_BYTES + 1)
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise Unreachable(what, f"{url}: {exc!r}") from exc
    if len(data) > _DOCUMENT_BYTES:
        raise Unreachable(what, f"{url} has more than {_DOCUMENT_BYTES} bytes")
    return data


def _pod_account() -> tuple[ssl.SSLContext, dict[str, str]]:
    authority, token = POD_ACCOUNT / "ca.crt", POD_ACCOUNT / "token"
    context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
    if not token.exists():
        return context, {}
    return context, {"Authorization": f"Bearer {token.read_text().strip()}"}
