"""A deployment's webhook endpoints: listed, given a new secret, called from programs, captured."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from dragops_api.deps import Asking, DeploymentId, Wired, Writing
from dragops_api.documented import BODY, answers
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.webhooks import (
    CapturedOut,
    RegenerateIn,
    RegenerateOut,
    SnippetsOut,
    WebhookOut,
)
from dragops_api.shown import webhook_endpoints

router = APIRouter(prefix="/api/deployments", tags=["Webhooks"], route_class=GuardedRoute)
_MISSING = "DEPLOYMENT_NOT_FOUND"
EndpointId = Annotated[
    str,
    Query(alias="endpointId", description="Webhook endpoint ID", examples=["wep_abc123"]),
]


@router.get("/{deployment_id}/webhook", responses=answers(_MISSING, like="list_webhook_endpoints"))
async def list_webhook_endpoints(
    deployment_id: DeploymentId, ask: Asking, parts: Wired
) -> Answer[list[WebhookOut]]:
    """List a deployment's webhook endpoints; the secret is null for who may not see it."""
    deployment = await parts.deployments.get(ask, deployment_id)
    return Answer[list[WebhookOut]].of(await webhook_endpoints(parts, ask, deployment))


@router.post(
    "/{deployment_id}/webhook/regenerate",
    responses=answers(
        *(_MISSING, "ENDPOINT_NOT_FOUND", "CONFLICT"),
        *BODY,
        like="regenerate_webhook_secret",
        later=True,
    ),
)
async def regenerate_webhook_secret(  # path, body and how are parameters
    deployment_id: DeploymentId,
    body: RegenerateIn,
    ask: Asking,
    parts: Wired,
    response: Response,
    how: Writing,
) -> Answer[RegenerateOut]:
    """Make a new signing secret, good from now on; the one before for `graceSeconds` more."""
    renewed = await parts.webhooks.regenerate(
        ask, deployment_id, body, if_match=how.if_match, wait=how.wait
    )
    tell(response, renewed.outcome)
    return Answer[RegenerateOut].of(RegenerateOut(webhook_secret=renewed.secret))


@router.get(
    "/{deployment_id}/webhook/snippets",
    responses=answers(_MISSING, "ENDPOINT_NOT_FOUND", like="write_webhook_snippets"),
)
async def write_webhook_snippets(
    deployment_id: DeploymentId, endpoint_id: EndpointId, ask: Asking, parts: Wired
) -> Answer[SnippetsOut]:
    """Write programs that send a signed request; the secret is in them for who may see it."""
    snippets = await parts.webhooks.snippets(ask, deployment_id, endpoint_id)
    return Answer[SnippetsOut].of(snippets)


@router.get("/{deployment_id}/webhook/captured", responses=answers(_MISSING, "ENGINE_UNAVAILABLE"))
async def list_captured_events(
    deployment_id: DeploymentId, ask: Asking, parts: Wired
) -> Answer[list[CapturedOut]]:
    """List what came while the deployment was undeployed, newest first, 20 of each endpoint."""
    captured = await parts.webhooks.captured(ask, deployment_id)
    return Answer[list[CapturedOut]].of(captured)
