"""A pod that stands for several ticks: the seconds of a minute, and what was missed before."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
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
    program,
    schedule,
    settings,
    store_at_the_wire,
)

SLOW = program("await ctx.sleep(60)")
FAILS_AT_ONCE = program(
    'ctx.step("tick")',
    'if event["scheduledAt"].second % 2:',
    "    raise ValueError()",
)


@pytest.fixture
def folder(tmp_path: Path) -> SignedFolder:
    return SignedFolder(tmp_path / "bundles")


@pytest_asyncio.fixture
async def store(tmp_path: Path, folder: SignedFolder) -> AsyncIterator[StoreAtTheWire]:
    with store_at_the_wire(tmp_path, folder.namespace) as opened:
        yield opened


def _soon(count: int) -> list[datetime]:
    """Give seconds of one minute, all of them to come, the first one in a second or two."""
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    if first.second + count > 60:
        first = first.replace(second=0) + timedelta(minutes=1)
    return [first + timedelta(seconds=n) for n in range(count)]


def _past(count: int) -> list[datetime]:
    """Give seconds of the minute before this one."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    return [minute + timedelta(seconds=n) for n in range(count)]


def _rule(times: list[datetime]) -> str:
    return f"{','.join(str(at.second) for at in times)} * * * * *"


def _job(times: list[datetime]) -> str:
    return job_name(times[0].replace(second=0))


async def _tick(folder: SignedFolder, live: Live, store: StoreAtTheWire, **changes: Any) -> Exit:
    return await run_tick(settings(folder, live, **changes), store.wires, asyncio.Event())


def _scheduled(store: StoreAtTheWire) -> list[str]:
    """Give the ticks that have a run, in the order in which these began."""
    # ids of one millisecond have no order
    began = {run.event_data["scheduledAt"]: run.event_data["timestamp"] for run in store.runs()}
    assert len(began) == len(store.runs())
    return sorted(began, key=lambda tick: (began[tick], tick))


async def test_each_second_is_run_at_its_time_under_its_own_key(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """None before its second; how late it began is in its event."""
    times = _soon(2)
    live = deploy(folder, schedules=(schedule(_rule(times)),))

    code = await _tick(folder, live, store, job_name=_job(times))

    runs = store.runs()
    assert code == Exit.RECORDED
    assert [run.status for run in runs] == ["completed", "completed"]
    assert _scheduled(store) == [iso(at) for at in times]
    assert all(run.event_data["timestamp"] >= run.event_data["scheduledAt"] for run in runs)


async def test_seconds_that_are_past_are_run_at_once_in_order(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The pod's start took its time: nothing of the minute is lost."""
    times = _past(5)
    live = deploy(folder, schedules=(schedule(_rule(times)),))

    await _tick(folder, live, store, job_name=_job(times))

    assert _scheduled(store) == [iso(at) for at in times]


async def test_a_second_that_fails_does_not_stop_the_others(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Each is a run of its own."""
    times = _past(4)
    live = deploy(folder, FAILS_AT_ONCE, schedules=(schedule(_rule(times)),))

    code = await _tick(folder, live, store, job_name=_job(times))

    assert code == Exit.RECORDED
    ends = {run.event_data["scheduledAt"]: run.status for run in store.runs()}
    assert [ends[iso(at)] for at in times] == ["completed", "failed"] * 2


async def test_runs_of_two_seconds_go_on_beside_each_other(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Overlap is allowed: the second does not wait for the first."""
    times = _past(2)
    meeting = program(
        "import asyncio, sys",
        "here = sys.modules.setdefault('_meeting_of_ticks', type(sys)('_meeting_of_ticks'))",
        "here.count = getattr(here, 'count', 0) + 1",
        "while here.count < 2:",
        "    await ctx.sleep(0.01)",
    )
    live = deploy(folder, meeting, schedules=(schedule(_rule(times)),))

    await asyncio.wait_for(_tick(folder, live, store, job_name=_job(times)), timeout=10)

    assert [run.status for run in store.runs()] == ["completed", "completed"]


async def test_no_more_runs_go_on_than_the_limit_says(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """limits.concurrency holds; the others wait, and none is lost."""
    times = _past(3)
    live = deploy(folder, schedules=(schedule(_rule(times)),))
    narrow = live.limits.model_copy(update={"concurrency": 1})

    await _tick(
        folder,
        folder.write(live.model_copy(update={"limits": narrow})),
        store,
        job_name=_job(times),
    )

    assert [run.status for run in store.runs()] == ["completed"] * 3


async def test_a_minute_counts_once_however_many_jobs_there_are(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The same Job again, and another one for the same minute, find every key taken."""
    times = _past(3)
    live = deploy(folder, schedules=(schedule(_rule(times)),))

    for uid in ["job-1", "job-1", "job-2"]:
        assert await _tick(folder, live, store, job_name=_job(times), job_uid=uid) == Exit.RECORDED

    assert [run.status for run in store.runs()] == ["completed"] * 3


async def test_the_next_pod_of_a_job_goes_on_where_the_first_one_died(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """What had ended is not run again, what had begun begins again, the rest is run."""
    times = _past(2)
    live = deploy(folder, schedules=(schedule(_rule(times[:1])),))
    await _tick(folder, live, store, job_name=_job(times))
    (ended,) = store.runs()
    live = deploy(folder, SLOW, schedules=(schedule(_rule(times)),), serial=2)
    task = asyncio.create_task(_tick(folder, live, store, job_name=_job(times)))
    while len(store.runs()) < 2:  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    store.failures = 1_000_000
    task.cancel()
    await asyncio.wait([task])
    store.failures = 0

    live = deploy(folder, schedules=(schedule(_rule(times)),), serial=3)
    await _tick(folder, live, store, job_name=_job(times))

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
    times = _soon(2)
    live = deploy(folder, schedules=(schedule(_rule(times)),))
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
    await _tick(folder, live, store, job_name=job_name(before[1]), job_uid="job-0")
    live = deploy(folder, schedules=(_missed(not_before=before[0].isoformat()),), serial=2)

    code = await _tick(folder, live, store, job_name=job_name(minute))

    assert code == Exit.RECORDED
    assert _scheduled(store) == [iso(at) for at in (before[1], before[0], *before[2:], minute)]


async def test_what_was_missed_runs_one_after_another(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """A backlog is no stampede; then comes the Job's own tick."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    since = (minute - timedelta(minutes=3)).isoformat()
    live = deploy(folder, program("await ctx.sleep(0.05)"), schedules=(_missed(not_before=since),))

    await _tick(folder, live, store, job_name=job_name(minute))

    runs = store.runs()
    assert len(runs) == 4
    for run, following in pairwise(runs):
        assert run.completed_at is not None
        assert following.accepted_at >= run.completed_at


async def test_a_tick_that_replaces_ends_what_older_pods_left(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The controller deletes their Job: without a word of theirs a run would go on for ever."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    older = minute - timedelta(minutes=2)
    begun = deploy(folder, SLOW)
    task = asyncio.create_task(
        _tick(folder, begun, store, job_name=job_name(older), job_uid="job-0")
    )
    while not store.runs():  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    live = deploy(folder, schedules=(schedule(overlap="Replace"),), serial=2)

    await _tick(folder, live, store, job_name=job_name(minute))

    first, second = store.runs()
    assert (first.status, second.status) == ("cancelled", "completed")
    assert first.error_message == f"The tick of {iso(minute)} took its place (overlap: Replace)"


async def test_a_tick_of_another_policy_leaves_older_runs_alone(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """They go on beside it, in their own pods."""
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    older = job_name(minute - timedelta(minutes=2))
    begun = deploy(folder, SLOW)
    task = asyncio.create_task(_tick(folder, begun, store, job_name=older, job_uid="job-0"))
    while not store.runs():  # noqa: ASYNC110  # the store is asked
        await asyncio.sleep(0.01)
    live = deploy(folder, serial=2)

    await _tick(folder, live, store, job_name=job_name(minute))

    assert [run.status for run in store.runs()] == ["running", "completed"]
    task.cancel()
    await asyncio.wait([task])


async def test_a_recorder_that_is_away_for_a_second_does_not_lose_it(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Each tick is tried until its window ends, and the later ones come after it."""
    times = _past(2)
    live = deploy(folder, schedules=(schedule(_rule(times)),))
    store.failures = 3

    assert await _tick(folder, live, store, job_name=_job(times)) == Exit.RECORDED
    assert _scheduled(store) == [iso(at) for at in times]


async def test_a_recorder_that_stays_away_fails_the_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Where everybody can see it, once the window is over."""
    times = _past(2)
    live = deploy(folder, schedules=(schedule(_rule(times), missed_window_seconds=0),))
    store.failures = 1_000

    with pytest.raises(Unreachable):
        await _tick(folder, live, store, job_name=_job(times))
