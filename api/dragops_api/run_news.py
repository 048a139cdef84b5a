"""News of runs, asked of the recorder once for all who listen, and only while somebody does.

One request waits at the recorder for what comes next; its answer goes into the listeners' queues.
A new listener hears what comes from now on. One that was cut off is first read what it has missed,
as far back as the recorder remembers; else it is told of a gap.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import NamedTuple

import structlog

from dragops.errors import Unreachable
from dragops.history.news import Item, Page, Position, page_of, read_position
from dragops_api.errors import RateLimited
from dragops_api.event_text import gap_text, item_text
from dragops_api.listeners import Listener
from dragops_api.recorder_calls import RecorderCalls

LISTENERS_MAX = 500
_WAIT_SECONDS, _SLACK_SECONDS = 10.0, 5.0
_GATHER_SECONDS = 0.05
"""Between two requests, so that a busy recorder is asked twenty times a second, not a thousand."""
_AWAY_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class Heard(NamedTuple):
    """Where a listener begins to hear, and what it has missed before."""

    start: Position
    missed: AsyncGenerator[bytes, None]


class RunNews:
    """The news of one API process."""

    def __init__(self, recorder: RecorderCalls) -> None:
        self._recorder = recorder
        self._listeners: set[Listener] = set()
        self._somebody = asyncio.Event()
        self._position: Position | None = None
        """Where the next request begins; None while nobody listens."""

    async def run(self) -> None:
        """Tell the listeners, for ever."""
        while True:
            if not self._listeners:
                self._position = None
                self._somebody.clear()
            await self._somebody.wait()
            try:
                await self._tell_more()
                await asyncio.sleep(_GATHER_SECONDS)
            except Unreachable as exc:
                _log.warning("no_news", error=str(exc))
                await asyncio.sleep(_AWAY_SECONDS)

    async def join(self, listener: Listener, last_event_id: str | None) -> Heard:
        """Let somebody listen; raises Unreachable, or RateLimited when too many do."""
        if len(self._listeners) >= LISTENERS_MAX:
            raise RateLimited(f"{LISTENERS_MAX} listen already: try again later, or elsewhere")
        start = self._position or (await self._ask(None, wait_seconds=0)).following
        # somebody may have been faster
        start = self._position = self._position or start
        self._listeners.add(listener)
        self._somebody.set()
        return Heard(start, self._missed(listener, last_event_id, start))

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)

    def close(self) -> None:
        """Let all listeners go, as the process is about to end."""
        for listener in self._listeners:
            listener.let_go("STOPPING", "The server is stopping: listen again")

    async def _tell_more(self) -> None:
        page = await self._ask(self._position, wait_seconds=_WAIT_SECONDS)
        if not page.is_whole:
            for listener in self._listeners:
                listener.hear(gap_text(page.following))
        for after, item in _positioned(page):
            wanting = [listener for listener in self._listeners if listener.wants(item)]
            text = item_text(item, after) if wanting else b""
            for listener in wanting:
                listener.hear(text)
        self._position = page.following

    async def _missed(
        self, listener: Listener, last_event_id: str | None, until: Position
    ) -> AsyncGenerator[bytes, None]:
        """Read out what came between the last event that a client has seen and its return."""
        if last_event_id is None:
            return
        position = read_position(last_event_id)
        while position is None or position.epoch != until.epoch or position < until:
            page = await self._asked_again(position)
            if page is None or page.following.epoch != until.epoch:
                yield gap_text(until)
                return
            for after, item in _positioned(page):
                # what comes later is heard as it comes
                if after <= until and listener.wants(item):
                    yield item_text(item, after)
            position = page.following

    async def _asked_again(self, position: Position | None) -> Page | None:
        """Give what is remembered from a position on; None when some of it is forgotten."""
        if position is None:
            return None
        try:
            page = await self._ask(position, wait_seconds=0)
        except Unreachable:
            return None
        return page if page.is_whole else None

    async def _ask(self, position: Position | None, *, wait_seconds: float) -> Page:
        wish = {
            "position": str(position) if position else None,
            "waitSeconds": wait_seconds,
        }
        seconds = wait_seconds + _SLACK_SECONDS
        return page_of(await self._recorder.post("/v1/news", wish, seconds=seconds))


def _positioned(page: Page) -> Iterable[tuple[Position, Item]]:
    """Give each item with the position after it."""
    for transaction, number, item in page.items:
        yield Position(page.following.epoch, transaction, number + 1), item
