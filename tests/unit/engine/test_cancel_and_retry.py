"""Runs that are cancelled from outside, and events that are run again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from dragops.engine.retried import event_again
from dragops.engine.run import manual_event
from dragops.model.deployment import Limits
from dragops.model.ids import new_run_id
from dragops.model.program import Trigger
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder
from support.programs import program


@pytest.fixture
async def served(folder: SignedFolder, serve: Serve) -> AsyncIterator[Served]:
    folder.deploy_program(program("await asyncio.sleep(9)"), limits=Limits(concurrency=1))
    async with serve() as running:
        yield running


async def cancel(served: Served, run_id: str, **more: Any) -> httpx.Response:
    wish = {"runId": run_id, "by": "ada"} | more
    return await served.ask("POST", "/internal/cancel", json=wish)


async def test_a_running_program_is_cancelled_as_asyncio_does(
    folder: SignedFolder, serve: Serve
) -> None:
    """What stands in its finally is done; the record says by whom."""
    body = (
        "try:\n    await asyncio.sleep(9)\nexcept Exception:\n    ctx.log('info', 'caught')\n"
        "finally:\n    ctx.log('info', 'tidied')"
    )
    folder.deploy_program(program(body))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]

        answer = await cancel(served, run_id)

        end = await served.recorder.ended(run_id)
    assert (answer.status_code, answer.json()) == (200, {"runId": run_id, "status": "cancelled"})
    assert orjson.loads(end.error or "") == {
        "type": "Cancelled",
        "message": "The run was cancelled by ada",
    }
    assert [entry[3] for entry in orjson.loads(end.log or "[]")] == ["tidied"]


async def test_a_run_that_waits_leaves_the_queue(served: Served) -> None:
    """It never begins, and the one behind it moves up."""
    first, second, third = [(await served.post()).json()["runId"] for _ in range(3)]

    told = (await cancel(served, second)).json()["status"]
    await cancel(served, first)
    while not served.recorder.started:  # noqa: ASYNC110 over the wire
        await asyncio.sleep(0.005)

    assert told == served.recorder.finishes[second].status == "cancelled"
    assert served.recorder.started == [third]


async def test_a_cancelled_run_gives_its_slot_to_the_next(served: Served) -> None:
    """One runs at a time here."""
    first, second = [(await served.post()).json()["runId"] for _ in range(2)]

    await cancel(served, first)
    await cancel(served, second)

    assert (await served.recorder.ended(second)).status == "cancelled"
    assert (served.engine.runner.running, served.engine.runner.waiting) == (0, 0)


@pytest.mark.parametrize("run_id", ["run_1", new_run_id()], ids=["odd", "unknown"])
async def test_a_run_that_is_not_here_is_not_found(served: Served, run_id: str) -> None:
    """It may be another engine's, or have ended."""
    answer = await cancel(served, run_id)

    assert (answer.status_code, answer.json()) == (404, {"code": "RUN_NOT_FOUND"})


async def test_a_run_that_will_not_be_cancelled_is_abandoned(
    folder: SignedFolder, serve: Serve
) -> None:
    """Who does not wait is told that it goes on; it ends as cancelled all the same."""
    stubborn = (
        "while True:\n"
        "    try:\n        await asyncio.sleep(30)\n"
        "    except asyncio.CancelledError:\n"
        "        if held: raise\n        held.append(1)"
    )
    folder.deploy_program(program(stubborn, head="held = []"))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]

        answer = await cancel(served, run_id, waitSeconds=0.05)

        assert (answer.status_code, answer.json()["status"]) == (202, "running")
        assert (await served.recorder.ended(run_id)).status == "cancelled"


async def test_a_run_that_ends_well_in_spite_of_it_is_completed(
    folder: SignedFolder, serve: Serve
) -> None:
    """What happened is what is told."""
    deaf = "try:\n    await asyncio.sleep(9)\nexcept asyncio.CancelledError:\n    pass"
    folder.deploy_program(program(deaf))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]

        answer = await cancel(served, run_id)

        assert answer.json()["status"] == (await served.recorder.ended(run_id)).status
        assert answer.json()["status"] == "completed"


async def test_a_sender_who_waits_learns_that_the_run_failed(
    folder: SignedFolder, serve: Serve
) -> None:
    """Not why, nor by whom: senders are strangers."""
    folder.deploy_program(program("await asyncio.sleep(9)", responseMode="ResponseNode"))
    async with serve() as served, asyncio.TaskGroup() as tasks:
        posting = tasks.create_task(served.post())
        while not served.engine.runner.running:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.005)
        [run_id] = served.recorder.accepts

        await cancel(served, run_id)

        answer = await posting
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "RUN_FAILED")
    assert "ada" not in answer.text.replace(run_id, "")  # hex digits may spell it


@pytest.mark.parametrize("body", [b"", b"[]", b'{"runId": "run_1"}', b'{"runId": 1, "by": "a"}'])
async def test_a_wish_that_is_none_is_refused(served: Served, body: bytes) -> None:
    """400, as for execute."""
    answer = await served.ask("POST", "/internal/cancel", content=body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")


async def test_a_retry_takes_the_whole_event_and_names_its_first_run(
    folder: SignedFolder, serve: Serve
) -> None:
    """On Start would wrap what a caller gives by hand; here it has been wrapped already."""
    folder.deploy_program(program("ctx.log('info', str(event))", type_="OnStart"))
    first = new_run_id()
    wish = {"deployment": "dep-a", "nodeId": "hook", "event": {"data": {"a": 1}}, "retryOf": first}
    async with serve() as served:
        told = (await served.ask("POST", "/internal/execute", json=wish)).json()
        end = await served.recorder.ended(told["runId"])
        stored = served.recorder.accepts[told["runId"]]

    assert orjson.loads(end.log or "")[0][3] == "{'data': {'a': 1}}"
    assert (stored.retry_of, stored.triggered_by) == (first, "manual")
    assert orjson.loads(stored.event) == {"data": {"a": 1}}


AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
BYTES = {"content-type": "application/pdf"}


@pytest.mark.parametrize(
    ("type_", "stored", "event"),
    [
        ("OnWebhook", {"headers": {}, "body": {"a": 1}}, {"headers": {}, "body": {"a": 1}}),
        ("OnWebhook", {"headers": BYTES, "body": "AP8="}, {"headers": BYTES, "body": b"\x00\xff"}),
        (
            "OnWebhook",
            {"headers": {"Content-Type": "application/pdf"}, "body": "AP8="},
            {"headers": {"Content-Type": "application/pdf"}, "body": b"\x00\xff"},
        ),
        ("OnWebhook", {"headers": BYTES, "body": "no base64"}, None),
        ("OnWebhook", {"headers": {"content-type": 5}, "body": "AP8="}, None),
        ("OnEvent", {"topic": "a"}, None),
        ("OnWebhook", {"headers": BYTES, "body": {}}, None),
        ("OnWebhook", {"headers": {"content-type": "text/plain"}, "body": "AP8="}, None),
        ("OnWebhook", {"body": "given by hand"}, None),
        ("OnWebhook", {"headers": "odd", "body": "x"}, None),
        (
            "OnSchedule",
            {"timestamp": "2026-03-05T12:00:00.000Z", "scheduledAt": "2026-03-05T12:00:00Z"},
            {"timestamp": AT, "scheduledAt": AT},
        ),
        ("OnSchedule", {"timestamp": "soon", "other": "2026-03-05"}, None),
        ("OnSchedule", {"timestamp": "2026-03-05 12:00"}, {"timestamp": AT}),
        (
            "OnEvent",
            {"topic": "a", "payload": "2026-03-05", "timestamp": "2026-03-05T12:00:00Z"},
            {"topic": "a", "payload": "2026-03-05", "timestamp": AT},
        ),
        ("OnEvent", {"topic": "a", "timestamp": "soon"}, None),
        (
            "OnEmail",
            {"from": "a@b", "attachments": [{"filename": "x", "content": "AP8="}, "odd", {}]},
            {"from": "a@b", "attachments": [{"filename": "x", "content": b"\x00\xff"}, "odd", {}]},
        ),
        ("OnEmail", {"attachments": "none"}, None),
        ("OnEmail", {"attachments": [{"content": "no base64"}]}, None),
        ("OnStart", {"data": {"at": "2026-03-05T12:00:00Z"}}, None),
        ("OnStart", 5, {}),
    ],
)
def test_an_event_is_again_what_its_trigger_gave(
    type_: str, stored: Any, event: dict[str, Any] | None
) -> None:
    """Bytes and moments, which the store keeps as text; what is odd stays as it is."""
    trigger = Trigger(type=type_, node_id="n", function="f")

    wanted = stored if event is None else event

    assert event_again(trigger, stored) == wanted
    if isinstance(stored, dict) and type_ != "OnStart":
        assert manual_event(trigger, stored) == wanted  # by hand it is JSON as well


@pytest.mark.parametrize(
    ("stored", "event"),
    [
        ({"at": "2026-03-05T12:00:00Z", "file": "AP8="}, {"at": AT, "file": b"\x00\xff"}),
        ({"at": "soon", "file": "AP8="}, {"at": "soon", "file": "AP8="}),
    ],
)
def test_parameters_of_a_called_run_are_converted_again(stored: Any, event: Any) -> None:
    """By the fields of On Pattern Call."""
    fields = [{"name": "at", "type": "DateTime"}, {"name": "file", "type": "Binary"}]
    settings = {"inputs": fields, "outputs": []}
    trigger = Trigger(type="OnPatternCall", node_id="n", function="f", settings=settings)

    assert event_again(trigger, stored) == event
