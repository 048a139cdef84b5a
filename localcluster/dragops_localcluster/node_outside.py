"""What a node needs on the host: control groups, a cable into its namespaces, routes through it."""

import os
import subprocess
import time

from dragops_localcluster.cgroups import make_cgroups, remove_cgroups
from dragops_localcluster.pidfile import OwnProcess
from dragops_localcluster.slot import Slot
from dragops_localcluster.trouble import Trouble

UNSHARE_SECONDS = 10


def lay_cable(slot: Slot, outer: OwnProcess) -> None:
    """Connect the namespaces of ``outer``'s child, so that the host reaches pods and Services."""
    inside = str(_wait_for_namespaces(outer))
    make_cgroups(slot)
    _ip("link", "add", slot.interface, "type", "veth", "peer", "name", "eth0", "netns", inside)
    _ip("addr", "add", f"{slot.host_address}/24", "dev", slot.interface)
    _ip("link", "set", slot.interface, "up")
    for network in (slot.pods, slot.services):
        _ip("route", "add", network, "via", slot.node_address)


def clear(slot: Slot) -> None:
    """Remove cable, routes and groups; nothing happens where there are none."""
    if os.path.exists(f"/sys/class/net/{slot.interface}"):
        subprocess.run(["ip", "link", "del", slot.interface], capture_output=True, check=False)
    remove_cgroups(slot)


def _wait_for_namespaces(outer: OwnProcess) -> int:
    deadline = time.monotonic() + UNSHARE_SECONDS
    while time.monotonic() < deadline:
        for pid in outer.children():
            if os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net"):
                return pid
        time.sleep(0.01)
    raise Trouble("the kernel gave no namespaces: a node needs root and the right to unshare them")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"ip {' '.join(words)} failed: {done.stderr.strip()}")
