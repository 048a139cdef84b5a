"""A published key set: kept, fetched again when a token names a new key, never too often."""

import asyncio

import orjson
import pytest

from dragops.cluster.jwks import KeySet
from dragops.errors import Unreachable


class Publisher:
    """Publishes keys, counts who asks, and can be away."""

    def __init__(self, *kids: str) -> None:
        self.kids, self.asked, self.is_away = kids, 0, False

    async def fetch(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise Unreachable("the publisher", "gone")
        return orjson.dumps({"keys": [{"kid": kid, "kty": "RSA"} for kid in self.kids]})


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def key_set(*kids: str) -> tuple[KeySet, Publisher, Clock]:
    publisher, clock = Publisher(*kids), Clock()
    return KeySet(publisher.fetch, what="the publisher", clock=clock), publisher, clock


async def test_a_known_key_is_not_asked_for_again() -> None:
    """But the whole set is, every ten minutes, so that a key taken back is gone."""
    keys, publisher, clock = key_set("a", "b")

    for _ in range(5):
        assert await keys.find("a")
    assert publisher.asked == 1
    publisher.kids = ("b",)
    clock.now += 601
    assert await keys.find("a") is None


async def test_unknown_ids_ask_three_times_in_half_a_minute_and_no_more() -> None:
    """Strangers choose the id."""
    keys, publisher, clock = key_set("a")

    found = [await keys.find(f"x{number}") for number in range(50)]
    assert (found, publisher.asked) == ([None] * 50, 3)
    publisher.kids = ("a", "new")
    assert await keys.find("new") is None
    clock.now += 31
    assert await keys.find("new")


async def test_callers_at_once_ask_once() -> None:
    """Who waits for the answer takes it."""
    keys, publisher, _ = key_set("a")

    found = await asyncio.gather(*(keys.find("a") for _ in range(20)))

    assert all(found)
    assert publisher.asked == 1


async def test_a_publisher_that_is_away_is_said_for_unknown_keys_only() -> None:
    """A known key stays good for a day; nobody is asked more than once a second."""
    keys, publisher, clock = key_set("a")
    await keys.find("a")
    publisher.is_away = True

    for _ in range(10):
        with pytest.raises(Unreachable):
            await keys.find("new")
    assert publisher.asked == 2
    clock.now += 3_600
    assert await keys.find("a")
    clock.now += 86_400
    with pytest.raises(Unreachable):
        await keys.find("a")
    publisher.is_away = False
    clock.now += 2
    assert await keys.find("a")


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": []}',
        b'{"keys": 1}',
        b'{"keys": [1]}',
        b'{"keys": [{"kty": "RSA"}]}',
        b'{"keys": [{"kid": "a", "kty": "oct", "k": "c2VjcmV0"}]}',
        b'{"keys": [{"kid": "a", "kty": "RSA", "use": "enc"}]}',
    ],
)
async def test_a_document_without_a_public_key_is_no_key_set(document: bytes) -> None:
    """A shared secret in it would let everybody sign."""

    async def fetch() -> bytes:
        return document

    with pytest.raises(Unreachable):
        await KeySet(fetch, what="the publisher").find("a")
