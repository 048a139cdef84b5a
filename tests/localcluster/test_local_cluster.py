"""The local cluster itself: the next start heals whatever happened to it; the end is clean."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dragops_localcluster.cache import cache_folder
from dragops_localcluster.control_plane import control_plane
from dragops_localcluster.layout import Layout
from dragops_localcluster.node import bring_up, take_down
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.progress import Progress
from dragops_localcluster.slot import held_slot

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

START = """
import sys
from pathlib import Path
from dragops_localcluster.node import bring_up
from dragops_localcluster.progress import Progress
bring_up(Path(sys.argv[1]), Progress())
"""


def _start_and_kill(run: Path, seconds: float) -> None:
    with subprocess.Popen([sys.executable, "-c", START, str(run)]) as driver:
        time.sleep(seconds)
        driver.kill()


def _nodes(layout: Layout) -> str:
    argv = [str(layout.program), "kubectl", f"--kubeconfig={layout.kubeconfig}", "get", "nodes"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _traces(layout: Layout) -> list[str]:
    """Whatever of a cluster can still be found on the host."""
    slot = layout.slot
    found = [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/{slot.cgroup}")]
    found += [str(path) for path in Path("/sys/class/net").glob(slot.interface)]
    routes = subprocess.run(["ip", "route"], capture_output=True, text=True, check=True).stdout
    found += [line for line in routes.splitlines() if slot.node_address in line]
    found += [
        line for line in Path("/proc/mounts").read_text().splitlines() if str(layout.run) in line
    ]
    return found + _processes(layout.run)


def _processes(run: Path) -> list[str]:
    words = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words.append(path.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [command for command in words if str(run) in command]


@pytest.mark.parametrize("seconds", [0.6, 1.5, 4.0])
def test_a_start_that_was_killed_is_healed_by_the_next(seconds: float, tmp_path: Path) -> None:
    """Kill the driver at any point: the next start ends with a node that is ready."""
    run = tmp_path / "cluster"
    _start_and_kill(run, seconds)
    try:
        layout = bring_up(run, Progress())

        assert " Ready " in _nodes(layout)
    finally:
        take_down(run)
    assert _traces(layout) == []
    assert not run.exists()


def test_a_killed_cluster_comes_back_with_what_it_knew(tmp_path: Path) -> None:
    """Kill the process that holds everything: its data outlives it, nothing else does."""
    run = tmp_path / "cluster"
    try:
        layout = bring_up(run, Progress())
        create = ["kubectl", f"--kubeconfig={layout.kubeconfig}", "create", "namespace", "kept"]
        subprocess.run([layout.program, *create], check=True)
        holder = OwnProcess.load(run / "pid.json")
        assert holder
        os.kill(holder.pid, 9)
        while _processes(run):
            time.sleep(0.05)

        layout = bring_up(run, Progress())

        get = ["kubectl", f"--kubeconfig={layout.kubeconfig}", "get", "namespace", "kept"]
        subprocess.run([layout.program, *get], check=True)
    finally:
        take_down(run)
    assert _traces(layout) == []


def test_a_second_start_is_quick_and_changes_nothing(tmp_path: Path) -> None:
    """``make up`` on a running cluster finds it."""
    run = tmp_path / "cluster"
    try:
        first = bring_up(run, Progress())
        holder, began = OwnProcess.load(run / "pid.json"), time.monotonic()

        assert bring_up(run, Progress()) == first

        assert time.monotonic() - began < 2
        assert OwnProcess.load(run / "pid.json") == holder
    finally:
        take_down(run)


def test_a_node_of_another_account_keeps_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock is in another cache, so the node itself has to be noticed."""
    layout = bring_up(tmp_path / "run", Progress())
    try:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        with held_slot(layout.slot.number) as held:
            assert held.slot != layout.slot
    finally:
        take_down(tmp_path / "run")


def test_two_control_planes_live_side_by_side_and_leave_nothing() -> None:
    """Tests of two checkouts at once do not meet."""
    with control_plane() as one, control_plane() as other:
        assert one.server != other.server
        runs = [one.run, other.run]

    assert [_processes(run) for run in runs] == [[], []]
    assert not any((cache_folder() / "slots" / run.name).exists() for run in runs)
