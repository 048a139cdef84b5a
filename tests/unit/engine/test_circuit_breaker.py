"""The engine's part in a circuit breaker: it tells what is allowed, and obeys a trip."""

import asyncio
from typing import Any

import pytest

from dragops.errors import Unreachable
from dragops.history.batch import Tripped, Watch
from dragops.model.breaker import LiveBreaker
from dragops.model.bundle import Live
from support.called_patterns import CALLEE, caller
from support.called_patterns import run as run_caller
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder
from support.programs import program

FAILS = program("ctx.step('bad')\nraise ValueError('no')")
RESUMED = "2026-03-05T12:00:00.000Z"
RESUMED_MS = 1_772_712_000_000


async def ended(served: Served) -> str:
    """Send a webhook, wait for its run's end, and until the engine has heard the answer."""
    end = await served.recorder.ended((await served.post()).json()["runId"])
    assert await served.engine.recorder.flush(2)
    return end.status


async def execute(served: Served) -> Any:
    return await served.ask("POST", "/internal/execute", json={"deployment": "dep-a"})


def again(folder: SignedFolder, live: Live, **changes: Any) -> None:
    """Have the operator write the live file anew."""
    folder.write(live.model_copy(update={"serial": live.serial + 1} | changes))


@pytest.mark.parametrize(
    ("breaker", "watch"),
    [
        (None, Watch("uid-dep-a", "dep-a", 20, 300_000, 0)),
        (
            LiveBreaker(failures=3, window_seconds=60, since=RESUMED),
            Watch("uid-dep-a", "dep-a", 3, 60_000, RESUMED_MS),
        ),
    ],
)
async def test_a_failure_is_told_with_what_is_allowed(
    folder: SignedFolder, serve: Serve, breaker: LiveBreaker | None, watch: Watch
) -> None:
    """A bundle without a breaker has the default one: twenty in five minutes."""
    folder.deploy_program(FAILS, breaker=breaker)
    async with serve() as served:
        assert await ended(served) == "failed"

    assert served.recorder.watches == [watch]


async def test_what_completes_and_what_nobody_counts_is_told_as_before(
    folder: SignedFolder, serve: Serve
) -> None:
    """No failure, or none that counts: the batch has nothing more to say."""
    folder.deploy_program(program("pass"))
    folder.deploy_program(FAILS, "dep-b", breaker=LiveBreaker(failures=0))
    async with serve() as served:
        await ended(served)
        await served.recorder.ended((await served.post(name="dep-b")).json()["runId"])

    assert served.recorder.watches == []


async def test_what_is_allowed_is_told_again_while_the_recorder_is_away(
    folder: SignedFolder, serve: Serve
) -> None:
    """It stays with the end of its run until that is stored."""
    folder.deploy_program(FAILS)
    async with serve() as served:
        told = await served.post()
        served.recorder.away = Unreachable("the recorder", "away")
        await asyncio.sleep(0.2)
        served.recorder.away = None
        await served.recorder.ended(told.json()["runId"])

    assert [watch.deployment for watch in served.recorder.watches] == ["dep-a"]


async def test_a_tripped_deployment_takes_no_more_runs(folder: SignedFolder, serve: Serve) -> None:
    """A webhook gets 503, as when paused; what the engine has of the operator is still active."""
    folder.deploy_program(FAILS)
    async with serve() as served:
        served.recorder.tripped = [Tripped("uid-dep-a", 0)]
        await ended(served)
        refused, executed = await served.post(), await execute(served)

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "PAUSED"
    assert refused.headers["retry-after"] == "30"
    assert (executed.status_code, executed.json()) == (409, {"code": "PAUSED"})
    assert len(served.recorder.accepts) == 1


async def test_others_go_on(folder: SignedFolder, serve: Serve) -> None:
    """A breaker is that of one deployment."""
    folder.deploy_program(FAILS)
    folder.deploy_program(program("pass"), "dep-b")
    async with serve() as served:
        served.recorder.tripped = [Tripped("uid-dep-a", 0)]
        await ended(served)
        told = await served.post(name="dep-b")

    assert told.status_code == 202


async def test_a_tripped_pattern_cannot_be_called(folder: SignedFolder, serve: Serve) -> None:
    """Its caller is told that it is paused, as a CallError."""
    folder.deploy(CALLEE, "dep-price", pattern="price")
    folder.deploy(caller())
    async with serve() as served:
        served.recorder.tripped = [Tripped("uid-dep-price", 0)]
        _, log = await run_caller(served)

    assert "it is paused" in log[0]


async def test_it_stays_tripped_when_something_else_changes(
    folder: SignedFolder, serve: Serve
) -> None:
    """A new serial, even a new version, is no resume."""
    live = folder.deploy_program(FAILS)
    async with serve() as served:
        served.recorder.tripped = [Tripped("uid-dep-a", 0)]
        await ended(served)
        again(folder, live, repush="now")
        await served.obeys("dep-a", 2)
        refused = await served.post()

    assert refused.status_code == 503


async def test_a_resume_closes_it(folder: SignedFolder, serve: Serve) -> None:
    """The recorder goes on naming the old trip until there is a newer one: it is passed over."""
    live = folder.deploy_program(FAILS)
    async with serve() as served:
        served.recorder.tripped = [Tripped("uid-dep-a", 0)]
        await ended(served)
        again(folder, live, breaker=LiveBreaker(since=RESUMED))
        await served.obeys("dep-a", 2)
        assert await ended(served) == "failed"
        assert await ended(served) == "failed"
        served.recorder.tripped = [Tripped("uid-dep-a", RESUMED_MS)]
        await ended(served)
        refused = await served.post()

    assert refused.status_code == 503


async def test_undeployed_stays_undeployed(folder: SignedFolder, serve: Serve) -> None:
    """Events of one that is not deployed are captured, whatever had happened before."""
    live = folder.deploy_program(FAILS)
    async with serve() as served:
        served.recorder.tripped = [Tripped("uid-dep-a", 0)]
        await ended(served)
        again(folder, live, state="undeployed")
        await served.obeys("dep-a", 2)
        told = await served.post()

    assert (told.status_code, told.json()["status"]) == (202, "captured")
