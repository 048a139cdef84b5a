"""What an endpoint's senders may sign with: its secret, and for a while the one before.

The moment of the change stands in the Secret and how long it matters in the signed bundle, so the
end comes by itself: nothing is written when it does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dragops.errors import NotFound
from dragops.model.bundle import Live
from dragops.model.endpoints import EndpointKeys, read_endpoints


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """The secrets of one endpoint."""

    current: bytes = field(repr=False)
    previous: bytes | None = field(default=None, repr=False)
    previous_until: float = 0.0
    """In unix seconds."""

    def good_at(self, now: float) -> tuple[bytes, ...]:
        """Give the secrets that are good at this moment, the current one first."""
        if self.previous is None or now >= self.previous_until:
            return (self.current,)
        return (self.current, self.previous)


def signing_secrets(live: Live, texts: Mapping[str, str]) -> dict[str, SigningSecrets]:
    """Give the secrets of a deployment's endpoints by node id; NotFound when one is missing."""
    stored, found = read_endpoints(texts), {}
    for endpoint in live.endpoints:
        keys = stored.get(endpoint.node_id, EndpointKeys())
        if not keys.secret:
            raise NotFound("signing secret", f"{endpoint.secret_name}/{endpoint.node_id}")
        found[endpoint.node_id] = SigningSecrets(
            keys.secret.encode(),
            keys.previous.encode() or None,
            keys.previous_until(endpoint.previous_secret_seconds),
        )
    return found
