"""Patterns that call patterns: in this process, each run recorded, none outliving its caller."""

import asyncio
from itertools import pairwise
from typing import Any

import orjson
import pytest

from dragops.errors import Unreachable
from dragops.history.batch import Accept, Finish
from dragops.model.bundle import LiveEnvironment
from dragops.model.deployment import Limits
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder
from support.programs import program

QUANTITY = {"name": "quantity", "type": "Integer", "required": True}
TOTAL = {"name": "total", "type": "Float"}


def graph(nodes: dict[str, tuple[str, dict[str, Any]]], *wires: str) -> dict[str, Any]:
    """Nodes by id as (type, values), wires as ``a.exec -> b.exec``."""
    return {
        "nodes": [{"id": i, "type": t, "values": values} for i, (t, values) in nodes.items()],
        "wires": [dict(zip(("from", "to"), text.split(" -> "), strict=True)) for text in wires],
    }


CALLEE = graph(
    {
        "call": ("OnPatternCall", {"inputs": [QUANTITY], "outputs": [TOTAL]}),
        "times": ("Multiply", {"b": 9.5}),
        "done": ("RespondWith", {}),
    },
    "call.exec -> done.exec",
    "call.quantity -> times.a",
    "times.result -> done.total",
)
"""Prices a quantity."""


def callee(*nodes: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """A callable pattern of nodes that hang on each other."""
    ids = ["call", *(id_ for id_, _, _ in nodes)]
    return graph(
        {
            "call": ("OnPatternCall", {"outputs": [TOTAL]}),
            **{id_: (type_, values) for id_, type_, values in nodes},
        },
        *(f"{a}.exec -> {b}.exec" for a, b in pairwise(ids)),
    )


def caller(pattern: str = "price", **values: Any) -> dict[str, Any]:
    """Calls a pattern with the quantity in the body, and logs what came of it."""
    whole = {"pattern": pattern, "inputs": ["quantity"], "outputs": ["total"]} | values
    return graph(
        {
            "hook": ("OnWebhook", {}),
            "get": ("GetProperty", {"key": "quantity", "object": {}}),
            "ask": ("CallPattern", whole),
            "guard": ("TryCatch", {}),
            "text": ("Format", {"template": "{error.type}: {error.message} | {error.data.type}"}),
            "say": ("Log", {}),
            "tell": ("Log", {"level": "error"}),
            "end": ("Log", {"message": "end"}),
        },
        "hook.exec -> guard.exec",
        "guard.try -> ask.exec",
        "ask.exec -> say.exec",
        "guard.catch -> tell.exec",
        "guard.finally -> end.exec",
        "guard.error -> text.error",
        "text.result -> tell.message",
        *(["hook.body -> get.object", "get.value -> ask.quantity"] if whole["inputs"] else []),
        *(["ask.total -> say.message"] if whole["outputs"] else []),
    )


def nothing(pattern: str = "price") -> dict[str, Any]:
    """Calls a pattern without parameters."""
    return caller(pattern, inputs=[])


async def run(served: Served, body: bytes = b'{"quantity": "4"}') -> tuple[str, list[str]]:
    """Run the caller; give its id and its log."""
    run_id = (await served.post(body)).json()["runId"]
    end = await served.recorder.ended(run_id)
    return run_id, [message for _, _, _, message in orjson.loads(end.log or "[]")]


async def called_by(served: Served, run_id: str) -> tuple[Accept, Finish]:
    """Find the run that a run has called, when it has ended."""
    made = [each for each in served.recorder.accepts.values() if each.parent == run_id]
    return made[0], await served.recorder.ended(made[0].run_id)


async def test_a_call_gives_what_the_other_pattern_returned(
    folder: SignedFolder, serve: Serve
) -> None:
    """Parameters and outputs are converted; the called run is recorded with its parent."""
    folder.deploy(CALLEE, "dep-price", pattern="price", version=3)
    folder.deploy(caller())
    async with serve() as served:
        run_id, log = await run(served)
        accept, end = await called_by(served, run_id)

    assert log == ["38", "end"]
    assert (accept.deployment, accept.version, accept.node_id) == ("dep-price", 3, "call")
    assert (accept.triggered_by, accept.running, end.status) == ("pattern", True, "completed")
    assert orjson.loads(accept.event) == {"quantity": 4}
    assert served.recorder.accepts[run_id].parent is None
    assert served.engine.runner.running == 0


@pytest.mark.parametrize("named", ["pat_x1y2", "pat-x1y2", "Price List"])
async def test_a_pattern_is_called_by_its_id_name_or_title(
    named: str, folder: SignedFolder, serve: Serve
) -> None:
    """As people know it by one of them."""
    folder.deploy(CALLEE | {"title": "Price List"}, "dep-pat-x1y2", pattern="pat-x1y2")
    folder.deploy(caller(named))
    async with serve() as served:
        assert (await run(served))[1] == ["38", "end"]


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("not there", {}, caller("nobody"), "no pattern with this id or name is deployed in this"),
    ("paused", {"state": "paused"}, caller(), "it is paused"),
    ("undeployed", {"state": "undeployed"}, caller(), "it is undeployed"),
    ("unknown parameter", {}, caller(inputs=["quantity", "size"]), "it has no parameter size"),
    ("missing parameter", {}, caller(inputs=[]), "it wants the parameter quantity"),
    (
        "another type",
        {},
        caller(inputs=[{"name": "quantity", "type": "Object"}]),
        "its parameter quantity is Integer, not Object",
    ),
    ("unknown output", {}, caller(outputs=["total", "tax"]), "it has no output tax: it has total"),
    (
        "another output",
        {},
        caller(outputs=[{"name": "total", "type": "Array"}]),
        "its output total is Float, not Array",
    ),
]


@pytest.mark.parametrize(("case", "changes", "asking", "told"), REFUSALS)
async def test_what_cannot_be_called_is_a_call_error(
    case: str,
    changes: dict[str, Any],
    asking: dict[str, Any],
    told: str,
    folder: SignedFolder,
    serve: Serve,
) -> None:
    """Try / Catch gets it, and says which pattern and why; nothing is recorded of a call."""
    folder.deploy(CALLEE, "dep-price", pattern="price", **changes)
    folder.deploy(asking)
    async with serve() as served:
        log = (await run(served, b'{"quantity": {}}' if case == "another type" else b"{}"))[1]
        count = len(served.recorder.accepts)

    assert log[0].startswith("CallError: the pattern '")
    assert told in log[0]
    assert (log[1], count) == ("end", 1)


async def test_a_pattern_without_on_pattern_call_cannot_be_called(
    folder: SignedFolder, serve: Serve
) -> None:
    """Nor one of which there are several deployments, none of them the API's."""
    folder.deploy(nothing("plain"))
    folder.deploy(graph({"start": ("OnStart", {})}), "dep-plain", pattern="plain")
    folder.deploy(nothing("twice"), "dep-b")
    folder.deploy(CALLEE, "one", pattern="twice")
    folder.deploy(CALLEE, "other", pattern="twice")
    async with serve() as served:
        plain = await run(served)
        twice = orjson.loads(
            (await served.recorder.ended((await served.post(b"{}", "dep-b")).json()["runId"])).log
            or ""
        )

    assert "'plain' cannot be called: it has no On Pattern Call" in plain[1][0]
    assert "'twice' cannot be called: it has several deployments: one, other" in twice[0][3]


async def test_a_parameter_that_cannot_be_converted_is_a_call_error(
    folder: SignedFolder, serve: Serve
) -> None:
    """At the caller, before anything is recorded."""
    folder.deploy(CALLEE, "dep-price", pattern="price")
    folder.deploy(caller())
    async with serve() as served:
        _, log = await run(served, b'{"quantity": "many"}')

        assert len(served.recorder.accepts) == 1
    assert "'price' cannot be called: pin quantity: 'many' cannot be converted to" in log[0]


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
@pytest.mark.parametrize("wait", ["asyncio.sleep(9)", "ctx.sleep(9)"])
async def test_the_callers_deadline_bounds_the_called_run(
    wait: str, folder: SignedFolder, serve: Serve
) -> None:
    """Both end as timeout, and no Try / Catch of the caller holds it."""
    slow = program(f"await {wait}", type_="OnPatternCall", node="call", inputs=[], outputs=[TOTAL])
    folder.deploy_program(slow, "dep-price", pattern="price")
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


@pytest.mark.parametrize(
    ("event", "status", "told"),
    [
        ({"quantity": "4"}, 200, "completed"),
        ({}, 400, "the parameter quantity is missing"),
        ({"quantity": "x"}, 400, "pin quantity: 'x' cannot be converted to an Integer"),
    ],
)
async def test_a_callable_pattern_runs_by_hand_with_its_parameters(
    event: dict[str, Any], status: int, told: str, folder: SignedFolder, serve: Serve
) -> None:
    """The event is what a caller would pass; a wrong one is refused before anything is stored."""
    folder.deploy(CALLEE)
    async with serve() as served:
        wish = {"deployment": "dep-a", "event": event}
        answer = await served.ask("POST", "/internal/execute", json=wish)
        stored = [orjson.loads(run.event) for run in served.recorder.accepts.values()]

    assert (answer.status_code, told in answer.text) == (status, True)
    assert stored == ([{"quantity": 4}] if status == 200 else [])
