"""Patterns that call patterns: by which names, with what, and why not."""

from typing import Any

import orjson
import pytest

from dragops.model.deployment import Limits
from support.called_patterns import CALLEE, called_by, caller, graph, nothing, run
from support.engine_in_process import Serve
from support.folder import SignedFolder


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


async def test_parameters_are_as_large_as_events_may_be(folder: SignedFolder, serve: Serve) -> None:
    """By the limit of the called pattern's deployment: they are its event."""
    takes_all = graph({"call": ("OnPatternCall", {"inputs": ["quantity"], "outputs": ["total"]})})
    small = Limits(max_event_bytes=1024)
    folder.deploy(takes_all, "dep-price", pattern="price", limits=small)
    folder.deploy(caller())
    async with serve() as served:
        _, fits = await run(served, b'{"quantity": "%s"}' % (b"x" * 1000))
        _, log = await run(served, b'{"quantity": "%s"}' % (b"x" * 1024))

    assert fits == ["", "end"]
    assert "'price' cannot be called: its parameters take more than 1024 bytes" in log[0]


@pytest.mark.parametrize(
    ("event", "status", "told"),
    [
        ({"quantity": "4"}, 200, "completed"),
        ({}, 400, "the parameter quantity is missing"),
        ({"quantity": 4, "size": 1}, 400, "it has no parameter size: it has quantity"),
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
