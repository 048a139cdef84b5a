"""A slot: the ports, addresses and names that one cluster has for itself on this machine.

Clusters of several checkouts and of tests live side by side, each in a slot of its own. A slot is
locked twice, for its folder in the cache by a file, and for its addresses, which are the machine's
whatever cache is used, by a socket's name. Both are file descriptors that the cluster's supervisor
inherits: a slot is free again when its cluster is gone.
"""

import fcntl
import ipaddress
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dragops_localcluster.cache import cache_folder
from dragops_localcluster.trouble import Trouble

SLOTS = 16
PORTS = {"apiserver": 0, "etcd": 1, "controllers": 2, "scheduler": 3, "proxy": 4, "metrics": 5}


@dataclass(frozen=True, slots=True)
class Slot:
    """Everything that must not be the same in two clusters, derived from one number."""

    number: int

    def port(self, use: str) -> int:
        """Give the port for one of PORTS."""
        return 16400 + 10 * self.number + PORTS[use]

    @property
    def interface(self) -> str:
        """The host's end of the cable to the node."""
        return f"dragops{self.number}"

    @property
    def cgroup(self) -> str:
        """The group below which the kubelet makes its own."""
        return f"dragops-{self.number}"

    @property
    def host_address(self) -> str:
        """The host, as the node sees it."""
        return f"10.99.{self.number}.1"

    @property
    def node_address(self) -> str:
        """The node, as the host sees it."""
        return f"10.99.{self.number}.2"

    @property
    def cable(self) -> str:
        """The network between host and node."""
        return f"10.99.{self.number}.0/24"

    @property
    def pods(self) -> str:
        """Where pods get their addresses."""
        return f"10.244.{self.number}.0/24"

    @property
    def services(self) -> str:
        """Where Services get their addresses."""
        return f"10.96.{16 * self.number}.0/20"

    @property
    def api_service_address(self) -> str:
        """The Service called kubernetes: the first address of the range."""
        return str(ipaddress.ip_network(self.services)[1])


@dataclass(frozen=True, slots=True)
class HeldSlot:
    """A slot and the locks on it; pass ``locks`` on to whoever shall keep it."""

    slot: Slot
    locks: tuple[int, ...]

    def release(self) -> None:
        """Let go of it; whoever got the locks, too, keeps it."""
        for lock in self.locks:
            os.close(lock)


@contextmanager
def held_slot(prefer: int | None = None) -> Iterator[HeldSlot]:
    """Hold the first slot that nothing else uses, the preferred one if that is free."""
    held = _first_free([prefer, *range(SLOTS)] if prefer is not None else list(range(SLOTS)))
    try:
        yield held
    finally:
        held.release()


def _first_free(numbers: list[int]) -> HeldSlot:
    for number in numbers:
        held = _try_hold(number)
        if held and _is_unused(held.slot):
            return held
        if held:
            held.release()
    raise Trouble(
        f"all {SLOTS} places for a cluster are taken: ports {Slot(0).port('apiserver')} to"
        f" {Slot(SLOTS).port('apiserver')} or networks 10.99.0.0/16, 10.244.0.0/16 and 10.96.0.0/16"
        " are in use by other clusters or programs"
    )


def _try_hold(number: int) -> HeldSlot | None:
    file = _try_lock_folder(number)
    if file is None:
        return None
    name = _try_lock_addresses(number)
    if name is None:
        os.close(file)
        return None
    return HeldSlot(Slot(number), (file, name))


def _try_lock_folder(number: int) -> int | None:
    path = cache_folder() / "slots" / f"{number}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _try_lock_addresses(number: int) -> int | None:
    """Take a name that only one process of this network can have, and that leaves no file."""
    with socket.socket(socket.AF_UNIX) as name:
        try:
            name.bind(f"\0dragops-slot-{number}")
        except OSError:
            return None
        return name.detach()


def _is_unused(slot: Slot) -> bool:
    return all(can_bind(slot.port(use)) for use in PORTS) and not _is_routed(slot)


def can_bind(port: int) -> bool:
    """Say whether nothing on this machine listens on a port."""
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are still fading is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _is_routed(slot: Slot) -> bool:
    """Say whether somebody else has routes into the slot's networks; leftovers of ours are not."""
    ip = shutil.which("ip", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not ip:
        return False
    ours = [ipaddress.ip_network(net) for net in (slot.cable, slot.pods, slot.services)]
    listed = subprocess.run([ip, "-json", "route"], capture_output=True, text=True, check=False)
    for route in json.loads(listed.stdout or "[]"):
        if route.get("dev") == slot.interface or route["dst"] == "default":
            continue
        if any(net.overlaps(ipaddress.ip_network(route["dst"], strict=False)) for net in ours):
            return True
    return False
