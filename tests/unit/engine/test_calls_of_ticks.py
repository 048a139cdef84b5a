"""Schedules' pods that call patterns: the pool runs them, over its internal port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from dragops.engine.tick import run_tick
from dragops.model.bundle import Live, LiveEnvironment
from dragops.model.deployment import Limits
from support.called_patterns import CALLEE, TOTAL, callee, graph
from support.engine_in_process import CALLER, Serve, Served, listening
from support.folder import SignedFolder
from support.programs import program
from support.ticks import StoreAtTheWire, deploy, settings
from support.ticks import program as tick_program

ORDER = {"pattern": "price", "inputs": {"quantity": "4"}, "takes": {"quantity": "Any"}}
WISH = ORDER | {"gives": {"total": "Any"}, "runId": "run_1", "depth": 0, "seconds": 5}


def asks(inputs: str = "{}", outputs: str = '{"total": "Float"}') -> Any:
    """A tick that calls a pattern and logs what came of it."""
    return tick_program(
        "from dragops.errors import RunFailure",
        "from dragops.nodes import runs",
        "try:",
        f"    found = await runs.call_pattern(ctx, 'price', {inputs}, {outputs})",
        "    ctx.log('info', repr(found))",
        "except RunFailure as exc:",
        "    inner = (exc.data or {}).get('type')",
        "    ctx.log('error', f'{exc.type}: {exc.message} | {inner}')",
        "finally:",
        "    ctx.log('info', 'end')",
    )


@asynccontextmanager
async def pool(serve: Serve) -> AsyncIterator[tuple[Served, dict[str, Any]]]:
    """An engine whose internal port listens; give what a pod must know of it."""
    async with serve() as served, listening(served.engine.internal) as url:
        token = served.issuer.token_file("team-a:dragops-engine", audience="dragops-engine")
        yield served, {"engine_url": url, "engine_token_file": token}


async def tick(
    folder: SignedFolder, live: Live, store: StoreAtTheWire, known: dict[str, Any]
) -> tuple[str, list[str]]:
    """Be the pod; give how its run ended and its log."""
    await run_tick(settings(folder, live, **known), store.wires, asyncio.Event())
    (run,) = store.runs()
    return run.status, [entry["message"] for entry in run.log_output]


async def test_a_tick_calls_a_pattern_in_the_pool(
    folder: SignedFolder, serve: Serve, store: StoreAtTheWire
) -> None:
    """The called run is recorded there, with the tick's run as its parent."""
    folder.deploy(CALLEE, "dep-price", pattern="price")
    live = deploy(folder, asks("{'quantity': '4'}"))
    async with pool(serve) as (served, known):
        assert await tick(folder, live, store, known) == ("completed", ["(38.0,)", "end"])
        (called,) = served.recorder.accepts.values()

    assert (called.triggered_by, called.parent) == ("pattern", store.runs()[0].id)
    assert orjson.loads(called.event) == {"quantity": 4}


async def test_moments_and_bytes_arrive_as_what_they_were(
    folder: SignedFolder, serve: Serve, store: StoreAtTheWire
) -> None:
    """JSON has neither; the declared types say what a text was."""
    fields = [{"name": "at", "type": "DateTime"}, {"name": "file", "type": "Binary"}]
    nodes = {
        "call": ("OnPatternCall", {"inputs": fields, "outputs": fields}),
        "d": ("RespondWith", {}),
    }
    wires = ("call.exec -> d.exec", "call.at -> d.at", "call.file -> d.file")
    folder.deploy(graph(nodes, *wires), "dep-price", pattern="price")
    given = "{'at': ctx.now().replace(microsecond=0), 'file': b'ab'}"
    live = deploy(folder, asks(given, "{'at': 'DateTime', 'file': 'Binary'}"))
    async with pool(serve) as (_, known):
        _, log = await tick(folder, live, store, known)

    assert log[0].startswith("(datetime.datetime(")
    assert log[0].endswith("b'ab')")


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (callee(("bad", "ThrowError", {"message": "no"})), "no | ThrownError"),
        (graph({"start": ("OnStart", {})}), "cannot be called: it has no On Pattern Call | None"),
    ],
)
async def test_a_call_that_fails_in_the_pool_is_a_call_error(
    made: dict[str, Any], told: str, folder: SignedFolder, serve: Serve, store: StoreAtTheWire
) -> None:
    """As within an engine; the tick's own run may go on."""
    folder.deploy(made, "dep-price", pattern="price")
    live = deploy(folder, asks())
    async with pool(serve) as (_, known):
        status, log = await tick(folder, live, store, known)

    assert (status, log[1]) == ("completed", "end")
    assert log[0].startswith("CallError: the pattern 'price' ")
    assert log[0].endswith(told)


SLOW = program(
    "try:\n    await asyncio.sleep(9)\nfinally:\n    ctx.log('info', 'tidied')",
    type_="OnPatternCall",
    node="call",
    inputs=[],
    outputs=[TOTAL],
)


@pytest.mark.timeout(20)
async def test_the_deadline_of_a_tick_bounds_what_it_calls(
    folder: SignedFolder, serve: Serve, store: StoreAtTheWire
) -> None:
    """Both end as timeout; the tick does not catch that."""
    folder.deploy_program(SLOW, "dep-price", pattern="price")
    live = deploy(folder, asks(), limits=Limits(timeout_seconds=1))
    async with pool(serve) as (served, known):
        status, log = await tick(folder, live, store, known)
        (called,) = served.recorder.accepts
        end = await served.recorder.ended(called)

    assert (status, log) == ("timeout", ["end"])
    assert end.status in {"timeout", "cancelled"}
    assert "tidied" in (end.log or "")


async def test_who_hangs_up_takes_the_called_run_along(folder: SignedFolder, serve: Serve) -> None:
    """A pod that is deleted cannot wait for the end."""
    folder.deploy_program(SLOW, "dep-price", pattern="price")
    async with pool(serve) as (served, known), httpx.AsyncClient() as client:
        token = known["engine_token_file"].read_text()
        headers = {"authorization": f"Bearer {token}"}
        url = f"{known['engine_url']}/internal/call"
        wish = WISH | {"inputs": {}, "takes": {}}
        posting = asyncio.create_task(client.post(url, headers=headers, json=wish))
        while not served.engine.runner.running:  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.005)
        posting.cancel()
        (called,) = served.recorder.accepts
        end = await served.recorder.ended(called)

    assert (end.status, "tidied" in (end.log or "")) == ("cancelled", True)


async def test_secrets_in_a_call_are_hidden_on_both_sides(
    folder: SignedFolder, serve: Serve, store: StoreAtTheWire
) -> None:
    """Those that travel are named to the other side, and only those."""
    folder.keep_secrets("theirs-keys", {"API_TOKEN": "t0ken-of-callee"})
    key = {"name": "key", "type": "String"}
    nodes = {
        "call": ("OnPatternCall", {"inputs": [key], "outputs": [key]}),
        "own": ("GetSecret", {"name": "API_TOKEN"}),
        "log": ("Log", {}),
        "done": ("RespondWith", {}),
    }
    wires = ("call.exec -> log.exec", "call.key -> log.message", "log.exec -> done.exec")
    theirs = LiveEnvironment(name="theirs", variables={}, secret_name="theirs-keys", rotation="1")
    made = graph(nodes, *wires, "own.value -> done.key")
    folder.deploy(made, "dep-price", pattern="price", environment=theirs)
    secret = folder.root / "mounted"
    secret.mkdir(parents=True)
    (secret / "API_TOKEN").write_text("t0ken-of-caller")
    mine = LiveEnvironment(name="mine", variables={}, secret_name="mine-keys", rotation="1")
    live = deploy(
        folder, asks("{'key': ctx.secrets['API_TOKEN']}", "{'key': 'String'}"), environment=mine
    )
    async with pool(serve) as (served, known):
        _, log = await tick(folder, live, store, known | {"environment": secret})
        (called,) = served.recorder.accepts.values()
        end = await served.recorder.ended(called.run_id)

    assert log == ["('***',)", "end"]
    assert orjson.loads(called.event) == {"key": "***"}
    assert "t0ken" not in (end.log or "")


async def test_without_a_pool_a_call_fails(
    folder: SignedFolder, serve: Serve, store: StoreAtTheWire
) -> None:
    """After a while, as the pool may just be starting."""
    async with pool(serve) as (_, known):
        pass
    live = deploy(folder, asks())
    status, log = await tick(folder, live, store, known | {"pool_seconds": 0.6})

    assert (status, log[1]) == ("completed", "end")
    assert "cannot be called: no engine of this workspace answers" in log[0]


@pytest.mark.parametrize(
    ("account", "path", "status"),
    [
        ("team-a:dragops-engine", "/internal/call", 200),
        (CALLER, "/internal/call", 403),
        ("team-b:dragops-engine", "/internal/call", 403),
        ("team-a:dragops-engine", "/internal/execute", 403),
    ],
)
async def test_only_the_workspaces_pods_may_call_and_nothing_else(
    account: str, path: str, status: int, folder: SignedFolder, serve: Serve
) -> None:
    """What the API may ask for they may not."""
    folder.deploy(CALLEE, "dep-price", pattern="price")
    async with serve() as served:
        token = served.issuer.token(account, audience="dragops-engine")
        headers = {"authorization": f"Bearer {token}"}
        answer = await served.internal.post(path, headers=headers, json=WISH)

    assert answer.status_code == status
    if status == 200:
        assert answer.json()["returned"] == {"total": 38.0}


@pytest.mark.parametrize("wish", [[], {}, WISH | {"seconds": 0}, WISH | {"gives": {"a": "Odd"}}])
async def test_a_wish_that_is_none_is_refused(
    wish: Any, folder: SignedFolder, serve: Serve
) -> None:
    """400, as for the other routes."""
    async with serve() as served:
        token = served.issuer.token("team-a:dragops-engine", audience="dragops-engine")
        headers = {"authorization": f"Bearer {token}"}
        answer = await served.internal.post("/internal/call", headers=headers, json=wish)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION")
