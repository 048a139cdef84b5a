"""Deployments: listed, read, run, paused, resumed, pushed again, deleted."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from dragops.model.run import now_iso
from dragops_api.deps import Asking, DeploymentId, IfMatch, Pages, Wait, Wired, Writing
from dragops_api.documented import BODY, answers
from dragops_api.etags import etag_of
from dragops_api.guarded import GuardedRoute
from dragops_api.replies import tell, warn
from dragops_api.schemas.deployments import (
    DeletedOut,
    DeploymentItem,
    DeploymentOut,
    ExecuteIn,
    ExecuteOut,
    RedeployOut,
    StateOut,
)
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.shown import deployment_items, whole_deployment
from dragops_api.transitions import only_if, pause, repush, resume, status_word

router = APIRouter(prefix="/api/deployments", tags=["Deployments"], route_class=GuardedRoute)
_MISSING = ("DEPLOYMENT_NOT_FOUND",)
_TURN = (*_MISSING, "NOT_ACTIVE", "CONFLICT")
StatusWord = Literal["active", "paused", "failed", "pending", "undeployed"]


@router.get("", responses=answers("STORE_UNAVAILABLE", like="list_deployments"))
async def list_deployments(
    ask: Asking,
    parts: Wired,
    paging: Pages,
    status: Annotated[StatusWord | None, Query(description="Filter by status")] = None,
) -> ListAnswer[DeploymentItem]:
    """List deployments, newest first, each with its last run."""
    found = parts.deployments.listed(ask, status)
    items = await deployment_items(parts, paging.cut(found))
    return ListAnswer[DeploymentItem].of(items, paging.meta(len(found)))


@router.get("/{deployment_id}", responses=answers(*_MISSING, like="get_deployment"))
async def get_deployment(
    deployment_id: DeploymentId, ask: Asking, parts: Wired, response: Response
) -> Answer[DeploymentOut]:
    """Read one deployment with its endpoints."""
    deployment = await parts.deployments.get(ask, deployment_id)
    response.headers["ETag"] = etag_of(deployment)
    return Answer[DeploymentOut].of(await whole_deployment(parts, ask, deployment))


@router.delete(
    "/{deployment_id}", responses=answers(*_MISSING, "CONFLICT", like="delete_deployment")
)
async def delete_deployment(  # path and header are parameters
    deployment_id: DeploymentId,
    ask: Asking,
    parts: Wired,
    response: Response,
    if_match: IfMatch = None,
) -> Answer[DeletedOut]:
    """Delete a deployment and all of its runs."""
    change = await parts.removal.delete(ask, deployment_id, if_match)
    warn(response, change.foreign)
    return Answer[DeletedOut].of(DeletedOut(id=deployment_id, status="deleted"))


@router.post(
    "/{deployment_id}/execute",
    responses=answers(
        *_MISSING,
        *("PAUSED", "NOT_ACTIVE", "ENGINE_UNAVAILABLE", "STORE_UNAVAILABLE"),
        *BODY,
        like="execute_deployment",
        later=True,
    ),
    response_model_exclude_unset=True,
)
async def execute_deployment(  # path, query and body are parameters
    deployment_id: DeploymentId,
    ask: Asking,
    parts: Wired,
    response: Response,
    body: ExecuteIn | None = None,
    wait: Wait = 30,
) -> Answer[ExecuteOut]:
    """Run a deployment now, and wait for the end."""
    event = body.event_data if body else {}
    run, response.status_code = await parts.execution.execute(ask, deployment_id, event, wait=wait)
    return Answer[ExecuteOut].of(run)


@router.post(
    "/{deployment_id}/pause",
    responses=answers(*_TURN, "ALREADY_PAUSED", like="pause_deployment", later=True),
)
async def pause_deployment(
    deployment_id: DeploymentId, ask: Asking, parts: Wired, response: Response, how: Writing
) -> Answer[StateOut]:
    """Stop triggers and runs until resumed."""
    edit = only_if(how.if_match, pause)
    outcome = await parts.deployments.turn(ask, deployment_id, edit, wait=how.wait)
    return Answer[StateOut].of(StateOut(status=tell(response, outcome) or "paused"))


@router.post(
    "/{deployment_id}/resume",
    responses=answers(*_TURN, "NOT_PAUSED", like="resume_deployment", later=True),
)
async def resume_deployment(
    deployment_id: DeploymentId, ask: Asking, parts: Wired, response: Response, how: Writing
) -> Answer[StateOut]:
    """Let a deployment go on that was paused, or whose circuit breaker has tripped."""
    edit = only_if(how.if_match, resume(now_iso()))
    outcome = await parts.deployments.turn(ask, deployment_id, edit, wait=how.wait)
    return Answer[StateOut].of(StateOut(status=tell(response, outcome) or "active"))


@router.post(
    "/{deployment_id}/redeploy",
    responses=answers(*_TURN, like="redeploy_deployment", later=True),
)
async def redeploy_deployment(
    deployment_id: DeploymentId, ask: Asking, parts: Wired, response: Response, how: Writing
) -> Answer[RedeployOut]:
    """Push the live program to the engines again; nothing is compiled."""
    edit = only_if(how.if_match, repush(now_iso()))
    outcome = await parts.deployments.turn(ask, deployment_id, edit, wait=how.wait)
    status = tell(response, outcome) or status_word(outcome.obj)
    return Answer[RedeployOut].of(RedeployOut(deployment_id=deployment_id, status=status))
