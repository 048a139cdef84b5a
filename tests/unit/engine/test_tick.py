"""A schedule's pod, from what it has mounted to what is recorded; only the wire is ours."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dragops.engine.tick import Exit, run_tick
from dragops.errors import Refused, Unreachable
from dragops.model.bundle import Live, LiveEnvironment, Schedule
from dragops.model.retry import Retry
from support.folder import SignedFolder
from support.ticks import (
    NODE,
    StoreAtTheWire,
    deploy,
    job_name,
    program,
    schedule,
    settings,
    this_minute,
    tick_once,
)

SLEEPS = program("import asyncio", "await asyncio.sleep(60)")


async def _dies(folder: SignedFolder, store: StoreAtTheWire) -> None:
    """Begin a run and vanish without a word, as on SIGKILL."""
    live = deploy(folder, SLEEPS)
    task = asyncio.create_task(tick_once(folder, live, store, job_uid="job-1"))
    await store.answered.wait()
    store.failures = 1_000_000
    task.cancel()
    await asyncio.wait([task])
    store.failures = 0


async def test_a_tick_runs_the_program_and_is_recorded(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The run says what started it and which tick it was."""
    live, at = deploy(folder), this_minute()

    code = await tick_once(folder, live, store, job_name=job_name(at))

    (run,) = store.runs()
    assert (code, run.status, run.triggered_by) == (Exit.RECORDED, "completed", "schedule")
    assert run.event_data["scheduledAt"] == at.isoformat().replace("+00:00", ".000Z")
    assert run.event_data["timestamp"] >= run.event_data["scheduledAt"]
    assert [entry["message"] for entry in run.log_output] == [str(at)]


async def test_a_tick_counts_once(folder: SignedFolder, store: StoreAtTheWire) -> None:
    """A second Job for the same minute finds the key taken."""
    live, name = deploy(folder), job_name(this_minute())

    codes = [
        await tick_once(folder, live, store, job_name=name, job_uid=uid) for uid in ["u1", "u2"]
    ]

    assert codes == [Exit.RECORDED, Exit.RECORDED]
    assert [run.status for run in store.runs()] == ["completed"]


async def test_each_tick_is_a_run_of_its_own(folder: SignedFolder, store: StoreAtTheWire) -> None:
    """Two minutes, two keys."""
    live, at = deploy(folder), this_minute()

    for minute in [at - timedelta(minutes=1), at]:
        await tick_once(folder, live, store, job_name=job_name(minute), job_uid=str(minute))

    assert len(store.runs()) == 2


async def test_a_run_whose_pod_died_goes_on_in_the_jobs_next_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The same Job, the same run: it begins again under its first id."""
    await _dies(folder, store)
    (died,) = store.runs()

    code = await tick_once(folder, deploy(folder), store, job_uid="job-1")

    (run,) = store.runs()
    assert (code, run.id, run.status) == (Exit.RECORDED, died.id, "completed")


async def test_another_job_leaves_a_run_that_began_alone(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """It may still be going on: nobody but its own Job knows that its pod is dead."""
    await _dies(folder, store)

    code = await tick_once(folder, deploy(folder), store, job_uid="job-2")

    assert code == Exit.RECORDED
    assert [run.status for run in store.runs()] == ["running"]


async def test_a_tick_while_paused_is_skipped(folder: SignedFolder, store: StoreAtTheWire) -> None:
    """It is recorded, with the reason; the program does not run."""
    live = deploy(folder, state="paused")

    code = await tick_once(folder, live, store)

    (run,) = store.runs()
    assert (code, run.status, run.triggered_by) == (Exit.RECORDED, "skipped", "schedule")
    assert run.error_message == "The deployment is paused"


async def test_a_tick_from_before_the_resume_is_skipped(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Unsuspending a CronJob fires a tick that fell due while it was suspended."""
    resumed = datetime.now(UTC).isoformat()
    live = deploy(folder, schedules=(schedule(not_before=resumed),))

    await tick_once(folder, live, store, job_name=job_name(this_minute() - timedelta(minutes=1)))

    assert [run.status for run in store.runs()] == ["skipped"]


async def test_a_job_made_by_hand_is_a_manual_run(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """kubectl create job --from=cronjob/x: no scheduled time, one run for each Job."""
    live = deploy(folder)

    for uid in ["u1", "u1", "u2"]:
        await tick_once(folder, live, store, job_name="by-hand", job_uid=uid)

    runs = store.runs()
    assert [(run.triggered_by, run.status) for run in runs] == [("manual", "completed")] * 2
    assert "scheduledAt" not in runs[0].event_data


async def test_a_program_that_fails_is_a_failed_run_not_a_failed_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The Job must not run it again: the tick has had its run."""
    live = deploy(folder, program('ctx.step("tick")', "raise ValueError()"))

    code = await tick_once(folder, live, store)

    (run,) = store.runs()
    assert (code, run.status) == (Exit.RECORDED, "failed")
    assert run.error is not None
    assert run.error["nodeId"] == NODE


async def test_a_pod_from_before_a_switch_runs_its_own_version(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """An older program is good while the live file names it, and the run says which it was."""
    old = deploy(folder)
    new = deploy(folder, SLEEPS, version=2, previous=(old.program,), serial=2)

    await tick_once(folder, new, store, program=settings(folder, old).program)

    assert [(run.status, run.version_number) for run in store.runs()] == [("completed", 1)]


async def test_a_large_program_comes_compressed(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Above 256 KiB the operator stores program.py.gz instead."""
    live = deploy(folder)
    mounted = settings(folder, live).program
    text = (mounted / "program.py").read_bytes()
    (mounted / "program.py.gz").write_bytes(gzip.compress(text))
    (mounted / "program.py").unlink()

    assert await tick_once(folder, live, store) == Exit.RECORDED


async def test_a_program_that_nobody_signed_is_refused(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Who may write ConfigMaps may not run code."""
    live = deploy(folder)
    (settings(folder, live).program / "program.py").write_text("import os")

    with pytest.raises(Refused, match="digest"):
        await tick_once(folder, live, store)
    assert store.runs() == []


@pytest.mark.parametrize(
    "changes",
    [{"namespace": "team-b"}, {"node_id": "other"}, {"program": Path("/nowhere")}],
    ids=["namespace", "trigger", "mount"],
)
async def test_what_is_not_this_pods_is_refused(
    folder: SignedFolder, store: StoreAtTheWire, changes: dict[str, Any]
) -> None:
    """Another namespace's live file, a node without a trigger, a mount that is not there."""
    other = Schedule(node_id="other", cron_expression="* * * * *", not_before="2026-01-01T00:00Z")
    live = deploy(folder, **({"schedules": (other,)} if "node_id" in changes else {}))

    with pytest.raises(Refused):
        await tick_once(folder, live, store, **changes)


async def test_a_live_file_of_another_key_is_refused(
    folder: SignedFolder, store: StoreAtTheWire, tmp_path: Path
) -> None:
    """The public key in the pod's environment decides."""
    stranger = SignedFolder(tmp_path / "other")

    with pytest.raises(Refused, match="signature"):
        await tick_once(folder, deploy(folder), store, public_key=stranger.public_key)


async def test_a_recorder_that_comes_back_gets_the_tick(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The accept is tried again until the window ends."""
    store.failures = 2

    code = await tick_once(folder, deploy(folder), store)

    assert code == Exit.RECORDED
    assert [run.status for run in store.runs()] == ["completed"]


async def test_past_its_window_a_tick_gives_up(folder: SignedFolder, store: StoreAtTheWire) -> None:
    """The Job fails where everybody can see it."""
    store.failures = 1_000

    with pytest.raises(Unreachable):
        await tick_once(
            folder, deploy(folder, schedules=(schedule(missed_window_seconds=0),)), store
        )


async def _stopped_tick(
    folder: SignedFolder, live: Live, store: StoreAtTheWire, **changes: Any
) -> Exit:
    stopped = asyncio.Event()
    task = asyncio.create_task(run_tick(settings(folder, live, **changes), store.wires, stopped))
    await store.asked.wait()
    await asyncio.sleep(0.05)
    stopped.set()
    return await task


async def test_a_run_that_is_stopped_is_left_to_the_jobs_next_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """SIGTERM: what does not end within the moment it is given begins again elsewhere."""
    code = await _stopped_tick(folder, deploy(folder, SLEEPS), store)

    assert code == Exit.TRY_AGAIN
    assert [run.status for run in store.runs()] == ["running"]


async def test_a_run_that_ends_in_time_is_recorded_in_spite_of_sigterm(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """The grace period is there to be used."""
    live = deploy(folder, program("await ctx.sleep(0.3)"))

    code = await _stopped_tick(folder, live, store, drain_seconds=10)

    assert code == Exit.RECORDED
    assert [run.status for run in store.runs()] == ["completed"]


async def test_a_tick_that_is_stopped_before_it_began_may_try_again(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """Nothing is recorded, so another pod of the Job has all to do."""
    store.failures = 1_000

    code = await _stopped_tick(folder, deploy(folder), store)

    assert code == Exit.TRY_AGAIN
    assert store.runs() == []


async def test_a_run_ends_at_its_deadline(folder: SignedFolder, store: StoreAtTheWire) -> None:
    """limits.timeoutSeconds holds here as in the engine."""
    live = deploy(folder, SLEEPS)
    quick = live.model_copy(
        update={"limits": live.limits.model_copy(update={"timeout_seconds": 1})}
    )

    code = await tick_once(folder, folder.write(quick), store)

    assert code == Exit.RECORDED
    assert [run.status for run in store.runs()] == ["timeout"]


@pytest.mark.parametrize(("fails", "status"), [(2, "completed"), (9, "dead_letter")])
async def test_a_tick_that_fails_is_tried_again_in_its_pod(
    folder: SignedFolder, store: StoreAtTheWire, fails: int, status: str
) -> None:
    """As in the engine: the same run, until it completes or is given up."""
    made = program(f'assert ctx.facts().attempt > {fails}, "no"')
    live = deploy(folder, made, retry=Retry(max_attempts=3, initial_seconds=0))

    code = await tick_once(folder, live, store)

    assert code == Exit.RECORDED
    assert [(run.status, run.attempt) for run in store.runs()] == [(status, 3)]


async def test_a_tick_that_waits_for_its_next_attempt_is_left_to_the_jobs_next_pod(
    folder: SignedFolder, store: StoreAtTheWire
) -> None:
    """When its pod is stopped: nothing of it is lost."""
    later = Retry(max_attempts=2, initial_seconds=3600, max_seconds=3600)
    live = deploy(folder, program('raise ValueError("no")'), retry=later)

    code = await _stopped_tick(folder, live, store)

    assert code == Exit.TRY_AGAIN
    assert [run.status for run in store.runs()] == ["running"]


READS = program(
    'ctx.log("info", ctx.environment["REGION"])',
    'ctx.log("info", str(dict(ctx.secrets)))',
)


@pytest.mark.parametrize(
    ("secret_name", "read"), [("keys", "{'API_TOKEN': '***'}"), (None, "{}"), ("gone", "{}")]
)
async def test_a_tick_has_the_environment_that_is_live(
    folder: SignedFolder, store: StoreAtTheWire, secret_name: str | None, read: str
) -> None:
    """The Secret is mounted as the kubelet does it, and what is not named is not read."""
    mounted = folder.root / "mounted"
    (mounted / "..2026_03_05").mkdir(parents=True)
    (mounted / "..2026_03_05" / "API_TOKEN").write_text("t0ken-of-production")
    (mounted / "..data").symlink_to("..2026_03_05")
    (mounted / "API_TOKEN").symlink_to("..data/API_TOKEN")
    live = LiveEnvironment(name="e", variables={"REGION": "eu"}, secret_name=secret_name)
    place = mounted if secret_name != "gone" else folder.root / "none"

    await tick_once(folder, deploy(folder, READS, environment=live), store, environment=place)

    (run,) = store.runs()
    assert [entry["message"] for entry in run.log_output] == ["eu", read]
