"""The engine's half of the recorder: batches, patience, and what is kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dragops.engine.record import NotSent, Recorder
from dragops.errors import BadInput, Overloaded, Refused, Unreachable
from dragops.history.batch import Accepted, Batch, decode_batch, encode_results
from dragops.model.ids import RunId
from support.batches import accept, finish
from support.memory_recorder import MemoryRecorder


@asynccontextmanager
async def sending(post: object) -> AsyncIterator[Recorder]:
    recorder = Recorder(post)  # type: ignore[arg-type]  # each test brings its own wire
    task = asyncio.create_task(recorder.run())
    try:
        yield recorder
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_what_comes_while_a_batch_is_written_is_the_next_batch() -> None:
    """Two are under way at most; a hundred accepts need few."""
    sizes: list[int] = []

    async def post(body: bytes) -> bytes:
        batch = decode_batch(body)
        sizes.append(len(batch.accepts))
        await asyncio.sleep(0.02)
        return encode_results([Accepted(RunId(run.run_id), False) for run in batch.accepts])

    async with sending(post) as recorder:
        runs = [accept() for _ in range(100)]
        first = recorder.accept(runs[0])
        await asyncio.sleep(0)
        rest = [recorder.accept(run) for run in runs[1:]]
        told = await asyncio.gather(first, *rest)

    assert [one.run_id for one in told] == [run.run_id for run in runs]
    assert len(sizes) <= 3
    assert sum(sizes) == 100


async def test_an_end_rides_with_the_next_accept() -> None:
    """Alone it would cost a transaction of its own."""
    batches: list[Batch] = []

    async def post(body: bytes) -> bytes:
        batches.append(decode_batch(body))
        return encode_results([Accepted(RunId(r.run_id), False) for r in batches[-1].accepts])

    async with sending(post) as recorder:
        await asyncio.sleep(0)
        recorder.finish(finish("run_1"))
        await recorder.accept(accept())

    assert [(len(batch.accepts), len(batch.finishes)) for batch in batches] == [(1, 1)]


async def test_an_end_does_not_wait_for_ever_for_company() -> None:
    """A few milliseconds, then it goes alone."""
    wire = MemoryRecorder()
    async with sending(wire.post) as recorder:
        run = accept()
        await recorder.accept(run)
        recorder.finish(finish(run.run_id))

        assert (await wire.ended(run.run_id)).status == "completed"


async def test_who_asks_hears_when_an_end_is_stored() -> None:
    """And not before: the recorder may be away for a while."""
    wire, run = MemoryRecorder(), accept()
    async with sending(wire.post) as recorder:
        await recorder.accept(run)
        wire.away, stored = NotSent("the recorder", "away"), asyncio.Future[None]()
        recorder.finish(finish(run.run_id), stored)
        await asyncio.sleep(0.05)
        assert not stored.done()

        wire.away = None
        await stored

    assert run.run_id in wire.finishes


@pytest.mark.parametrize("away", [NotSent("x"), Unreachable("x"), Overloaded("x"), Refused("x")])
async def test_a_short_absence_is_not_noticed(away: Exception) -> None:
    """A restart of the recorder costs its senders a moment."""
    wire = MemoryRecorder()
    wire.away = away
    async with sending(wire.post) as recorder:
        told = recorder.accept(accept())
        await asyncio.sleep(0.2)
        assert not told.done()
        wire.away = None

        assert not (await told).duplicate


@pytest.mark.timeout(30)
async def test_a_record_that_cannot_be_stored_takes_no_other_with_it() -> None:
    """Ends are sent one by one; only the bad one is dropped."""
    stored: list[str] = []

    async def post(body: bytes) -> bytes:
        batch = decode_batch(body)
        if any(end.run_id == "bad" for end in batch.finishes):
            raise BadInput("batch", "no")
        stored.extend(end.run_id for end in batch.finishes)
        return encode_results([])

    async with sending(post) as recorder:
        for name in ("a", "bad", "b"):
            recorder.finish(finish(name))

        assert await recorder.flush(5)
        assert (stored, recorder.dropped) == (["a", "b"], 1)


async def test_too_many_waiting_accepts_are_refused_at_once() -> None:
    """The queue is bounded."""
    recorder = Recorder(MemoryRecorder().post)
    for _ in range(5_000):
        recorder.accept(accept("run_" + "0" * 32))

    with pytest.raises(Overloaded):
        recorder.accept(accept())


async def test_a_refused_accept_that_may_be_stored_is_ended() -> None:
    """The recorder died after writing and before answering: nobody will ever run that run."""
    ends: list[tuple[str, str]] = []
    is_back, ended = asyncio.Event(), asyncio.Event()
    errors = iter([Unreachable("the recorder", "it died before it answered")])

    async def post(body: bytes) -> bytes:
        batch = decode_batch(body)
        if not is_back.is_set():
            raise next(errors, NotSent("the recorder"))
        ends.extend((one.run_id, str(one.status)) for one in batch.finishes)
        ended.set()
        return encode_results([])

    async with sending(post) as recorder:
        run = accept()
        with pytest.raises(Unreachable):
            await recorder.accept(run)
        is_back.set()
        await ended.wait()

    assert ends == [(run.run_id, "cancelled")]
