"""What the API counts of itself; served on the internal port only."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from dragops.engine.asgi import Message, Receive, Scope, Send
from dragops_api.request_id import App

_BUCKETS = (0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120)


class Meters:
    """The meters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "dragops_api_calls", "Calls answered", ["door", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "dragops_api_call_seconds",
            "Time until the answer",
            ["door"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.watch_age = Gauge(
            "dragops_api_watch_age_seconds",
            "Time since the API server last said anything",
            ["kind"],
            registry=self.registry,
        )


class Measured:
    """Wraps an ASGI app and counts its calls."""

    def __init__(self, app: App, meters: Meters) -> None:
        self._app, self._meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        door = "rest" if scope["path"].startswith("/api/") else "other"
        door = "webhook" if "/webhooks/" in scope["path"] else door
        begun = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._meters.calls.labels(door, str(message["status"])).inc()
                self._meters.seconds.labels(door).observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, send_and_count)
