"""The health summary; included before the deployments' routes, as its path looks like an id."""

from fastapi import APIRouter

from dragops_api.deps import Asking, Wired
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.health import HealthOut

router = APIRouter(prefix="/api/deployments", tags=["Deployments"], route_class=GuardedRoute)


@router.get("/health/summary", responses=answers("STORE_UNAVAILABLE", like="summarise_health"))
async def summarise_health(ask: Asking, parts: Wired) -> Answer[HealthOut]:
    """Count deployments and the last hour's runs, and say whether the engines are there."""
    return Answer[HealthOut].of(await parts.health.summary(ask))
