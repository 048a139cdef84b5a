"""The Secret with the ids and signing secrets of a deployment's webhooks."""

import base64
from dataclasses import dataclass

from dragops.model.pattern import Metadata
from dragops_operator.resources.names import secret_name
from dragops_operator.resources.owned import Object, child


@dataclass(frozen=True, slots=True)
class EndpointKeys:
    """What one endpoint has for ever: it survives undeploy, redeploy and new versions."""

    webhook_id: str
    endpoint_id: str
    secret: str


def read_endpoints(secret: Object | None) -> dict[str, EndpointKeys]:
    """Read the keys by node id from the Secret as the API server gives it."""
    data = {
        key: base64.b64decode(value).decode()
        for key, value in ((secret or {}).get("data") or {}).items()
    }
    found = {}
    for node in sorted(key.removesuffix(".secret") for key in data if key.endswith(".secret")):
        parts = [data.get(f"{node}.{part}") for part in ("webhook-id", "endpoint-id", "secret")]
        if all(parts):
            found[node] = EndpointKeys(*(str(part) for part in parts))
    return found


def endpoints_secret(owner: Metadata, keys: dict[str, EndpointKeys]) -> Object:
    """Build the Secret of all endpoints, those of removed nodes included."""
    built = child("v1", "Secret", secret_name(owner.name), owner)
    plain = {
        f"{node}.{part}": text
        for node, endpoint in sorted(keys.items())
        for part, text in (
            ("webhook-id", endpoint.webhook_id),
            ("endpoint-id", endpoint.endpoint_id),
            ("secret", endpoint.secret),
        )
    }
    built["data"] = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
    return built
