"""A deployment's schedule."""

from fastapi import APIRouter, Response

from dragops_api.deps import Asking, DeploymentId, Wired, Writing
from dragops_api.documented import BODY, answers
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell
from dragops_api.schemas.envelope import Answer
from dragops_api.schemas.schedules import ScheduleIn, ScheduleOut

router = APIRouter(prefix="/api/deployments", tags=["Deployments"], route_class=GuardedRoute)
_CODES = ("DEPLOYMENT_NOT_FOUND", "NO_SCHEDULE", "CONFLICT", *BODY)


@router.put(
    "/{deployment_id}/schedule", responses=answers(*_CODES, like="update_schedule", later=True)
)
async def update_schedule(  # path, body and how are parameters
    deployment_id: DeploymentId,
    body: ScheduleIn,
    ask: Asking,
    parts: Wired,
    response: Response,
    how: Writing,
) -> Answer[ScheduleOut]:
    """Change the cron expression of a schedule."""
    outcome, next_runs = await parts.deployments.reschedule(
        ask, deployment_id, body, if_match=how.if_match, wait=how.wait
    )
    tell(response, outcome)
    return Answer[ScheduleOut].of(
        ScheduleOut(
            cron_expression=body.cron_expression, timezone=body.timezone, next_runs=next_runs
        )
    )
