"""Slots: clusters side by side share nothing."""

import ipaddress
import itertools
import subprocess
from pathlib import Path

import pytest

from dragops_localcluster.slot import PORTS, SLOTS, Slot, held_slot
from support.product import eventually

# Clusters of this machine take the first free ones.
LAST = SLOTS - 1
PAIRS = list(itertools.combinations([Slot(number) for number in range(SLOTS)], 2))


def _can_be_held(slot: Slot) -> bool:
    """Say whether it is free; another session of tests may have it for a moment."""
    with held_slot(prefer=slot.number) as held:
        return held.slot == slot


@pytest.mark.parametrize("network", ["cable", "pods", "services"])
def test_no_two_slots_share_an_address(network: str) -> None:
    """Routes on the host lead to one cluster only."""
    clashes = [
        (one, other)
        for one, other in PAIRS
        if ipaddress.ip_network(getattr(one, network)).overlaps(
            ipaddress.ip_network(getattr(other, network))
        )
    ]

    assert clashes == []


def test_no_two_slots_share_a_port_or_a_name() -> None:
    """Loopback ports, the interface and the control group are a slot's own."""
    slots = [Slot(number) for number in range(SLOTS)]
    ports = [slot.port(use) for slot in slots for use in PORTS]

    assert len(set(ports)) == len(ports)
    assert len({slot.interface for slot in slots} | {slot.cgroup for slot in slots}) == 2 * SLOTS
    assert max(len(slot.interface) for slot in slots) <= 15


def test_a_held_slot_is_nobody_elses_and_free_again_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two clusters that start at once get two slots; a stopped one gives its slot back."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with held_slot(LAST) as first, held_slot(first.slot.number) as second:
        assert first.slot != second.slot
    eventually(lambda: _can_be_held(first.slot))


def test_a_slot_is_the_machines_whatever_cache_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ports and interfaces are no less in use because their user has another cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "one"))
    with held_slot(LAST) as first:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))

        with held_slot(prefer=first.slot.number) as second:
            assert first.slot != second.slot


def test_a_slot_is_kept_by_who_inherited_its_locks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The driver ends, its cluster stays; when the cluster ends, the slot is free."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with held_slot(LAST) as held:
        keeper = subprocess.Popen(["sleep", "60"], pass_fds=held.locks)
    try:
        with held_slot(prefer=held.slot.number) as other:
            assert other.slot != held.slot
    finally:
        keeper.kill()
        keeper.wait()
    eventually(lambda: _can_be_held(held.slot))
