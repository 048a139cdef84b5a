"""Our own probes: is the loop responsive, do the watches live, are the copies complete.

kopf's own liveness knows nothing of its watches. That the API server is away is no reason to be
restarted: a watch that fails and tries again is alive, a silent one is not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from dragops_operator.caches import Caches
from dragops_operator.workqueue import Workqueue

SILENT_SECONDS = 180.0
"""Bookmarks come about each minute."""
_LAG_SECONDS, _BEAT_SECONDS = 5.0, 0.5


@dataclass(slots=True)
class Heartbeat:
    """How late the event loop runs what is due."""

    lag_seconds: float = 0.0
    worst_seconds: float = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due = time.monotonic() + _BEAT_SECONDS
            await asyncio.sleep(_BEAT_SECONDS)
            self.lag_seconds = max(0.0, time.monotonic() - due)
            self.worst_seconds = max(self.worst_seconds, self.lag_seconds)


class OperatorMetrics(Collector):
    """What is worth a graph, read when asked for."""

    def __init__(self, caches: Caches, keys: Workqueue, heartbeat: Heartbeat) -> None:
        self._caches, self._keys, self._heartbeat = caches, keys, heartbeat

    @override
    def collect(self) -> Iterator[Metric]:
        """Give the current values."""
        queue, beat = self._keys, self._heartbeat
        yield GaugeMetricFamily("dragops_queue_depth", "Keys that wait.", queue.depth())
        yield CounterMetricFamily("dragops_reconciles", "Keys made right.", queue.done)
        yield CounterMetricFamily("dragops_reconcile_failures", "Put off.", queue.failed)
        yield GaugeMetricFamily("dragops_loop_lag_seconds", "Last lag.", beat.lag_seconds)
        yield GaugeMetricFamily("dragops_loop_lag_worst_seconds", "Worst lag.", beat.worst_seconds)
        age = GaugeMetricFamily("dragops_watch_age_seconds", "Since the last word.", labels=_PLACE)
        lists = CounterMetricFamily("dragops_watch_lists", "Lists read.", labels=_PLACE)
        for informer in self._caches.informers:
            place = [informer.kind.kind, informer.namespace or ""]
            age.add_metric(place, informer.age_seconds())
            lists.add_metric(place, informer.relists)
        yield from (age, lists)


_PLACE = ["kind", "namespace"]


def troubles(caches: Caches, heartbeat: Heartbeat) -> list[str]:
    """Name what only a restart can heal."""
    silent = [
        f"{informer.kind.kind} in {informer.namespace or 'every namespace'} is silent"
        for informer in caches.informers
        if informer.age_seconds() > SILENT_SECONDS and not informer.is_failing
    ]
    late = [f"the loop is {heartbeat.lag_seconds:.1f} s late"]
    return silent + (late if heartbeat.lag_seconds > _LAG_SECONDS else [])


def probes_app(caches: Caches, keys: Workqueue, heartbeat: Heartbeat) -> web.Application:
    """Build the app with /healthz, /readyz and /metrics."""
    metrics = CollectorRegistry()
    metrics.register(OperatorMetrics(caches, keys, heartbeat))

    async def healthz(_: web.Request) -> web.Response:
        found = troubles(caches, heartbeat)
        return web.json_response({"troubles": found}, status=503 if found else 200)

    async def readyz(_: web.Request) -> web.Response:
        return web.json_response(
            {"synced": caches.is_synced}, status=200 if caches.is_synced else 503
        )

    async def shown(_: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=generate_latest(metrics), headers=headers)

    app = web.Application()
    routes: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
        "/healthz": healthz,
        "/readyz": readyz,
        "/metrics": shown,
    }
    app.add_routes([web.get(path, handler) for path, handler in routes.items()])
    return app


async def serve_probes(app: web.Application, port: int) -> None:
    """Serve until cancelled."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, port=port).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
