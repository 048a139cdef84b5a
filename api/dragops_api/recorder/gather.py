"""Group commit: what has gathered while one transaction was written goes into the next one.

One thread owns the store. The event loop puts jobs on its queue and is told, in one call a
transaction, how they went.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import structlog

from dragops.errors import DragopsError, Overloaded, Unreachable
from dragops.history.batch import Accepted, Batch, Tripped
from dragops.history.claims import Claim, Claimed
from dragops.history.store import RunStore, Source
from dragops.history.ticks import Known, Question

_LOG = structlog.get_logger()
_WAITING_MAX = 1_000
"""Batches; each engine has two under way, so this is only reached when the disk stands still."""

_TOGETHER_MAX = 8
"""Batches in one transaction; see ``BATCH_MAX``."""


class _Job(NamedTuple):
    """A batch to write, or another call on the store."""

    done: asyncio.Future[Any]
    source: Source | None = None
    call: Callable[[], Any] | None = None


class Gatherer:
    """Hands batches to the writer thread; lives in one event loop."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self.transactions = 0
        self.batches = 0
        self.failures = 0
        self.accepts = 0
        self.finishes = 0

    @contextmanager
    def running(self) -> Iterator["Gatherer"]:
        """Run the writer thread; what has been queued is written before this ends."""
        thread = threading.Thread(target=self._work, name="writer", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._jobs.put(None)
            thread.join()

    async def write(self, workspace: str, batch: Batch) -> list[Accepted]:
        """Write a batch durably; raises Unreachable or BadInput when it is not stored."""
        if self._jobs.qsize() >= _WAITING_MAX:
            raise Overloaded("the run store's queue is full")
        done: asyncio.Future[list[Accepted]] = self._loop.create_future()
        self._jobs.put(_Job(done, source=(workspace, batch)))
        results = await done
        self.accepts += len(results)
        self.finishes += len(batch.finishes)
        return results

    def tripped(self, workspace: str, batch: Batch) -> Iterator[Tripped]:
        """Say of a batch's deployments whose circuit breaker has tripped, all written counted."""
        return self._store.breakers.open_in(workspace, batch)

    async def purge(self, workspace: str, deployment_uid: str) -> None:
        """Delete a deployment's runs, in slices between which others are served."""
        while not await self._call(lambda: self._store.purge(workspace, deployment_uid)):
            pass

    async def claim(self, workspace: str, claim: Claim) -> Claimed:
        """Let a tick run or not, everything counted that was written before."""
        claimed: Claimed = await self._call(lambda: self._store.claim(workspace, claim))
        return claimed

    async def ticks(self, workspace: str, question: Question) -> list[Known]:
        """Say which ticks have a run, everything counted that was written before."""
        known: list[Known] = await self._call(lambda: self._store.ticks(workspace, question))
        return known

    async def tidy(self) -> None:
        """Delete what has expired, in slices between which others are served."""
        while not await self._call(self._store.tidy):
            pass

    async def _call(self, call: Callable[[], Any]) -> Any:
        done: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put(_Job(done, call=call))
        return await done

    def _work(self) -> None:
        jobs: list[_Job | None] = []
        while None not in jobs:
            jobs = [self._jobs.get(), *self._waiting()]
            for job in jobs:
                if job is not None and job.call is not None:
                    self._tell([(job.done, _outcome(job.call))])
            self._write([job for job in jobs if job is not None and job.source is not None])

    def _waiting(self) -> Iterator[_Job | None]:
        for _ in range(_TOGETHER_MAX - 1):
            try:
                yield self._jobs.get_nowait()
            except Empty:
                return

    def _write(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        sources = [job.source for job in jobs if job.source is not None]
        outcomes = _outcome(lambda: self._store.write(sources))
        if isinstance(outcomes, Exception):
            outcomes = [outcomes] * len(jobs)
        self.transactions += 1
        self.batches += len(jobs)
        self.failures += sum(isinstance(outcome, Exception) for outcome in outcomes)
        self._tell(list(zip((job.done for job in jobs), outcomes, strict=True)))

    def _tell(self, outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
        self._loop.call_soon_threadsafe(_resolve, outcomes)


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except DragopsError as exc:
        return exc
    except Exception as exc:  # the writer must live; its callers are told
        _LOG.exception("the writer met an unexpected error")
        return Unreachable("the run store", type(exc).__name__)


def _resolve(outcomes: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for done, outcome in outcomes:
        if done.done():
            continue
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
