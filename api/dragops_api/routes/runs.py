"""Runs: listed, summed up, read, tried again, cancelled."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from dragops.history.queries import RunFilter
from dragops.history.spans import PeriodName
from dragops_api.deps import Asking, DeploymentId, Pages, Wait, Wired
from dragops_api.documented import answers
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.deployments import RetryOut
from dragops_api.schemas.envelope import Answer, ListAnswer
from dragops_api.schemas.run_filters import run_filter
from dragops_api.schemas.runs import (
    CancelOut,
    LogEntry,
    LogLevel,
    RunOut,
    WholeRunOut,
    log_entries,
)
from dragops_api.schemas.stats import StatsOut

router = APIRouter(prefix="/api", tags=["Runs"], route_class=GuardedRoute)
RunId = Annotated[str, Path(description="Run ID", examples=["run_abc123"])]
_OF_DEPLOYMENT = ("DEPLOYMENT_NOT_FOUND", "STORE_UNAVAILABLE")
_OF_RUN = ("RUN_NOT_FOUND", "STORE_UNAVAILABLE")
_ACT = (*_OF_RUN, "CONFLICT", "ENGINE_UNAVAILABLE")


@router.get(
    "/deployments/{deployment_id}/runs", responses=answers(*_OF_DEPLOYMENT, like="list_runs")
)
async def list_runs(
    deployment_id: DeploymentId,
    ask: Asking,
    parts: Wired,
    paging: Pages,
    wanted: Annotated[RunFilter, Depends(run_filter)],
) -> ListAnswer[RunOut]:
    """List a deployment's runs, newest first.

    With `since` or `until` runs are counted up to 10,000; past that `totalIsExact` is false.
    """
    deployment = await parts.deployments.get(ask, deployment_id)
    runs, total = await parts.runs.listed(deployment, wanted, paging)
    meta = paging.meta(total.runs, is_exact=total.is_exact)
    return ListAnswer[RunOut].of([RunOut.of(run) for run in runs], meta)


@router.get(
    "/deployments/{deployment_id}/runs/stats",
    responses=answers(*_OF_DEPLOYMENT, like="sum_up_runs"),
)
async def sum_up_runs(
    deployment_id: DeploymentId, ask: Asking, parts: Wired, period: PeriodName = "24h"
) -> Answer[StatsOut]:
    """Sum up the runs that were made in a period up to now and have ended."""
    deployment = await parts.deployments.get(ask, deployment_id)
    return Answer[StatsOut].of(StatsOut.of(await parts.runs.stats(deployment, period)))


@router.get("/runs/{run_id}", responses=answers(*_OF_RUN, like="get_run"))
async def get_run(run_id: RunId, ask: Asking, parts: Wired) -> Answer[WholeRunOut]:
    """Read one run with its event, its log and the times of its nodes."""
    return Answer[WholeRunOut].of(WholeRunOut.of(await parts.runs.get(ask, run_id)))


@router.get("/runs/{run_id}/logs", responses=answers(*_OF_RUN, like="read_run_log"))
async def read_run_log(
    run_id: RunId,
    ask: Asking,
    parts: Wired,
    paging: Pages,
    level: Annotated[
        list[LogLevel] | None, Query(description="Only these levels; can be repeated.")
    ] = None,
) -> ListAnswer[LogEntry]:
    """List what a run wrote, oldest first; it is stored when the run ends."""
    entries = log_entries(await parts.runs.get(ask, run_id))
    wanted = [entry for entry in entries if level is None or entry.level in level]
    return ListAnswer[LogEntry].of(list(paging.cut(wanted)), paging.meta(len(wanted)))


@router.post(
    "/runs/{run_id}/retry",
    responses=answers(*_ACT, "PAUSED", "NOT_ACTIVE", like="retry_run", later=True),
    response_model_exclude_unset=True,
)
async def retry_run(
    run_id: RunId, ask: Asking, parts: Wired, response: Response, wait: Wait = 30
) -> Answer[RetryOut]:
    """Run the event of a run that has ended again, on the version that is live now.

    It is a new run, started by hand, at the same trigger. A run that has not ended is 409.
    """
    run = await parts.runs.get(ask, run_id)
    again, response.status_code = await parts.execution.retry(ask, run, wait=wait)
    return Answer[RetryOut].of(again)


@router.post("/runs/{run_id}/cancel", responses=answers(*_ACT, like="cancel_run", later=True))
async def cancel_run(
    run_id: RunId, ask: Asking, parts: Wired, response: Response, wait: Wait = 30
) -> Answer[CancelOut]:
    """Stop a run that waits or goes on; one that has ended is 409.

    `stopped` is false where no engine had the run: its engine has died, or it runs in a schedule's
    own pod, which stops it within two seconds. Then it is recorded as cancelled here.
    """
    cancelled, response.status_code = await parts.cancels.cancel(ask, run_id, wait=wait)
    return Answer[CancelOut].of(cancelled)
