"""What a run that has to stop may still do: its finally flows, and those not for long."""

import asyncio
import time
from itertools import pairwise
from typing import Any

import orjson
import pytest

from dragops.engine.run import Outcome
from dragops.model.deployment import Limits
from dragops.model.run import RunStatus
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder


def guarded(endless: dict[str, Any], *last: dict[str, Any]) -> dict[str, Any]:
    """A pattern that tries something endless, catches all, and logs in the end."""
    ids = ["end", *(each["id"] for each in last)]
    return {
        "nodes": [
            {"id": "hook", "type": "OnWebhook"},
            {"id": "guard", "type": "TryCatch"},
            {"id": "endless", **endless},
            {"id": "caught", "type": "Log", "values": {"message": "caught"}},
            {"id": "end", "type": "Log", "values": {"message": "end"}},
            *last,
        ],
        "wires": [
            {"from": "hook.exec", "to": "guard.exec"},
            {"from": "guard.try", "to": "endless.exec"},
            {"from": "guard.catch", "to": "caught.exec"},
            {"from": "guard.finally", "to": "end.exec"},
            *({"from": f"{a}.exec", "to": f"{b}.exec"} for a, b in pairwise(ids)),
        ],
    }


LOOP = {"type": "ForRange", "values": {"end": 10**9}}
WAIT = {"type": "Delay", "values": {"duration": 50, "unit": "seconds"}}


async def cancel(served: Served, run_id: str) -> None:
    wish = {"runId": run_id, "by": "ada"}
    answer = await served.ask("POST", "/internal/cancel", json=wish)
    assert answer.json() == {"runId": run_id, "status": "cancelled"}


def messages(end: Any) -> list[str]:
    return [message for _, _, _, message in orjson.loads(end.log or "[]")]


@pytest.mark.parametrize(
    ("limits", "status", "type_"),
    [
        (Limits(max_steps=500), "failed", "LimitError"),
        (Limits(timeout_seconds=1, max_steps=10_000_000), "timeout", "TimeoutError"),
    ],
    ids=["the step limit", "the deadline"],
)
async def test_the_finally_flow_runs_when_a_limit_stops_the_run(
    limits: Limits, status: str, type_: str, folder: SignedFolder, serve: Serve
) -> None:
    """Past the limit, which no catch holds."""
    folder.deploy(guarded(LOOP), limits=limits)
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

    assert (end.status, orjson.loads(end.error or "")["type"]) == (status, type_)
    assert messages(end) == ["end"]


async def test_the_finally_flow_of_a_cancelled_run_fails_in_vain(
    folder: SignedFolder, serve: Serve
) -> None:
    """The run stays cancelled, and its log tells of the failure."""
    folder.deploy(guarded(WAIT, {"id": "throw", "type": "ThrowError", "values": {"message": "no"}}))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        await cancel(served, run_id)
        end = await served.recorder.ended(run_id)

    assert end.status == "cancelled"
    assert messages(end) == ["end", "dropped: ThrownError: no"]


async def test_a_finally_flow_may_not_wait_for_long(folder: SignedFolder, serve: Serve) -> None:
    """A wait that would end later than 5 s from then is a TimeoutError at once."""
    folder.deploy(guarded(WAIT, {"id": "more", **WAIT}))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        began = time.monotonic()
        await cancel(served, run_id)
        end = await served.recorder.ended(run_id)

    assert time.monotonic() - began < 4
    assert (end.status, messages(end)[0]) == ("cancelled", "end")
    assert messages(end)[1].startswith("dropped: TimeoutError: a wait of 50 s would pass")


async def test_a_wait_past_the_deadline_fails_at_once_and_can_be_caught(
    folder: SignedFolder, serve: Serve
) -> None:
    """The run has time left to do something else."""
    folder.deploy(guarded(WAIT), limits=Limits(timeout_seconds=20))
    async with serve() as served:
        async with asyncio.timeout(10):
            end = await served.recorder.ended((await served.post()).json()["runId"])

    assert (end.status, messages(end)) == ("completed", ["caught", "end"])


async def test_a_cancelled_run_takes_its_branches_along(folder: SignedFolder, serve: Serve) -> None:
    """The finally flow of each of them runs."""
    made = guarded(WAIT)
    made["nodes"].insert(1, {"id": "all", "type": "ForEachParallel"})
    made["nodes"][1]["values"] = {"collection": [1, 2, 3], "concurrency": 2}
    made["wires"][0] = {"from": "hook.exec", "to": "all.exec"}
    made["wires"].append({"from": "all.body", "to": "guard.exec"})
    folder.deploy(made)
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        await cancel(served, run_id)
        end = await served.recorder.ended(run_id)

    assert (end.status, messages(end)) == ("cancelled", ["end", "end"])


async def test_a_branch_that_begins_to_wait_as_its_run_is_cancelled_catches_nothing(
    folder: SignedFolder, serve: Serve
) -> None:
    """The cancellation is on its way to it, by the flow around the branches."""
    made = guarded({"type": "Log", "values": {"message": "here"}})
    made["nodes"] += [
        {"id": "first", "type": "Delay"},
        {"id": "all", "type": "Parallel"},
        {"id": "wait", **WAIT},
    ]
    made["wires"][0] = {"from": "hook.exec", "to": "first.exec"}
    made["wires"] += [
        {"from": "first.exec", "to": "all.exec"},
        {"from": "all.branch1", "to": "guard.exec"},
        {"from": "endless.exec", "to": "wait.exec"},
    ]
    folder.deploy(made)
    async with serve() as served:
        runner, run_id = served.engine.runner, (await served.post()).json()["runId"]
        context = runner.context(run_id)
        assert context is not None
        context.run.heard = lambda _: runner.cancel(run_id, Outcome(RunStatus.CANCELLED))
        end = await served.recorder.ended(run_id)

    assert (end.status, messages(end)) == ("cancelled", ["here", "end"])
