"""Checks service account tokens offline, against the cluster's public keys (JWKS).

Engines and the recorder ask here for each request, so the API server is asked for keys only:
at the start, now and then, and when a token names a key that is not known yet.
"""

import asyncio
import hashlib
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import orjson

from dragops.errors import Refused, Unreachable

ALGORITHMS = ("ES256", "RS256")
POD_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_REFRESH_SECONDS, _UNKNOWN_KEY_SECONDS, _ACCEPTED_SECONDS = 600.0, 10.0, 60.0
_LEEWAY_SECONDS = 10
_ACCEPTED_MAX = 2048


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling; ``namespace`` is empty unless it is a service account."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    namespace: str = ""


class TokenVerifier:
    """Verifies tokens for one audience; ``jwks`` is a file or an https URL of the API server."""

    def __init__(self, jwks: str, *, audience: str, issuer: str | None = None) -> None:
        self._keys = _Keys(jwks)
        self._audience, self._issuer = audience, issuer
        self._accepted: dict[bytes, tuple[float, Caller]] = {}

    async def verify(self, token: str) -> Caller:
        """Give the caller of a good token; raise Refused for any other."""
        fingerprint = hashlib.sha256(token.encode()).digest()
        known = self._accepted.get(fingerprint)
        if known and time.time() < known[0]:
            return known[1]
        claims = self._claims(token, await self._key(token))
        caller = _caller(claims)
        if len(self._accepted) >= _ACCEPTED_MAX:
            self._accepted.clear()
        until = min(float(claims["exp"]), time.time() + _ACCEPTED_SECONDS)
        self._accepted[fingerprint] = (until, caller)
        return caller

    async def _key(self, token: str) -> jwt.PyJWK:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError as exc:
            raise Refused("the token is not a JWT") from exc
        if not isinstance(kid, str) or not (key := await self._keys.find(kid)):
            raise Refused("the token is signed with a key that the cluster does not publish")
        return key

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "sub", "aud"]},
            )
        except jwt.PyJWTError as exc:
            raise Refused(f"the token is not good for {self._audience}: {exc}") from exc


@dataclass(slots=True)
class _Keys:
    """The published keys by id, fetched again when old or when an unknown id turns up."""

    where: str
    by_id: dict[str, jwt.PyJWK] = field(default_factory=dict)
    fetched_at: float = float("-inf")
    tried_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, kid: str) -> jwt.PyJWK | None:
        if kid not in self.by_id or time.monotonic() - self.fetched_at > _REFRESH_SECONDS:
            await self._refresh(kid)
        return self.by_id.get(kid)

    async def _refresh(self, kid: str) -> None:
        async with self.lock:
            # strangers choose the key id, so they must not choose how often we ask
            if self.by_id and time.monotonic() - self.tried_at < _UNKNOWN_KEY_SECONDS:
                return
            self.tried_at = time.monotonic()
            try:
                self.by_id = _parsed(await _fetched(self.where))
                self.fetched_at = time.monotonic()
            except Unreachable:
                if kid not in self.by_id:
                    raise


def _parsed(data: bytes) -> dict[str, jwt.PyJWK]:
    try:
        keys = jwt.PyJWKSet.from_dict(orjson.loads(data)).keys
    except (ValueError, jwt.PyJWTError) as exc:
        raise Unreachable("the cluster's JWKS", f"not a key set: {exc}") from exc
    return {key.key_id: key for key in keys if key.key_id}


async def _fetched(where: str) -> bytes:
    if not where.startswith("https://"):
        try:
            return await asyncio.to_thread(Path(where).read_bytes)
        except OSError as exc:
            raise Unreachable("the cluster's JWKS", str(exc)) from exc
    context, headers = await asyncio.to_thread(_pod_account)
    timeout = aiohttp.ClientTimeout(total=10)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(where, ssl=context, headers=headers) as response,
        ):
            response.raise_for_status()
            return await response.read()
    except (aiohttp.ClientError, TimeoutError) as exc:
        raise Unreachable("the cluster's JWKS", str(exc)) from exc


def _pod_account() -> tuple[ssl.SSLContext, dict[str, str]]:
    authority, token = POD_ACCOUNT / "ca.crt", POD_ACCOUNT / "token"
    context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
    if not token.exists():
        return context, {}
    return context, {"Authorization": f"Bearer {token.read_text().strip()}"}


def _caller(claims: dict[str, Any]) -> Caller:
    account = claims.get("kubernetes.io", {})
    namespace = str(account.get("namespace", ""))
    uid = str(account.get("serviceaccount", {}).get("uid", ""))
    groups: tuple[str, ...] = ("system:authenticated",)
    if namespace:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", *groups)
    return Caller(str(claims["sub"]), uid, groups, namespace)
