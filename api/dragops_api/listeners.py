"""Who listens to runs: each has a bounded queue, and is let go when it cannot keep up.

Next: ``run_news`` fills the queues, ``event_stream`` sends what is in them.
"""

import asyncio
from collections import deque
from collections.abc import Collection

from dragops.history.news import Item

QUEUE_MAX = 20_000
"""Several pages of the recorder's; the texts are shared, so a queue costs little."""


class Listener:
    """One client: what it wants to hear of, and what it has not been sent yet."""

    def __init__(self, workspaces: Collection[str], deployment_uid: str | None = None) -> None:
        self.workspaces, self.deployment_uid = frozenset(workspaces), deployment_uid
        self.end: tuple[str, str] | None = None
        """Code and message of why it hears no more, once that is so."""
        self._queue: deque[bytes] = deque()
        self._woken = asyncio.Event()

    def wants(self, item: Item) -> bool:
        """Say whether it listens to this run's deployment."""
        is_its = self.deployment_uid in {None, item.deployment_uid}
        return is_its and item.workspace in self.workspaces

    def hear(self, text: bytes) -> None:
        """Queue an event; too many of them are the end."""
        if self.end is None:
            self._queue.append(text)
            self._woken.set()
            if len(self._queue) > QUEUE_MAX:
                self.let_go("TOO_SLOW", "Events were not taken in time: listen again")

    def let_go(self, code: str, message: str) -> None:
        """Drop what it has not taken, and say why it will hear no more."""
        self.end = self.end or (code, message)
        self._queue.clear()
        self._woken.set()

    async def take(self, seconds: float) -> list[bytes]:
        """Give what is there, or comes within some seconds."""
        if not self._queue and self.end is None:
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                return []
        self._woken.clear()
        taken = list(self._queue)
        self._queue.clear()
        return taken
