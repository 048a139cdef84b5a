"""Starting and stopping a cluster from outside.

A start writes the files, launches the supervisor, for a node lays the cable to it, gives the word
and waits for the file "ready". Only the supervisor, known by number and start time, is ever
signalled.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from dragops_localcluster import node_outside
from dragops_localcluster.kubeconfig import write_kubeconfigs
from dragops_localcluster.layout import Layout
from dragops_localcluster.node_config import write_node_config
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.pki import write_pki
from dragops_localcluster.progress import Progress
from dragops_localcluster.slot import HeldSlot
from dragops_localcluster.trouble import Trouble

UNSHARE = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts"]
UNSHARE += ["--fork", "--kill-child", "--mount-proc"]
START_SECONDS = 180
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Running:
    """A started cluster and the process that holds it."""

    layout: Layout
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, and leave nothing but its data folder."""
        if self.process.stdin:
            self.process.stdin.close()
        OwnProcess.of(self.process.pid).end(seconds=STOP_SECONDS)
        self.process.wait()
        clear_slot(self.layout)


def start(layout: Layout, held: HeldSlot, progress: Progress, *, attached: bool) -> Running:
    """Bring a cluster up; it keeps ``held.locks`` and, attached, ends with this process."""
    clear_slot(layout)
    _write_files(layout)
    with (layout.run / "supervisor.log").open("wb") as log:
        process = subprocess.Popen(
            _argv(layout),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=_environment(),
            start_new_session=True,
            pass_fds=held.locks,
        )
    running = Running(layout, process)
    try:
        OwnProcess.of(process.pid).save(layout.run / "pid.json")
        if layout.has_node:
            node_outside.lay_cable(layout.slot, OwnProcess.of(process.pid))
        _give_word(process, attached=attached)
        wait_ready(layout, OwnProcess.of(process.pid), progress)
    except BaseException:
        running.stop()
        raise
    if not attached:
        # It outlives this process, which must not be blamed for not waiting.
        process.returncode = 0
    return running


def wait_ready(layout: Layout, process: OwnProcess, progress: Progress) -> None:
    """Relay what the supervisor says until the cluster is ready."""
    told, deadline = 0, time.monotonic() + START_SECONDS
    while True:
        is_ready, is_alive = (layout.run / "ready").exists(), process.is_alive()
        lines = (layout.run / "supervisor.log").read_text(errors="replace").splitlines()
        if not is_alive:
            raise Trouble("\n".join(["the cluster did not start:", *lines[told:]]))
        for line in lines[told:]:
            progress.say(line)
        told = len(lines)
        if is_ready:
            return
        if time.monotonic() > deadline:
            raise Trouble(f"the cluster is not ready after {START_SECONDS} s; see {layout.logs}")
        time.sleep(0.05)


def stop_earlier(run: Path) -> None:
    """End what an earlier driver started in this folder, whatever state it is in."""
    process, layout = OwnProcess.load(run / "pid.json"), Layout.load(run)
    if process:
        process.end(seconds=STOP_SECONDS)
    if layout:
        clear_slot(layout)


def clear_slot(layout: Layout) -> None:
    """Remove what a killed cluster may have left on the host under the slot's names."""
    (layout.run / "ready").unlink(missing_ok=True)
    if layout.has_node:
        node_outside.clear(layout.slot)


def _write_files(layout: Layout) -> None:
    layout.run.mkdir(parents=True, exist_ok=True)
    write_pki(layout)
    write_kubeconfigs(layout)
    if layout.has_node:
        write_node_config(layout)
    layout.save()


def _argv(layout: Layout) -> list[str]:
    supervisor = [sys.executable, "-m", "dragops_localcluster.supervisor", str(layout.run)]
    return [*UNSHARE, *supervisor] if layout.has_node else supervisor


def _environment() -> dict[str, str]:
    """Give a plain one: the caller's proxy or locale must not change how the cluster behaves."""
    path = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"
    sources = str(Path(__file__).parents[1])
    return {"PATH": path, "HOME": "/", "LANG": "C.UTF-8", "PYTHONPATH": sources}


def _give_word(process: subprocess.Popen[bytes], *, attached: bool) -> None:
    if not process.stdin:
        return
    process.stdin.write(b"attached\n" if attached else b"detached\n")
    process.stdin.flush()
    if not attached:
        process.stdin.close()


def need_programs(*names: str) -> None:
    """Refuse to begin without the programs of the distribution that a cluster needs."""
    path = _environment()["PATH"]
    missing = [name for name in names if not shutil.which(name, path=path)]
    if missing:
        raise Trouble(f"these programs are not installed: {', '.join(missing)}")
