"""Probes, and the documents about the API itself."""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dragops.errors import Unreachable
from dragops_api.deps import Wired
from dragops_api.described import described
from dragops_api.documented import refusals
from dragops_api.guarded import GuardedRoute
from dragops_api.schemas.health import ProbeOut

router = APIRouter(tags=["Meta"], route_class=GuardedRoute)


@router.get("/healthz")
async def tell_liveness() -> ProbeOut:
    """Say that the process answers."""
    return ProbeOut(status="ok")


@router.get("/readyz", responses=refusals("CLUSTER_UNAVAILABLE"))
async def tell_readiness(parts: Wired) -> ProbeOut:
    """Say whether reads are complete: 503 until the cluster has been listed."""
    if not parts.is_ready:
        raise Unreachable("the API server", "lists are not complete, or too old")
    return ProbeOut(status="ok")


@router.get("/openapi.json", include_in_schema=False)
async def show_openapi(request: Request) -> dict[str, Any]:
    """Give the API's description."""
    return described(request.app)


@router.get("/docs", include_in_schema=False)
async def show_docs() -> HTMLResponse:
    """Give a page that shows the description; it loads nothing from anywhere else."""
    return HTMLResponse(files("dragops_api").joinpath("docs.html").read_text())
