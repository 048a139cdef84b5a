"""Webhook endpoints as the reference has them, key for key."""

from typing import Any

from pydantic import Field

from dragops.model.deployment import PREVIOUS_SECRET_SECONDS_MAX
from dragops.model.schema import Json, Shape


class EndpointOut(Shape):
    """A webhook endpoint in a deployment; the secret is null for who may not see it."""

    id: str
    node_id: str
    webhook_alias: str
    webhook_id: str
    webhook_secret: str | None


class WebhookOut(Shape):
    """A webhook endpoint with its URL."""

    id: str
    node_id: str
    webhook_alias: str
    webhook_id: str
    webhook_url: str
    webhook_secret: str | None


class RegenerateIn(Shape):
    """Which endpoint gets a new secret, and how long the present one is good after that."""

    endpoint_id: str = Field(max_length=64)
    grace_seconds: int = Field(
        default=0,
        ge=0,
        le=PREVIOUS_SECRET_SECONDS_MAX,
        strict=True,
        description="Seconds for which the secret before still signs; at most a week.",
    )


class RegenerateOut(Shape):
    """The new secret; null while engines have not confirmed it yet."""

    webhook_secret: str | None


class SnippetsOut(Shape):
    """Programs that send a signed request to one endpoint, each runnable as it is."""

    curl: str
    python: str
    javascript: str
    pwsh: str


class CapturedOut(Shape):
    """An event that came while the deployment was undeployed."""

    endpoint_id: str
    node_id: str
    captured_at: str
    event_data: dict[str, Json]


def endpoint_of(webhook: dict[str, str], secrets: dict[str, str]) -> dict[str, Any]:
    """Give the fields of one webhook endpoint of a status."""
    return {
        "id": webhook["endpointId"],
        "node_id": webhook["nodeId"],
        "webhook_alias": webhook["alias"],
        "webhook_id": webhook["webhookId"],
        "webhook_secret": secrets.get(webhook["nodeId"]),
    }
