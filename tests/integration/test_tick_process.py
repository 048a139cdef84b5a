"""The schedule pod as a process: a real recorder, real signals, real exit codes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import pytest

from dragops.history.database import reading
from dragops.history.queries import RunQueries
from dragops.history.records import RunRecord
from dragops.model.program import Program
from dragops.model.run import iso
from support.called_patterns import CALLEE
from support.folder import SignedFolder
from support.processes import Rig, make_rig
from support.ticks import NODE, deploy, job_name, program, schedule, settings, this_minute


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = make_rig(tmp_path, SignedFolder(tmp_path / "bundles"))
    with rig.recorder:
        yield rig


def _pod(rig: Rig, **changes: str) -> "subprocess.Popen[bytes]":
    """Start the process that a Job's pod would start."""
    folder = rig.folder
    place = folder.root / folder.namespace / "dep-a"
    (mounted,) = [path for path in place.iterdir() if path.is_dir()]
    account = f"{folder.namespace}:dragops-engine"
    env = {
        "PATH": os.environ["PATH"],
        "DRAGOPS_NAMESPACE": folder.namespace,
        "DRAGOPS_NODE_ID": NODE,
        "DRAGOPS_JOB_NAME": job_name(this_minute()),
        "DRAGOPS_JOB_UID": "job-1",
        "DRAGOPS_PUBLIC_KEY": folder.public_key,
        "DRAGOPS_RECORDER_URL": rig.recorder_url,
        "DRAGOPS_RECORDER_TOKEN_FILE": str(
            rig.issuer.token_file(account, audience="dragops-recorder")
        ),
        "DRAGOPS_LIVE": str(place),
        "DRAGOPS_PROGRAM": str(mounted),
        "DRAGOPS_DRAIN_SECONDS": "0.1",
        **changes,
    }
    return subprocess.Popen([sys.executable, "-m", "dragops.engine.tick"], env=env)


def _runs(rig: Rig, name: str = "dep-a") -> list[RunRecord]:
    reader = reading(rig.store)
    try:
        return RunQueries(reader).list_runs(f"uid-{name}")[0]
    finally:
        reader.dispose()


def _sleeper(begun: Path) -> Program:
    """A program that leaves a mark each time it begins; the first time it takes long."""
    return program(
        f"with open({str(begun)!r}, 'a+') as mark:",
        "    mark.write('x')",
        "    again = mark.tell() > 1",
        "await ctx.sleep(0 if again else 60)",
    )


def _until_begun(begun: Path) -> None:
    until = time.monotonic() + 15
    while not begun.exists() or not begun.read_text():
        assert time.monotonic() < until, "it did not begin"
        time.sleep(0.05)


def test_a_pod_records_its_tick_and_ends(rig: Rig) -> None:
    """Exit 0, and the run is on disk."""
    deploy(rig.folder)

    assert _pod(rig).wait(15) == 0
    assert [(run.status, run.triggered_by) for run in _runs(rig)] == [("completed", "schedule")]


@pytest.mark.parametrize(("signal", "code"), [(SIGKILL, -9), (SIGTERM, 1)], ids=["kill", "term"])
def test_a_pod_that_was_stopped_is_followed_by_one_that_ends_the_run(
    rig: Rig, tmp_path: Path, signal: Signals, code: int
) -> None:
    """One Job, two pods, one run."""
    mark = tmp_path / "begun"
    deploy(rig.folder, _sleeper(mark))
    first = _pod(rig)
    _until_begun(mark)
    (begun,) = _runs(rig)
    first.send_signal(signal)

    assert first.wait(15) == code
    assert _pod(rig).wait(15) == 0
    assert [(run.id, run.status) for run in _runs(rig)] == [(begun.id, "completed")]


def test_a_pod_that_is_killed_within_its_minute_is_followed_by_one_that_runs_the_rest(
    rig: Rig,
) -> None:
    """Each second once, under its own time, whichever pod came to it."""
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    if first.second > 55:
        first = first.replace(second=0) + timedelta(minutes=1)
    times = [first + timedelta(seconds=n) for n in (0, 1, 3)]
    rule = f"{','.join(str(at.second) for at in times)} * * * * *"
    deploy(rig.folder, schedules=(schedule(rule),))
    name = job_name(first.replace(second=0))
    pod = _pod(rig, DRAGOPS_JOB_NAME=name)
    until = time.monotonic() + 15
    while not [run for run in _runs(rig) if run.status == "completed"]:
        assert time.monotonic() < until, "no second was run"
        time.sleep(0.05)
    pod.send_signal(SIGKILL)
    pod.wait(15)

    assert _pod(rig, DRAGOPS_JOB_NAME=name).wait(15) == 0
    runs = sorted(_runs(rig), key=lambda run: str(run.event_data["scheduledAt"]))
    assert [run.event_data["scheduledAt"] for run in runs] == [iso(at) for at in times]
    assert {run.status for run in runs} == {"completed"}


@pytest.mark.parametrize(
    ("overlap", "statuses"),
    [("Forbid", ["completed", "skipped"]), ("Replace", ["cancelled", "completed"])],
)
def test_pods_of_two_minutes_settle_who_runs(
    rig: Rig, tmp_path: Path, overlap: str, statuses: list[str]
) -> None:
    """A rule with seconds has both at once; the recorder is the only thing that they share."""
    mark = tmp_path / "begun"
    slow = program(
        f"with open({str(mark)!r}, 'a+') as mark:",
        "    mark.write('x')",
        "    first = mark.tell() == 1",
        "await ctx.sleep(8 if first else 0)",
    )
    deploy(rig.folder, slow, schedules=(schedule("0 * * * * *", overlap=overlap),))
    minute = this_minute()
    older = _pod(rig, DRAGOPS_JOB_NAME=job_name(minute - timedelta(minutes=1)))
    _until_begun(mark)

    newer = _pod(rig, DRAGOPS_JOB_NAME=job_name(minute), DRAGOPS_JOB_UID="job-2")

    assert newer.wait(15) == 0
    assert older.wait(15) == 0
    runs = sorted(_runs(rig), key=lambda run: str(run.event_data["scheduledAt"]))
    assert [run.status for run in runs] == statuses


def test_a_pod_that_is_refused_says_so(rig: Rig) -> None:
    """Exit 3: another pod could do no better."""
    live = deploy(rig.folder)
    (settings(rig.folder, live).program / "program.py").write_text("import os")

    assert _pod(rig).wait(15) == 3


def test_a_pod_without_its_settings_says_which(rig: Rig) -> None:
    """Exit 2, before anything is read."""
    deploy(rig.folder)

    assert _pod(rig, DRAGOPS_PUBLIC_KEY="AAAA").wait(15) == 2


def test_a_pod_past_its_window_asks_for_another_try(rig: Rig) -> None:
    """Exit 1, when the recorder was away all the time."""
    deploy(rig.folder, schedules=(schedule(missed_window_seconds=0),))
    rig.recorder.kill()

    assert _pod(rig).wait(15) == 1


def test_a_pod_calls_a_pattern_that_an_engine_runs(rig: Rig) -> None:
    """Both runs end in one store; the called one names the tick's."""
    ask = program(
        "from dragops.nodes import runs",
        "(total,) = await runs.call_pattern(ctx, 'price', {'quantity': '4'}, {'total': 'Float'})",
        "ctx.log('info', str(total))",
    )
    deploy(rig.folder, ask)
    rig.folder.deploy(CALLEE, "dep-price", pattern="price")
    account = f"{rig.folder.namespace}:dragops-engine"
    token = rig.issuer.token_file(account, audience="dragops-engine")
    pool = {"DRAGOPS_ENGINE_URL": rig.internal_url, "DRAGOPS_ENGINE_TOKEN_FILE": str(token)}
    with rig.engine:
        code = _pod(rig, **pool).wait(30)

    ((tick,), (called,)) = _runs(rig), _runs(rig, "dep-price")
    assert (code, tick.status, [entry["message"] for entry in tick.log_output]) == (
        0,
        "completed",
        ["38.0"],
    )
    assert (called.triggered_by, called.status, called.parent_run_id) == (
        "pattern",
        "completed",
        tick.id,
    )
