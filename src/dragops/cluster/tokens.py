"""Checks signed tokens offline, against the public keys of who issued them.

Engines and the recorder ask here for each request, so the API server is asked for keys only:
at the start, now and then, and when a token names a key that is not known yet.
"""

import binascii
import hashlib
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import orjson

from dragops.cluster.jwks import Key, KeySet, cluster_keys
from dragops.errors import Refused

TOKEN_MAX = 16_384
"""Characters; a header of this size is the most that servers take."""
AUTHENTICATED = "system:authenticated"
_ACCEPTED_SECONDS = 60.0
_ACCEPTED_MAX = 2048
# what a library raises for a token that somebody has made up: deep, huge, infinite
_BAD = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)

Claims = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling; ``namespace`` is empty unless it is a service account."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    namespace: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What else is known, for authorizers that look at it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token must say, and how it may be signed."""

    audiences: tuple[str, ...]
    issuer: str | None = None
    algorithms: tuple[str, ...] = ("ES256", "RS256")
    leeway_seconds: float = 10


class SignedTokens:
    """Verifies the tokens of one issuer; ``caller_of`` reads verified claims, or raises Refused."""

    def __init__(self, keys: KeySet, terms: Terms, caller_of: Callable[[Claims], Caller]) -> None:
        self._keys, self._terms, self._caller_of = keys, terms, caller_of
        self._accepted: dict[bytes, tuple[float, Caller]] = {}

    async def verify(self, token: str) -> Caller:
        """Give the caller of a good token; raise Refused for any other."""
        fingerprint = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._accepted.get(fingerprint)
        if known and time.time() < known[0]:
            return known[1]
        claims = self._claims(token, await self._key(token))
        caller = self._caller_of(claims)
        if len(self._accepted) >= _ACCEPTED_MAX:
            self._accepted.clear()
        until = min(float(claims["exp"]), time.time() + _ACCEPTED_SECONDS)
        self._accepted[fingerprint] = (until, caller)
        return caller

    async def _key(self, token: str) -> jwt.PyJWK:
        if len(token) > TOKEN_MAX:
            raise Refused(f"the token is longer than {TOKEN_MAX} characters")
        kid, algorithm = _header(token)
        if algorithm not in self._terms.algorithms:
            allowed = ", ".join(self._terms.algorithms)
            raise Refused(f"the token is signed with {algorithm!r}, and allowed are {allowed}")
        if kid is None:
            raise Refused("the token names no key (kid)")
        if (key := await self._keys.find(kid)) is None:
            raise Refused("the token is signed with a key that its issuer does not publish")
        return _usable(key, algorithm)

    def _claims(self, token: str, key: jwt.PyJWK) -> Claims:
        terms = self._terms
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=terms.audiences,
                issuer=terms.issuer,
                leeway=terms.leeway_seconds,
                options={
                    "require": ["exp", "sub", "aud"],
                    "enforce_minimum_key_length": True,
                },
            )
        except _BAD as exc:
            raise Refused(f"the token is not good for {' or '.join(terms.audiences)}: {exc}") from (
                exc
            )


class TokenVerifier:
    """Verifies service account tokens; ``jwks`` is a file or an https URL of the API server."""

    def __init__(self, jwks: str, *, audience: str, issuer: str | None = None) -> None:
        terms = Terms((audience,), issuer)
        self._tokens = SignedTokens(cluster_keys(jwks), terms, _service_account)

    async def verify(self, token: str) -> Caller:
        """Give the caller of a good token; raise Refused for any other."""
        return await self._tokens.verify(token)


def unverified_issuer(token: str) -> str | None:
    """Give who a token says that it is of; to choose who verifies it, and for nothing else."""
    parts = token.split(".")
    if len(token) > TOKEN_MAX or len(parts) != 3:
        return None
    try:
        claims = orjson.loads(urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, binascii.Error):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None


def _header(token: str) -> tuple[str | None, str]:
    try:
        header = jwt.get_unverified_header(token)
    except _BAD as exc:
        raise Refused("the token is not a JWT") from exc
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None, str(header.get("alg"))


def _usable(key: Key, algorithm: str) -> jwt.PyJWK:
    """Give the key as this algorithm uses it; one that says its own algorithm has no other."""
    if key.get("alg", algorithm) != algorithm:
        raise Refused(f"the token is signed with {algorithm!r}, and its key is for {key['alg']!r}")
    try:
        return jwt.PyJWK(key, algorithm)
    except _BAD as exc:
        raise Refused(f"the token's key is none for {algorithm!r}") from exc


def _service_account(claims: Claims) -> Caller:
    account = claims.get("kubernetes.io", {})
    namespace = str(account.get("namespace", ""))
    uid = str(account.get("serviceaccount", {}).get("uid", ""))
    groups: tuple[str, ...] = (AUTHENTICATED,)
    if namespace:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", *groups)
    return Caller(str(claims["sub"]), uid, groups, namespace)
