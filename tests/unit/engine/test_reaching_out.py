"""Runs that reach other machines, through a whole engine."""

from typing import Any

import orjson

from dragops.model.bundle import LiveEnvironment
from support.engine_in_process import Serve, Served
from support.folder import SignedFolder
from support.web_peer import answer, web_peer

SECRET = "t0ken-of-the-peer"
NAMED = LiveEnvironment(
    name="production", variables={}, secret_name="production-keys", rotation="1"
)


def fetching(url: str, **values: Any) -> dict[str, Any]:
    """A webhook's run that fetches a URL, with a secret in its query, and logs what it got."""
    return {
        "nodes": [
            {"id": "hook", "type": "OnWebhook"},
            {"id": "token", "type": "GetSecret", "values": {"name": "API_TOKEN"}},
            {"id": "query", "type": "MakeObject", "values": {"fields": ["token"]}},
            {"id": "get", "type": "HttpRequest", "values": {"url": url} | values},
            {"id": "log", "type": "Log"},
        ],
        "wires": [
            {"from": "hook.exec", "to": "get.exec"},
            {"from": "token.value", "to": "query.token"},
            {"from": "query.object", "to": "get.query"},
            {"from": "get.exec", "to": "log.exec"},
            {"from": "get.responseBody", "to": "log.message"},
        ],
    }


async def run(served: Served) -> tuple[str, str | None, str | None]:
    """Send a webhook and give the run's status, error and log as they are recorded."""
    end = await served.recorder.ended((await served.post()).json()["runId"])
    return end.status, end.error, end.log


async def test_a_run_reaches_what_the_installation_allows(
    folder: SignedFolder, serve: Serve
) -> None:
    """Its secret goes to the peer; the record of the run does not show it."""
    folder.keep_secrets("production-keys", {"API_TOKEN": SECRET})
    async with web_peer(answer(200, f"hello {SECRET}".encode(), Content_Type="text/plain")) as peer:
        folder.deploy(fetching(peer.url("/a")), environment=NAMED)
        async with serve(egress_allow="127.0.0.1") as served:
            status, error, log = await run(served)

    assert (status, error) == ("completed", None)
    assert peer.lines == [f"GET /a?token={SECRET} HTTP/1.1"]
    assert log is not None
    assert "hello ***" in log
    assert SECRET not in log


async def test_a_run_reaches_nothing_else(folder: SignedFolder, serve: Serve) -> None:
    """Without the chart's value; the failure has its node."""
    folder.keep_secrets("production-keys", {"API_TOKEN": SECRET})
    async with web_peer() as peer:
        folder.deploy(fetching(peer.url("/a")), environment=NAMED)
        async with serve() as served:
            status, error, _ = await run(served)

    told = orjson.loads(error or "")
    assert status == "failed"
    assert (told["type"], told["nodeId"]) == ("HttpError", "get")
    assert "egress policy" in told["message"]
    assert peer.connections == 0


async def test_a_failure_shows_no_secret(folder: SignedFolder, serve: Serve) -> None:
    """Neither in its message nor in what came back."""
    folder.keep_secrets("production-keys", {"API_TOKEN": SECRET})
    refusal = answer(401, f"bad token {SECRET}".encode(), Content_Type="text/plain")
    async with web_peer(refusal) as peer:
        folder.deploy(fetching(peer.url(), failOnError=True), environment=NAMED)
        async with serve(egress_allow="127.0.0.1") as served:
            status, error, _ = await run(served)

    assert status == "failed"
    assert "bad token ***" in (error or "")
    assert SECRET not in (error or "")
