"""Tokens of OIDC issuers: verified here, against the issuer's keys; the API server sees none."""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import orjson

from dragops.cluster.jwks import Fetch, KeySet, fetch_document
from dragops.cluster.tokens import AUTHENTICATED, Caller, Claims, SignedTokens, Terms
from dragops.errors import Refused, Unreachable
from dragops_api.issuers import OidcIssuer, is_safe_url

THE_ISSUER = "the token's issuer"
_DISCOVERY = "/.well-known/openid-configuration"
_RESERVED = "system:"


def verifiers_of(issuers: Iterable[OidcIssuer]) -> dict[str, SignedTokens]:
    """Give of each issuer what verifies its tokens."""
    return {each.issuer: _verifier(each) for each in issuers}


def _verifier(issuer: OidcIssuer) -> SignedTokens:
    terms = Terms(issuer.audiences, issuer.issuer, issuer.algorithms, issuer.leeway_seconds)
    keys = KeySet(_fetching(issuer), what=THE_ISSUER)
    return SignedTokens(keys, terms, lambda claims: caller_of(claims, issuer))


def _fetching(issuer: OidcIssuer) -> Fetch:
    async def fetch() -> bytes:
        pem = issuer.certificate_authority
        context = await asyncio.to_thread(ssl.create_default_context, cadata=pem or None)
        url = issuer.jwks_url
        if not url:
            place = issuer.issuer.removesuffix("/") + _DISCOVERY
            document = await fetch_document(place, what=THE_ISSUER, context=context)
            url = _keys_url(document, issuer.issuer)
        return await fetch_document(url, what=THE_ISSUER, context=context)

    return fetch


def _keys_url(document: bytes, issuer: str) -> str:
    try:
        told: dict[str, Any] = orjson.loads(document)
        named, url = told["issuer"], told["jwks_uri"]
    except (orjson.JSONDecodeError, LookupError, TypeError) as exc:
        raise Unreachable(THE_ISSUER, f"{issuer}: no discovery document: {exc}") from exc
    if named != issuer:
        raise Unreachable(THE_ISSUER, f"{issuer}: its discovery document is of {named!r}")
    if not isinstance(url, str) or not is_safe_url(url):
        raise Unreachable(THE_ISSUER, f"{issuer}: its jwks_uri is no https URL: {url!r}")
    return url


def caller_of(claims: Claims, issuer: OidcIssuer) -> Caller:
    """Read who is calling from verified claims; raise Refused where they name nobody."""
    name = claims.get(issuer.username_claim)
    if not isinstance(name, str) or not name:
        raise Refused(f"the token has no text in claim {issuer.username_claim!r}, the user's name")
    if issuer.username_claim == "email" and claims.get("email_verified", True) is not True:
        raise Refused("the token's e-mail address is not verified")
    groups = [_allowed(issuer.groups_prefix + g) for g in _texts(claims, issuer.groups_claim)]
    extra = ((key, tuple(_texts(claims, claim))) for key, claim in sorted(issuer.extra.items()))
    return Caller(
        _allowed(issuer.username_prefix + name),
        groups=(*groups, AUTHENTICATED),
        extra=tuple((key, told) for key, told in extra if told),
    )


def _texts(claims: Claims, name: str) -> list[str]:
    told = claims.get(name, [])
    texts = [told] if isinstance(told, str) else told
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(f"the token's claim {name!r} is neither a text nor a list of texts")
    return texts


def _allowed(name: str) -> str:
    if name.startswith(_RESERVED):
        raise Refused(f"the token may not name {name!r}: such names belong to Kubernetes")
    if not name.isprintable():
        raise Refused("the token names somebody with characters that cannot be printed")
    return name
