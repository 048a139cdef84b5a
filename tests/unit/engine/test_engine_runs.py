"""Runs: how they are recorded, limited, and how a sender who waits is answered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import orjson
import pytest

from dragops.engine.record import NotSent
from dragops.errors import Unreachable
from dragops.model.deployment import Limits
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder, webhook_id
from support.programs import program

HOOK = f"/webhooks/{webhook_id('dep-a', 'hook')}"
LOGS_BODY = program("ctx.step('log')\nctx.log('info', str(event['body']))  # log")


@pytest.fixture
async def served(folder: SignedFolder, serve: Serve) -> AsyncIterator[Served]:
    folder.deploy_program(LOGS_BODY)
    async with serve() as running:
        yield running


@pytest.mark.timeout(20)
async def test_the_sender_is_told_to_try_again_while_the_recorder_is_away(served: Served) -> None:
    """503 with Retry-After, and no run; afterwards all is as before."""
    served.recorder.away = NotSent("the recorder")

    refused = await served.post()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"]["code"] == "STORE_UNAVAILABLE"
    served.recorder.away = None
    accepted = await served.post()
    assert accepted.status_code == 202
    assert list(served.recorder.accepts) == [accepted.json()["runId"]]


@pytest.mark.timeout(20)
async def test_a_run_whose_acceptance_was_not_heard_of_is_cancelled(served: Served) -> None:
    """It is stored but was never begun: it must not look as if it ran for ever."""
    served.recorder.away, served.recorder.loses_answers = Unreachable("the recorder"), True

    refused = await served.post()

    assert refused.status_code == 503
    [run_id] = served.recorder.accepts
    served.recorder.away = None
    assert (await served.recorder.ended(run_id)).status == "cancelled"


@pytest.mark.timeout(20)
async def test_an_end_is_kept_until_the_recorder_is_back(
    folder: SignedFolder, serve: Serve
) -> None:
    """The run goes on without the recorder."""
    folder.deploy_program(program("await asyncio.sleep(0.1)"))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        served.recorder.away = Unreachable("the recorder")
        await asyncio.sleep(0.3)
        kept = served.engine.recorder.kept
        served.recorder.away = None

        assert kept == 1
        assert (await served.recorder.ended(run_id)).status == "completed"


async def test_a_full_queue_is_said_at_once_and_what_waits_runs_later(
    folder: SignedFolder, serve: Serve
) -> None:
    """One runs, two wait, the fourth is told to come again."""
    gate = program("await asyncio.sleep(0.3)")
    folder.deploy_program(gate, limits=Limits(concurrency=1))
    async with serve(queue=2) as served:
        answers = [await served.post() for _ in range(4)]
        told = [served.recorder.accepts[a.json()["runId"]].running for a in answers[:3]]
        ends = [await served.recorder.ended(a.json()["runId"]) for a in answers[:3]]

        assert [answer.status_code for answer in answers] == [202, 202, 202, 503]
        assert answers[3].json()["error"]["code"] == "ENGINE_UNAVAILABLE"
        assert told == [True, False, False]
        assert served.recorder.started == [a.json()["runId"] for a in answers[1:3]]
        assert [end.status for end in ends] == ["completed"] * 3


@pytest.mark.parametrize(
    ("mode", "body", "status", "content_type", "told"),
    [
        (
            "ResponseNode",
            "ctx.respond(201, {'X-A': 'b'}, {'a': 1})",
            201,
            "application/json",
            b'{"a":1}',
        ),
        ("ResponseNode", "ctx.respond(200, {}, 'hi')", 200, "text/plain; charset=utf-8", b"hi"),
        (
            "ResponseNode",
            "ctx.respond(200, {}, b'\\x00')",
            200,
            "application/octet-stream",
            b"\x00",
        ),
        ("ResponseNode", "ctx.respond(200, {'Content-Type': 'a/b'}, 'x')", 200, "a/b", b"x"),
        ("ResponseNode", "ctx.respond(204, {}, 'x')", 204, None, b""),
        ("ResponseNode", "pass", 200, "application/json", b"{}"),
        (
            "ResponseNode",
            "ctx.respond(200, {}, 1)\nctx.respond(500, {}, 2)",
            200,
            "application/json",
            b"1",
        ),
        (
            "ResponseNode",
            "ctx.respond(200, {}, 1)\nraise ValueError",
            200,
            "application/json",
            b"1",
        ),
        ("LastNode", "ctx.outputs('n', {'x': [1]})", 200, "application/json", b'{"x":[1]}'),
        ("LastNode", "pass", 200, "application/json", b"{}"),
    ],
)
async def test_a_sender_who_waits_gets_the_runs_answer(
    folder: SignedFolder,
    serve: Serve,
    mode: str,
    body: str,
    status: int,
    content_type: str | None,
    told: bytes,
) -> None:
    """Respond to Webhook, or the outputs of the last node."""
    folder.deploy_program(program(body, responseMode=mode))
    async with serve() as served:
        answer = await served.post()

    assert (answer.status_code, answer.content) == (status, told)
    assert answer.headers.get("content-type") == content_type
    assert answer.headers["x-dragops-run-id"] in served.recorder.accepts


async def test_an_answer_comes_before_the_run_ends(folder: SignedFolder, serve: Serve) -> None:
    """Respond to Webhook answers; the run goes on."""
    slow = program("ctx.respond(200, {}, 1)\nawait asyncio.sleep(0.2)", responseMode="ResponseNode")
    folder.deploy_program(slow)
    async with serve() as served:
        run_id = (await served.post()).headers["x-dragops-run-id"]
        was_running = run_id not in served.recorder.finishes

        end = await served.recorder.ended(run_id)

    assert was_running
    assert orjson.loads(end.answer or "") == {"status": 200, "headers": {}, "body": 1}


@pytest.mark.parametrize("mode", ["LastNode", "ResponseNode"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("raise ValueError('secret detail')  # bad", 500, "RUN_FAILED"),
        ("await asyncio.sleep(9)", 504, "TIMEOUT"),
    ],
)
async def test_a_sender_who_waits_learns_that_the_run_failed_and_no_more(
    folder: SignedFolder, serve: Serve, mode: str, body: str, status: int, code: str
) -> None:
    """With the run's id, without internals."""
    folder.deploy_program(program(body, responseMode=mode), limits=Limits(timeout_seconds=1))
    async with serve() as served:
        answer = await served.post()

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["details"] == [{"runId": answer.headers["x-dragops-run-id"]}]
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (
            "from dragops.errors import RunFailure as F\nraise F('MathError', 'by zero', 5)  # div",
            "failed",
            {"type": "MathError", "message": "by zero", "nodeId": "div", "line": 5, "data": 5},
        ),
        (
            "1 / 0  # odd",
            "failed",
            {
                "type": "InternalError",
                "message": "This node failed in an unexpected way",
                "nodeId": "odd",
                "line": 4,
            },
        ),
        (
            "for _ in range(50):\n    ctx.step('n')",
            "failed",
            {
                "type": "LimitError",
                "message": "The run took more than 20 steps (limits.maxSteps)",
            },
        ),
        (
            "try:\n    await asyncio.sleep(9)\nexcept Exception:\n    pass",
            "timeout",
            {
                "type": "TimeoutError",
                "message": "The run took longer than 1 s (limits.timeoutSeconds)",
            },
        ),
        (
            "while True:\n    await ctx.turn()\n    ctx._steps_left = 9",
            "timeout",
            {
                "type": "TimeoutError",
                "message": "The run took longer than 1 s (limits.timeoutSeconds)",
            },
        ),
        (
            "try: await ctx.sleep(99)\nexcept Exception as e: raise type(e)('E', 'it')  # held",
            "failed",
            {"type": "E", "message": "it", "nodeId": "held", "line": 5},
        ),
    ],
)
async def test_a_failed_run_says_what_its_author_can_use(
    folder: SignedFolder, serve: Serve, body: str, status: str, error: dict[str, Any]
) -> None:
    """Type, message, node and line from the program; limits end it whatever it catches."""
    limits = Limits(timeout_seconds=1, max_steps=20)
    folder.deploy_program(program(body), limits=limits)
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

    assert (end.status, orjson.loads(end.error or "null")) == (status, error)


async def test_a_run_that_ignores_its_deadline_is_abandoned(
    folder: SignedFolder, serve: Serve
) -> None:
    """It is recorded as timeout and its slot is free again."""
    stubborn = (
        "while True:\n"
        "    try:\n        await asyncio.sleep(9)\n"
        "    except asyncio.CancelledError:\n"
        "        if len(held) == 1: raise\n        held.append(1)"
    )
    folder.deploy_program(
        program(stubborn, head="held = []"), limits=Limits(timeout_seconds=1, concurrency=1)
    )
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

        assert end.status == "timeout"
        assert served.engine.runner.running == 0


async def test_variables_begin_anew_in_each_run(folder: SignedFolder, serve: Serve) -> None:
    """Not even a list's items are shared."""
    keeps = program(
        "ctx.variables['seen'].append(1)\nctx.log('info', str(ctx.variables))",
        variables="{'seen': []}",
    )
    folder.deploy_program(keeps)
    async with serve() as served:
        ends = [await served.recorder.ended((await served.post()).json()["runId"]) for _ in "12"]

    assert [orjson.loads(end.log or "")[0][3] for end in ends] == ["{'seen': [1]}"] * 2


@pytest.mark.parametrize(
    ("body", "entries", "dropped"),
    [
        ("for n in range(1_005):\n    ctx.log('info', str(n))", 1_000, 5),
        ("for n in range(40):\n    ctx.log('info', 'x' * 10_000)", 26, 14),
    ],
)
async def test_a_log_is_capped_and_says_what_it_dropped(
    folder: SignedFolder, serve: Serve, body: str, entries: int, dropped: int
) -> None:
    """1,000 entries or 256 KiB."""
    folder.deploy_program(program(body))
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

    assert (len(orjson.loads(end.log or "")), end.log_dropped) == (entries, dropped)


@pytest.mark.parametrize("text", ["'x' * 20_000", "'\\u00fc' * 20_000", "'\\ud800' * 10"])
async def test_an_entry_is_cut_and_stays_text(
    folder: SignedFolder, serve: Serve, text: str
) -> None:
    """16 KiB of UTF-8, never half a character; what is no Unicode is replaced."""
    folder.deploy_program(program(f"ctx.log('info', {text})"))
    async with serve() as served:
        end = await served.recorder.ended((await served.post()).json()["runId"])

    message = orjson.loads(end.log or "")[0][3]
    assert len(message.encode()) <= 16 * 1024
    assert len(message) == 10 or message.endswith("…")


@pytest.mark.timeout(20)
async def test_a_program_is_told_what_is_run(folder: SignedFolder, serve: Serve) -> None:
    """As Run Info gives it: the ids by which the API knows the run, its pattern, its version."""
    folder.deploy_program(program("ctx.log('info', '|'.join(map(str, ctx.facts())))  # log"))

    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        finish = await served.recorder.ended(run_id)

    assert finish.log
    at, _, _, message = orjson.loads(finish.log)[0]
    *told, began, workspace = message.split("|")
    assert told == [run_id, "p", "p", "dep_a", "1", "webhook", "1"]
    assert -0.001 < at / 1000 - datetime.fromisoformat(began).timestamp() < 20
    assert workspace == folder.namespace
