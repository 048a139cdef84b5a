"""Who sent a webhook: the signature schemes, pure.

A signature is checked over the raw bytes and compared in constant time. The replay window of the
scheme ``dragops`` holds when the sender adds a time; github has none, its delivery id is the
idempotency key.
"""

import hmac
import re
from collections.abc import Mapping

from dragops.model.deployment import Signature

WINDOW_SECONDS = 300

_TIMESTAMP = re.compile(r"[0-9]{10,13}")
# A body that looks like "<timestamp>.<body>" could be a captured request with its time in front.
_TIMESTAMPED_BODY = re.compile(rb"[0-9]{10,13}\.")
_MILLISECOND_DIGITS = 13


def is_signed(
    signature: Signature, secret: bytes, headers: Mapping[str, str], body: bytes, *, now: float
) -> bool:
    """Say whether the holder of ``secret`` sent this body, in time; ``now`` in unix seconds."""
    if signature.scheme == "github":
        return _matches(secret, body, _prefixed(headers.get("x-hub-signature-256", "")))
    given = headers.get("x-webhook-signature", "").removeprefix("sha256=")
    timestamp = headers.get("x-webhook-timestamp")
    if timestamp is None:
        is_plain = not signature.require_timestamp and not _TIMESTAMPED_BODY.match(body)
        return _matches(secret, body, given) and is_plain
    text = timestamp.encode("latin-1", "replace") + b"." + body
    return _matches(secret, text, given) and _is_fresh(timestamp, now)


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
