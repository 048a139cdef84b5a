"""A pod that stands for several ticks: the seconds of a minute, and what was missed before."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from typing_extensions import override

from dragops.engine.due import Job
from dragops.engine.standing import Standing
from dragops.engine.tick import Exit, run_tick
from dragops.engine.ticker import Ticker
from dragops.errors import Unreachable
from dragops.model.bundle import Live
from dragops.model.run import iso
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
    settings,
    soon,
    tick_once,
)

SLOW = program("await ctx.sleep(60)")
FAILS_AT_ONCE = program(
    'ctx.step("tick")',
    'if event["scheduledAt"].second % 2:',
    "    raise ValueError()",
)


async def test_each_second_is_run_at_its_time_under_its_own_key(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """None before its second; how late it began is in its event."""
    times = soon(2)
    live = deploy(folder, schedules=(schedule(rule_of(times)),))

    code = await tick_once(folder, live, store, job_name=job_of_minute(times))

    runs = store.runs()
    assert code == Exit.RECORDED
    assert [run.status for run in runs] == ["completed", "completed"]
    assert scheduled(store) == [iso(at) for at in times]
    assert all(run.event_data["timestamp"] >= run.event_data["scheduledAt"] for run in runs)


async def test_seconds_that_are_past_are_run_at_once_in_order(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The pod's start took its time: nothing of the minute is lost."""
    times = past(5)
    live = deploy(folder, schedules=(schedule(rule_of(times)),))

    await tick_once(folder, live, store, job_name=job_of_minute(times))

    assert scheduled(store) == [iso(at) for at in times]


async def test_a_second_that_fails_does_not_stop_the_others(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Each is a run of its own."""
    times = past(4)
    live = deploy(folder, FAILS_AT_ONCE, schedules=(schedule(rule_of(times)),))

    code = await tick_once(folder, live, store, job_name=job_of_minute(times))

    assert code == Exit.RECORDED
    ends = {run.event_data["scheduledAt"]: run.status for run in store.runs()}
    assert [ends[iso(at)] for at in times] == ["completed", "failed"] * 2


async def test_runs_of_two_seconds_go_on_beside_each_other(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Overlap is allowed: the second does not wait for the first."""
    times = past(2)
    meeting = program(
        "import asyncio, sys",
        "here = sys.modules.setdefault('_meeting_of_ticks', type(sys)('_meeting_of_ticks'))",
        "here.count = getattr(here, 'count', 0) + 1",
        "while here.count < 2:",
        "    await ctx.sleep(0.01)",
    )
    live = deploy(folder, meeting, schedules=(schedule(rule_of(times)),))

    await asyncio.wait_for(
        tick_once(folder, live, store, job_name=job_of_minute(times)), timeout=10
    )

    assert [run.status for run in store.runs()] == ["completed", "completed"]


async def test_no_more_runs_go_on_than_the_limit_says(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """limits.concurrency holds; the others wait, and none is lost."""
    times = past(3)
    live = deploy(folder, schedules=(schedule(rule_of(times)),))
    narrow = live.limits.model_copy(update={"concurrency": 1})

    await tick_once(
        folder,
        folder.write(live.model_copy(update={"limits": narrow})),
        store,
        job_name=job_of_minute(times),
    )

    assert [run.status for run in store.runs()] == ["completed"] * 3


async def test_a_minute_counts_once_however_many_jobs_there_are(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The same Job again, and another one for the same minute, find every key taken."""
    times = past(3)
    live = deploy(folder, schedules=(schedule(rule_of(times)),))

    for uid in ["job-1", "job-1", "job-2"]:
        assert (
            await tick_once(folder, live, store, job_name=job_of_minute(times), job_uid=uid)
            == Exit.RECORDED
        )

    assert [run.status for run in store.runs()] == ["completed"] * 3


async def test_the_next_pod_of_a_job_goes_on_where_the_first_one_died(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """What had ended is not run again, what had begun begins again, the rest is run."""
    times = past(2)
    live = deploy(folder, schedules=(schedule(rule_of(times[:1])),))
    await tick_once(folder, live, store, job_name=job_of_minute(times))
    (ended,) = store.runs()
    live = deploy(folder, SLOW, schedules=(schedule(rule_of(times)),), serial=2)
    task = asyncio.create_task(tick_once(folder, live, store, job_name=job_of_minute(times)))
    while len(store.runs()) < 2:  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    store.failures = 1_000_000
    task.cancel()
    await asyncio.wait([task])
    store.failures = 0

    live = deploy(folder, schedules=(schedule(rule_of(times)),), serial=3)
    await tick_once(folder, live, store, job_name=job_of_minute(times))

    first, second = store.runs()
    assert (first.id, first.completed_at) == (ended.id, ended.completed_at)
    assert [run.status for run in store.runs()] == ["completed", "completed"]
    assert second.event_data["scheduledAt"] == iso(times[1])


class Meanwhile(Standing):
    """How things stand once somebody has changed them."""

    def __init__(self, live: Live | None) -> None:
        self._live = live

    @override
    async def now(self) -> Live | None:
        return self._live


async def _meanwhile(folder: SignedFolder, store: StoreAtTheWire, **changes: Any) -> Exit:
    """Do a minute of ticks to come, while the deployment becomes another, or goes."""
    times = soon(2)
    live = deploy(folder, schedules=(schedule(rule_of(times)),))
    after = live.model_copy(update=changes) if changes else None
    given, stopped = settings(folder, live), asyncio.Event()
    ticker = Ticker(given, live, Meanwhile(after), store.wires, stopped)
    is_done = await ticker.run(Job("job-1", times[0].replace(second=0)))
    return Exit.RECORDED if is_done else Exit.TRY_AGAIN


async def test_a_pause_within_the_minute_counts_at_the_next_second(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """How things stand is looked up again for each second that the pod has waited for."""
    code = await _meanwhile(folder, store, state="paused")

    assert code == Exit.RECORDED
    assert [run.status for run in store.runs()] == ["skipped", "skipped"]
    assert store.runs()[1].error_message == "The deployment is paused"


async def test_a_deployment_that_is_gone_has_no_ticks_to_come(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Its runs are purged: nothing may be recorded after that."""
    assert await _meanwhile(folder, store) == Exit.RECORDED
    assert store.runs() == []


async def test_sigterm_leaves_the_seconds_to_come_to_the_jobs_next_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Nothing is recorded of a tick that has not begun."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    live = deploy(folder, schedules=(schedule("* * * * * *"),))
    given, stopped = settings(folder, live, job_name=job_name(minute)), asyncio.Event()
    task = asyncio.create_task(run_tick(given, store.wires, stopped))
    await store.asked.wait()
    stopped.set()

    assert await task == Exit.TRY_AGAIN
    assert store.runs() == []


def _missed(window_seconds: int = 600, **changes: Any) -> Any:
    fields = {"missed_runs": "All", "missed_window_seconds": window_seconds} | changes
    return schedule("* * * * *", **fields)


async def test_all_missed_ticks_are_run_first_and_oldest_first(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Those that have had their run are left out."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    before = [minute - timedelta(minutes=n) for n in (4, 3, 2, 1)]
    live = deploy(folder)
    await tick_once(folder, live, store, job_name=job_name(before[1]), job_uid="job-0")
    live = deploy(folder, schedules=(_missed(not_before=before[0].isoformat()),), serial=2)

    code = await tick_once(folder, live, store, job_name=job_name(minute))

    assert code == Exit.RECORDED
    assert scheduled(store) == [iso(at) for at in (before[1], before[0], *before[2:], minute)]


async def test_what_was_missed_runs_one_after_another(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """A backlog is no stampede; then comes the Job's own tick."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    since = (minute - timedelta(minutes=3)).isoformat()
    live = deploy(folder, program("await ctx.sleep(0.05)"), schedules=(_missed(not_before=since),))

    await tick_once(folder, live, store, job_name=job_name(minute))

    runs = store.runs()
    assert len(runs) == 4
    for run, following in pairwise(runs):
        assert run.completed_at is not None
        assert following.accepted_at >= run.completed_at


async def test_a_recorder_that_is_away_for_a_second_does_not_lose_it(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Each tick is tried until its window ends, and the later ones come after it."""
    times = past(2)
    live = deploy(folder, schedules=(schedule(rule_of(times)),))
    store.failures = 3

    assert await tick_once(folder, live, store, job_name=job_of_minute(times)) == Exit.RECORDED
    assert scheduled(store) == [iso(at) for at in times]


async def test_a_recorder_that_stays_away_fails_the_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Where everybody can see it, once the window is over."""
    times = past(2)
    live = deploy(folder, schedules=(schedule(rule_of(times), missed_window_seconds=0),))
    store.failures = 1_000

    with pytest.raises(Unreachable):
        await tick_once(folder, live, store, job_name=job_of_minute(times))
