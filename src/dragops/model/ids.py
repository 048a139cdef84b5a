"""Ids as types; the two ways between a REST id (``pat_x1y2``) and a resource's name (``pat-x1y2``).

Names never hold ``_``, so both directions are total: a name without a known prefix is its own id.
"""

import hashlib
import random
import re
import secrets
import time
from typing import NewType

NodeId = NewType("NodeId", str)
PinName = NewType("PinName", str)
RunId = NewType("RunId", str)
Digest = NewType("Digest", str)
"""A sha256 as 64 hex digits."""
WebhookId = NewType("WebhookId", str)

NAME_PATTERN = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
NAME_MAX = 40
NODE_ID_PATTERN = r"^[A-Za-z0-9_-]{1,63}$"
WEBHOOK_ID_PATTERN = r"^whk_[a-z0-9]{22,64}$"
ENDPOINT_ID_PATTERN = r"^wep_[a-z0-9]{10,32}$"

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_PREFIXED_NAME = re.compile(r"^(pat|dep|env)-(.+)$", re.DOTALL)
_PREFIXED_ID = re.compile(r"^(pat|dep|env)_(.+)$", re.DOTALL)


def id_of(name: str) -> str:
    """Give the REST id of the resource called ``name``."""
    return _PREFIXED_NAME.sub(r"\1_\2", name)


def name_of(rest_id: str) -> str:
    """Give the resource's name of a REST id."""
    return _PREFIXED_ID.sub(r"\1-\2", rest_id)


def new_name(prefix: str) -> str:
    """Make a fresh resource name, ``<prefix>-`` and ten random letters and digits."""
    return f"{prefix}-{_random(10)}"


def new_webhook_id() -> WebhookId:
    """Make the public id of a webhook: 26 characters of 36, more than 128 random bits."""
    return WebhookId(f"whk_{_random(26)}")


def new_endpoint_id() -> str:
    """Make the id by which the API names a webhook endpoint."""
    return f"wep_{_random(10)}"


def new_webhook_secret() -> str:
    """Make a signing secret: 64 hex digits, 256 random bits."""
    return secrets.token_hex(32)


def new_run_id() -> RunId:
    """Make a run id of 128 bits that sorts by time: 48 bits of milliseconds, 80 random ones."""
    # an id has to be unique, not secret: the system's generator would cost a call for each run
    return RunId(f"run_{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}")


def made_at(run_id: str) -> int:
    """Give the moment in which a run id was made, in milliseconds since 1970."""
    return int(run_id[4:16], 16)


def name_part(node_id: str) -> str:
    """Give a node id a form that fits into a child's name: lower case, ``-`` for ``_``, a hash."""
    readable = node_id.lower().replace("_", "-").strip("-")[:16].strip("-")
    return f"{readable or 'node'}-{short_hash(node_id)}"


def short_hash(*parts: str) -> str:
    """Give 8 hex digits that stand for exactly these texts, in this order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
