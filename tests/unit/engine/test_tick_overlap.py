"""Ticks whose runs meet: beside each other, one after another, or one in place of the other."""

import asyncio
from datetime import UTC, datetime, timedelta

from dragops.engine.tick import Exit
from dragops.history.batch import encode_batch
from dragops.model.run import iso
from support.batches import finish, of
from support.folder import SignedFolder
from support.ticks import (
    StoreAtTheWire,
    deploy,
    job_name,
    job_of_minute,
    past,
    program,
    rule_of,
    schedule,
    scheduled,
    soon,
    tick_once,
)

SLOW = program("await ctx.sleep(60)")
SLOW_FIRST = program(
    "import sys",
    "here = sys.modules.setdefault('_first_of_ticks', type(sys)('_first_of_ticks'))",
    "first = getattr(here, 'first', event['scheduledAt'])",
    "here.first = first",
    "await ctx.sleep(60 if first == event['scheduledAt'] else 0)",
)


async def _left_running(folder: SignedFolder, store: StoreAtTheWire, at: datetime) -> None:
    """Have a pod begin a run and vanish, as when its Job is deleted."""
    live = deploy(folder, SLOW)
    task = asyncio.create_task(
        tick_once(folder, live, store, job_name=job_name(at), job_uid="job-0")
    )
    while not store.runs():  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])


async def test_a_tick_that_replaces_ends_what_older_pods_left(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The controller deletes their Job: without a word of theirs a run would go on for ever."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    await _left_running(folder, store, minute - timedelta(minutes=2))
    live = deploy(folder, schedules=(schedule(overlap="Replace"),), serial=2)

    await tick_once(folder, live, store, job_name=job_name(minute))

    first, second = store.runs()
    assert (first.status, second.status) == ("cancelled", "completed")
    assert first.error_message == f"The tick of {iso(minute)} took its place (overlap: Replace)"


async def test_a_run_that_is_replaced_by_another_pod_is_stopped(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """A rule with seconds has pods side by side: they hear of each other from the store."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    older = minute - timedelta(minutes=1)
    replacing = schedule("7 * * * * *", overlap="Replace")
    live = deploy(folder, SLOW, schedules=(replacing,))
    first = asyncio.create_task(tick_once(folder, live, store, job_name=job_name(older)))
    while not store.runs():  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    live = deploy(folder, schedules=(schedule("0 * * * * *", overlap="Replace"),), serial=2)
    await tick_once(folder, live, store, job_name=job_name(minute), job_uid="job-2")

    assert await asyncio.wait_for(first, timeout=10) == Exit.RECORDED
    assert [run.status for run in store.runs()] == ["cancelled", "completed"]


async def test_a_second_that_replaces_stops_the_one_before(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Within one pod at once."""
    times = soon(2)
    live = deploy(folder, SLOW_FIRST, schedules=(schedule(rule_of(times), overlap="Replace"),))

    await tick_once(folder, live, store, job_name=job_of_minute(times))

    assert [run.status for run in store.runs()] == ["cancelled", "completed"]


async def test_a_second_that_gives_way_is_skipped_and_says_to_which(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Forbid: the run of the second before has not ended."""
    times = soon(2)
    slow = program("await ctx.sleep(1.5)")
    live = deploy(folder, slow, schedules=(schedule(rule_of(times), overlap="Forbid"),))

    await tick_once(folder, live, store, job_name=job_of_minute(times))

    first, second = store.runs()
    assert (first.status, second.status) == ("completed", "skipped")
    assert second.error_message == f"The run of {iso(times[0])} was going on (overlap: Forbid)"


async def test_late_seconds_that_must_not_overlap_run_one_after_another(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """They are late because of the pod's start: that is no reason to skip them."""
    times = past(4)
    rule = schedule(rule_of(times), overlap="Forbid")
    live = deploy(folder, program("await ctx.sleep(0.02)"), schedules=(rule,))

    await tick_once(folder, live, store, job_name=job_of_minute(times))

    assert scheduled(store) == [iso(at) for at in times]
    assert {run.status for run in store.runs()} == {"completed"}


async def test_a_run_that_somebody_cancels_is_stopped(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Whoever ends it in the store: the pod hears of it within some seconds."""
    live = deploy(folder, SLOW)
    task = asyncio.create_task(tick_once(folder, live, store))
    while not store.runs():  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    (run,) = store.runs()
    error = '{"type":"Cancelled","message":"by ada"}'
    await store.post(encode_batch(of(finish(run.id, "cancelled", error=error))))

    assert await asyncio.wait_for(task, timeout=10) == Exit.RECORDED
    assert [(r.status, r.error_message) for r in store.runs()] == [("cancelled", "by ada")]


async def test_a_tick_of_another_policy_leaves_older_runs_alone(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """They go on beside it, in their own pods."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    older = job_name(minute - timedelta(minutes=2))
    begun = deploy(folder, SLOW)
    task = asyncio.create_task(tick_once(folder, begun, store, job_name=older, job_uid="job-0"))
    while not store.runs():  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    live = deploy(folder, serial=2)

    await tick_once(folder, live, store, job_name=job_name(minute))

    assert [run.status for run in store.runs()] == ["running", "completed"]
    task.cancel()
    await asyncio.wait([task])
