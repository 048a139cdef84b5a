"""The engine at its public door: webhooks in, runs recorded."""

from collections.abc import AsyncIterator

import orjson
import pytest

from dragops.model.deployment import Limits, Signature
from support.engine_in_process import Serve, Served, signed_headers
from support.folder import SignedFolder, webhook_id
from support.programs import program

HOOK = f"/webhooks/{webhook_id('dep-a', 'hook')}"
LOGS_BODY = program("ctx.step('log')\nctx.log('info', str(event['body']))  # log")


@pytest.fixture
async def served(folder: SignedFolder, serve: Serve) -> AsyncIterator[Served]:
    folder.deploy_program(LOGS_BODY)
    async with serve() as running:
        yield running


async def test_a_signed_webhook_is_accepted_stored_and_run(served: Served) -> None:
    """The run is stored before the answer, and ends soon after."""
    answer = await served.post(b'{"a": 1}')

    assert answer.status_code == 202
    told = answer.json()
    assert told == {"status": "accepted", "runId": told["runId"]}
    stored = served.recorder.accepts[told["runId"]]
    assert (stored.deployment, stored.node_id, stored.triggered_by) == ("dep-a", "hook", "webhook")
    assert orjson.loads(stored.event)["body"] == {"a": 1}
    end = await served.recorder.ended(told["runId"])
    assert (end.status, end.error) == ("completed", None)
    assert [entry[1:] for entry in orjson.loads(end.log or "")] == [["info", "log", "{'a': 1}"]]


async def test_the_event_is_the_request(served: Served) -> None:
    """Header names in lower case, query by name, the address that was called."""
    body = b"[1]"

    answer = await served.public.put(f"/api{HOOK}?x=1", content=body, headers=signed_headers(body))

    event = orjson.loads(served.recorder.accepts[answer.json()["runId"]].event)
    assert event["body"] == [1]
    assert event["method"] == "PUT"
    assert event["query"] == {"x": "1"}
    assert event["url"] == f"http://engine/api{HOOK}?x=1"
    assert event["headers"]["content-type"] == "application/json"


BAD = signed_headers(b"other")


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("POST", "/webhooks/whk_nobody", b"{}", signed_headers(b"{}"), 404, "NOT_FOUND"),
        ("POST", "/webhooks/", b"{}", signed_headers(b"{}"), 404, "NOT_FOUND"),
        ("POST", "/other", b"{}", signed_headers(b"{}"), 404, "NOT_FOUND"),
        ("OPTIONS", HOOK, b"", signed_headers(b""), 405, "METHOD_NOT_ALLOWED"),
        ("OPTIONS", "/webhooks/whk_nobody", b"", {}, 405, "METHOD_NOT_ALLOWED"),
        ("POST", HOOK, b"x" * 1_001, {}, 413, "TOO_LARGE"),
        ("POST", HOOK, b"{}", {}, 401, "UNAUTHENTICATED"),
        ("POST", HOOK, b"{}", BAD, 401, "UNAUTHENTICATED"),
        ("POST", HOOK, b"{", BAD, 401, "UNAUTHENTICATED"),
        ("POST", HOOK, b"{", signed_headers(b"{"), 400, "VALIDATION"),
    ],
)
async def test_what_is_refused_is_refused_in_order(
    folder: SignedFolder,
    serve: Serve,
    method: str,
    path: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    """Method, size, signature, body: and nothing is stored."""
    folder.deploy_program(LOGS_BODY, limits=Limits(max_event_bytes=1_000))
    async with serve() as served:
        answer = await served.public.request(method, path, content=body, headers=headers)

        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["success"] is False
        assert served.recorder.accepts == {}


async def test_a_body_that_does_not_tell_its_length_is_cut_off_all_the_same(
    folder: SignedFolder, serve: Serve
) -> None:
    """A chunked body is counted while it comes."""
    folder.deploy_program(LOGS_BODY, limits=Limits(max_event_bytes=1_000))

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 400

    async with serve() as served:
        answer = await served.public.post(HOOK, content=endless())

    assert answer.status_code == 413


async def test_the_node_says_which_methods_it_takes(folder: SignedFolder, serve: Serve) -> None:
    """405 names them."""
    folder.deploy_program(program("pass", methods=["POST", "PUT"]))
    async with serve() as served:
        answer = await served.public.get(HOOK, headers=signed_headers(b""))

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, PUT")


@pytest.mark.parametrize(
    ("state", "headers", "status", "code"),
    [
        ("paused", signed_headers(b"{}"), 503, "PAUSED"),
        ("paused", BAD, 401, "UNAUTHENTICATED"),
        ("undeployed", BAD, 401, "UNAUTHENTICATED"),
    ],
)
async def test_a_stranger_does_not_learn_the_state(
    folder: SignedFolder, serve: Serve, state: str, headers: dict[str, str], status: int, code: str
) -> None:
    """The signature comes first."""
    folder.deploy_program(LOGS_BODY, state=state)
    async with serve() as served:
        answer = await served.public.post(HOOK, content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("retry-after" in answer.headers) is (status == 503)


async def test_an_undeployed_webhook_is_captured(folder: SignedFolder, serve: Serve) -> None:
    """The last 20 can be read on the internal port, by uid, newest first; nothing runs."""
    folder.deploy_program(LOGS_BODY, state="undeployed", program=None)
    async with serve() as served:
        answers = [await served.post(b'{"n": %d}' % number) for number in range(22)]
        captured = (await served.ask("GET", "/internal/captured?uid=uid-dep-a")).json()

        assert answers[0].status_code == 202
        assert answers[0].json() == {
            "status": "captured",
            "message": "Event captured for testing",
        }
        bodies = [item["event"]["body"]["n"] for item in captured["captured"]]
        assert bodies == list(range(21, 1, -1))
        assert {item["nodeId"] for item in captured["captured"]} == {"hook"}
        other = await served.ask("GET", "/internal/captured?uid=another")
        assert (other.status_code, other.json()) == (200, {"captured": []})
        assert (await served.ask("GET", "/internal/captured")).status_code == 400
        assert served.recorder.accepts == {}


async def test_a_duplicate_answers_the_first_run(served: Served) -> None:
    """One run, the same answer, and a header that says so."""
    first = await served.post(x_idempotency_key="k")

    second = await served.post(x_idempotency_key="k")

    assert second.status_code == 202
    assert second.json() == first.json()
    assert second.headers["x-dragops-duplicate"] == "true"
    assert "x-dragops-duplicate" not in first.headers
    assert len(served.recorder.accepts) == 1
    assert served.engine.runner.running == 0


async def test_a_github_delivery_runs_once(folder: SignedFolder, serve: Serve) -> None:
    """GitHub's own headers, its delivery id as the key."""
    folder.deploy_program(LOGS_BODY, signature=Signature(scheme="github"))
    signature = "sha256=" + signed_headers(b"{}")["x-webhook-signature"]
    headers = {"x-hub-signature-256": signature, "x-github-delivery": "d1"}
    async with serve() as served:
        answers = [await served.public.post(HOOK, content=b"{}", headers=headers) for _ in "12"]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len(served.recorder.accepts) == 1
