"""Whose token a call carries: an OIDC issuer's is verified here, any other by the API server."""

from collections.abc import Mapping

from starlette.datastructures import Headers

from dragops.cluster.access import Access
from dragops.cluster.tokens import TOKEN_MAX, Caller, SignedTokens, unverified_issuer
from dragops.errors import Refused
from dragops_api.errors import Unauthenticated

AUDIENCE = "dragops-api"
"""What a Kubernetes token must be made for."""


class Callers:
    """Knows callers by their tokens; ``issuers`` are those of OIDC, by the URL in ``iss``."""

    def __init__(self, access: Access, issuers: Mapping[str, SignedTokens]) -> None:
        self._access, self._issuers = access, issuers

    async def of(self, headers: Headers) -> Caller:
        """Give the caller; raise Unauthenticated, or Unreachable where nobody can say."""
        token = _token(headers)
        # until it is verified, a token only chooses who looks at it
        verifier = self._issuers.get(unverified_issuer(token) or "")
        if verifier is None:
            return await self._kubernetes(token)
        try:
            return await verifier.verify(token)
        except Refused as exc:
            raise Unauthenticated(f"The token is not good: {exc}") from exc

    async def _kubernetes(self, token: str) -> Caller:
        caller = await self._access.review(token, AUDIENCE)
        if caller is None:
            raise Unauthenticated(f"The token is not good, or not for audience {AUDIENCE!r}")
        return caller


def _token(headers: Headers) -> str:
    sent = headers.getlist("authorization")
    if len(sent) > 1:
        raise Unauthenticated("Send one Authorization header, not several")
    scheme, _, token = "".join(sent).partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send a token: Authorization: Bearer <token>")
    if len(token) > TOKEN_MAX:
        raise Unauthenticated(f"The token is longer than {TOKEN_MAX} characters")
    return token
