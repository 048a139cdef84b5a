"""A deployment's webhook endpoints."""

from fastapi import APIRouter

from dragops_api.deps import Asking, DeploymentId, Wired
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.deployments import WebhookOut
from dragops_api.schemas.envelope import Answer
from dragops_api.shown import webhook_endpoints

router = APIRouter(prefix="/api/deployments", tags=["Webhooks"], route_class=GuardedRoute)


@router.get(
    "/{deployment_id}/webhook",
    responses=answers("DEPLOYMENT_NOT_FOUND", like="list_webhook_endpoints"),
)
async def list_webhook_endpoints(
    deployment_id: DeploymentId, ask: Asking, parts: Wired
) -> Answer[list[WebhookOut]]:
    """List a deployment's webhook endpoints; the secret is null for who may not see it."""
    deployment = await parts.deployments.get(ask, deployment_id)
    return Answer[list[WebhookOut]].of(await webhook_endpoints(parts, ask, deployment))
