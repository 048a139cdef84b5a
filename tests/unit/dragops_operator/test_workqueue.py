"""The queue of keys: once each, one worker a key, later when it fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from dragops.errors import Conflict, Refused, Rejected, Unreachable
from dragops_operator.workqueue import (
    LATER,
    SLOWLY,
    SOON,
    Backoff,
    Key,
    Workqueue,
    pause_seconds,
    retry_after,
)

A, B = Key("Pattern", "ns", "a"), Key("Pattern", "ns", "b")


@asynccontextmanager
async def working(work: Callable[[Key], Awaitable[float | None]]) -> AsyncIterator[Workqueue]:
    queue = Workqueue(work)
    task = asyncio.create_task(queue.run(workers=3))
    yield queue
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_key_that_waits_is_worked_on_once() -> None:
    seen: list[Key] = []

    async def work(key: Key) -> None:
        seen.append(key)

    async with working(work) as queue:
        for _ in range(5):
            queue.put(A)
        queue.put(B)
        assert queue.depth() == 2
        await asyncio.sleep(0.01)

    assert sorted(seen) == [A, B]


async def test_a_key_put_while_it_runs_runs_once_more_and_never_twice_at_a_time() -> None:
    running = most = runs = 0
    gate = asyncio.Event()

    async def work(_: Key) -> None:
        nonlocal running, most, runs
        running, runs = running + 1, runs + 1
        most = max(most, running)
        await gate.wait()
        running -= 1

    async with working(work) as queue:
        queue.put(A)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        queue.put(A)
        queue.put(A)
        gate.set()
        await asyncio.sleep(0.01)

    assert (runs, most) == (2, 1)


async def test_a_failing_key_is_tried_again_and_holds_nobody_up() -> None:
    tries: dict[Key, int] = {}

    async def work(key: Key) -> None:
        tries[key] = tries.get(key, 0) + 1
        if key == A and tries[A] < 3:
            raise Conflict("somebody else was first")

    async with working(work) as queue:
        queue.put(A)
        queue.put(B)
        async with asyncio.timeout(5):
            while tries.get(A, 0) < 3:  # noqa: ASYNC110  # a test looks from outside
                await asyncio.sleep(0.01)

    assert (tries[B], queue.failed) == (1, 2)


async def test_a_worker_survives_a_bug() -> None:
    done = asyncio.Event()

    async def work(key: Key) -> None:
        if key == A:
            raise ZeroDivisionError
        done.set()

    async with working(work) as queue:
        for _ in range(3):
            queue.put(A)
        queue.put(B)
        await asyncio.wait_for(done.wait(), 1)


async def test_a_key_can_ask_to_be_looked_at_later() -> None:
    times = 0

    async def work(_: Key) -> float | None:
        nonlocal times
        times += 1
        return 0.01 if times == 1 else None

    async with working(work) as queue:
        queue.put(A)
        await asyncio.sleep(0.1)

    assert times == 2


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (Conflict("x"), SOON),
        (Unreachable("x"), LATER),
        (Rejected("x"), SLOWLY),
        (Refused("x"), SLOWLY),
        (ZeroDivisionError(), LATER),
    ],
    ids=lambda value: type(value).__name__,
)
def test_how_soon_trying_again_can_help(error: Exception, wanted: Backoff) -> None:
    assert retry_after(error) == wanted


def test_pauses_grow_to_a_limit_and_are_never_nothing() -> None:
    backoff = Backoff(0.2, 300.0)

    assert all(0.1 <= pause_seconds(backoff, 1) <= 0.2 for _ in range(50))
    assert all(0.1 <= pause_seconds(backoff, 5) <= 3.2 for _ in range(50))
    assert all(pause_seconds(backoff, 500) <= 300 for _ in range(50))
    assert max(pause_seconds(backoff, 500) for _ in range(50)) > 30
