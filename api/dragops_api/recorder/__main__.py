"""Starts the recorder: settings, the store, the writer thread, the server."""

import asyncio
import sys
from contextlib import suppress

from pydantic import ValidationError

from dragops.cluster.tokens import TokenVerifier
from dragops.engine.serving import run_forever, server, stop_signal
from dragops.errors import DragopsError, TryAgain
from dragops.history.database import writing
from dragops.history.store import RunStore
from dragops.log_lines import log_lines
from dragops_api.recorder.app import RecorderApp
from dragops_api.recorder.gather import Gatherer
from dragops_api.recorder.meters import recorder_metrics
from dragops_api.recorder.news import News
from dragops_api.recorder.settings import RecorderSettings

_TIDY_SECONDS = 600


async def serve(settings: RecorderSettings) -> None:
    """Serve until a signal; what has been taken is written first."""
    verifier = TokenVerifier(settings.jwks, audience="dragops-recorder", issuer=settings.issuer)
    news, trusted = News(), settings.trusted_callers
    with (
        writing(settings.store) as engine,
        Gatherer(RunStore(engine, news.add)).running() as gatherer,
    ):
        metrics = recorder_metrics(gatherer)
        app = RecorderApp(gatherer, news, verifier, trusted=trusted, metrics=metrics)
        door = server(app, port=settings.port)
        stopped = stop_signal()
        async with asyncio.TaskGroup() as tasks:
            tidying = tasks.create_task(_tidy_now_and_then(gatherer))
            serving = tasks.create_task(door.serve())
            await stopped.wait()
            news.close()
            door.should_exit = True
            await serving
            tidying.cancel()


async def _tidy_now_and_then(gatherer: Gatherer) -> None:
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        with suppress(TryAgain):
            await gatherer.tidy()


def main() -> int:
    """Run the recorder; 2 when its settings are wrong."""
    log_lines()
    try:
        settings = RecorderSettings()
    except ValidationError as exc:
        names = ", ".join(f"DRAGOPS_{error['loc'][0]}".upper() for error in exc.errors())
        sys.stderr.write(f"dragops-recorder: wrong or missing settings: {names}\n")
        return 2
    try:
        run_forever(serve(settings))
    except DragopsError as exc:
        sys.stderr.write(f"dragops-recorder: {exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
