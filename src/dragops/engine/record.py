"""Reports runs to the recorder in batches: a batch is what came while the last one was written.

Two senders take turns, so that one batch gathers while another is under way. An accept waits for
the recorder's word; a finish rides along, and is kept and sent again while the recorder is away.
Next: ``dragops.engine.connection`` carries the bytes.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import structlog

from dragops.errors import BadInput, DragopsError, Overloaded, Refused, TryAgain, Unreachable
from dragops.history.batch import (
    BATCH_MAX,
    Accept,
    Accepted,
    Batch,
    Finish,
    Start,
    Tripped,
    Watch,
    decode_results,
    decode_tripped,
    encode_batch,
    stopped,
)
from dragops.model.run import RunStatus

Post = Callable[[bytes], Awaitable[bytes]]
"""Sends a batch and gives the answer; raises Unreachable, Refused, Overloaded or BadInput."""
Heard = Callable[[list[Tripped]], None]
"""Is told which circuit breakers have tripped."""

_LOG = structlog.get_logger()
_BATCH_BYTES_MAX = 16 * 1024 * 1024
_WAITING_MAX = 5_000
_KEPT_MAX = 200_000
_PATIENCE_SECONDS = 2.0
_RETRY_FIRST_SECONDS, _RETRY_MAX_SECONDS, _PAUSE_SECONDS = 0.05, 0.5, 0.5
_LINGER_SECONDS = 0.002
"""How long an end waits for an accept to ride with; an accept never waits."""


class NotSent(Unreachable):
    """The recorder cannot have seen the batch."""


class _Waiting(NamedTuple):
    accept: Accept
    done: asyncio.Future[Accepted]


class _Load(NamedTuple):
    """What one sender has taken."""

    waiting: list[_Waiting]
    starts: list[Start]
    finishes: list[Finish]

    def body(self, watches: Sequence[Watch]) -> bytes:
        accepts = [waiting.accept for waiting in self.waiting]
        return encode_batch(Batch(accepts, self.starts, self.finishes, watches))


class Recorder:
    """The engine's half of the recorder; lives in one event loop."""

    def __init__(self, post: Post, heard: Heard | None = None) -> None:
        self._post, self._heard = post, heard
        self._waiting: deque[_Waiting] = deque()
        self._starts: list[Start] = []
        self._finishes: deque[Finish] = deque()
        self._awaited: dict[str, asyncio.Future[None]] = {}
        self._watches: dict[str, Watch] = {}
        """By run: what its deployment's circuit breaker allows, for those that have failed."""
        self._idle: deque[asyncio.Future[None]] = deque()
        self._linger: asyncio.TimerHandle | None = None
        self._under_way = 0
        self.batches = 0
        self.dropped = 0
        """Ends of runs that were lost because the recorder was away for too long."""

    async def run(self) -> None:
        """Send for ever."""
        async with asyncio.TaskGroup() as senders:
            senders.create_task(self._send())
            senders.create_task(self._send())

    def accept(self, accept: Accept) -> asyncio.Future[Accepted]:
        """Store a run durably; the future raises Unreachable when that is not possible."""
        if len(self._waiting) >= _WAITING_MAX or len(self._finishes) >= _KEPT_MAX:
            raise Overloaded("too many runs are waiting for the recorder")
        done: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(accept, done))
        self._wake()
        return done

    def start(self, start: Start) -> None:
        """Report that a run which waited has begun."""
        self._starts.append(start)
        self._wake_soon()

    def finish(
        self,
        finish: Finish,
        stored: asyncio.Future[None] | None = None,
        *,
        watch: Watch | None = None,
    ) -> None:
        """Report the end of a run; ``stored`` is set once it is in the store, if ever.

        ``watch`` goes with a run that has failed, if failures are counted.
        """
        if len(self._finishes) >= 2 * _KEPT_MAX:
            self.dropped += 1
            return
        if stored is not None:
            self._awaited[finish.run_id] = stored
        if watch is not None:
            self._watches[finish.run_id] = watch
        self._finishes.append(finish)
        self._wake_soon()

    @property
    def kept(self) -> int:
        """Count the ends that the recorder has not stored yet."""
        return len(self._finishes) + self._under_way

    async def flush(self, seconds: float) -> bool:
        """Wait until everything is stored; False when that took too long."""
        until = time.monotonic() + seconds
        while self.kept and time.monotonic() < until:
            self._wake()
            await asyncio.sleep(0.01)
        return not self.kept

    def _wake(self) -> None:
        while self._idle:
            sender = self._idle.popleft()
            if not sender.done():
                sender.set_result(None)
                return

    def _wake_soon(self) -> None:
        if self._linger is None and self._idle:
            loop = asyncio.get_running_loop()
            self._linger = loop.call_later(_LINGER_SECONDS, self._stop_lingering)

    def _stop_lingering(self) -> None:
        self._linger = None
        if self._starts or self._finishes:
            self._wake()

    async def _send(self) -> None:
        while True:
            while not (self._waiting or self._starts or self._finishes):
                idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._idle.append(idle)
                await idle
            load = self._take()
            self._under_way += len(load.finishes)
            try:
                await self._deliver(load)
            finally:
                self._under_way -= len(load.finishes)

    def _take(self) -> _Load:
        size = 0
        waiting: list[_Waiting] = []
        while self._waiting and len(waiting) < BATCH_MAX and size < _BATCH_BYTES_MAX:
            waiting.append(self._waiting.popleft())
            size += len(waiting[-1].accept.event)
        finishes: list[Finish] = []
        while self._finishes and len(finishes) < BATCH_MAX and size < _BATCH_BYTES_MAX:
            finishes.append(self._finishes.popleft())
            size += len(finishes[-1].log or "")
        starts, self._starts = self._starts[:BATCH_MAX], self._starts[BATCH_MAX:]
        return _Load(waiting, starts, finishes)

    async def _deliver(self, load: _Load) -> None:
        """Send until it is stored; accepts have patience for a moment only."""
        body, may_be_stored = load.body(self._watches_of(load.finishes)), False
        until, pause = time.monotonic() + _PATIENCE_SECONDS, _RETRY_FIRST_SECONDS
        while True:
            try:
                answer = await self._post(body)
                results = decode_results(answer)
            except (TryAgain, Refused) as exc:
                may_be_stored = may_be_stored or not isinstance(exc, NotSent)
                if time.monotonic() >= until:
                    return await self._give_up(load, exc, may_be_stored=may_be_stored)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _RETRY_MAX_SECONDS)
            except BadInput as exc:
                return await self._spoiled(load, exc)
            else:
                self.batches += 1
                self._tell_stored(load.finishes)
                self._hear(answer)
                return _tell(load.waiting, results)

    def _hear(self, answer: bytes) -> None:
        tripped = decode_tripped(answer)
        if tripped and self._heard is not None:
            self._heard(tripped)

    def _watches_of(self, finishes: list[Finish]) -> list[Watch]:
        if not self._watches:
            return []
        found = (self._watches.get(finish.run_id) for finish in finishes)
        return list(dict.fromkeys(watch for watch in found if watch is not None))

    def _tell_stored(self, finishes: list[Finish]) -> None:
        if self._watches:
            for finish in finishes:
                self._watches.pop(finish.run_id, None)
        if not self._awaited:
            return
        for finish in finishes:
            stored = self._awaited.pop(finish.run_id, None)
            if stored is not None and not stored.done():
                stored.set_result(None)

    async def _give_up(self, load: _Load, exc: DragopsError, *, may_be_stored: bool) -> None:
        """Tell the senders no, and keep what has to be stored some day."""
        self._starts[:0] = load.starts
        self._finishes.extendleft(reversed(load.finishes))
        for waiting in load.waiting:
            _fail(waiting, exc)
            if may_be_stored:
                # then it must not look as if it went on
                self.finish(_never_ran(waiting.accept.run_id))
        await asyncio.sleep(_PAUSE_SECONDS)

    async def _spoiled(self, load: _Load, exc: BadInput) -> None:
        """One record spoils its batch: accepts are told no, each end is sent alone."""
        _LOG.error("the recorder refused a batch", error=str(exc), accepts=len(load.waiting))
        for waiting in load.waiting:
            _fail(waiting, Unreachable("the recorder", "it refused the batch"))
        if not load.waiting and len(load.finishes) + len(load.starts) == 1:
            self.dropped += 1
            self._tell_stored(load.finishes)  # it never will be; nobody needs to wait
            return
        alone = [_Load([], [start], []) for start in load.starts]
        for part in alone + [_Load([], [], [finish]) for finish in load.finishes]:
            await self._deliver(part)


def _tell(waiting: list[_Waiting], results: list[Accepted]) -> None:
    for one, result in zip(waiting, results, strict=True):
        if not one.done.done():
            one.done.set_result(result)


def _fail(waiting: _Waiting, exc: DragopsError) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(Unreachable("the recorder", str(exc)))


def _never_ran(run_id: str) -> Finish:
    error = stopped("The sender was told to try again: this run never began")
    now = time.time_ns() // 1_000_000
    return Finish(run_id, RunStatus.CANCELLED, now, error, None, 0, None)
