"""What is live: the signed contract between the operator, who writes it, and the engines.

A live ConfigMap ``<deployment>-live`` holds ``live.json`` (this shape) and ``live.sig``: an Ed25519
signature, base64, over the bytes of ``live.json``. The shape names namespace, deployment, uid and
serial, so a copy elsewhere, or an old one, is refused. A program ConfigMap holds ``program.py`` and
``manifest.json.gz``; its digest stands in the live one. A folder source has the same files:
``<folder>/<namespace>/<deployment>/{live.json,live.sig,secrets.json}`` and
``<folder>/<namespace>/<deployment>/<program config map>/{program.py,manifest.json.gz}``, and an
Environment's secrets as an object in ``<folder>/<namespace>/<secret name>.secrets.json``.
"""

import base64
import binascii
from typing import Literal

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, ValidationError

from dragops.errors import Refused
from dragops.model.breaker import LiveBreaker
from dragops.model.deployment import (
    MISSED_WINDOW_SECONDS,
    Limits,
    MissedRuns,
    Overlap,
    Signature,
)
from dragops.model.retry import Retry
from dragops.model.schema import Shape

LIVE_FILE, SIGNATURE_FILE = "live.json", "live.sig"
PROGRAM_FILE, MANIFEST_FILE = "program.py", "manifest.json.gz"
ENVIRONMENT_LABEL = "dragops.dev/environment"
"""With the value ``true`` on a Secret: programs may read it. Engines honour no other Secret."""
LIVE_LABEL = "dragops.dev/live"
"""On every live ConfigMap, with the value ``true``: what engines list and watch."""


class ProgramPointer(Shape):
    """Names a program: where it is, and what it must hash to."""

    version: int
    config_map: str
    digest: str


class Endpoint(Shape):
    """One webhook endpoint; its secrets are in ``secret_name``, see ``dragops.model.endpoints``."""

    node_id: str
    endpoint_id: str
    webhook_id: str
    alias: str
    signature: Signature = Signature()
    secret_name: str
    secret_mark: str = ""
    """Another one when the secret is another one; says nothing about it to who lacks our key."""
    previous_secret_seconds: int = 0
    """How long the secret before stays good, from the moment that stands in the Secret."""


class Rule(Shape):
    """A cron expression and its zone."""

    cron_expression: str
    timezone: str = "UTC"


class PastRule(Rule):
    """A rule that was in force before: the ticks of its time still count, once."""

    not_before: str
    until: str


class Schedule(Rule):
    """One schedule; its rule is in force since ``not_before`` (RFC 3339, UTC).

    Next: ``dragops.schedule.eras`` says which ticks count.
    """

    node_id: str
    not_before: str
    past: tuple[PastRule, ...] = ()
    """Oldest first; empty after a pause, whose ticks are skipped."""
    written: Rule | None = None
    """What the pattern itself says; the rule above may come from ``spec.schedules``."""
    overlap: Overlap = Overlap.ALLOW
    missed_runs: MissedRuns = MissedRuns.LATEST
    missed_window_seconds: int = MISSED_WINDOW_SECONDS


class LiveEnvironment(Shape):
    """The Environment in force: its variables, and where its secrets are, never their values."""

    name: str
    variables: dict[str, str] = Field(default_factory=dict)
    secret_name: str | None = None
    """A Secret with the label ``ENVIRONMENT_LABEL``, or none; each of its keys is a secret."""
    rotation: str = ""
    """Differs from the last one when the Secret has changed: engines read it again."""


class Live(Shape):
    """Everything that an engine may know of one deployment."""

    namespace: str
    deployment: str
    uid: str
    serial: int
    state: Literal["active", "paused", "undeployed"]
    pattern: str
    title: str = ""
    program: ProgramPointer | None = None
    previous: tuple[ProgramPointer, ...] = ()
    """Older versions that a tick's pod, made before a switch, may still run."""
    endpoints: tuple[Endpoint, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    limits: Limits = Limits()
    retry: Retry | None = None
    """None where runs have one attempt, so that engines of before can read the file."""
    breaker: LiveBreaker | None = None
    """None where it is the default and nobody has resumed; for engines of before, too."""
    environment: LiveEnvironment | None = None
    repush: str = ""
    """Differs from the last one when the same program is to be pushed again."""

    @property
    def breaker_in_force(self) -> LiveBreaker:
        """Give the circuit breaker."""
        return self.breaker or LiveBreaker()

    def canonical(self) -> bytes:
        """Give the bytes that are stored and signed."""
        return orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)


def sign(live: Live, key: Ed25519PrivateKey) -> str:
    """Give the content of ``live.sig``."""
    return base64.b64encode(key.sign(live.canonical())).decode()


def verified(data: bytes, signature: str, *, key: Ed25519PublicKey, namespace: str) -> Live:
    """Read ``live.json``; raise Refused unless the operator signed it for this namespace."""
    try:
        key.verify(base64.b64decode(signature, validate=True), data)
        live = Live.model_validate(orjson.loads(data))
    except (InvalidSignature, binascii.Error, ValueError) as exc:
        kind = "shape" if isinstance(exc, ValidationError) else "signature"
        raise Refused(f"{LIVE_FILE}: the {kind} is not the operator's") from exc
    if live.namespace != namespace:
        raise Refused(f"{LIVE_FILE}: signed for namespace {live.namespace!r}, not {namespace!r}")
    return live


def public_key(text: str) -> Ed25519PublicKey:
    """Read the operator's public key: 32 bytes, base64."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
