"""The API as one ASGI app: request ids, then webhooks, then FastAPI with its routes."""

from fastapi import FastAPI

from dragops_api import refusals
from dragops_api.access_log import Logged
from dragops_api.metrics import Measured
from dragops_api.parts import Parts
from dragops_api.proxy import WebhookProxy
from dragops_api.request_id import App, RequestIds
from dragops_api.routes import (
    auth,
    deploy,
    deployments,
    environments,
    health,
    meta,
    nodes,
    patterns,
    portable,
    runs,
    schedules,
    streams,
    versions,
    webhooks,
)

ROUTERS = (
    health.router,
    deployments.router,
    schedules.router,
    webhooks.router,
    streams.router,
    runs.router,
    patterns.router,
    portable.router,
    versions.router,
    deploy.router,
    environments.router,
    nodes.router,
    auth.router,
    meta.router,
)
"""Health before deployments, streams before runs: the first route that fits is taken."""


def create_api() -> FastAPI:
    """Make the routes; they run once ``app.state.parts`` is set."""
    api = FastAPI(
        title="DragOps",
        version="1",
        description="Deploy patterns, manage their life cycle, read their runs.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in ROUTERS:
        api.include_router(router)
    refusals.install(api)
    return api


def create_app(api: FastAPI, parts: Parts) -> App:
    """Make the app that serves the routes over these parts."""
    api.state.parts = parts
    return RequestIds(Logged(Measured(WebhookProxy(api, parts), parts.meters)))
