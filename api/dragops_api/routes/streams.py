"""Runs as they begin and end."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from dragops_api.deps import Asking, Wired
from dragops_api.documented import answers, example
from dragops_api.event_stream import EventStream
from dragops_api.guarded import GuardedRoute

router = APIRouter(prefix="/api/runs", tags=["Runs"], route_class=GuardedRoute)
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `run.started` and `run.finished`, also `gap` and `end`",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": example("stream_runs", "response"),
            }
        },
    }
}


@router.get(
    "/stream",
    status_code=200,
    response_class=Response,  # for the description: refusals are JSON as everywhere
    responses=answers("DEPLOYMENT_NOT_FOUND", "STORE_UNAVAILABLE", "RATE_LIMITED") | _STREAM,
)
async def stream_runs(
    request: Request,
    ask: Asking,
    parts: Wired,
    deployment_id: Annotated[
        str | None, Query(alias="deploymentId", description="Only the runs of this deployment.")
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="Go on after this event, as far as it is remembered.")
    ] = None,
) -> EventStream:
    """Tell of runs as they begin and end, as server-sent events.

    Without a workspace header, of every workspace in which the caller may watch runs. A client that
    comes back with `Last-Event-ID` hears what it has missed, or `gap` where that is forgotten. One
    that takes its events too slowly hears `end` and is let go. A comment comes every 15 seconds.
    """
    return await parts.streams.open(ask, request.headers, deployment_id)
