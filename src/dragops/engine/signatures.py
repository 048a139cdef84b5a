"""Who sent a webhook: the signature schemes, pure.

A signature is checked over the raw bytes and compared in constant time. The replay window of the
scheme ``dragops`` holds when the sender adds a time; github has none, its delivery id is the
idempotency key.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dragops.model.deployment import Signature

WINDOW_SECONDS = 300

_TIMESTAMP = re.compile(r"[0-9]{10,13}")
# A body that looks like "<timestamp>.<body>" could be a captured request with its time in front.
_TIMESTAMPED_BODY = re.compile(rb"[0-9]{10,13}\.")
_MILLISECOND_DIGITS = 13


class _Claim(NamedTuple):
    text: bytes
    """What was signed."""
    given: str
    """The signature, in hex."""
    is_timely: bool


def signed_by(
    signature: Signature,
    secrets: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
) -> int | None:
    """Say which of the secrets has signed this body, in time; ``now`` in unix seconds."""
    claim = _claim(signature, headers, body, now)
    # every secret is tried: how long it takes must not tell which one was right
    matches = [_matches(secret, claim.text, claim.given) for secret in secrets]
    return matches.index(True) if claim.is_timely and True in matches else None


def _claim(signature: Signature, headers: Mapping[str, str], body: bytes, now: float) -> _Claim:
    if signature.scheme == "github":
        return _Claim(body, _prefixed(headers.get("x-hub-signature-256", "")), is_timely=True)
    given = headers.get("x-webhook-signature", "").removeprefix("sha256=")
    timestamp = headers.get("x-webhook-timestamp")
    if timestamp is None:
        is_plain = not signature.require_timestamp and not _TIMESTAMPED_BODY.match(body)
        return _Claim(body, given, is_plain)
    text = timestamp.encode("latin-1", "replace") + b"." + body
    return _Claim(text, given, _is_fresh(timestamp, now))


def _matches(secret: bytes, text: bytes, given: str) -> bool:
    wanted = hmac.digest(secret, text, "sha256").hex().encode()
    return hmac.compare_digest(wanted, given.lower().encode("latin-1", "replace"))


def _prefixed(given: str) -> str:
    return given.removeprefix("sha256=") if given.startswith("sha256=") else ""


def _is_fresh(timestamp: str, now: float) -> bool:
    if not _TIMESTAMP.fullmatch(timestamp):
        return False
    unit = 1000 if len(timestamp) == _MILLISECOND_DIGITS else 1
    return abs(int(timestamp) / unit - now) <= WINDOW_SECONDS
