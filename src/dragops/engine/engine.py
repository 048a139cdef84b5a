"""The parts of an engine, put together: source -> loader -> registry <- doors -> runner."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from dragops.engine.app import WebhookApp
from dragops.engine.call_door import CallDoor
from dragops.engine.calls import LocalCalls
from dragops.engine.captures import Captures
from dragops.engine.deployed import Registry
from dragops.engine.intake import Intake
from dragops.engine.internal import InternalApp
from dragops.engine.loader import Loader, Source
from dragops.engine.meters import Meters, engine_metrics
from dragops.engine.outside.doors import doors
from dragops.engine.record import Post, Recorder
from dragops.engine.refresh import Refresher
from dragops.engine.runner import Runner
from dragops.engine.settings import EngineSettings
from dragops.model.bundle import public_key

_FLUSH_SECONDS = 5.0
_LOOK_SECONDS = 0.1


class RunningSource(Source, Protocol):
    """A source that tells by itself what changes."""

    async def run(self, changed: Callable[[str], None], synced: asyncio.Event) -> None:
        """Tell which deployments change; set ``synced`` when all that are there were told."""


class Engine:
    """One engine; its two doors are ASGI apps."""

    def __init__(self, settings: EngineSettings, source: RunningSource, post: Post) -> None:
        self._source, meters, captures = source, Meters(), Captures()
        registry = Registry()
        key = public_key(settings.public_key)
        self.loader = Loader(source, registry, key=key, namespace=settings.namespace)
        self.refresher = Refresher(
            source.environment_secrets, registry, seconds=settings.secret_seconds
        )
        self.recorder = Recorder(post, registry.trip)
        self.runner = Runner(
            self.recorder, meters, queue=settings.queue, outside=doors(settings.egress_allow)
        )
        self.intake = Intake(self.recorder, self.runner)
        self.runner.calls = calls = LocalCalls(registry, self.intake)
        self.public = WebhookApp(registry, self.intake, captures, meters)
        gauges: dict[str, Callable[[], int]] = {
            "running": lambda: self.runner.running,
            "waiting": lambda: self.runner.waiting,
            "resting": lambda: self.runner.resting,
            "unrecorded": lambda: self.recorder.kept,
            "unrecorded_dropped": lambda: self.recorder.dropped,
            "deployments": lambda: sum(1 for _ in registry.all()),
            "load_errors": lambda: len(self.loader.errors),
        }
        metrics = engine_metrics(meters, gauges)
        self.internal = InternalApp(registry, self.loader, self.intake, captures, metrics)
        self.internal.calls = CallDoor(calls)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run what goes on beside the doors."""
        async with asyncio.TaskGroup() as tasks:
            told = asyncio.Event()
            beside = [
                tasks.create_task(self._source.run(self.loader.changed, told)),
                tasks.create_task(self.loader.run()),
                tasks.create_task(self.refresher.run()),
                tasks.create_task(self.recorder.run()),
                tasks.create_task(self.runner.watch()),
                tasks.create_task(self._become_ready(told)),
            ]
            yield
            for task in beside:
                task.cancel()

    async def drain(self, seconds: float) -> None:
        """Take nothing more, let runs finish, store their ends."""
        self.intake.is_closed = True
        await self.runner.drain(seconds)
        await self.recorder.flush(_FLUSH_SECONDS)

    async def _become_ready(self, told: asyncio.Event) -> None:
        await told.wait()
        await self.loader.settled()
        # ready without a deployment that is there would answer its senders 404
        while self.loader.unreachable:  # noqa: ASYNC110 once, at the start
            await asyncio.sleep(_LOOK_SECONDS)
        self.internal.synced.set()
