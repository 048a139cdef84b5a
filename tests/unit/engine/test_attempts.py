"""Runs that fail and are tried again, until they complete or are given up as dead letters."""

import asyncio
from typing import Any

import orjson
import pytest

from dragops.engine.run_log import LOG_ENTRIES_MAX
from dragops.errors import Unreachable
from dragops.history.batch import Finish
from dragops.history.timeline import decode_timeline
from dragops.model.deployment import Limits
from dragops.model.retry import Retry
from support.called_patterns import callee, nothing
from support.called_patterns import run as run_caller
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder
from support.programs import program
from support.web_peer import answer, web_peer

THREE = Retry(max_attempts=3, initial_seconds=0)
LATER = Retry(max_attempts=3, initial_seconds=3600, max_seconds=3600)
FAILS = program("ctx.step('bad')\nraise ValueError('no')")


def fetching(url: str, *, mode: str = "Immediate") -> dict[str, Any]:
    """A webhook's run that fetches a URL and fails where that answers with an error."""
    return {
        "nodes": [
            {"id": "hook", "type": "OnWebhook", "values": {"responseMode": mode}},
            {"id": "get", "type": "HttpRequest", "values": {"url": url, "failOnError": True}},
            {"id": "info", "type": "RunInfo"},
            {"id": "log", "type": "Log"},
        ],
        "wires": [
            {"from": "hook.exec", "to": "get.exec"},
            {"from": "get.exec", "to": "log.exec"},
            {"from": "info.attempt", "to": "log.message"},
        ],
    }


async def ended(served: Served) -> Finish:
    """Send a webhook and wait for its run's end."""
    return await served.recorder.ended((await served.post()).json()["runId"])


async def resting(served: Served) -> str:
    """Send a webhook whose run fails, and wait until it waits for its next attempt."""
    run_id: str = (await served.post()).json()["runId"]
    while not served.engine.runner.resting:  # noqa: ASYNC110 as a reader of the metrics
        await asyncio.sleep(0.005)
    return run_id


def log_of(end: Finish) -> list[tuple[str, str | None, str]]:
    return [(level, node, text) for _, level, node, text in orjson.loads(end.log or "[]")]


async def test_an_endpoint_that_fails_twice_and_then_answers_makes_a_completed_run(
    folder: SignedFolder, serve: Serve
) -> None:
    """Each attempt asks it again, under one run id; the log has all attempts."""
    async with web_peer(answer(503), answer(500), answer(200, b"{}")) as peer:
        folder.deploy(fetching(peer.url()), retry=THREE)
        async with serve(egress_allow="127.0.0.1") as served:
            end = await ended(served)
            started = [(start.run_id, start.attempt) for start in served.recorder.starts]

    assert (end.status, end.error, len(peer.received)) == ("completed", None, 3)
    assert started == [(end.run_id, 2), (end.run_id, 3)]
    first, second, last = log_of(end)
    assert first[:2] == second[:2] == ("warn", "get")
    assert first[2].startswith("Attempt 1 of 3 failed: HttpError: ")
    assert second[2].endswith("the next one begins in 0.0 s")
    assert last == ("info", "log", "3")


async def test_an_endpoint_that_always_fails_makes_a_dead_letter(
    folder: SignedFolder, serve: Serve
) -> None:
    """With the last failure as its error, and the timeline of the last attempt."""
    async with web_peer(answer(503), answer(503), answer(500)) as peer:
        folder.deploy(fetching(peer.url()), retry=THREE)
        async with serve(egress_allow="127.0.0.1") as served:
            end = await ended(served)

    error = orjson.loads(end.error or "")
    assert (end.status, error["type"], error["data"]["status"]) == ("dead_letter", "HttpError", 500)
    assert len(peer.received) == 3
    assert [step.node_id for step in decode_timeline(end.timeline).steps] == ["get"]


@pytest.mark.parametrize("retry", [None, Retry()])
async def test_without_more_attempts_a_failure_is_a_failed_run(
    retry: Retry | None, folder: SignedFolder, serve: Serve
) -> None:
    """As it was before deployments had a retry."""
    folder.deploy_program(FAILS, retry=retry)
    async with serve() as served:
        end = await ended(served)

    assert (end.status, log_of(end)) == ("failed", [])


async def test_a_run_that_takes_too_long_is_tried_again(folder: SignedFolder, serve: Serve) -> None:
    """Each attempt has the time limit for itself."""
    body = "if ctx.facts().attempt == 1:\n    await asyncio.sleep(9)"
    folder.deploy_program(program(body), retry=THREE, limits=Limits(timeout_seconds=1))
    async with serve() as served:
        end = await ended(served)

    assert end.status == "completed"
    assert "Attempt 1 of 3 failed: TimeoutError" in log_of(end)[0][2]


async def test_what_ignores_its_deadline_does_not_disturb_the_next_attempt(
    folder: SignedFolder, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task that was left to itself neither writes into the log nor ends the run."""
    monkeypatch.setattr("dragops.engine.runner.ENDING_SECONDS", 0.1)
    stubborn = (
        "if ctx.facts().attempt > 1:\n    go.set()\n    await asyncio.sleep(0.2)\n    return\n"
        "while not go.is_set():\n"
        "    try:\n        await asyncio.sleep(0.01)\n"
        "    except asyncio.CancelledError:\n        pass\n"
        "ctx.log('info', 'late')"
    )
    made = program(stubborn, head="go = asyncio.Event()")
    folder.deploy_program(made, retry=THREE, limits=Limits(timeout_seconds=1))
    async with serve() as served:
        end = await ended(served)

    assert end.status == "completed"
    assert {level for level, *_ in log_of(end)} == {"warn"}


async def test_variables_begin_anew_at_each_attempt(folder: SignedFolder, serve: Serve) -> None:
    """As in each run."""
    body = (
        "ctx.variables['n'].append(1)\nctx.log('info', str(len(ctx.variables['n'])))\n"
        "raise ValueError('no')"
    )
    folder.deploy_program(program(body, variables="{'n': []}"), retry=THREE)
    async with serve() as served:
        end = await ended(served)

    assert [text for level, _, text in log_of(end) if level == "info"] == ["1"] * 3


async def test_the_log_of_the_last_attempt_has_room(folder: SignedFolder, serve: Serve) -> None:
    """Earlier attempts may have written as much as a run may: the oldest entries make room."""
    body = (
        f"for number in range({LOG_ENTRIES_MAX}):\n"
        "    ctx.log('info', f'{ctx.facts().attempt}.{number}')\nraise ValueError('no')"
    )
    folder.deploy_program(program(body), retry=Retry(max_attempts=2, initial_seconds=0))
    async with serve() as served:
        end = await ended(served)

    texts = [text for *_, text in log_of(end)]
    half = LOG_ENTRIES_MAX // 2
    assert texts[half - 1] == f"1.{LOG_ENTRIES_MAX - 1}"
    assert texts[half].startswith("Attempt 1 of 2 failed")
    assert texts[half + 1] == "2.0"
    assert len(texts) + end.log_dropped == 2 * LOG_ENTRIES_MAX + 1


async def test_stop_run_is_not_tried_again(folder: SignedFolder, serve: Serve) -> None:
    """Its pattern wanted this end, also as failed."""
    stop = {"id": "stop", "type": "StopRun", "values": {"status": "failed", "message": "enough"}}
    hook = {"id": "hook", "type": "OnWebhook"}
    made = {"nodes": [hook, stop], "wires": [{"from": "hook.exec", "to": "stop.exec"}]}
    folder.deploy(made, retry=THREE)
    async with serve() as served:
        end = await ended(served)

    assert (end.status, log_of(end)) == ("failed", [])


SORRY = {"id": "handle", "type": "RespondToWebhook", "values": {"statusCode": 502}}
HANDLED = {"id": "handle", "type": "Log", "values": {"message": "handled"}}


@pytest.mark.parametrize(
    ("mode", "node", "status"), [("Immediate", HANDLED, 202), ("ResponseNode", SORRY, 502)]
)
async def test_on_error_runs_after_the_last_attempt_only(
    mode: str, node: dict[str, Any], status: int, folder: SignedFolder, serve: Serve
) -> None:
    """A sender who waits gets its answer then."""
    async with web_peer(answer(503)) as peer:
        made = fetching(peer.url(), mode=mode)
        made["nodes"] += [{"id": "failed", "type": "OnError"}, node]
        made["wires"] += [{"from": "failed.exec", "to": "handle.exec"}]
        folder.deploy(made, retry=THREE)
        async with serve(egress_allow="127.0.0.1") as served:
            told = await served.post()
            end = await served.recorder.ended(next(iter(served.recorder.accepts)))

    assert told.status_code == status
    assert (end.status, len(peer.received)) == ("dead_letter", 3)
    assert [step.node_id for step in decode_timeline(end.timeline).steps] == ["get", "handle"]
    assert [node for _, node, _ in log_of(end)][2:] == (["handle"] if node is HANDLED else [])


async def test_a_run_that_has_answered_its_sender_is_not_tried_again(
    folder: SignedFolder, serve: Serve
) -> None:
    """The sender has acted on that answer by now."""
    body = "ctx.respond(200, {}, 'done')\nraise ValueError('no')"
    folder.deploy_program(program(body, responseMode="ResponseNode"), retry=THREE)
    async with serve() as served:
        told = await served.post()
        end = await served.recorder.ended(told.headers["x-dragops-run-id"])

    assert (told.status_code, end.status, log_of(end)) == (200, "failed", [])


@pytest.mark.parametrize("mode", ["ResponseNode", "LastNode"])
async def test_a_run_whose_sender_was_told_that_it_took_too_long_is_not_tried_again(
    mode: str, folder: SignedFolder, serve: Serve
) -> None:
    """504 is an answer, too."""
    made = program("await asyncio.sleep(9)", responseMode=mode)
    folder.deploy_program(made, retry=THREE, limits=Limits(timeout_seconds=1))
    async with serve() as served:
        told = await served.post()
        end = await served.recorder.ended(told.headers["x-dragops-run-id"])

    assert (told.status_code, end.status) == (504, "timeout")


async def test_a_called_run_is_not_tried_again(folder: SignedFolder, serve: Serve) -> None:
    """That is for the Retry of its caller to do."""
    bad = callee(("bad", "ThrowError", {"message": "no"}))
    folder.deploy(bad, "dep-price", pattern="price", retry=THREE)
    folder.deploy(nothing(), retry=THREE)
    async with serve() as served:
        await run_caller(served)

        states = sorted(end.status for end in served.recorder.finishes.values())
    assert states == ["completed", "failed"]


async def test_a_run_that_waits_for_its_next_attempt_holds_no_slot(
    folder: SignedFolder, serve: Serve
) -> None:
    """Others run meanwhile, one at a time here."""
    body = "if event['body'] == {}:\n    raise ValueError('no')"
    folder.deploy_program(program(body), retry=LATER, limits=Limits(concurrency=1))
    async with serve() as served:
        await resting(served)
        other = (await served.post(b"[1]")).json()["runId"]

        assert (await served.recorder.ended(other)).status == "completed"
        assert (served.engine.runner.running, served.engine.runner.resting) == (0, 1)
        metrics = await served.internal.get("/metrics")
    assert "dragops_engine_resting 1.0" in metrics.text


async def test_runs_that_come_back_wait_for_a_slot(folder: SignedFolder, serve: Serve) -> None:
    """No more of them go on than limits.concurrency allows, and none is lost."""
    body = (
        "running.append(1)\ntop.append(len(running))\nawait asyncio.sleep(0.01)\nrunning.pop()\n"
        "if ctx.facts().attempt < 3:\n    raise ValueError('no')\nctx.log('info', str(max(top)))"
    )
    made = program(body, head="running, top = [], []")
    folder.deploy_program(made, retry=THREE, limits=Limits(concurrency=2))
    async with serve() as served:
        runs = [(await served.post()).json()["runId"] for _ in range(6)]
        ends = [await served.recorder.ended(run_id) for run_id in runs]

    assert [end.status for end in ends] == ["completed"] * 6
    assert {log_of(end)[-1][2] for end in ends} == {"2"}


async def test_runs_that_wait_for_an_attempt_count_in_the_queue(
    folder: SignedFolder, serve: Serve
) -> None:
    """So they are bounded, too: senders are told to come later."""
    body = "if event['body'] == {}:\n    raise ValueError('no')\nawait asyncio.sleep(9)"
    folder.deploy_program(program(body), retry=LATER, limits=Limits(concurrency=1))
    async with serve(queue=1) as served:
        await resting(served)
        going = await served.post(b"[1]")
        refused = await served.post(b"[1]")

    assert (going.status_code, refused.status_code) == (202, 503)


async def test_a_run_can_be_cancelled_while_it_waits(folder: SignedFolder, serve: Serve) -> None:
    """It never begins again; its log says what had failed."""
    folder.deploy_program(FAILS, retry=LATER)
    async with serve() as served:
        run_id = await resting(served)

        wish = {"runId": run_id, "by": "ada"}
        told = (await served.ask("POST", "/internal/cancel", json=wish)).json()

        end = await served.recorder.ended(run_id)
        assert served.engine.runner.resting == 0
    assert told["status"] == end.status == "cancelled"
    assert log_of(end)[0][2].startswith("Attempt 1 of 3 failed")


async def test_an_engine_that_stops_leaves_a_dead_letter(
    folder: SignedFolder, serve: Serve
) -> None:
    """With the failure that there was, and its timeline; it can be found and run again."""
    folder.deploy_program(FAILS, retry=LATER)
    async with serve() as served:
        run_id = await resting(served)

        await served.engine.drain(5)

        end = served.recorder.finishes[run_id]
    assert (end.status, orjson.loads(end.error or "")["type"]) == ("dead_letter", "InternalError")
    assert log_of(end)[-1][2] == "The engine was stopped before attempt 2 of 3"
    assert [step.node_id for step in decode_timeline(end.timeline).steps] == ["bad"]


async def test_a_run_that_fails_while_the_engine_stops_is_a_dead_letter(
    folder: SignedFolder, serve: Serve
) -> None:
    """No attempt begins any more."""
    made = program("await asyncio.sleep(0.2)\nraise ValueError('no')")
    folder.deploy_program(made, retry=LATER)
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]

        await served.engine.drain(5)

        end = served.recorder.finishes[run_id]
    assert end.status == "dead_letter"
    assert log_of(end)[-1][2] == "The engine was stopped before attempt 2 of 3"


async def test_attempts_go_on_while_the_recorder_is_away(
    folder: SignedFolder, serve: Serve
) -> None:
    """What they came to is stored when it is back."""
    folder.deploy_program(program("await asyncio.sleep(0.1)\nraise ValueError('no')"), retry=THREE)
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        served.recorder.away = Unreachable("the recorder", "gone")
        runner = served.engine.runner
        while runner.running or runner.resting:  # noqa: ASYNC110 as a reader of the metrics
            await asyncio.sleep(0.01)
        served.recorder.away = None

        assert (await served.recorder.ended(run_id)).status == "dead_letter"
        while len(served.recorder.starts) < 2:  # noqa: ASYNC110 batches may pass each other
            await asyncio.sleep(0.005)
        assert sorted(start.attempt for start in served.recorder.starts) == [2, 3]
