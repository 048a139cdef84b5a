"""The Secret ``<deployment>-endpoints``: what each webhook endpoint has for ever, and its secrets.

The operator writes it, engines and API read it; a folder source keeps the same texts in
``secrets.json``. Keys are ``<nodeId>.<part>``, and a node id holds no dot. People may edit a Secret
by hand, so everything is read leniently: what is not there, or makes no sense, is empty.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_NUMBER = re.compile(r"[0-9]{1,10}")
_PARTS = {
    "webhook_id": "webhook-id",
    "endpoint_id": "endpoint-id",
    "secret": "secret",
    "rotation": "rotation",
    "previous": "previous",
    "rotated_at": "rotated-at",
}


@dataclass(frozen=True, slots=True)
class EndpointKeys:
    """The ids of an endpoint, which never change, and what its senders sign with."""

    webhook_id: str = ""
    endpoint_id: str = ""
    secret: str = field(default="", repr=False)
    rotation: str = ""
    """The ``secretRotation`` for which the secret was made, in digits."""
    previous: str = field(default="", repr=False)
    """The secret before that, while it may still be good."""
    rotated_at: str = ""
    """When ``secret`` took the place of ``previous``."""

    @property
    def number(self) -> int | None:
        """Give ``rotation`` as a number; None when it is none."""
        return int(self.rotation) if _NUMBER.fullmatch(self.rotation) else None

    def previous_until(self, seconds: int) -> float:
        """Give the unix time until which the previous secret is good; 0 if there is none."""
        try:
            return datetime.fromisoformat(self.rotated_at).timestamp() + seconds
        except (ValueError, OverflowError):
            return 0.0


def read_endpoints(texts: Mapping[str, str]) -> dict[str, EndpointKeys]:
    """Read the keys by node id."""
    nodes = {key.rpartition(".")[0] for key in texts}
    return {
        node: EndpointKeys(
            **{name: texts.get(f"{node}.{part}", "").strip() for name, part in _PARTS.items()}
        )
        for node in sorted(nodes - {""})
    }


def texts_of(keys: Mapping[str, EndpointKeys]) -> dict[str, str]:
    """Give what is stored of these keys; empty parts too, so that nobody takes an old one over."""
    return {
        f"{node}.{part}": getattr(endpoint, name)
        for node, endpoint in sorted(keys.items())
        for name, part in _PARTS.items()
    }


def texts_in(secret: Mapping[str, Any]) -> dict[str, str]:
    """Read the texts of a Secret as the API server gives it; what is no text is left out."""
    found = {}
    for key, value in (secret.get("data") or {}).items():
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found
