"""Starts the engine: two sockets, public and internal, one loop; drains on SIGTERM."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from dragops.cluster.client import Cluster
from dragops.cluster.tokens import TokenVerifier
from dragops.engine.connection import recorder_connection
from dragops.engine.engine import Engine, RunningSource
from dragops.engine.serving import run_forever, server, stop_signal
from dragops.engine.settings import EngineSettings
from dragops.engine.sources.cluster import ClusterSource
from dragops.engine.sources.folder import FolderSource
from dragops.errors import DragopsError
from dragops.log_lines import log_lines


async def serve(settings: EngineSettings) -> None:
    """Serve until a signal, then let runs finish."""
    stopped = stop_signal()
    async with (
        _source(settings) as source,
        recorder_connection(settings.recorder_url, settings.recorder_token_file) as wires,
    ):
        engine = Engine(settings, source, wires.post)
        verifier = TokenVerifier(settings.jwks, audience="dragops-engine", issuer=settings.issuer)
        engine.internal.allow(verifier, settings.allowed_callers, pods=settings.pods)
        doors = [
            server(engine.public, port=settings.public_port),
            server(engine.internal, port=settings.internal_port),
        ]
        async with engine.running(), asyncio.TaskGroup() as tasks:
            for door in doors:
                tasks.create_task(door.serve())
            await stopped.wait()
            await engine.drain(settings.drain_seconds)
            for door in doors:
                door.should_exit = True


@asynccontextmanager
async def _source(settings: EngineSettings) -> AsyncIterator[RunningSource]:
    if settings.source != "cluster":
        yield FolderSource(Path(settings.source), settings.namespace)
        return
    async with await Cluster.connect() as cluster:
        yield ClusterSource(cluster, settings.namespace)


def main() -> int:
    """Run the engine; 2 when its settings are wrong."""
    log_lines()
    try:
        settings = EngineSettings()
    except ValidationError as exc:
        names = ", ".join(f"DRAGOPS_{error['loc'][0]}".upper() for error in exc.errors())
        sys.stderr.write(f"dragops-engine: wrong or missing settings: {names}\n")
        return 2
    try:
        run_forever(serve(settings))
    except DragopsError as exc:
        sys.stderr.write(f"dragops-engine: {exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
