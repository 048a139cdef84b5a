"""The control groups below which the kubelet puts its pods: one name in every hierarchy."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from dragops_localcluster.slot import Slot

ROOT = Path("/sys/fs/cgroup")
TRIES = 100


def make_cgroups(slot: Slot) -> None:
    """Make the slot's group everywhere; in a cpuset hierarchy a group starts without any core."""
    for group in _groups(slot):
        group.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):
            own, parent = group / name, group.parent / name
            if own.exists() and parent.exists() and not own.read_text().strip():
                own.write_text(parent.read_text())


def remove_cgroups(slot: Slot) -> None:
    """Remove the slot's groups; the kernel needs a moment after the last process of each."""
    for group in _groups(slot):
        for folder, _, _ in os.walk(group, topdown=False):
            _remove(folder)


def _groups(slot: Slot) -> Iterator[Path]:
    if (ROOT / "cgroup.controllers").exists():
        yield ROOT / slot.cgroup
        return
    for hierarchy in sorted(ROOT.iterdir()):
        # cpu and cpuacct are often links to one folder.
        if hierarchy.is_dir() and not hierarchy.is_symlink():
            yield hierarchy / slot.cgroup


def _remove(folder: str) -> None:
    for _ in range(TRIES):
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)
        else:
            return
