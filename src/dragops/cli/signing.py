"""Signs a webhook's body as its sender would."""

import hashlib
import hmac


def signed_headers(scheme: str, secret: str, body: bytes, *, now: float) -> dict[str, str]:
    """Give the headers that prove who sends this body; ``now`` in unix seconds."""
    if scheme == "github":
        return {"X-Hub-Signature-256": f"sha256={_hex(secret, body)}"}
    timestamp = str(int(now))
    return {
        "X-Webhook-Timestamp": timestamp,
        "X-Webhook-Signature": _hex(secret, timestamp.encode() + b"." + body),
    }


def _hex(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
