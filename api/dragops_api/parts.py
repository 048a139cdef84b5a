"""Everything that routes call, put together once; tests put it together over a dict."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from dragops.cluster.access import Access
from dragops.cluster.client import DEPLOYMENTS, ENVIRONMENTS, PATTERNS, Cluster
from dragops.cluster.locator import FixedLocator, SliceLocator, TokenFile
from dragops.history.database import reading
from dragops.history.queries import RunQueries
from dragops.history.soundness import Soundness
from dragops_api.auth import Gate
from dragops_api.breakers import Breakers
from dragops_api.callers import Callers
from dragops_api.cancels import Cancels
from dragops_api.changes import Changes
from dragops_api.deployments import Deployments, Removal
from dragops_api.deploys import Deploys
from dragops_api.endpoints import Endpoints, WebhookIds
from dragops_api.engines import Engines
from dragops_api.environments import Environments
from dragops_api.execution import Execution
from dragops_api.health import Health
from dragops_api.metrics import Meters
from dragops_api.oidc import verifiers_of
from dragops_api.patterns import Patterns
from dragops_api.purges import Purges
from dragops_api.recorder_calls import RecorderCalls
from dragops_api.run_news import RunNews
from dragops_api.runs import Runs
from dragops_api.settings import Settings
from dragops_api.streams import Streams
from dragops_api.versions import Versions
from dragops_api.view import View
from dragops_api.webhooks import Webhooks

STALE_SECONDS = 180.0
"""The API server sends a bookmark about each minute; three missed ones are a dead watch."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a request may use."""

    settings: Settings
    callers: Callers
    gate: Gate
    patterns: Patterns
    pattern_view: View
    deployment_view: View
    environments: Environments
    environment_view: View
    deployments: Deployments
    deploys: Deploys
    versions: Versions
    removal: Removal
    endpoints: Endpoints
    webhooks: Webhooks
    execution: Execution
    runs: Runs
    cancels: Cancels
    run_news: RunNews
    streams: Streams
    health: Health
    engines: Engines
    webhook_ids: WebhookIds
    session: aiohttp.ClientSession
    meters: Meters
    loops: tuple[Callable[[], Coroutine[Any, Any, None]], ...]
    """What runs for as long as the process: watches, and purges that are owed."""

    is_located: Callable[[], bool]
    """Says whether it is known where engines are."""

    @property
    def is_ready(self) -> bool:
        """Say whether reads are complete and fresh."""
        views = (self.pattern_view, self.deployment_view, self.environment_view)
        return self.is_located() and _are_fresh(*views)


def _are_fresh(*views: View) -> bool:
    return all(view.is_synced and view.age_seconds() < STALE_SECONDS for view in views)


@asynccontextmanager
async def parts_of(settings: Settings, cluster: Cluster) -> AsyncIterator[Parts]:
    """Put the parts together and keep their loops running."""
    # webhooks are proxied as they come: nothing is decoded, and each sender is a stranger
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=256, keepalive_timeout=60)
    async with (
        aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
        asyncio.TaskGroup() as group,
    ):
        parts = _assembled(settings, cluster, session)
        tasks = [group.create_task(loop()) for loop in parts.loops]
        try:
            yield parts
        finally:
            for task in tasks:
                task.cancel()


def _assembled(settings: Settings, cluster: Cluster, session: aiohttp.ClientSession) -> Parts:
    ids = WebhookIds()
    pattern_view = View(cluster, PATTERNS)
    view = View(cluster, DEPLOYMENTS, on_change=ids.deployment_changed)
    changes = Changes(cluster, DEPLOYMENTS, view)
    patterns = Patterns(pattern_view, Changes(cluster, PATTERNS, pattern_view))
    access = Access(cluster)
    callers = Callers(access, verifiers_of(settings.oidc))
    gate = _gate(settings, access, view)
    environment_view = View(cluster, ENVIRONMENTS)
    environments = Environments(cluster, environment_view, gate, view)
    deployments = Deployments(patterns, view, changes)
    versions = Versions(cluster, patterns, deployments)
    slices = None if settings.engines else SliceLocator(cluster)
    engines = Engines(
        slices or FixedLocator(settings.engines), session, TokenFile(settings.engine_token_file)
    )

    def is_located() -> bool:
        return slices is None or slices.is_synced

    endpoints = Endpoints(cluster, gate)
    recorder = RecorderCalls(
        settings.recorder_url, session, TokenFile(settings.recorder_token_file)
    )
    purges, news = Purges(recorder), RunNews(recorder)
    store = reading(settings.store)
    runs = Runs(RunQueries(store), view)
    return Parts(
        settings=settings,
        callers=callers,
        gate=gate,
        patterns=patterns,
        pattern_view=pattern_view,
        deployment_view=view,
        environments=environments,
        environment_view=environment_view,
        deployments=deployments,
        deploys=Deploys(patterns, environments, deployments, versions, changes),
        versions=versions,
        removal=Removal(cluster, changes, engines, purges),
        endpoints=endpoints,
        webhooks=Webhooks(versions, deployments, endpoints, engines),
        execution=Execution(deployments, engines),
        runs=runs,
        cancels=Cancels(runs, engines, recorder),
        run_news=news,
        streams=Streams(callers, gate, deployments, news),
        health=Health(
            deployments, runs, engines, Soundness(store), lambda: is_located() and _are_fresh(view)
        ),
        engines=engines,
        webhook_ids=ids,
        session=session,
        meters=_meters(pattern_view, view, environment_view),
        is_located=is_located,
        loops=(
            *(pattern_view.run, view.run, environment_view.run, purges.run, news.run),
            Breakers(store, view, changes).run,
            *([slices.run] if slices else ()),
        ),
    )


def _gate(settings: Settings, access: Access, view: View) -> Gate:
    return Gate(
        access,
        workspaces=settings.workspaces,
        default=settings.default_workspace,
        known=view.namespaces,
    )


def _meters(*views: View) -> Meters:
    meters = Meters()
    for view in views:
        meters.watch_age.labels(view.kind.kind).set_function(view.age_seconds)
    return meters
