"""The key that says what engines may run."""

import base64
from typing import cast

import pytest

from dragops.cluster.client import SECRETS, Cluster
from dragops.errors import BadInput
from dragops.model.bundle import public_key
from dragops_operator.signing import mark, public_text, signing_key
from support.memory_cluster import MemoryCluster


async def test_it_is_made_once_and_then_kept() -> None:
    cluster = MemoryCluster()
    real = cast("Cluster", cluster)

    first = await signing_key(real, "dragops", "dragops-signing")
    second = await signing_key(real, "dragops", "dragops-signing")

    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert [verb for verb, _, _ in cluster.writes] == ["create"]


async def test_engines_can_read_the_public_half() -> None:
    key = await signing_key(cast("Cluster", MemoryCluster()), "dragops", "dragops-signing")

    read = public_key(public_text(key))

    assert read.public_bytes_raw() == key.public_key().public_bytes_raw()


async def test_a_secret_that_holds_something_else_is_named() -> None:
    cluster = MemoryCluster()
    data = {"private-key": base64.b64encode(b"short").decode()}
    body = {"metadata": {"name": "s"}, "data": data}
    await cluster.create(SECRETS, "dragops", body)

    with pytest.raises(BadInput, match="delete it"):
        await signing_key(cast("Cluster", cluster), "dragops", "s")


async def test_a_mark_stands_for_a_secret_and_for_the_key() -> None:
    """The same for the same; who lacks the key cannot try secrets out against it."""
    first = await signing_key(cast("Cluster", MemoryCluster()), "dragops", "dragops-signing")
    other = await signing_key(cast("Cluster", MemoryCluster()), "dragops", "dragops-signing")

    assert mark("secret", first) == mark("secret", first)
    assert len({mark("secret", first), mark("secret2", first), mark("secret", other)}) == 3
    assert "secret" not in mark("secret", first)
