"""The API's calls to engines and recorder, over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from support.api_door import NOWHERE, Door, open_door, until
from support.product import LOGGER, graph
from support.stub_engine import StubEngine, stub_engine

HELLO = graph(
    {"start": ("OnStart", {}), "log": ("Log", {"message": "hi"})}, "start.exec -> log.exec"
)
AWAY = f"team-a={NOWHERE}|{NOWHERE}"


@pytest.fixture
async def engine() -> AsyncIterator[StubEngine]:
    """One engine, which is the recorder too."""
    async with stub_engine() as serving:
        yield serving


@pytest.fixture
async def door(tmp_path: Path, engine: StubEngine) -> AsyncIterator[Door]:
    """The API with two engines: the first is away, the second is the stub."""
    token = tmp_path / "token"
    token.write_text("projected")
    engines = (AWAY, f"team-a={engine.url}|{engine.url}")
    async with open_door(
        tmp_path, engines=engines, recorder_url=engine.url, engine_token_file=token
    ) as opened:
        yield opened


async def _execute(door: Door, deployment: str, **options: Any) -> tuple[int, Any]:
    answer = await door.call("POST", f"/api/deployments/{deployment}/execute", **options)
    body = answer.json()
    return answer.status_code, body.get("data") or body["error"]["code"]


async def test_an_event_reaches_the_engine_that_is_there(door: Door, engine: StubEngine) -> None:
    """Whichever comes first: the one that is away is passed over."""
    _, deployment = await door.deployed(HELLO)
    event = {"eventData": {"message": "Manual test run"}}

    for _ in range(3):
        done = await _execute(door, deployment, body=event)
        assert done == (200, {"runId": "run_abc123", "status": "completed"})

    assert engine.orders[0] == {
        "deployment": deployment.replace("_", "-", 1),
        "nodeId": None,
        "event": {"message": "Manual test run"},
        "waitSeconds": 30,
    }


async def test_a_body_is_optional_and_wait_is_passed_on(door: Door, engine: StubEngine) -> None:
    """No body is an empty event."""
    _, deployment = await door.deployed(HELLO)

    path = f"/api/deployments/{deployment}/execute?wait=3"
    assert (await door.call("POST", path)).status_code == 200
    assert (engine.orders[0]["event"], engine.orders[0]["waitSeconds"]) == ({}, 3)


FAILED = {
    "runId": "run_1",
    "status": "failed",
    "error": {"type": "ParseError", "message": "m", "nodeId": "n", "line": 3},
}


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (200, FAILED, (200, FAILED)),
        (200, {"runId": "r", "status": "timeout"}, (200, {"runId": "r", "status": "timeout"})),
        (202, {"runId": "r", "status": "running"}, (202, {"runId": "r", "status": "running"})),
        (409, {"code": "PAUSED"}, (400, "PAUSED")),
        (409, {"code": "NOT_ACTIVE"}, (400, "NOT_ACTIVE")),
        (404, {"code": "DEPLOYMENT_NOT_FOUND"}, (503, "ENGINE_UNAVAILABLE")),
        (503, {"code": "STORE_UNAVAILABLE"}, (503, "STORE_UNAVAILABLE")),
        (503, {"code": "ENGINE_UNAVAILABLE"}, (503, "ENGINE_UNAVAILABLE")),
        (400, {"error": {"message": "the parameter a is missing"}}, (400, "VALIDATION")),
        (401, {"success": False}, (503, "ENGINE_UNAVAILABLE")),
        (500, "trace", (503, "ENGINE_UNAVAILABLE")),
    ],
)
async def test_an_engines_answer_is_told_in_the_apis_words(
    door: Door, engine: StubEngine, status: int, answer: Any, wanted: tuple[int, Any]
) -> None:
    """The run as it is, refusals by their codes, all else as an engine that is away."""
    _, deployment = await door.deployed(HELLO)
    engine.execute_status, engine.execute_answer = status, answer

    assert await _execute(door, deployment) == wanted


async def test_what_no_engine_has_tells_what_it_waits_for(door: Door, engine: StubEngine) -> None:
    """It is asked for again later: 503, as for an engine that is away."""
    _, deployment = await door.deployed(HELLO)
    engine.execute_status, engine.execute_answer = 404, {"code": "DEPLOYMENT_NOT_FOUND"}

    answer = await door.call("POST", f"/api/deployments/{deployment}/execute")

    told = "No engine has the deployment: the operator has not seen it yet"
    assert answer.json()["error"] == {"code": "ENGINE_UNAVAILABLE", "message": told}
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


async def test_without_an_engine_execute_is_503_with_retry_after(tmp_path: Path) -> None:
    """Nothing listens at the address that is named."""
    async with open_door(tmp_path, engines=(AWAY,)) as door:
        _, deployment = await door.deployed(HELLO)

        answer = await door.call("POST", f"/api/deployments/{deployment}/execute")

        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "ENGINE_UNAVAILABLE"
        assert answer.headers["Retry-After"] == "2"


async def test_a_delete_purges_the_runs_of_this_uid_in_this_workspace(
    door: Door, engine: StubEngine
) -> None:
    """The recorder is told once the engines have let go."""
    _, deployment = await door.deployed(HELLO)
    name = deployment.replace("_", "-", 1)
    uid = door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]

    await door.data("DELETE", f"/api/deployments/{deployment}")

    assert engine.purges == [{"deploymentUid": uid, "workspace": "team-a"}]


async def test_health_says_connected_when_an_engine_answers(door: Door) -> None:
    """One of two is enough for a pool."""
    await door.deployed(HELLO)

    summary = await door.data("GET", "/api/deployments/health/summary")

    assert summary["engineStatus"] == "connected"


def _captured(number: int, node: str = "hook") -> dict[str, Any]:
    event = {"method": "POST", "body": {"n": number}}
    return {"nodeId": node, "at": f"2026-03-05T12:00:00.{number:03}Z", "event": event}


async def test_captured_events_of_all_engines_are_one_list_newest_first(
    tmp_path: Path, engine: StubEngine
) -> None:
    """Each engine keeps what it took; of each endpoint 20 are shown, as one engine would."""
    token = tmp_path / "token"
    token.write_text("projected")
    async with stub_engine() as other:
        engines = (AWAY, *(f"team-a={e.url}|{e.url}" for e in (engine, other)))
        async with open_door(tmp_path, engines=engines, engine_token_file=token) as door:
            _, deployment = await door.deployed(LOGGER)
            key = ("patterndeployments", "team-a", deployment.replace("_", "-", 1))
            uid = door.cluster.objects[key]["metadata"]["uid"]
            engine.captured[uid] = [_captured(n) for n in range(29, 0, -2)]
            other.captured[uid] = [_captured(n) for n in range(28, 0, -2)]
            other.captured[uid].insert(9, _captured(10, node="removed"))
            other.captured["another"] = [_captured(99)]

            told = await door.data("GET", f"/api/deployments/{deployment}/webhook/captured")

    assert [event["eventData"]["body"]["n"] for event in told] == list(range(29, 9, -1))
    assert told[0] == {
        "endpointId": "wep_hook",
        "nodeId": "hook",
        "capturedAt": "2026-03-05T12:00:00.029Z",
        "eventData": {"method": "POST", "body": {"n": 29}},
    }


async def test_a_deployment_that_has_captured_nothing_has_an_empty_list(door: Door) -> None:
    """One engine that answers is enough."""
    _, deployment = await door.deployed(LOGGER)

    assert await door.data("GET", f"/api/deployments/{deployment}/webhook/captured") == []


@pytest.fixture
async def webhook(door: Door) -> str:
    """The id of a deployed webhook that the API has heard of."""
    _, deployment = await door.deployed(LOGGER)
    data = await door.data("GET", f"/api/deployments/{deployment}/webhook")
    id_ = str(data[0]["webhookId"])
    await until(lambda: door.parts.webhook_ids.workspace_of(id_) is not None)
    return id_


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("prefix", ["/webhooks", "/api/webhooks"])
async def test_a_webhook_is_passed_on_byte_for_byte(
    door: Door, engine: StubEngine, webhook: str, method: str, prefix: str
) -> None:
    """Signature, host, query and body as they came; the engine's answer with its headers."""
    raw = b'{"a":  1}\x00\xff'
    headers = {
        "X-Webhook-Signature": "ab" * 32,
        "Content-Type": "application/json",
        "Host": "hooks.example",
        "Connection": "keep-alive, x-drop",
    }

    answer = await door.http.request(
        method, f"{prefix}/{webhook}?a=%2F&b", content=raw, headers=headers
    )

    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert answer.headers["X-Dragops-Duplicate"] == "true"
    assert answer.headers["X-Request-Id"]
    (sent,) = engine.events
    assert (sent[0], sent[1], sent[3]) == (method, f"{prefix}/{webhook}?a=%2F&b", raw)
    assert sent[2]["x-webhook-signature"] == "ab" * 32
    assert sent[2]["host"] == "hooks.example"
    assert sent[2]["content-type"] == "application/json"


async def test_a_webhook_without_body_or_content_type_gets_none(
    door: Door, engine: StubEngine, webhook: str
) -> None:
    """Nothing is made up on the way."""
    await door.http.get(f"/webhooks/{webhook}")

    assert "content-type" not in engine.events[0][2]
    assert engine.events[0][3] == b""


async def test_an_event_that_is_too_large_is_413(
    door: Door, engine: StubEngine, webhook: str
) -> None:
    """Before an engine hears of it."""
    answer = await door.http.post(f"/webhooks/{webhook}", content=b"x" * 10_485_761)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")
    assert engine.events == []


async def test_a_webhook_without_an_engine_is_503_with_retry_after(tmp_path: Path) -> None:
    """The sender comes again; nothing was accepted."""
    async with open_door(tmp_path, engines=(AWAY,)) as door:
        _, deployment = await door.deployed(LOGGER)
        id_ = f"whk_{deployment.replace('_', '').replace('-', '')}"
        await until(lambda: door.parts.webhook_ids.workspace_of(id_) is not None)

        answer = await door.http.post(f"/webhooks/{id_}", content=b"{}")

        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ENGINE_UNAVAILABLE")
        assert answer.headers["Retry-After"] == "2"


async def test_the_url_of_a_deleted_deployment_is_404(door: Door, webhook: str) -> None:
    """The watch takes the id away."""
    (deployment,) = await door.data("GET", "/api/deployments")
    await door.data("DELETE", f"/api/deployments/{deployment['id']}")
    await until(lambda: door.parts.webhook_ids.workspace_of(webhook) is None)

    assert (await door.http.post(f"/webhooks/{webhook}")).status_code == 404
