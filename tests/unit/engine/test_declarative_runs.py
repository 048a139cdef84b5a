"""Runs that call declarative nodes, through a whole engine and over real sockets.

The patterns and packs are those of ``examples/packs``; only their server is another one.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from dragops.compiler.compile import compile_pattern
from dragops.compiler.packs import wrong_in_pack
from dragops.model.bundle import LiveEnvironment
from dragops.model.declared import DeclaredNode
from dragops.model.pack import Pack, definitions_of
from dragops.model.pattern import PatternSpec
from support.declared import definition_json
from support.engine_in_process import Serve, Served, signed_headers
from support.folder import SignedFolder, webhook_id
from support.web_peer import WebPeer, answer, web_peer

EXAMPLES = Path(__file__).parents[3] / "examples" / "packs"
SECRETS = {
    "CHAT_TOKEN": "xoxb-0123456789",
    "GITHUB_TOKEN": "github_pat_0123456789",
    "WEATHER_KEY": "weather-0123456789",
}
NAMED = LiveEnvironment(name="packs", variables={}, secret_name="packs-keys", rotation="1")
Object = dict[str, Any]


def example(name: str) -> tuple[Object, dict[str, DeclaredNode]]:
    """Read the pattern and the pack of an example."""
    spec: Object = yaml.safe_load((EXAMPLES / name / "pattern.yaml").read_text())["spec"]
    pack = Pack.model_validate_json((EXAMPLES / name / f"{name}.dragops-pack.json").read_bytes())
    assert not [*wrong_in_pack(pack)]
    return spec, definitions_of(pack)


def deploy(
    folder: SignedFolder, spec: Object, declared: dict[str, DeclaredNode], peer: WebPeer
) -> None:
    """Make a pattern live whose declarative nodes call this server."""
    for node in spec["nodes"]:
        if node["type"] in declared:
            node["values"] = node.get("values", {}) | {"baseUrl": peer.url("")}
    folder.keep_secrets("packs-keys", SECRETS)
    program = compile_pattern(PatternSpec.model_validate(spec), name="dep-a", declared=declared)
    folder.deploy_program(program, environment=NAMED)


async def ended(served: Served, body: Object) -> tuple[str, str | None, str | None]:
    """Send a webhook and give the run's status, error and log as they are recorded."""
    answered = await served.post(orjson.dumps(body))
    end = await served.recorder.ended(answered.json()["runId"])
    return end.status, end.error, end.log


def said(body: Any, status: int = 200) -> bytes:
    """Write an answer in JSON."""
    return answer(status, orjson.dumps(body), Content_Type="application/json")


async def test_the_chat_pack_posts_a_message(folder: SignedFolder, serve: Serve) -> None:
    """With the token of the Environment, and no thread, as none is set."""
    spec, declared = example("chat")
    async with web_peer(said({"ok": True, "ts": "17.5"})) as peer:
        deploy(folder, spec, declared, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            status, error, log = await ended(served, {"text": 'disk "full"'})

    [sent] = peer.received
    assert (status, error, log) == ("completed", None, None)
    assert sent.line == "POST /api/chat.postMessage HTTP/1.1"
    assert sent.headers["authorization"] == f"Bearer {SECRETS['CHAT_TOKEN']}"
    assert orjson.loads(sent.body) == {"channel": "#alerts", "text": 'disk "full"'}


async def test_the_chat_pack_tells_a_refusal(folder: SignedFolder, serve: Serve) -> None:
    """What the service says of a message that it did not take is an output; no secret is shown."""
    spec, declared = example("chat")
    refusal = {"ok": False, "error": f"bad token {SECRETS['CHAT_TOKEN']}"}
    async with web_peer(said(refusal)) as peer:
        deploy(folder, spec, declared, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            status, _, log = await ended(served, {"text": "hi"})

    assert status == "completed"
    assert "bad token ***" in (log or "")
    assert SECRETS["CHAT_TOKEN"] not in (log or "")


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        ([], ["POST /repos/acme/shop/issues HTTP/1.1"]),
        ([{"number": 42, "title": "x"}], ["POST /repos/acme/shop/issues/42/comments HTTP/1.1"]),
    ],
)
async def test_the_issues_pack_opens_an_issue_or_comments_the_open_one(
    folder: SignedFolder, serve: Serve, found: list[Object], lines: list[str]
) -> None:
    """Three nodes with the headers and the token that the pack says once."""
    spec, declared = example("issues")
    made = {"number": 43, "html_url": "https://github.test/43"}
    async with web_peer(said(found), said(made, 201)) as peer:
        deploy(folder, spec, declared, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            status, error, _ = await ended(served, {"summary": "disk full"})

    first = "GET /repos/acme/shop/issues?labels=alert&per_page=1&state=open HTTP/1.1"
    assert (status, error) == ("completed", None)
    assert peer.lines == [first, *lines]
    for sent in peer.received:
        assert sent.headers["authorization"] == f"Bearer {SECRETS['GITHUB_TOKEN']}"
        assert sent.headers["x-github-api-version"] == "2022-11-28"


async def test_the_issues_pack_fails_where_the_service_does(
    folder: SignedFolder, serve: Serve
) -> None:
    """At the node, with the status, and without the token that the service sends back."""
    spec, declared = example("issues")
    async with web_peer(said({"message": SECRETS["GITHUB_TOKEN"]}, 401)) as peer:
        deploy(folder, spec, declared, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            status, error, _ = await ended(served, {"summary": "disk full"})

    told = orjson.loads(error or "")
    assert (status, told["type"], told["nodeId"]) == ("failed", "HttpError", "find")
    assert told["data"]["status"] == 401
    assert SECRETS["GITHUB_TOKEN"] not in (error or "")


async def test_the_weather_pack_answers_with_what_the_service_says(
    folder: SignedFolder, serve: Serve
) -> None:
    """A key in the query, and values that an answer holds in several places."""
    spec, declared = example("weather")
    weather = {"main": {"temp": 7.5}, "weather": [{"description": "mist"}, {"description": "rain"}]}
    async with web_peer(said(weather)) as peer:
        deploy(folder, spec, declared, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            answered = await served.public.post(
                f"/webhooks/{webhook_id('dep-a', 'hook')}",
                params={"place": "São Paulo"},
                content=b"{}",
                headers=signed_headers(b"{}"),
            )

    assert answered.json() == {"temperature": 7.5, "sky": ["mist", "rain"]}
    assert peer.lines == [
        (
            f"GET /data/2.5/weather?appid={SECRETS['WEATHER_KEY']}"
            "&q=S%C3%A3o%20Paulo&units=metric HTTP/1.1"
        )
    ]


async def test_no_secret_of_a_failing_call_is_recorded(folder: SignedFolder, serve: Serve) -> None:
    """Not in its URL, not in Basic's base64, wherever the failure quotes them."""
    request = {
        "url": "{baseUrl}/{secrets.GITHUB_TOKEN}/{secrets.CHAT_TOKEN}",
        "basicAuth": {"username": "u", "password": "{secrets.WEATHER_KEY}"},
        "headers": {"X-Key": "{secrets.CHAT_TOKEN}"},
    }
    declared = {
        "Leak": DeclaredNode.model_validate(
            definition_json(inputs=("baseUrl",), request=request, failOnError=True)
        )
    }
    spec: Object = {
        "nodes": [{"id": "hook", "type": "OnWebhook"}, {"id": "leak", "type": "Leak"}],
        "wires": [{"from": "hook.exec", "to": "leak.exec"}],
    }

    async def echo(writer: Any) -> None:
        sent = peer.received[-1]
        told = f"{sent.line} {sorted(sent.headers.items())}".encode()
        writer.write(answer(500, told, Content_Type="text/plain", X_Said=sent.headers["x-key"]))

    async with web_peer(echo) as peer:
        deploy(folder, spec, declared, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            status, error, _ = await ended(served, {})

    assert status == "failed"
    assert SECRETS["GITHUB_TOKEN"] in peer.lines[0]
    assert "authorization" in (error or "")
    for secret in SECRETS.values():
        assert secret not in (error or "")
    assert "d2VhdGhlci" not in (error or "")


async def test_a_token_that_was_fetched_is_not_recorded(folder: SignedFolder, serve: Serve) -> None:
    """Who is called sends it back; the run shows it no more than a secret of the Environment."""
    grant = {
        "tokenUrl": "{baseUrl}/token",
        "clientId": "app",
        "clientSecret": "{secrets.CHAT_TOKEN}",
    }
    node = definition_json(
        inputs=("baseUrl",),
        request={"url": "{baseUrl}/call", "oauth2": grant},
        response={"said": "/said"},
    )
    spec: Object = {
        "nodes": [
            {"id": "hook", "type": "OnWebhook"},
            {"id": "call", "type": "Call"},
            {"id": "log", "type": "Log"},
        ],
        "wires": [
            {"from": "hook.exec", "to": "call.exec"},
            {"from": "call.exec", "to": "log.exec"},
            {"from": "call.said", "to": "log.message"},
        ],
    }
    given, echo = said({"access_token": "fetched-t0ken"}), said({"said": "got fetched-t0ken"})
    async with web_peer(given, echo) as peer:
        deploy(folder, spec, {"Call": DeclaredNode.model_validate(node)}, peer)
        async with serve(egress_allow="127.0.0.1") as served:
            status, _, log = await ended(served, {})

    assert peer.lines == ["POST /token HTTP/1.1", "GET /call HTTP/1.1"]
    assert peer.received[1].headers["authorization"] == "Bearer fetched-t0ken"
    assert (status, "got ***" in (log or "")) == ("completed", True)
    assert "fetched" not in (log or "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://169.254.169.254", "http://[::1]"])
async def test_a_base_url_reaches_what_http_request_reaches(
    folder: SignedFolder, serve: Serve, url: str
) -> None:
    """The egress policy is one for all nodes."""
    node = definition_json(inputs=("baseUrl",), request={"url": "{baseUrl}/x"})
    declared = {"Call": DeclaredNode.model_validate(node)}
    spec: Object = {
        "nodes": [
            {"id": "hook", "type": "OnWebhook"},
            {"id": "call", "type": "Call", "values": {"baseUrl": url}},
        ],
        "wires": [{"from": "hook.exec", "to": "call.exec"}],
    }
    program = compile_pattern(PatternSpec.model_validate(spec), name="dep-a", declared=declared)
    folder.deploy_program(program)

    async with serve() as served:
        status, error, _ = await ended(served, {})

    assert status == "failed"
    assert orjson.loads(error or "")["type"] == "HttpError"
