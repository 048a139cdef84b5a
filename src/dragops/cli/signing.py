"""Signs a webhook's body as its sender would."""

import hashlib
import hmac


def signed_headers(scheme: str, secret: str, body: bytes, *, now: float) -> dict[str, str]:
    """Give the headers that prove who sends this body; ``now`` in unix seconds."""
    if scheme == "github":
        return {"x-hub-signature-256": f"sha256={_hex(secret, body)}"}
    timestamp = str(int(now))
    return {
        "x-webhook-timestamp": timestamp,
        "x-webhook-signature": _hex(secret, timestamp.encode() + b"." + body),
    }


def _hex(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
