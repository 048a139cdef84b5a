"""Reads the settings, opens the cluster and serves: ``python -m dragops_api``."""

import asyncio

from prometheus_client import start_http_server

from dragops.cluster.client import Cluster
from dragops.engine.serving import run_forever, server, stop_signal
from dragops.log_lines import log_lines
from dragops_api.app import create_api, create_app
from dragops_api.changes import MANAGER
from dragops_api.parts import parts_of
from dragops_api.settings import Settings, read_settings


async def serve(settings: Settings) -> None:
    """Serve until a signal ends the process."""
    stopped = stop_signal()
    async with (
        await Cluster.connect(manager=MANAGER) as cluster,
        parts_of(settings, cluster) as parts,
    ):
        metrics, _ = start_http_server(
            settings.metrics_port, settings.host, registry=parts.meters.registry
        )
        door = server(create_app(create_api(), parts), host=settings.host, port=settings.port)
        serving = asyncio.create_task(door.serve())
        await asyncio.wait(
            [serving, asyncio.create_task(stopped.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        parts.run_news.close()
        door.should_exit = True
        await serving
        metrics.shutdown()


def main() -> None:
    """Run the process."""
    log_lines()
    run_forever(serve(read_settings()))


if __name__ == "__main__":
    main()
