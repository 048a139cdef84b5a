"""Who is asked, when, and what counts as obeyed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from dragops.cluster.locator import FixedLocator
from dragops.errors import Unreachable
from dragops_operator.confirm import Confirmations
from dragops_operator.engines import Serials
from dragops_operator.workqueue import Key

KEY = Key("PatternDeployment", "ns", "dep-a")


class Pool:
    """Engines by address, and how often each was asked."""

    def __init__(self, *engines: Serials | None) -> None:
        self.engines = {f"http://e{i}": known for i, known in enumerate(engines)}
        self.asked = 0
        self.told: list[Key] = []

    async def ask(self, address: str) -> Serials:
        self.asked += 1
        known = self.engines[address]
        if known is None:
            raise Unreachable(address)
        return known


@asynccontextmanager
async def confirming(pool: Pool) -> AsyncIterator[Confirmations]:
    locator = FixedLocator([f"ns={address}" for address in pool.engines])
    confirmations = Confirmations(locator, pool.ask, pool.told.append)
    task = asyncio.create_task(confirmations.run())
    yield confirmations
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("engines", "obeyed"),
    [
        ([{"dep-a": ("u1", 2)}], 2),
        ([{"dep-a": ("u1", 3)}], 3),
        ([{"dep-a": ("u1", 2)}, {"dep-a": ("u1", 4)}], 2),
        ([{"dep-a": ("u1", 1)}], 0),
        ([{"dep-a": ("u1", 2)}, {"dep-a": ("u1", 1)}], 0),
        ([{"dep-a": ("u1", 2)}, {}], 0),
        ([{"dep-a": ("u1", 2)}, None], 0),
        ([{"dep-a": ("u0", 9)}], 0),
        ([{}], 0),
        ([], 0),
    ],
    ids=str,
)
async def test_it_is_obeyed_once_every_engine_says_so(
    engines: list[Serials | None], obeyed: int
) -> None:
    pool = Pool(*engines)

    async with confirming(pool) as confirmations:
        confirmations.expect(KEY, "u1", 2)
        await confirmations.wait(KEY, 0.08)

        assert confirmations.serial(KEY, "u1") == obeyed
        assert pool.told == ([KEY] if obeyed else [])
        assert confirmations.serial(KEY, "another") == 0


async def test_nobody_is_asked_when_nobody_waits() -> None:
    pool = Pool({"dep-a": ("u1", 2)})

    async with confirming(pool) as confirmations:
        await asyncio.sleep(0.05)
        assert pool.asked == 0
        confirmations.expect(KEY, "u1", 2)
        await confirmations.wait(KEY, 1)
        asked = pool.asked
        await asyncio.sleep(0.1)

    assert pool.asked == asked == 1


async def test_one_poll_serves_all_that_wait() -> None:
    keys = [Key("PatternDeployment", "ns", f"d{i}") for i in range(20)]
    pool = Pool({key.name: ("u", 1) for key in keys})

    async with confirming(pool) as confirmations:
        for key in keys:
            confirmations.expect(key, "u", 1)
        for key in keys:
            await confirmations.wait(key, 1)

    assert (pool.asked, len(pool.told)) == (1, 20)


async def test_without_engines_nobody_waits_for_them() -> None:
    async with confirming(Pool()) as confirmations:
        confirmations.expect(KEY, "u1", 2)

        async with asyncio.timeout(0.5):
            await confirmations.wait(KEY, 60)
