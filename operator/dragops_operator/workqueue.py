"""Our own queue of keys: one worker a key, each key once, back-off with jitter.

A key says only what to look at. What happened to it does not matter, so a hundred events are one
entry, and an entry that arrives while its key is being worked on makes it run once more.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from dragops.errors import AuthorMustAct, Conflict, DragopsError

WORKERS = 24
KEYS_MAX = 200_000
_log = structlog.get_logger(__name__)


class Key(NamedTuple):
    """What to make right: a resource of ours, or a Workspace (named like itself)."""

    kind: str
    namespace: str
    name: str


class Backoff(NamedTuple):
    """How soon trying again can help."""

    first_seconds: float
    longest_seconds: float


SOON = Backoff(0.1, 5.0)
LATER = Backoff(0.2, 300.0)
SLOWLY = Backoff(15.0, 300.0)


def retry_after(exc: Exception) -> Backoff:
    """Say of an error how soon trying again can help."""
    match exc:
        case Conflict():
            return SOON
        case AuthorMustAct():
            return SLOWLY
        case _:
            return LATER


@dataclass(slots=True)
class Workqueue:
    """Keys that wait, run or back off."""

    work: Callable[[Key], Awaitable[float | None]]
    """Makes a key right; gives the seconds after which to look again, or None."""
    done: int = 0
    failed: int = 0
    _ready: asyncio.Queue[Key] = field(default_factory=asyncio.Queue)
    _waiting: set[Key] = field(default_factory=set)
    _running: set[Key] = field(default_factory=set)
    _again: set[Key] = field(default_factory=set)
    _failures: dict[Key, int] = field(default_factory=dict)
    _timers: dict[Key, asyncio.TimerHandle] = field(default_factory=dict)

    def put(self, key: Key) -> None:
        """Have the key worked on as soon as a worker is free."""
        self._cancel_timer(key)
        if key in self._running:
            self._again.add(key)
        elif key not in self._waiting:
            if len(self._waiting) >= KEYS_MAX:
                _log.error("queue_full", key=key)  # the resync brings it back
                return
            self._waiting.add(key)
            self._ready.put_nowait(key)

    def put_after(self, key: Key, seconds: float) -> None:
        """Have the key worked on after some time, or before if something happens to it."""
        self._cancel_timer(key)
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, self.put, key)

    def depth(self) -> int:
        """Give the number of keys that wait for a worker."""
        return len(self._waiting)

    def is_idle(self) -> bool:
        """Say whether nothing waits and nothing runs; keys that back off do not count."""
        return not self._waiting and not self._running

    async def run(self, workers: int = WORKERS) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(workers):
                tasks.create_task(self._serve())

    async def _serve(self) -> None:
        while True:
            key = await self._ready.get()
            self._waiting.discard(key)
            self._running.add(key)
            try:
                await self._work_on(key)
            finally:
                self._running.discard(key)
            if key in self._again:
                self._again.discard(key)
                self.put(key)

    async def _work_on(self, key: Key) -> None:
        try:
            again = await self.work(key)
        except Exception as exc:  # a worker must live, whatever one key does
            self._back_off(key, exc)
            return
        self.done += 1
        self._failures.pop(key, None)
        if again is not None:
            self.put_after(key, again)

    def _back_off(self, key: Key, exc: Exception) -> None:
        self.failed += 1
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        pause = pause_seconds(retry_after(exc), failures)
        told = {"key": tuple(key), "retry_seconds": round(pause, 2), "error": str(exc)}
        if isinstance(exc, Conflict):
            _log.debug("reconcile_overtaken", **told)  # a copy was a moment behind: expected
        elif isinstance(exc, DragopsError):
            _log.warning("reconcile_failed", **told)
        else:
            _log.error("reconcile_crashed", **told, exc_info=exc)
        self.put_after(key, pause)

    def _cancel_timer(self, key: Key) -> None:
        if timer := self._timers.pop(key, None):
            timer.cancel()


def pause_seconds(backoff: Backoff, failures: int) -> float:
    """Give an exponential pause with full jitter, but never none at all."""
    limit = min(backoff.longest_seconds, backoff.first_seconds * 2 ** min(failures - 1, 20))
    return random.uniform(backoff.first_seconds / 2, limit)  # noqa: S311  # jitter, not a secret
