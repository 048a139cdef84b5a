"""The key that says what engines may run: an Ed25519 key in a Secret that the operator makes.

Not Helm's: templates that look up a Secret make a new one under Argo CD. Only the public half
leaves this process, in the environment of engines.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dragops.cluster.client import SECRETS, Cluster
from dragops.errors import BadInput, Conflict, NotFound

_FIELD = "private-key"


async def signing_key(cluster: Cluster, namespace: str, name: str) -> Ed25519PrivateKey:
    """Read the key, or make it when there is none."""
    try:
        secret = await cluster.get(SECRETS, namespace, name)
    except NotFound:
        secret = await _made(cluster, namespace, name)
    return _read(secret, name)


def public_text(key: Ed25519PrivateKey) -> str:
    """Give the public half as engines take it: 32 bytes, base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def mark(secret: str, key: Ed25519PrivateKey) -> str:
    """Give what stands for a webhook's secret: the same for the same, and of no use to guess it."""
    text = b"dragops webhook secret\0" + secret.encode()
    return hmac.digest(key.private_bytes_raw(), text, "sha256").hex()[:16]


async def _made(cluster: Cluster, namespace: str, name: str) -> dict[str, Any]:
    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/part-of": "dragops"},
        },
        "type": "Opaque",
        "data": {_FIELD: base64.b64encode(raw).decode()},
    }
    try:
        return await cluster.create(SECRETS, namespace, body)
    except Conflict:  # somebody else was first: theirs is the key
        return await cluster.get(SECRETS, namespace, name)


def _read(secret: Mapping[str, Any], name: str) -> Ed25519PrivateKey:
    try:
        raw = base64.b64decode(secret["data"][_FIELD], validate=True)
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (KeyError, TypeError, ValueError, binascii.Error) as exc:
        message = f"it holds no Ed25519 key under {_FIELD}: delete it, and a new one is made"
        raise BadInput(f"Secret {name}", message) from exc
