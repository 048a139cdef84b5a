"""Deployments put together with what they refer to: patterns, runs, secrets."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response

from dragops.history.records import LastRun
from dragops_api.auth import Ask
from dragops_api.etags import etag_of
from dragops_api.moments import shown
from dragops_api.parts import Parts
from dragops_api.schemas.deployments import (
    DeploymentItem,
    DeploymentOut,
    LastRunOut,
    fields_of,
    words_of,
)
from dragops_api.schemas.patterns import PatternOut
from dragops_api.schemas.webhooks import EndpointOut, WebhookOut, endpoint_of

Object = dict[str, Any]


def shown_pattern(pattern: Object, parts: Parts, response: Response) -> PatternOut:
    """Show a pattern, with its ETag in the header."""
    response.headers["ETag"] = etag_of(pattern)
    return PatternOut.of(pattern, parts.deployments.version_of(pattern))


async def deployment_items(parts: Parts, deployments: Sequence[Object]) -> list[DeploymentItem]:
    """Show a page of deployments; the run store is asked once."""
    if not deployments:
        return []
    runs = await parts.runs.last([d["metadata"]["uid"] for d in deployments])
    return [
        _item(deployment, _pattern_of(parts, deployment), *runs[deployment["metadata"]["uid"]])
        for deployment in deployments
    ]


async def whole_deployment(parts: Parts, ask: Ask, deployment: Object) -> DeploymentOut:
    """Show everything about a deployment."""
    status, pattern = deployment.get("status", {}), _pattern_of(parts, deployment)
    secrets = await parts.endpoints.secrets(ask, deployment)
    endpoints = [
        EndpointOut.model_validate(endpoint_of(webhook, secrets))
        for webhook in status.get("webhooks", ())
    ]
    return DeploymentOut(
        **fields_of(deployment, pattern),
        version_number=status.get("versionNumber"),
        confirmed_at=shown(status.get("confirmedAt")),
        webhook_endpoints=endpoints,
        email_endpoints=[],
        pattern=words_of(deployment["spec"]["patternRef"]["name"], pattern),
    )


async def webhook_endpoints(parts: Parts, ask: Ask, deployment: Object) -> list[WebhookOut]:
    """Show the webhook endpoints of a deployment with their URLs."""
    secrets = await parts.endpoints.secrets(ask, deployment)
    return [
        WebhookOut.model_validate(endpoint_of(webhook, secrets) | {"webhook_url": webhook["url"]})
        for webhook in deployment.get("status", {}).get("webhooks", ())
    ]


def _pattern_of(parts: Parts, deployment: Object) -> Object | None:
    namespace = deployment["metadata"]["namespace"]
    return parts.pattern_view.get(namespace, deployment["spec"]["patternRef"]["name"])


def _item(
    deployment: Object, pattern: Object | None, total: int, last: LastRun | None
) -> DeploymentItem:
    newest = last and LastRunOut(
        status=last.status, started_at=last.started_at, duration_ms=last.duration_ms
    )
    return DeploymentItem(**fields_of(deployment, pattern), total_runs=total, last_run=newest)
