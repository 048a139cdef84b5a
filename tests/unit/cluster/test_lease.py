"""Who holds a lease, who waits, and what losing it means."""

import threading
import time
from typing import Any, cast

from dragops.cluster.client import LEASES, Cluster
from dragops.cluster.lease import HELD_SECONDS, Lease, Rival
from dragops.errors import Unreachable
from support.memory_cluster import MemoryCluster


class Shared(MemoryCluster):
    """A cluster that several connect to."""

    async def __aenter__(self) -> "Shared":
        return self

    async def __aexit__(self, *_: object) -> None:
        return


def lease(cluster: Shared, identity: str, **options: Any) -> Lease:
    async def connect() -> Cluster:
        return cast("Cluster", cluster)

    pace = {"renew_seconds": 0.3, "retry_seconds": 0.05}
    return Lease(connect, "dragops", "dragops-operator", identity, **pace | options)


def holder(cluster: Shared) -> str:
    spec = cluster.objects[LEASES.plural, "dragops", "dragops-operator"]["spec"]
    return str(spec["holderIdentity"])


def test_it_is_held_while_the_block_runs_and_then_let_go() -> None:
    cluster = Shared()

    with lease(cluster, "one").hold():
        assert holder(cluster) == "one"

    assert holder(cluster) == ""


def test_a_second_one_waits_until_it_is_let_go() -> None:
    cluster, order = Shared(), list[str]()

    def second() -> None:
        with lease(cluster, "two").hold():
            order.append("two works")

    with lease(cluster, "one").hold():
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.3)
        order.append("one stops")
    waiting.join(5)

    assert order == ["one stops", "two works"]


def test_losing_it_ends_the_process() -> None:
    cluster, lost = Shared(), threading.Event()
    held = lease(cluster, "one", on_loss=lost.set)

    def away(*_: str) -> None:
        raise Unreachable("the API server")

    with held.hold():
        cluster.fail = away
        assert lost.wait(5)
        cluster.fail = lambda *_: None


def test_a_holder_is_gone_when_nothing_changed_for_its_time() -> None:
    """By our clock alone: the holder's may be wrong."""
    rival = Rival()

    assert not rival.is_gone("v1", 100.0)
    assert not rival.is_gone("v1", 100.0 + HELD_SECONDS - 0.1)
    assert not rival.is_gone("v2", 100.0 + HELD_SECONDS)
    assert rival.is_gone("v2", 100.0 + 2 * HELD_SECONDS)
