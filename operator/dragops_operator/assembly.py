"""Puts the operator together: every part gets what it needs, every task an owner."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from dragops.cluster.client import Cluster
from dragops.cluster.locator import FixedLocator, Locator, SliceLocator, TokenFile
from dragops.model.bundle import sign
from dragops_operator.caches import Caches
from dragops_operator.confirm import Confirmations
from dragops_operator.engines import Serials, obeyed_serials
from dragops_operator.facts import Facts
from dragops_operator.news import Newsroom
from dragops_operator.observe import Observer
from dragops_operator.pool import PoolKeeper
from dragops_operator.probes import Heartbeat, probes_app, serve_probes
from dragops_operator.reconciler import Reconciler
from dragops_operator.resync import resync, resync_for_ever
from dragops_operator.settings import OperatorSettings
from dragops_operator.signing import mark, public_text, signing_key
from dragops_operator.workqueue import Key, Workqueue
from dragops_operator.writer import Writer


@dataclass(frozen=True, slots=True)
class Operator:
    """A running operator, seen from its entry point and from tests."""

    keys: Workqueue
    caches: Caches
    resync: Callable[[float], Awaitable[None]]
    """Looks at everything again, spread over so many seconds."""


@asynccontextmanager
async def running_operator(settings: OperatorSettings, cluster: Cluster) -> AsyncIterator[Operator]:
    """Run everything but kopf for as long as the block lasts."""
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        operator, work = await _assembled(settings, cluster, session)
        owned = [tasks.create_task(part) for part in work]
        yield operator
        for task in owned:
            task.cancel()


async def _assembled(
    settings: OperatorSettings, cluster: Cluster, session: aiohttp.ClientSession
) -> tuple[Operator, list[Coroutine[Any, Any, None]]]:
    workspaces, heartbeat = settings.workspace_names, Heartbeat()
    key = await signing_key(cluster, settings.release_namespace, settings.signing_secret)
    token = TokenFile(settings.engine_token_file)

    async def ask(address: str) -> Serials:
        return await obeyed_serials(session, address, token)

    async def work(key: Key) -> float | None:
        return await reconciler.reconcile(key)

    keys = Workqueue(work)
    caches = Caches(cluster, workspaces, keys.put)
    locator, follow = _locator(settings, cluster)
    confirmations = Confirmations(locator, ask, keys.put)
    facts = Facts(
        workspaces=workspaces,
        release_namespace=settings.release_namespace,
        public_url=settings.public_url.rstrip("/"),
        engine_image=settings.engine_image,
        recorder_url=settings.recorder_url,
        public_key=public_text(key),
        sign=lambda live: sign(live, key),
        mark=lambda secret: mark(secret, key),
        egress_allow=settings.egress_allow,
    )
    writer = Writer(cluster)
    reconciler = Reconciler(
        caches=caches,
        observer=Observer(cluster, caches, confirmations, key.public_key(), workspaces),
        confirmations=confirmations,
        writer=writer,
        news=Newsroom(cluster),
        pool=PoolKeeper(cluster, caches, writer, facts),
        facts=facts,
        is_busy=lambda: keys.depth() > 0,
    )

    async def look_again(spread_seconds: float) -> None:
        await resync(cluster, keys, reconciler.doubt, spread_seconds=spread_seconds)

    app = probes_app(caches, keys, heartbeat)
    return Operator(keys, caches, look_again), [
        caches.run(),
        keys.run(),
        confirmations.run(),
        heartbeat.run(),
        resync_for_ever(look_again),
        serve_probes(app, settings.probes_port),
        *follow,
    ]


def _locator(
    settings: OperatorSettings, cluster: Cluster
) -> tuple[Locator, list[Coroutine[Any, Any, None]]]:
    if settings.fixed_engines:
        return FixedLocator(settings.fixed_engines), []
    slices = SliceLocator(cluster, sorted(settings.workspace_names))
    return slices, [slices.run()]
