"""What has happened to runs lately, for whoever asks: a bounded memory, and a way to wait for more.

The writer thread adds to it; costs grow only when somebody listens. Who falls behind by more than
is kept is told so. ``dragops.history.news`` makes items of a transaction's rows.
"""

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from dragops.history.ledger import Ledger
from dragops.history.news import Change, Item, Page, Position

_KEPT_MAX = 20_000
"""Items; about 10 MB."""
_PAGE_MAX = 5_000

Numbered = tuple[int, int, Item]


class News:
    """The news of this process; made in the loop that asks, added to by one other thread."""

    def __init__(self, *, kept: int = _KEPT_MAX) -> None:
        self._loop, self._lock, self._kept = asyncio.get_running_loop(), threading.Lock(), kept
        self._epoch = secrets.token_hex(4)
        self._changes: deque[Change] = deque()
        self._size, self._next = 0, 1
        """Items in memory, and the number of the transaction that will come."""
        self._waiting: set[asyncio.Future[None]] = set()
        self._is_closed = False

    def close(self) -> None:
        """Let nobody wait any more, as the process is about to end."""
        self._is_closed = True
        self._wake()

    def add(self, ledger: Ledger) -> None:
        """Take over what a transaction has made true."""
        change = Change.of(ledger)
        with self._lock:
            self._next += 1
            self._changes.append(change)
            self._size += change.size
            while self._size > self._kept and len(self._changes) > 1:
                self._size -= self._changes.popleft().size
            if self._waiting:
                self._loop.call_soon_threadsafe(self._wake)

    async def since(self, position: Position | None, *, wait_seconds: float) -> Page:
        """Give what there is from a position on, or wait for it; without one, say where we are."""
        if position is None:
            return Page((), self._here(), is_whole=True)
        changes = self._from(position)
        if changes is not None and not changes:
            await self._more(position, wait_seconds)
            changes = self._from(position)
        if changes is None:
            return Page((), self._here(), is_whole=False)
        return self._page(position, changes)

    def _here(self) -> Position:
        return Position(self._epoch, self._next, 0)

    def _from(self, position: Position) -> Sequence[Change] | None:
        """Give the transactions from a position on; None when some have been forgotten."""
        with self._lock:
            oldest = self._next - len(self._changes)
            if position.epoch != self._epoch or not oldest <= position.transaction <= self._next:
                return None
            return tuple(islice(self._changes, position.transaction - oldest, None))

    async def _more(self, position: Position, seconds: float) -> None:
        woken: asyncio.Future[None] = self._loop.create_future()
        with self._lock:
            if self._next > position.transaction or self._is_closed:
                return
            self._waiting.add(woken)
        try:
            await asyncio.wait([woken], timeout=seconds)
        finally:
            self._waiting.discard(woken)

    def _wake(self) -> None:
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)

    def _page(self, position: Position, changes: Sequence[Change]) -> Page:
        following = Position(self._epoch, position.transaction + len(changes), 0)
        items = list(islice(_numbered(position, changes), _PAGE_MAX + 1))
        if len(items) > _PAGE_MAX:
            following = Position(self._epoch, *items.pop()[:2])
        return Page(items, following, is_whole=True)


def _numbered(position: Position, changes: Sequence[Change]) -> Iterator[Numbered]:
    for transaction, change in enumerate(changes, position.transaction):
        first = position.item if transaction == position.transaction else 0
        for number, item in islice(enumerate(change.items()), first, None):
            yield transaction, number, item
