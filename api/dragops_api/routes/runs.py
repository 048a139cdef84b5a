"""Runs: listed and read."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from dragops_api.deps import Asking, DeploymentId, Pages, Wired
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.schemas.runs import RunOut, StatusFilter, TriggerFilter, status_of

router = APIRouter(prefix="/api", tags=["Runs"], route_class=GuardedRoute)
RunId = Annotated[str, Path(description="Run ID", examples=["run_abc123"])]


@router.get(
    "/deployments/{deployment_id}/runs",
    responses=answers("DEPLOYMENT_NOT_FOUND", "STORE_UNAVAILABLE"),
)
async def list_runs(  # path and query are parameters
    deployment_id: DeploymentId,
    ask: Asking,
    parts: Wired,
    paging: Pages,
    status: Annotated[StatusFilter | None, Query()] = None,
    triggered_by: Annotated[TriggerFilter | None, Query(alias="triggeredBy")] = None,
) -> ListAnswer[RunOut]:
    """List a deployment's runs, newest first."""
    deployment = await parts.deployments.get(ask, deployment_id)
    wanted = {"status": status_of(status), "triggered_by": triggered_by}
    runs, total = await parts.runs.listed(deployment, paging, **wanted)
    return ListAnswer[RunOut].of([RunOut.of(run) for run in runs], paging.meta(total))


@router.get("/runs/{run_id}", responses=answers("RUN_NOT_FOUND", "STORE_UNAVAILABLE"))
async def get_run(run_id: RunId, ask: Asking, parts: Wired) -> Answer[RunOut]:
    """Read one run with its event and its log."""
    return Answer[RunOut].of(RunOut.of(await parts.runs.get(ask, run_id)))
