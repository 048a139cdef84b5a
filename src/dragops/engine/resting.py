"""Runs that have failed and wait for their next attempt: they hold no slot meanwhile."""

import asyncio
from collections.abc import Callable

from dragops.engine.run import Run


class Resting:
    """Each run that waits has a timer; whoever takes it out stops that."""

    def __init__(self, begin: Callable[[Run], None]) -> None:
        """Give runs to ``begin`` when they have waited."""
        self._begin = begin
        self._waiting: dict[str, tuple[Run, asyncio.TimerHandle]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, run: Run, seconds: float) -> None:
        """Let a run wait."""
        timer = asyncio.get_running_loop().call_later(seconds, self._wake, run.id)
        self._waiting[run.id] = (run, timer)

    def take(self, run_id: str) -> Run | None:
        """Take a run out that waits here."""
        run, timer = self._waiting.pop(run_id, (None, None))
        if timer is not None:
            timer.cancel()
        return run

    def take_all(self) -> list[Run]:
        """Take every run out."""
        return [run for run_id in list(self._waiting) if (run := self.take(run_id))]

    def _wake(self, run_id: str) -> None:
        if run := self.take(run_id):
            self._begin(run)
