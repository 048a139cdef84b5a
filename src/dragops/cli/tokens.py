"""Reads what a token says of itself; nothing is believed, the API decides who is let in."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson


@dataclass(frozen=True, slots=True)
class Claims:
    """What matters here of a JWT."""

    expires: datetime | None
    audiences: tuple[str, ...]
    subject: str


def claims_of(token: str) -> Claims | None:
    """Give the claims of a JWT; None for a token that is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = orjson.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, binascii.Error):
        return None
    return _read(claims) if isinstance(claims, dict) else None


def expiry_of(token: str) -> datetime | None:
    """Say until when a token is good; None where it does not say."""
    claims = claims_of(token)
    return claims.expires if claims else None


def _read(claims: dict[str, object]) -> Claims:
    audience, ends = claims.get("aud", ()), claims.get("exp")
    audiences = [audience] if isinstance(audience, str) else audience
    try:
        expires = datetime.fromtimestamp(ends, UTC) if isinstance(ends, int | float) else None
    except (OverflowError, OSError, ValueError):
        expires = None
    listed = tuple(str(item) for item in audiences) if isinstance(audiences, list) else ()
    return Claims(expires, listed, str(claims.get("sub", "")))
