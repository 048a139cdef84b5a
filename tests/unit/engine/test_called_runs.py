"""Called runs: each is recorded, none outlives its caller, and nothing of them is shown."""

import asyncio

import orjson
import pytest

from dragops.errors import Unreachable
from dragops.model.bundle import LiveEnvironment
from dragops.model.deployment import Limits
from support.called_patterns import CALLEE, TOTAL, called_by, callee, caller, graph, nothing, run
from support.engine_in_process import Serve
from support.folder import SignedFolder
from support.programs import program


async def test_a_failure_of_the_called_run_is_a_call_error_with_its_data(
    folder: SignedFolder, serve: Serve
) -> None:
    """The called run is recorded as failed, the caller's Try / Catch may go on."""
    folder.deploy(callee(("bad", "ThrowError", {"message": "no"})), "dep-price", pattern="price")
    folder.deploy(nothing())
    async with serve() as served:
        run_id, log = await run(served)
        accept, end = await called_by(served, run_id)

    said = f"CallError: the pattern 'price' failed (run {accept.run_id}): no | ThrownError"
    assert log == [said, "end"]
    assert (end.status, orjson.loads(end.error or "")["nodeId"]) == ("failed", "bad")


@pytest.mark.parametrize(
    ("status", "log"), [("completed", ["", "end"]), ("failed", ["CallError", "end"])]
)
async def test_stop_run_ends_the_called_run_only(
    status: str, log: list[str], folder: SignedFolder, serve: Serve
) -> None:
    """As completed its caller goes on with what there is; as failed it may catch that."""
    stop = ("stop", "StopRun", {"status": status, "message": "enough"})
    folder.deploy(callee(stop), "dep-price", pattern="price")
    folder.deploy(nothing())
    async with serve() as served:
        run_id, told = await run(served)
        _, end = await called_by(served, run_id)

    assert end.status == status
    assert [text.partition(":")[0] for text in told] == log


async def test_the_first_respond_with_counts(folder: SignedFolder, serve: Serve) -> None:
    """A later one is a logged warning; the caller goes on when the run has ended."""
    one, two = ("one", "RespondWith", {"total": 1}), ("two", "RespondWith", {"total": 2})
    folder.deploy(callee(one, two), "dep-price", pattern="price")
    folder.deploy(nothing())
    async with serve() as served:
        run_id, log = await run(served)
        _, end = await called_by(served, run_id)

    assert log == ["1", "end"]
    assert orjson.loads(end.log or "")[0][1:3] == ["warn", "two"]


async def test_calls_nest_sixteen_deep(folder: SignedFolder, serve: Serve) -> None:
    """A pattern that calls itself is stopped, and each of its runs is recorded."""
    again = {"pattern": "price", "inputs": [], "outputs": []}
    folder.deploy(callee(("again", "CallPattern", again)), "dep-price", pattern="price")
    folder.deploy(nothing())
    async with serve() as served:
        _, log = await run(served)

        assert len(served.recorder.accepts) == 1 + 16
        assert {end.status for end in served.recorder.finishes.values()} == {"completed", "failed"}
    assert "calls nest 16 deep at most" in log[0]


async def test_a_called_run_takes_no_slot(folder: SignedFolder, serve: Serve) -> None:
    """It goes on in its caller's place, so patterns that call each other cannot wait for ever."""
    one = Limits(concurrency=1)
    folder.deploy(CALLEE, "dep-price", pattern="price", limits=one)
    folder.deploy(caller(), limits=one)
    async with serve() as served:
        async with asyncio.TaskGroup() as tasks:
            runs = [tasks.create_task(run(served)) for _ in range(5)]

        assert [each.result()[1] for each in runs] == [["38", "end"]] * 5


SLOW = program(
    "try:\n    await asyncio.sleep(9)\nfinally:\n    ctx.log('info', 'tidied')",
    type_="OnPatternCall",
    node="call",
    inputs=[],
    outputs=[TOTAL],
)


async def test_who_cancels_the_caller_cancels_the_called_run(
    folder: SignedFolder, serve: Serve
) -> None:
    """What stands in finally is done in both; no Try / Catch holds it."""
    folder.deploy_program(SLOW, "dep-price", pattern="price")
    folder.deploy(nothing())
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        while served.engine.runner.running < 2:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.005)

        await served.ask("POST", "/internal/cancel", json={"runId": run_id, "by": "ada"})

        end = await served.recorder.ended(run_id)
        _, inner = await called_by(served, run_id)
        assert served.engine.runner.running == 0
    assert (end.status, inner.status) == ("cancelled", "cancelled")
    assert [entry[3] for entry in orjson.loads(inner.log or "")] == ["tidied"]
    assert [entry[3] for entry in orjson.loads(end.log or "")] == ["end"]
    assert "did not wait for its end" in (inner.error or "")


async def test_a_called_run_can_be_cancelled_alone(folder: SignedFolder, serve: Serve) -> None:
    """Its caller is told by a CallError and goes on."""
    folder.deploy_program(SLOW, "dep-price", pattern="price")
    folder.deploy(nothing())
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        while served.engine.runner.running < 2:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.005)
        [inner] = [i for i, each in served.recorder.accepts.items() if each.parent]

        await served.ask("POST", "/internal/cancel", json={"runId": inner, "by": "ada"})

        end = await served.recorder.ended(run_id)
    log = [entry[3] for entry in orjson.loads(end.log or "")]
    assert (end.status, log[1]) == ("completed", "end")
    assert "was cancelled" in log[0]
    assert log[0].endswith("| Cancelled")


@pytest.mark.timeout(20)
async def test_the_callers_deadline_bounds_the_called_run(
    folder: SignedFolder, serve: Serve
) -> None:
    """Both end as timeout, and no Try / Catch of the caller holds it."""
    folder.deploy_program(SLOW, "dep-price", pattern="price")
    folder.deploy(nothing(), limits=Limits(timeout_seconds=1))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        end = await served.recorder.ended(run_id)
        _, inner = await called_by(served, run_id)

    assert (end.status, inner.status) == ("timeout", "timeout")
    assert orjson.loads(inner.error or "")["message"].startswith("The run that called this one")
    assert [entry[3] for entry in orjson.loads(end.log or "")] == ["end"]


@pytest.mark.timeout(20)
async def test_a_deadline_of_the_called_run_itself_is_a_call_error(
    folder: SignedFolder, serve: Serve
) -> None:
    """Its caller has time left."""
    short = Limits(timeout_seconds=1)
    folder.deploy_program(SLOW, "dep-price", pattern="price", limits=short)
    folder.deploy(nothing())
    async with serve() as served:
        _, log = await run(served)

    assert "took too long" in log[0]
    assert log[0].endswith("| TimeoutError")


async def test_the_steps_of_a_called_run_are_its_own(folder: SignedFolder, serve: Serve) -> None:
    """Passing its limit fails it alone."""
    loop = program(
        "while True:\n    await ctx.turn()",
        type_="OnPatternCall",
        node="call",
        inputs=[],
        outputs=[TOTAL],
    )
    folder.deploy_program(loop, "dep-price", pattern="price", limits=Limits(max_steps=100))
    folder.deploy(nothing())
    async with serve() as served:
        _, log = await run(served)

    assert log[0].endswith("| LimitError")
    assert log[1] == "end"


@pytest.mark.timeout(20)
async def test_a_call_that_cannot_be_stored_is_a_call_error(
    folder: SignedFolder, serve: Serve
) -> None:
    """It does not begin: what ran without a record could not be found again."""
    folder.deploy(CALLEE, "dep-price", pattern="price")
    body = (
        "await asyncio.sleep(0.1)\n"
        "from dragops.nodes import runs\n"
        "from dragops.errors import RunFailure\n"
        "try:\n    await runs.call_pattern(ctx, 'price', {'quantity': 1}, {'total': 'Any'})\n"
        "except RunFailure as exc:\n    ctx.log('info', exc.message)"
    )
    folder.deploy_program(program(body))
    async with serve() as served:
        run_id = (await served.post()).json()["runId"]
        served.recorder.away = Unreachable("the recorder")
        while served.engine.runner.running:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.02)
        served.recorder.away = None
        end = await served.recorder.ended(run_id)

        assert "'price' cannot be called: its run cannot be stored now" in (end.log or "")
        assert list(served.recorder.accepts) == [run_id]


def environment(name: str) -> LiveEnvironment:
    return LiveEnvironment(name=name, variables={}, secret_name=f"{name}-keys", rotation="1")


async def test_secrets_stay_hidden_on_both_sides_of_a_call(
    folder: SignedFolder, serve: Serve
) -> None:
    """What one run hands to the other is hidden in the records of both."""
    folder.keep_secrets("mine-keys", {"API_TOKEN": "t0ken-of-caller"})
    folder.keep_secrets("theirs-keys", {"API_TOKEN": "t0ken-of-callee"})
    parameter = {"name": "key", "type": "String"}
    folder.deploy(
        graph(
            {
                "call": ("OnPatternCall", {"inputs": [parameter], "outputs": [parameter]}),
                "own": ("GetSecret", {"name": "API_TOKEN"}),
                "log": ("Log", {}),
                "done": ("RespondWith", {}),
            },
            "call.exec -> log.exec",
            "call.key -> log.message",
            "log.exec -> done.exec",
            "own.value -> done.key",
        ),
        "dep-price",
        pattern="price",
        environment=environment("theirs"),
    )
    asking = {"pattern": "price", "inputs": [parameter], "outputs": [parameter]}
    folder.deploy(
        graph(
            {
                "hook": ("OnWebhook", {}),
                "own": ("GetSecret", {"name": "API_TOKEN"}),
                "ask": ("CallPattern", asking),
                "log": ("Log", {}),
                "is": ("Equal", {"b": "t0ken-of-callee"}),
                "same": ("Log", {}),
            },
            "hook.exec -> ask.exec",
            "own.value -> ask.key",
            "ask.exec -> log.exec",
            "ask.key -> log.message",
            "log.exec -> same.exec",
            "ask.key -> is.a",
            "is.result -> same.message",
        ),
        environment=environment("mine"),
    )
    async with serve() as served:
        run_id, log = await run(served)
        accept, end = await called_by(served, run_id)

    assert log == ["***", "true"]
    assert orjson.loads(accept.event) == {"key": "***"}
    assert "t0ken" not in (end.log or "")
